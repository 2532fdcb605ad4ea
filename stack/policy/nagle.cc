#include "stack/policy/nagle.h"

#include "stack/base/check.h"

namespace tcptwin::policy {

Nagle::Verdict Nagle::small_segment(const NagleView& view) const {
  if (view.fin || view.no_delay) return Verdict::kSend;
  switch (config_->behaviour) {
    case NagleConfig::Behaviour::kOff: return Verdict::kSend;
    case NagleConfig::Behaviour::kClassic:
      return view.snd_una == view.snd_nxt ? Verdict::kSend : Verdict::kHold;
    case NagleConfig::Behaviour::kMinshall: {
      const bool small_unacked = view.snd_una < small_end_ && small_end_ <= view.snd_nxt;
      return small_unacked ? Verdict::kHold : Verdict::kSend;
    }
  }
  CHECK(false);
}

StreamPos Nagle::waits_for(const NagleView& view) const {
  return config_->behaviour == NagleConfig::Behaviour::kMinshall ? small_end_ : view.snd_nxt;
}

}  // namespace tcptwin::policy

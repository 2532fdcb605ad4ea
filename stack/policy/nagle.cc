#include "stack/policy/nagle.h"

#include <algorithm>

#include "stack/base/check.h"

namespace tcptwin::policy {

Nagle::Verdict Nagle::small_segment(const NagleView& view) const {
  if (view.fin || view.push_once || view.urgent) return Verdict::kSend;
  if (view.mss > 0 && view.length >= view.mss) return Verdict::kSend;
  if (is_half_window(view)) return Verdict::kSend;
  if (view.corked || view.more) return Verdict::kHeldByCork;  // TCP_NODELAY does not override it
  return small_may_leave(view) ? Verdict::kSend : Verdict::kHold;
}

bool Nagle::window_cut_leaves(const NagleView& view) const {
  return view.length > 0 && is_half_window(view);
}

// RFC 9293 has it under the condition of its Nagle rule, the hosts of the other rules have not.
bool Nagle::is_half_window(const NagleView& view) const {
  if (!config_->half_window_leaves || view.wnd_max == 0) return false;
  const bool classic = config_->behaviour == NagleConfig::Behaviour::kClassic;
  const bool idle = view.snd_una == view.snd_nxt;
  if (classic && (view.corked || view.more || !(idle || view.no_delay))) return false;
  return view.length >= view.wnd_max / 2;
}

bool Nagle::small_may_leave(const NagleView& view) const {
  const bool idle = view.snd_una == view.snd_nxt;
  switch (config_->behaviour) {
    case NagleConfig::Behaviour::kOff: return true;
    case NagleConfig::Behaviour::kClassic: return view.no_delay || idle;
    case NagleConfig::Behaviour::kMinshall:
      return view.no_delay || !(view.snd_una < small_end_ && small_end_ <= view.snd_nxt);
    case NagleConfig::Behaviour::kIdleAtWrite:
      return view.empties_buffer && (view.no_delay || idle || view.idle_at_write);
    case NagleConfig::Behaviour::kFullSegmentBefore:
      return view.empties_buffer && (view.no_delay || idle || view.idle_at_write || last_full_ ||
                                     view.full_before || view.limited_transmit);
  }
  CHECK(false);
}

StreamPos Nagle::waits_for(const NagleView& view) const {
  return config_->behaviour == NagleConfig::Behaviour::kMinshall ? small_end_ : view.snd_nxt;
}

Duration Nagle::cork_wait(Duration rto) const {
  switch (config_->cork_timer) {
    case NagleConfig::CorkTimer::kNone: return {};
    case NagleConfig::CorkTimer::kProbe: return std::max(rto, config_->cork_ceiling);
    case NagleConfig::CorkTimer::kPersist: return config_->cork_ceiling;
  }
  CHECK(false);
}

}  // namespace tcptwin::policy

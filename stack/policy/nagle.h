// nagle.h: decides whether a segment shorter than the MSS may leave now. Sends nothing.
#pragma once

#include <cstdint>

#include "stack/base/seq.h"

namespace tcptwin::policy {

struct NagleConfig {
  enum class Behaviour : uint8_t {
    kOff,       // a small segment never waits
    kClassic,   // it waits while anything is unacknowledged: RFC 1122 4.2.3.4
    kMinshall,  // it waits while another small segment is unacknowledged: facts/linux.md B2
  };
  Behaviour behaviour = Behaviour::kClassic;
};

// What the rule may look at. Positions are of the sending direction.
struct NagleView {
  StreamPos snd_una;
  StreamPos snd_nxt;
  uint32_t length =
      0;             // of the segment in question, bytes; below the MSS and the last of the queue
  bool fin = false;  // it carries FIN
  bool no_delay = false;  // TCP_NODELAY is set
};

class Nagle {
 public:
  enum class Verdict : uint8_t { kSend, kHold };

  explicit Nagle(const NagleConfig& config) : config_(&config) {}

  Verdict small_segment(const NagleView& view) const;
  // The position whose acknowledgment frees a segment that small_segment() holds.
  StreamPos waits_for(const NagleView& view) const;
  NagleConfig::Behaviour behaviour() const { return config_->behaviour; }
  // A segment that ends at `end` left; a small one is remembered.
  void on_sent(StreamPos end, uint32_t length, uint32_t mss) {
    if (length > 0 && length < mss) small_end_ = end;
  }
  // End of the last small segment sent: snd_sml of facts/linux.md B1.
  StreamPos small_end() const { return small_end_; }

 private:
  const NagleConfig* config_;
  StreamPos small_end_;
};

}  // namespace tcptwin::policy

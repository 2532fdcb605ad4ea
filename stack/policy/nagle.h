// nagle.h: decides whether a segment shorter than the MSS may leave now. Sends nothing.
#pragma once

#include <cstdint>

#include "stack/base/seq.h"
#include "stack/base/time.h"

namespace tcptwin::policy {

struct NagleConfig {
  enum class Behaviour : uint8_t {
    kOff,          // a small segment never waits
    kClassic,      // it waits while anything is unacknowledged: RFC 1122 4.2.3.4
    kMinshall,     // it waits while another small segment is unacknowledged: facts/linux.md B2
    kIdleAtWrite,  // it leaves when nothing was unacknowledged as the write began:
                   // facts/freebsd.md B1-B3
    kFullSegmentBefore,  // and also when the last segment sent was full: facts/darwin.md 3.1
  };
  // What ends the wait of corked data that nothing else frees.
  enum class CorkTimer : uint8_t {
    kNone,
    kProbe,    // the zero-window probe's: max(RTO, cork_ceiling); facts/linux.md B11
    kPersist,  // the persist timer's, at least cork_ceiling; facts/freebsd.md B5
  };
  Behaviour behaviour = Behaviour::kClassic;
  bool half_window_leaves = false;   // half the largest window the peer ever offered is not small
  bool set_no_delay_flushes = true;  // TCP_NODELAY sends what is held; else the next event does
  bool end_of_cork_flushes = true;   // the same for clearing TCP_CORK or TCP_NOPUSH
  // What of the peer frees data that only MSG_MORE holds: facts/linux.md B10, B12.
  enum class FreesMore : uint8_t {
    kNothing,
    kNewAck,      // an ACK of data
    kAllButData,  // every segment, except data in order that brings nothing else
  };
  FreesMore frees_more = FreesMore::kNewAck;
  // After full segments, what is left of a window is filled as far as the rule for small segments
  // allows; else only full ones leave.
  bool fills_window = false;
  CorkTimer cork_timer = CorkTimer::kNone;
  Duration cork_ceiling{};
};

// What the rule may look at. Positions are of the sending direction.
struct NagleView {
  StreamPos snd_una{};
  StreamPos snd_nxt{};
  uint32_t length = 0;            // of the segment in question, bytes; the last of the queue
  bool fin = false;               // it carries FIN
  bool no_delay = false;          // TCP_NODELAY is set
  uint32_t mss = 0;               // 0: the length is known to be below it
  bool corked = false;            // TCP_CORK or TCP_NOPUSH is set
  bool more = false;              // the write that made it said that more follows (MSG_MORE)
  bool push_once = false;         // sent whatever else holds: setting TCP_NODELAY asks for it once
  bool urgent = false;            // it holds urgent data
  bool limited_transmit = false;  // one or two duplicate ACKs have arrived: RFC 3042
  int64_t wnd_max = 0;            // the largest window the peer has offered
  bool empties_buffer = true;     // nothing is left to send after it
  bool idle_at_write = false;     // nothing was unacknowledged as the host began to send
  bool full_before = false;       // a full segment leaves just before it
};

class Nagle {
 public:
  enum class Verdict : uint8_t {
    kSend,
    kHold,        // by the rule for small segments
    kHeldByCork,  // by TCP_CORK, TCP_NOPUSH or MSG_MORE, until more data or a flush
  };

  explicit Nagle(const NagleConfig& config) : config_(&config) {}

  Verdict small_segment(const NagleView& view) const;
  // Whether the part of a segment that a small window allows may leave: RFC 9293 3.8.6.2.1 (3).
  bool window_cut_leaves(const NagleView& view) const;
  // The same for what is left of it after full segments.
  bool window_tail_leaves(const NagleView& view) const {
    return config_->fills_window && small_segment(view) == Verdict::kSend;
  }
  // The position whose acknowledgment frees a segment that small_segment() holds.
  StreamPos waits_for(const NagleView& view) const;
  NagleConfig::Behaviour behaviour() const { return config_->behaviour; }
  // How long corked data waits at most before a timer sends it; `rto`: now. 0: no timer does.
  Duration cork_wait(Duration rto) const;
  // A segment, or a burst of full ones, that ends at `end` left; `length` bytes were in the last
  // short segment of it, 0 when all were full.
  void on_sent(StreamPos end, uint32_t length, uint32_t mss) {
    last_full_ = length == 0 || length >= mss;
    if (!last_full_) small_end_ = end;
  }
  // End of the last small segment sent: snd_sml of facts/linux.md B1.
  StreamPos small_end() const { return small_end_; }

 private:
  bool small_may_leave(const NagleView& view) const;
  bool is_half_window(const NagleView& view) const;

  const NagleConfig* config_;
  StreamPos small_end_;
  bool last_full_ = false;
};

}  // namespace tcptwin::policy

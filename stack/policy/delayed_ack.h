// delayed_ack.h: decides whether received data is acknowledged now or later: one of the rules that
// a profile can name. Owns the delay timer; sends nothing.
#pragma once

#include <cstdint>
#include <variant>

#include "stack/policy/delayed_ack_adaptive.h"
#include "stack/policy/delayed_ack_rules.h"
#include "stack/policy/delayed_ack_view.h"

namespace tcptwin::policy {

using DelayedAckConfig =
    std::variant<EverySecondSegmentConfig, QuickackPingpongConfig, AlternateSegmentConfig,
                 ForcedCreditsConfig, StretchAcksConfig>;

// Every call goes to the rule that the profile picked.
class DelayedAck {
 public:
  // `mss`: the segment size both ends agreed on, before anything was received.
  DelayedAck(const DelayedAckConfig& config, const TimerGrain& grain, uint32_t mss);

  AckDecision on_data(Instant now, const DataArrival& data, const AckView& view, RecordId cause);
  // Text came that had been received before.
  AckDecision on_repeated(Instant now, const AckView& view, RecordId cause);
  AckDecision on_fin(Instant now, const AckView& view, RecordId cause);
  // Data arrived behind a gap and was kept.
  AckDecision on_gap(Instant now, const AckView& view, RecordId cause);
  // The SYN-ACK arrived. `data_follows`: a writer sleeps, or the ACK may wait for data
  // (facts/linux.md A13).
  AckDecision on_handshake(Instant now, bool data_follows, const AckView& view, RecordId cause);
  AckDecision on_read(Instant now, const ReadDone& read, const AckView& view);
  AckDecision on_timer(Instant now, const AckView& view);
  AckDecision on_pause_over(Instant now, const AckView& view);  // pause_timer() is due
  // TCP_QUICKACK: 0 off, odd on, even non-zero on for this moment only (facts/linux.md A12).
  AckDecision set_quickack(Instant now, int value, const AckView& view);
  void on_established(uint32_t mss);  // the handshake ended; `mss` as agreed
  // A repeated segment, or one outside the window.
  void on_out_of_order(const AckView& view);
  void on_data_sent(Instant now);
  // `alone`: the segment carried nothing but the ACK.
  void on_ack_sent(bool alone = false);
  void on_idle_restart();                        // our own sending was idle for an RTO
  void on_congestion_mark(const AckView& view);  // CE or CWR arrived (RFC 3168)
  void on_window_grown();                        // the receive window's own limit was raised
  void on_space_low();  // a window was chosen with less than half of the buffer free
  // A segment waits unprocessed for a reader that sleeps (facts/linux.md A15).
  void on_prequeued(Instant now, RecordId cause);
  bool interactive() const;
  int32_t quick_acks_left() const;
  // The policy's idea of how large the peer's segments are, bytes; 0 when it keeps none.
  uint32_t segment_estimate() const;
  const Timer& timer() const;
  const Timer* pause_timer() const;  // null: the rule has none
  // Of the clock for all connections on which timer() fires; 0: none.
  Duration shared_tick() const;

 private:
  std::variant<EverySecondSegment, QuickackPingpong, AlternateSegment, ForcedCredits, StretchAcks>
      behaviour_;
};

}  // namespace tcptwin::policy

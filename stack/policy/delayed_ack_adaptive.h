// delayed_ack_adaptive.h: the rule of delayed acknowledgment with immediate ACKs at the start and a
// delay that adapts to the gaps between segments. Owns its timers; sends nothing.
#pragma once

#include <cstdint>

#include "stack/policy/delayed_ack_rules.h"

namespace tcptwin::policy {

// facts/linux.md A1-A15. The defaults are those of the newer era; 2.6.32 differs in the keys that
// name it.
struct QuickackPingpongConfig {
  Duration min{};                  // shortest delay, and the first one
  Duration max{};                  // longest delay
  int32_t quick_acks = 16;         // immediate ACKs granted at the start and after an idle time
  int32_t pingpong_threshold = 1;  // replies in time that make a connection interactive
  Duration max_unpushed = 500ms;   // longest for data that is not pushed, outside a dialogue
  // A3, A6, A7: `max` and the RTO limit every delay; false (2.6.32): only A6's first rule does.
  bool max_limits_all = true;
  // A5 (1): full segments are acknowledged at once also when little is unread; 2.6.32 false.
  bool low_water_clause = true;
  bool full_push_counts = true;  // A4: PSH on a full segment counts as pushed; 2.6.32 false
  // A10: data behind a gap grants quick ACKs as a repeated segment does; 2.6.32 true.
  bool gap_grants_quick_acks = false;
  // A5: with SACK, ACKs of data behind a gap pause after the first `duplicates_at_once` for the
  // same RCV.NXT: for 5 % of the round trip, at most `compression_delay`, at most
  // `compressed_acks` in a row. 0 acks: never (2.6.32).
  int32_t duplicates_at_once = 3;
  int32_t compressed_acks = 0;
  Duration compression_delay = 1ms;
  bool growth_grants_quick_ack = false;    // A3, C6: a window that grows sets the lowest quick bit
  bool low_space_ends_quick_acks = false;  // C8: less than half the buffer free ends them
  bool handshake_ack_may_wait = false;     // A13: for `max`, when data is about to follow
  Duration sleeping_reader_guard{};        // A15: 2.6.32, 150 ms; 0: no prequeue
};

class QuickackPingpong : public AckRule {
 public:
  QuickackPingpong(const QuickackPingpongConfig& config, const TimerGrain& grain, uint32_t mss);

  AckDecision on_data(Instant now, const DataArrival& data, const AckView& view, RecordId cause);
  AckDecision on_repeated(Instant now, const AckView& view, RecordId cause);
  AckDecision on_fin(Instant now, const AckView& view, RecordId cause);
  AckDecision on_read(Instant now, const ReadDone& read, const AckView& view) const;
  AckDecision on_gap(Instant now, const AckView& view, RecordId cause);
  AckDecision on_handshake(Instant now, bool data_follows, const AckView& view, RecordId cause);
  AckDecision on_timer(Instant now, const AckView& view);
  AckDecision on_pause_over(Instant now, const AckView& view);
  AckDecision set_quickack(Instant now, int value, const AckView& view);
  void on_established(uint32_t mss);
  void on_out_of_order(const AckView& view);
  void on_data_sent(Instant now);
  void on_ack_sent(bool = false);
  void on_congestion_mark(const AckView& view);
  void on_window_grown();
  void on_space_low();
  void on_prequeued(Instant now, RecordId cause);
  bool interactive() const { return pingpong_ >= config_->pingpong_threshold; }
  int32_t quick_acks_left() const { return quick_; }
  uint32_t segment_estimate() const { return segment_estimate_; }
  const Timer* pause_timer() const { return &pause_timer_; }

 private:
  void grant_quick_acks(const AckView& view, int32_t most);
  void measure_segment(const DataArrival& data, const AckView& view);
  void note_push();
  void adapt_delay(Instant now, const AckView& view);
  bool full_segments_due(const AckView& view);
  AckDecision decide(Instant now, const AckView& view, RecordId cause);
  AckDecision hold(Instant now, const AckView& view, RecordId cause);
  AckDecision compress(Instant now, const AckView& view, RecordId cause);
  int64_t min_ticks() const { return grain_->to_ticks(config_->min); }
  int64_t max_ticks() const { return grain_->to_ticks(config_->max); }

  const QuickackPingpongConfig* config_;
  Timer pause_timer_;           // between ACKs of data behind a gap
  int64_t delay_ticks_ = 0;     // ato; 0: no data has arrived yet
  int64_t last_data_tick_ = 0;  // lrcvtime
  int64_t expiry_tick_ = 0;     // of the running timer, as wished for
  StreamPos duplicates_of_;     // the RCV.NXT that the last ACKs of a gap repeated
  uint32_t segment_estimate_;   // rcv_mss
  uint32_t last_small_length_ = 0;
  int32_t quick_ = 0;
  int32_t pingpong_ = 0;
  int32_t duplicates_ = 0;     // at once, for duplicates_of_
  int32_t compressed_ = 0;     // ACKs left out since the last one
  bool scheduled_ = false;     // data or FIN waits for its ACK
  bool pushed_ = false;        // a pushed or last small segment came since the last ACK
  bool pushed_twice_ = false;  // and a second one
  bool joined_ = false;        // the segment before came together with the next one
};

}  // namespace tcptwin::policy

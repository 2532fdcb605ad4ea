// delayed_ack.h: decides whether received data is acknowledged now or later. Owns the delay timer;
// sends nothing.
#pragma once

#include <cstdint>
#include <variant>

#include "stack/base/record.h"
#include "stack/base/time.h"
#include "stack/base/timer.h"
#include "stack/policy/timer_grain.h"

namespace tcptwin::policy {

// Waits a fixed time, or for the n-th full-sized segment: RFC 9293 3.8.6.3 (SHLD-18, SHLD-19,
// MUST-40).
struct EverySecondSegmentConfig {
  Duration delay{};              // upper bound; 0: acknowledge at once
  int32_t segments_per_ack = 2;  // full-sized segments; 1 disables delaying
};

// Immediate ACKs at the start, then an adaptive delay while the connection looks interactive:
// facts/linux.md A1-A13.
struct QuickackPingpongConfig {
  Duration min{};                  // shortest delay, and the first one
  Duration max{};                  // longest delay
  int32_t quick_acks = 16;         // immediate ACKs granted at the start and after an idle time
  int32_t pingpong_threshold = 1;  // replies in time that make a connection interactive
};

using DelayedAckConfig = std::variant<EverySecondSegmentConfig, QuickackPingpongConfig>;

// Why an ACK goes out now instead of later.
enum class AckNowReason : uint8_t {
  kQuickAck,           // immediate ACKs are left and the connection is not interactive
  kFullSegments,       // enough full-sized data waits for its ACK
  kNoDelay,            // the delay is configured as 0
  kFin,                // the peer has ended its stream
  kReadDrainedPushed,  // the reader emptied the buffer of pushed data
  kReadFreedSegment,   // the reader took more than a segment that was not acknowledged yet
  kTimerAlmostDue,     // the delay timer would fire within a quarter of the delay
  kTimer,              // the delay timer fired
};

// What the policy may look at. Byte counts of the receiving direction.
struct AckView {
  int64_t unacked = 0;             // received in order, not acknowledged yet: rcv_nxt - rcv_wup
  bool window_can_advance = true;  // the ACK could move the right edge, or the reader is waiting
  int64_t window = 0;              // advertised now
  uint32_t mss = 0;                // largest segment the peer may send us
  bool rtt_known = false;
  Duration srtt{};
  Duration rto{};
  Duration rto_min{};  // floor of the RTO; the peer's is taken to be the same
};

struct DataArrival {
  uint32_t length = 0;       // payload bytes, in order
  uint32_t header_size = 0;  // of its TCP header with options
  bool push = false;
};

struct ReadDone {
  int64_t copied = 0;         // bytes this call has read
  bool buffer_empty = false;  // no received byte is left unread
};

// What is to be done about the ACK: None, Send (why), or Held until the timer fires.
struct AckDecision {
  enum class Kind : uint8_t { kNone, kNow, kLater };
  Kind kind = Kind::kNone;
  AckNowReason why{};
};

class EverySecondSegment {
 public:
  EverySecondSegment(const EverySecondSegmentConfig& config, const TimerGrain& grain)
      : config_(&config), grain_(&grain) {}

  AckDecision on_data(Instant now, const DataArrival& data, const AckView& view, RecordId cause);
  AckDecision on_fin(Instant now, const AckView& view, RecordId cause);
  AckDecision on_read(Instant, const ReadDone&, const AckView&) const { return {}; }
  AckDecision on_timer(Instant now, const AckView& view);
  AckDecision set_quickack(Instant, int, const AckView&) const { return {}; }
  void on_out_of_order(const AckView&) {}
  void on_data_sent(Instant) {}
  void on_ack_sent();
  bool interactive() const { return false; }
  int32_t quick_acks_left() const { return 0; }
  uint32_t segment_estimate() const { return 0; }
  const Timer& timer() const { return timer_; }

 private:
  const EverySecondSegmentConfig* config_;
  const TimerGrain* grain_;
  Timer timer_;
};

class QuickackPingpong {
 public:
  QuickackPingpong(const QuickackPingpongConfig& config, const TimerGrain& grain, uint32_t mss);

  AckDecision on_data(Instant now, const DataArrival& data, const AckView& view, RecordId cause);
  AckDecision on_fin(Instant now, const AckView& view, RecordId cause);
  AckDecision on_read(Instant now, const ReadDone& read, const AckView& view) const;
  AckDecision on_timer(Instant now, const AckView& view);
  AckDecision set_quickack(Instant now, int value, const AckView& view);
  void on_out_of_order(const AckView& view);
  void on_data_sent(Instant now);
  void on_ack_sent();
  bool interactive() const { return pingpong_ >= config_->pingpong_threshold; }
  int32_t quick_acks_left() const { return quick_; }
  uint32_t segment_estimate() const { return segment_estimate_; }
  const Timer& timer() const { return timer_; }

 private:
  void grant_quick_acks(const AckView& view);
  void measure_segment(const DataArrival& data, const AckView& view);
  void note_push();
  void adapt_delay(Instant now, const AckView& view);
  AckDecision decide(Instant now, const AckView& view, RecordId cause);
  AckDecision hold(Instant now, const AckView& view, RecordId cause);
  int64_t min_ticks() const { return grain_->to_ticks(config_->min); }
  int64_t max_ticks() const { return grain_->to_ticks(config_->max); }

  const QuickackPingpongConfig* config_;
  const TimerGrain* grain_;
  Timer timer_;
  int64_t delay_ticks_ = 0;     // ato; 0: no data has arrived yet
  int64_t last_data_tick_ = 0;  // lrcvtime
  int64_t expiry_tick_ = 0;     // of the running timer, as wished for
  uint32_t segment_estimate_;   // rcv_mss
  uint32_t last_small_length_ = 0;
  int32_t quick_ = 0;
  int32_t pingpong_ = 0;
  bool scheduled_ = false;     // data or FIN waits for its ACK
  bool pushed_ = false;        // a pushed or last small segment came since the last ACK
  bool pushed_twice_ = false;  // and a second one
};

// One of the two; every call goes to the one that the profile picked.
class DelayedAck {
 public:
  // `mss`: the segment size both ends agreed on, before anything was received.
  DelayedAck(const DelayedAckConfig& config, const TimerGrain& grain, uint32_t mss);

  AckDecision on_data(Instant now, const DataArrival& data, const AckView& view, RecordId cause);
  AckDecision on_fin(Instant now, const AckView& view, RecordId cause);
  AckDecision on_read(Instant now, const ReadDone& read, const AckView& view);
  AckDecision on_timer(Instant now, const AckView& view);
  // TCP_QUICKACK: 0 off, odd on, even non-zero on for this moment only (facts/linux.md A12).
  AckDecision set_quickack(Instant now, int value, const AckView& view);
  void on_out_of_order(const AckView& view);
  void on_data_sent(Instant now);
  void on_ack_sent();
  bool interactive() const;
  int32_t quick_acks_left() const;
  // The policy's idea of how large the peer's segments are, bytes; 0 when it keeps none.
  uint32_t segment_estimate() const;
  const Timer& timer() const;

 private:
  std::variant<EverySecondSegment, QuickackPingpong> behaviour_;
};

}  // namespace tcptwin::policy

// delayed_ack_rules.h: the rules of delayed acknowledgment that count segments or bytes; each owns
// its delay timer and sends nothing. The adaptive rule is in delayed_ack_adaptive.h.
#pragma once

#include <cstdint>

#include "stack/base/record.h"
#include "stack/base/time.h"
#include "stack/base/timer.h"
#include "stack/policy/delayed_ack_view.h"
#include "stack/policy/timer_grain.h"

namespace tcptwin::policy {

// Waits a fixed time, or for the n-th segment: RFC 9293 3.8.6.3 (SHLD-18, SHLD-19, MUST-40).
struct EverySecondSegmentConfig {
  enum class Count : uint8_t {
    kFullSegments,  // bytes, in units of full-sized segments
    kSegments,      // segments of any size: facts/windows.md A2
  };
  Duration delay{};              // upper bound; 0: acknowledge at once
  int32_t segments_per_ack = 2;  // 1 disables delaying
  Count count = Count::kFullSegments;
  // The delay ends on the ticks of one clock for all connections: facts/windows.md A5. 0: no clock.
  Duration global_tick{};
};

// Waits only while the delay timer is not running yet: facts/freebsd.md A1-A4.
struct AlternateSegmentConfig {
  Duration delay{};  // 0: acknowledge at once
};

// Acknowledges at once as long as credits are left, then only while the reader is behind:
// facts/darwin.md 2, mode 3 of the modern strategy.
struct ForcedCreditsConfig {
  Duration delay{};
  int32_t credits = 16;             // immediate ACKs at the start, after idle times and losses
  int64_t initial_buffer = 131072;  // of a socket, bytes: recvspace
  int32_t largest_unacked_mss = 0;  // segments that never wait together; 0: no such limit
};

// One segment waits unless it is pushed; in a stream several do: facts/darwin.md 2, legacy modes.
struct StretchAcksConfig {
  Duration delay{};
  int32_t stretched_segments = 8;      // ACKs of a stream cover this many; 1: never a stream
  Duration stream_window = 100ms;      // a stream brings that many full segments in this time
  Duration stream_idle = 200ms;        // and never pauses for longer
  int32_t packets_before = 512;        // segments since the start or the last loss
  int32_t expiries_allowed = 5;        // delay timers in a stream before it counts as none
  int32_t packets_until_retry = 2000;  // segments before it may count as one again
};

// What a rule does about events that mean nothing to it, and its timer.
class AckRule {
 public:
  AckDecision on_read(Instant, const ReadDone&, const AckView&) { return {}; }
  AckDecision set_quickack(Instant, int, const AckView&) { return {}; }
  AckDecision on_fin(Instant, const AckView&, RecordId) {
    return ack_now(AckNowReason::kFin);  // RFC 9293 3.10.7.4, eighth
  }
  AckDecision on_repeated(Instant, const AckView&, RecordId) {
    return ack_now(AckNowReason::kDuplicate);
  }
  AckDecision on_gap(Instant, const AckView&, RecordId) {
    return ack_now(AckNowReason::kDuplicate);  // RFC 5681 4.2
  }
  AckDecision on_handshake(Instant, bool, const AckView&, RecordId) {
    return ack_now(AckNowReason::kNoDelay);
  }
  AckDecision on_timer(Instant now, const AckView&);
  AckDecision on_pause_over(Instant, const AckView&) { return {}; }
  void on_established(uint32_t) {}
  void on_out_of_order(const AckView&) {}
  void on_data_sent(Instant) {}
  void on_ack_sent(bool = false) { timer_.disarm(); }
  void on_idle_restart() {}
  void on_congestion_mark(const AckView&) {}
  void on_window_grown() {}
  void on_space_low() {}
  void on_prequeued(Instant, RecordId) {}
  bool interactive() const { return false; }
  int32_t quick_acks_left() const { return 0; }
  uint32_t segment_estimate() const { return 0; }
  const Timer& timer() const { return timer_; }
  const Timer* pause_timer() const { return nullptr; }
  Duration shared_tick() const { return {}; }

 protected:
  explicit AckRule(const TimerGrain& grain) : grain_(&grain) {}
  AckDecision hold(Instant now, Duration delay, RecordId cause);

  const TimerGrain* grain_;
  Timer timer_;
};

class EverySecondSegment : public AckRule {
 public:
  EverySecondSegment(const EverySecondSegmentConfig& config, const TimerGrain& grain)
      : AckRule(grain), config_(&config) {}

  AckDecision on_data(Instant now, const DataArrival& data, const AckView& view, RecordId cause);
  void on_ack_sent(bool = false) {
    timer_.disarm();
    waiting_ = 0;
  }
  Duration shared_tick() const { return config_->global_tick; }

 private:
  const EverySecondSegmentConfig* config_;
  int32_t waiting_ = 0;  // segments, this one included
};

class AlternateSegment : public AckRule {
 public:
  AlternateSegment(const AlternateSegmentConfig& config, const TimerGrain& grain)
      : AckRule(grain), config_(&config) {}

  AckDecision on_data(Instant now, const DataArrival& data, const AckView& view, RecordId cause);

 private:
  const AlternateSegmentConfig* config_;
};

class ForcedCredits : public AckRule {
 public:
  ForcedCredits(const ForcedCreditsConfig& config, const TimerGrain& grain)
      : AckRule(grain), config_(&config), credits_(config.credits) {}

  AckDecision on_data(Instant now, const DataArrival& data, const AckView& view, RecordId cause);
  AckDecision on_read(Instant now, const ReadDone& read, const AckView& view);
  AckDecision on_gap(Instant now, const AckView& view, RecordId cause);
  AckDecision on_timer(Instant now, const AckView& view);
  void on_established(uint32_t) { refill(); }
  void on_out_of_order(const AckView&) { refill(); }
  void on_ack_sent(bool alone = false);
  void on_idle_restart() { refill(); }
  void on_congestion_mark(const AckView&) { refill(); }
  int32_t quick_acks_left() const { return credits_; }

 private:
  void refill() { credits_ = config_->credits; }

  const ForcedCreditsConfig* config_;
  int32_t credits_;
  bool pushed_ = false;  // the last segment was
};

class StretchAcks : public AckRule {
 public:
  StretchAcks(const StretchAcksConfig& config, const TimerGrain& grain)
      : AckRule(grain), config_(&config) {}

  AckDecision on_data(Instant now, const DataArrival& data, const AckView& view, RecordId cause);
  AckDecision on_gap(Instant now, const AckView& view, RecordId cause);
  AckDecision on_timer(Instant now, const AckView& view);
  void on_out_of_order(const AckView&) { end_stream(); }
  void on_ack_sent(bool = false) {
    timer_.disarm();
    waiting_ = 0;
  }
  bool stretching() const { return stretching_; }

 private:
  void watch_stream(Instant now, const DataArrival& data, const AckView& view);
  void end_stream();

  const StretchAcksConfig* config_;
  Instant window_start_;
  Instant last_data_;
  int64_t window_bytes_ = 0;
  int32_t packets_ = 0;     // since the start or the last loss
  int32_t expiries_ = 0;    // of the delay timer within the stream
  int32_t pause_left_ = 0;  // segments until a stream may be recognised again
  int32_t waiting_ = 0;     // segments, this one included
  bool stretching_ = false;
};

}  // namespace tcptwin::policy

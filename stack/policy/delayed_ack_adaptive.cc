#include "stack/policy/delayed_ack_adaptive.h"

#include <algorithm>

namespace tcptwin::policy {

namespace {

// Facts of quickack_pingpong that no profile varies (facts/linux.md A3, A4, A5, A10).
constexpr uint32_t kLargestFirstEstimate = 536;  // the default MSS, RFC 9293 3.7.1
constexpr uint32_t kSmallestEstimate = 88;
constexpr int32_t kFewestQuickAcks = 2;
constexpr int32_t kQuickAcksOfMark = 2;
constexpr int32_t kPauseShareOfRoundTrip = 20;  // 5 %

}  // namespace

QuickackPingpong::QuickackPingpong(const QuickackPingpongConfig& config, const TimerGrain& grain,
                                   uint32_t mss)
    : AckRule(grain),
      config_(&config),
      segment_estimate_(std::clamp(mss, kSmallestEstimate, kLargestFirstEstimate)) {}

void QuickackPingpong::grant_quick_acks(const AckView& view, int32_t most) {
  const int64_t window_worth = view.window / (2 * int64_t{segment_estimate_});
  const auto granted = static_cast<int32_t>(
      std::min<int64_t>(window_worth == 0 ? kFewestQuickAcks : window_worth, most));
  quick_ = std::max(quick_, granted);
}

void QuickackPingpong::note_push() {
  if (pushed_) pushed_twice_ = true;
  pushed_ = true;
}

// facts/linux.md A4: full segments raise the estimate, two equal small ones lower it, and every
// small one counts as pushed.
void QuickackPingpong::measure_segment(const DataArrival& data, const AckView& view) {
  const uint32_t last_small = last_small_length_;
  last_small_length_ = 0;
  if (data.length >= segment_estimate_) {
    segment_estimate_ = std::min(data.length, view.mss);
    if (data.push && config_->full_push_counts) pushed_ = true;
    return;
  }
  const uint32_t with_header = data.length + data.header_size;
  const bool plausible_size = with_header >= kLargestFirstEstimate + 20 ||
                              (with_header >= kSmallestEstimate + 20 && !data.push);
  if (plausible_size) {
    last_small_length_ = data.length;
    if (data.length == last_small) {
      segment_estimate_ = data.length;
      return;
    }
  }
  note_push();
}

// facts/linux.md A3; all in whole ticks.
void QuickackPingpong::adapt_delay(Instant now, const AckView& view) {
  const int64_t tick = grain_->ticks(now);
  const int64_t gap = tick - last_data_tick_;
  last_data_tick_ = tick;
  const int64_t rto = grain_->to_ticks(view.rto);
  if (delay_ticks_ == 0) {
    grant_quick_acks(view, config_->quick_acks);
    delay_ticks_ = min_ticks();
  } else if (gap <= min_ticks() / 2) {
    delay_ticks_ = delay_ticks_ / 2 + min_ticks() / 2;
  } else if (gap < delay_ticks_) {
    delay_ticks_ = std::min(delay_ticks_ / 2 + gap, rto);
    if (config_->max_limits_all) delay_ticks_ = std::min(delay_ticks_, max_ticks());
  } else if (gap > rto) {
    grant_quick_acks(view, config_->quick_acks);  // idle restart
  }
}

AckDecision QuickackPingpong::on_data(Instant now, const DataArrival& data, const AckView& view,
                                      RecordId cause) {
  scheduled_ = true;
  measure_segment(data, view);
  if (!joined_) adapt_delay(now, view);
  joined_ = data.more_follows;
  if (data.window_grew) on_window_grown();
  return joined_ ? ack_later() : decide(now, view, cause);
}

AckDecision QuickackPingpong::on_repeated(Instant now, const AckView& view, RecordId cause) {
  scheduled_ = true;
  on_out_of_order(view);
  return decide(now, view, cause);
}

AckDecision QuickackPingpong::on_fin(Instant now, const AckView& view, RecordId cause) {
  scheduled_ = true;
  pingpong_ =
      config_->pingpong_threshold;  // facts/linux.md A9: the reply is expected to be our own FIN
  return decide(now, view, cause);
}

// facts/linux.md A5 (1). Looking at the window has the side effect of C8.
bool QuickackPingpong::full_segments_due(const AckView& view) {
  if (view.unacked <= segment_estimate_) return false;
  if (view.space_below_half) on_space_low();
  return config_->low_water_clause ? view.window_can_advance : view.edge_can_advance;
}

// facts/linux.md A5.
AckDecision QuickackPingpong::decide(Instant now, const AckView& view, RecordId cause) {
  if (full_segments_due(view)) return ack_now(AckNowReason::kFullSegments);
  if (quick_ > 0 && !interactive()) return ack_now(AckNowReason::kQuickAck);
  return hold(now, view, cause);
}

// Data behind a gap: the same rules, then the limit on repeated ACKs instead of the delay.
AckDecision QuickackPingpong::on_gap(Instant now, const AckView& view, RecordId cause) {
  scheduled_ = true;
  if (config_->gap_grants_quick_acks) on_out_of_order(view);
  if (full_segments_due(view)) return ack_now(AckNowReason::kFullSegments);
  if (quick_ > 0 && !interactive()) return ack_now(AckNowReason::kDuplicate);
  return compress(now, view, cause);
}

AckDecision QuickackPingpong::compress(Instant now, const AckView& view, RecordId cause) {
  if (!view.sack || compressed_ >= config_->compressed_acks) {
    return ack_now(AckNowReason::kDuplicate);
  }
  if (duplicates_of_ != view.next) {
    duplicates_of_ = view.next;
    duplicates_ = 0;
  }
  if (duplicates_ < config_->duplicates_at_once) {
    ++duplicates_;
    return ack_now(AckNowReason::kDuplicate);
  }
  ++compressed_;
  if (pause_timer_.armed()) return ack_later();
  Duration round_trip = view.receive_rtt;
  if (view.rtt_known && (round_trip.count() == 0 || view.srtt < round_trip)) round_trip = view.srtt;
  const Duration pause = std::min(config_->compression_delay, round_trip / kPauseShareOfRoundTrip);
  pause_timer_.arm(now, pause, now + pause, cause);  // precise on every grain: facts/linux.md T5
  return ack_later();
}

AckDecision QuickackPingpong::on_pause_over(Instant now, const AckView&) {
  if (!pause_timer_.due(now)) return {};
  pause_timer_.disarm();
  return ack_now(AckNowReason::kCompressed);
}

// facts/linux.md A13: data that follows at once can carry the handshake's last ACK.
AckDecision QuickackPingpong::on_handshake(Instant now, bool data_follows, const AckView& view,
                                           RecordId cause) {
  if (!config_->handshake_ack_may_wait || !(data_follows || interactive())) {
    return ack_now(AckNowReason::kNoDelay);
  }
  scheduled_ = true;
  on_out_of_order(view);
  expiry_tick_ = grain_->ticks(now) + max_ticks();
  timer_.arm(now, config_->max, grain_->fires_at(now, expiry_tick_, TimerClass::kDelayedAck),
             cause);
  return ack_later();
}

// facts/linux.md A15: segments wait for the reader's own context; the guard ends that wait.
void QuickackPingpong::on_prequeued(Instant now, RecordId cause) {
  const Duration guard = config_->sleeping_reader_guard;
  if (guard.count() == 0 || scheduled_ || timer_.armed()) return;
  expiry_tick_ = grain_->ticks(now) + grain_->to_ticks(guard);
  timer_.arm(now, guard, grain_->fires_at(now, expiry_tick_, TimerClass::kDelayedAck), cause);
}

// facts/linux.md A6.
AckDecision QuickackPingpong::hold(Instant now, const AckView& view, RecordId cause) {
  int64_t delay = delay_ticks_;
  if (delay > min_ticks()) {
    int64_t longest =
        interactive() || pushed_ ? max_ticks() : grain_->to_ticks(config_->max_unpushed);
    if (view.rtt_known) {
      longest = std::min(longest, std::max(grain_->to_ticks(view.srtt), min_ticks()));
    }
    delay = std::min(delay, longest);
  }
  if (config_->max_limits_all) {  // an ACK leaves before the peer can retransmit
    const int64_t before_rto = std::max<int64_t>(grain_->to_ticks(view.rto_min), 2) - 1;
    delay = std::min({delay, max_ticks(), before_rto});
  }
  int64_t expiry = grain_->ticks(now) + delay;
  if (timer_.armed()) {
    if (expiry_tick_ <= grain_->ticks(now) + delay / 4) {
      return ack_now(AckNowReason::kTimerAlmostDue);
    }
    if (expiry_tick_ <= expiry) return ack_later();  // the earlier timer stays
  }
  expiry_tick_ = expiry;
  timer_.arm(now, grain_->from_ticks(delay), grain_->fires_at(now, expiry, TimerClass::kDelayedAck),
             cause);
  return ack_later();
}

// facts/linux.md A11; the window update of a read is the receive window's own rule.
AckDecision QuickackPingpong::on_read(Instant, const ReadDone& read, const AckView& view) const {
  if (!scheduled_) return {};
  if (view.unacked > segment_estimate_) return ack_now(AckNowReason::kReadFreedSegment);
  const bool drained = read.copied > 0 && read.buffer_empty;
  if (drained && (pushed_twice_ || (pushed_ && !interactive()))) {
    return ack_now(AckNowReason::kReadDrainedPushed);
  }
  return {};
}

// facts/linux.md A7.
AckDecision QuickackPingpong::on_timer(Instant now, const AckView& view) {
  if (!timer_.due(now)) return {};
  timer_.disarm();
  if (!scheduled_) return {};
  if (interactive()) {
    pingpong_ = 0;
    delay_ticks_ = min_ticks();
  } else {
    delay_ticks_ = std::min(delay_ticks_ * 2, grain_->to_ticks(view.rto));
    if (config_->max_limits_all) delay_ticks_ = std::min(delay_ticks_, max_ticks());
  }
  return ack_now(AckNowReason::kTimer);
}

// facts/linux.md A12: it behaves as a read of one byte, and does not stay on.
AckDecision QuickackPingpong::set_quickack(Instant now, int value, const AckView& view) {
  if (value == 0) {
    pingpong_ = config_->pingpong_threshold;
    return {};
  }
  pingpong_ = 0;
  AckDecision decision;
  if (scheduled_) {
    pushed_ = true;
    decision = on_read(now, {.copied = 1, .buffer_empty = true}, view);
  }
  if (value % 2 == 0) pingpong_ = config_->pingpong_threshold;
  return decision;
}

// facts/linux.md A10.
void QuickackPingpong::on_out_of_order(const AckView& view) {
  grant_quick_acks(view, config_->quick_acks);
  pingpong_ = 0;
  delay_ticks_ = min_ticks();
}

// facts/linux.md A10: two ACKs tell the peer of the mark.
void QuickackPingpong::on_congestion_mark(const AckView& view) {
  grant_quick_acks(view, kQuickAcksOfMark);
  pingpong_ = 0;
  delay_ticks_ = min_ticks();
}

void QuickackPingpong::on_window_grown() {
  if (config_->growth_grants_quick_ack) quick_ |= 1;
}

void QuickackPingpong::on_space_low() {
  if (config_->low_space_ends_quick_acks) quick_ = 0;
}

void QuickackPingpong::on_established(uint32_t mss) {
  segment_estimate_ = std::clamp(mss, kSmallestEstimate, kLargestFirstEstimate);
}

// facts/linux.md A9: a reply within the delay of the last data makes the connection interactive.
void QuickackPingpong::on_data_sent(Instant now) {
  if (grain_->ticks(now) - last_data_tick_ < delay_ticks_) {
    pingpong_ = std::min(pingpong_ + 1, config_->pingpong_threshold);
  }
}

// facts/linux.md A8.
void QuickackPingpong::on_ack_sent(bool) {
  if (scheduled_ && quick_ > 0 && --quick_ == 0) delay_ticks_ = min_ticks();
  scheduled_ = pushed_ = pushed_twice_ = false;
  compressed_ = 0;
  timer_.disarm();
  pause_timer_.disarm();
}

}  // namespace tcptwin::policy

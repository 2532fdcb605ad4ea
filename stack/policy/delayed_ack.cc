#include "stack/policy/delayed_ack.h"

#include <algorithm>

namespace tcptwin::policy {

namespace {

constexpr AckDecision now_because(AckNowReason why) { return {AckDecision::Kind::kNow, why}; }
constexpr AckDecision later() { return {AckDecision::Kind::kLater, {}}; }

// Facts of quickack_pingpong that no profile varies (facts/linux.md A3, A4).
constexpr uint32_t kLargestFirstEstimate = 536;  // the default MSS, RFC 9293 3.7.1
constexpr uint32_t kSmallestEstimate = 88;
constexpr int32_t kFewestQuickAcks = 2;

}  // namespace

// ---- every_second_segment

AckDecision EverySecondSegment::on_data(Instant now, const DataArrival&, const AckView& view,
                                        RecordId cause) {
  if (config_->delay.count() == 0 || config_->segments_per_ack == 1) {
    return now_because(AckNowReason::kNoDelay);
  }
  if (view.unacked >= int64_t{config_->segments_per_ack} * view.mss) {
    return now_because(AckNowReason::kFullSegments);
  }
  if (!timer_.armed()) {
    timer_.arm(now, config_->delay, grain_->fires_after(now, config_->delay), cause);
  }
  return later();
}

AckDecision EverySecondSegment::on_fin(Instant, const AckView&, RecordId) {
  return now_because(AckNowReason::kFin);  // RFC 9293 3.10.7.4, eighth
}

AckDecision EverySecondSegment::on_timer(Instant now, const AckView&) {
  if (!timer_.due(now)) return {};
  timer_.disarm();
  return now_because(AckNowReason::kTimer);
}

void EverySecondSegment::on_ack_sent() { timer_.disarm(); }

// ---- quickack_pingpong

QuickackPingpong::QuickackPingpong(const QuickackPingpongConfig& config, const TimerGrain& grain,
                                   uint32_t mss)
    : config_(&config),
      grain_(&grain),
      segment_estimate_(std::clamp(mss, kSmallestEstimate, kLargestFirstEstimate)) {}

void QuickackPingpong::grant_quick_acks(const AckView& view) {
  const int64_t window_worth = view.window / (2 * int64_t{segment_estimate_});
  const auto granted = static_cast<int32_t>(
      std::min<int64_t>(window_worth == 0 ? kFewestQuickAcks : window_worth, config_->quick_acks));
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
    if (data.push) pushed_ = true;
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
    grant_quick_acks(view);
    delay_ticks_ = min_ticks();
  } else if (gap <= min_ticks() / 2) {
    delay_ticks_ = delay_ticks_ / 2 + min_ticks() / 2;
  } else if (gap < delay_ticks_) {
    delay_ticks_ = std::min({delay_ticks_ / 2 + gap, rto, max_ticks()});
  } else if (gap > rto) {
    grant_quick_acks(view);  // idle restart
  }
}

AckDecision QuickackPingpong::on_data(Instant now, const DataArrival& data, const AckView& view,
                                      RecordId cause) {
  scheduled_ = true;
  measure_segment(data, view);
  adapt_delay(now, view);
  return decide(now, view, cause);
}

AckDecision QuickackPingpong::on_fin(Instant now, const AckView& view, RecordId cause) {
  scheduled_ = true;
  pingpong_ =
      config_->pingpong_threshold;  // facts/linux.md A9: the reply is expected to be our own FIN
  return decide(now, view, cause);
}

// facts/linux.md A5.
AckDecision QuickackPingpong::decide(Instant now, const AckView& view, RecordId cause) {
  if (view.unacked > segment_estimate_ && view.window_can_advance) {
    return now_because(AckNowReason::kFullSegments);
  }
  if (quick_ > 0 && !interactive()) return now_because(AckNowReason::kQuickAck);
  return hold(now, view, cause);
}

// facts/linux.md A6.
AckDecision QuickackPingpong::hold(Instant now, const AckView& view, RecordId cause) {
  int64_t delay = delay_ticks_;
  if (delay > min_ticks()) {
    int64_t longest = interactive() || pushed_ ? max_ticks() : grain_->to_ticks(500ms);
    if (view.rtt_known) {
      longest = std::min(longest, std::max(grain_->to_ticks(view.srtt), min_ticks()));
    }
    delay = std::min(delay, longest);
  }
  // An ACK leaves before the peer can retransmit.
  const int64_t before_rto = std::max<int64_t>(grain_->to_ticks(view.rto_min), 2) - 1;
  delay = std::min({delay, max_ticks(), before_rto});
  int64_t expiry = grain_->ticks(now) + delay;
  if (timer_.armed()) {
    if (expiry_tick_ <= grain_->ticks(now) + delay / 4) {
      return now_because(AckNowReason::kTimerAlmostDue);
    }
    if (expiry_tick_ <= expiry) return later();  // the earlier timer stays
  }
  expiry_tick_ = expiry;
  timer_.arm(now, grain_->from_ticks(delay), grain_->fires_at(now, expiry), cause);
  return later();
}

// facts/linux.md A11; the window update of a read is the receive window's own rule.
AckDecision QuickackPingpong::on_read(Instant, const ReadDone& read, const AckView& view) const {
  if (!scheduled_) return {};
  if (view.unacked > segment_estimate_) return now_because(AckNowReason::kReadFreedSegment);
  const bool drained = read.copied > 0 && read.buffer_empty;
  if (drained && (pushed_twice_ || (pushed_ && !interactive()))) {
    return now_because(AckNowReason::kReadDrainedPushed);
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
    delay_ticks_ = std::min({delay_ticks_ * 2, grain_->to_ticks(view.rto), max_ticks()});
  }
  return now_because(AckNowReason::kTimer);
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
  grant_quick_acks(view);
  pingpong_ = 0;
  delay_ticks_ = min_ticks();
}

// facts/linux.md A9: a reply within the delay of the last data makes the connection interactive.
void QuickackPingpong::on_data_sent(Instant now) {
  if (grain_->ticks(now) - last_data_tick_ < delay_ticks_) {
    pingpong_ = std::min(pingpong_ + 1, config_->pingpong_threshold);
  }
}

// facts/linux.md A8.
void QuickackPingpong::on_ack_sent() {
  if (scheduled_ && quick_ > 0 && --quick_ == 0) delay_ticks_ = min_ticks();
  scheduled_ = pushed_ = pushed_twice_ = false;
  timer_.disarm();
}

// ---- the choice

namespace {

std::variant<EverySecondSegment, QuickackPingpong> make(const DelayedAckConfig& config,
                                                        const TimerGrain& grain, uint32_t mss) {
  if (const auto* quick = std::get_if<QuickackPingpongConfig>(&config)) {
    return QuickackPingpong(*quick, grain, mss);
  }
  return EverySecondSegment(*std::get_if<EverySecondSegmentConfig>(&config), grain);
}

}  // namespace

DelayedAck::DelayedAck(const DelayedAckConfig& config, const TimerGrain& grain, uint32_t mss)
    : behaviour_(make(config, grain, mss)) {}

AckDecision DelayedAck::on_data(Instant now, const DataArrival& data, const AckView& view,
                                RecordId cause) {
  return std::visit([&](auto& b) { return b.on_data(now, data, view, cause); }, behaviour_);
}
AckDecision DelayedAck::on_fin(Instant now, const AckView& view, RecordId cause) {
  return std::visit([&](auto& b) { return b.on_fin(now, view, cause); }, behaviour_);
}
AckDecision DelayedAck::on_read(Instant now, const ReadDone& read, const AckView& view) {
  return std::visit([&](auto& b) { return b.on_read(now, read, view); }, behaviour_);
}
AckDecision DelayedAck::on_timer(Instant now, const AckView& view) {
  return std::visit([&](auto& b) { return b.on_timer(now, view); }, behaviour_);
}
AckDecision DelayedAck::set_quickack(Instant now, int value, const AckView& view) {
  return std::visit([&](auto& b) { return b.set_quickack(now, value, view); }, behaviour_);
}
void DelayedAck::on_out_of_order(const AckView& view) {
  std::visit([&](auto& b) { b.on_out_of_order(view); }, behaviour_);
}
void DelayedAck::on_data_sent(Instant now) {
  std::visit([&](auto& b) { b.on_data_sent(now); }, behaviour_);
}
void DelayedAck::on_ack_sent() {
  std::visit([](auto& b) { b.on_ack_sent(); }, behaviour_);
}
bool DelayedAck::interactive() const {
  return std::visit([](const auto& b) { return b.interactive(); }, behaviour_);
}
int32_t DelayedAck::quick_acks_left() const {
  return std::visit([](const auto& b) { return b.quick_acks_left(); }, behaviour_);
}
uint32_t DelayedAck::segment_estimate() const {
  return std::visit([](const auto& b) { return b.segment_estimate(); }, behaviour_);
}
const Timer& DelayedAck::timer() const {
  return std::visit([](const auto& b) -> const Timer& { return b.timer(); }, behaviour_);
}

}  // namespace tcptwin::policy

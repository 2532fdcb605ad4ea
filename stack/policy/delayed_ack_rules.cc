#include "stack/policy/delayed_ack_rules.h"

#include <algorithm>

namespace tcptwin::policy {

// A timer that runs is kept: the delay counts from the first segment that waits.
AckDecision AckRule::hold(Instant now, Duration delay, RecordId cause) {
  if (!timer_.armed()) {
    timer_.arm(now, delay, grain_->fires_after(now, delay, TimerClass::kDelayedAck), cause);
  }
  return ack_later();
}

AckDecision AckRule::on_timer(Instant now, const AckView&) {
  if (!timer_.due(now)) return {};
  timer_.disarm();
  return ack_now(AckNowReason::kTimer);
}

// ---- every_second_segment

AckDecision EverySecondSegment::on_data(Instant now, const DataArrival&, const AckView& view,
                                        RecordId cause) {
  ++waiting_;
  if (config_->delay.count() == 0 || config_->segments_per_ack == 1) {
    return ack_now(AckNowReason::kNoDelay);
  }
  switch (config_->count) {
    case EverySecondSegmentConfig::Count::kFullSegments:
      if (view.unacked >= int64_t{config_->segments_per_ack} * view.mss) {
        return ack_now(AckNowReason::kFullSegments);
      }
      break;
    case EverySecondSegmentConfig::Count::kSegments:
      if (waiting_ >= config_->segments_per_ack) return ack_now(AckNowReason::kSecondSegment);
      break;
  }
  const Duration tick = config_->global_tick;
  if (tick.count() == 0) return hold(now, config_->delay, cause);
  if (!timer_.armed()) {
    const int64_t ticks = std::max<int64_t>(config_->delay / tick, 1);
    timer_.arm(now, config_->delay, grain_->boundary_after(now, tick, ticks), cause);
  }
  return ack_later();
}

// ---- alternate_segment

AckDecision AlternateSegment::on_data(Instant now, const DataArrival& data, const AckView& view,
                                      RecordId cause) {
  if (config_->delay.count() == 0) return ack_now(AckNowReason::kNoDelay);
  if (timer_.armed()) return ack_now(AckNowReason::kSecondSegment);
  if (view.window == 0) return ack_now(AckNowReason::kZeroWindow);
  if (data.length > view.mss) return ack_now(AckNowReason::kFullSegments);
  return hold(now, config_->delay, cause);
}

// ---- forced_credits

// facts/darwin.md 2: the seven conditions of a delay, in their order.
AckDecision ForcedCredits::on_data(Instant now, const DataArrival& data, const AckView& view,
                                   RecordId cause) {
  pushed_ = data.push;
  if (view.window == 0) return ack_now(AckNowReason::kZeroWindow);
  if (credits_ > 0) return ack_now(AckNowReason::kQuickAck);
  // Off the fast path the new data is not in the buffer yet when this is asked.
  const int64_t buffered = view.unread - (data.predicted ? 0 : int64_t{data.length});
  if (buffered <= view.low_water) return ack_now(AckNowReason::kBufferDrained);
  if (view.next_window > view.window) return ack_now(AckNowReason::kWindowGrew);
  const int64_t ramped_up = config_->initial_buffer + config_->initial_buffer / 2;
  if (view.unacked > view.mss && view.next_window <= ramped_up) {
    return ack_now(AckNowReason::kFullSegments);
  }
  if (view.unacked >= view.next_window / 4) return ack_now(AckNowReason::kWindowShare);
  const int64_t largest = int64_t{config_->largest_unacked_mss} * view.mss;
  if (largest > 0 && view.unacked >= largest) return ack_now(AckNowReason::kFullSegments);
  return hold(now, config_->delay, cause);
}

AckDecision ForcedCredits::on_read(Instant, const ReadDone& read, const AckView& view) {
  if (read.wait_all && view.unacked > 0) return ack_now(AckNowReason::kReadWaitAll);
  if (timer_.armed() && read.copied > 0 && read.buffer_empty && pushed_) {
    return ack_now(AckNowReason::kReadDrainedPushed);
  }
  return {};
}

AckDecision ForcedCredits::on_gap(Instant, const AckView&, RecordId) {
  refill();
  return ack_now(AckNowReason::kDuplicate);
}

AckDecision ForcedCredits::on_timer(Instant now, const AckView& view) {
  const AckDecision decision = AckRule::on_timer(now, view);
  if (decision.kind == AckDecision::Kind::kNow) refill();
  return decision;
}

// Only an ACK that carries no data uses a credit up.
void ForcedCredits::on_ack_sent(bool alone) {
  timer_.disarm();
  if (alone && credits_ > 0) --credits_;
}

// ---- stretch_acks

void StretchAcks::end_stream() {
  stretching_ = false;
  packets_ = 0;
  window_bytes_ = 0;
}

// facts/darwin.md 2, legacy mode 3: when a flow of full segments counts as a stream.
void StretchAcks::watch_stream(Instant now, const DataArrival& data, const AckView& view) {
  if (packets_ > 0 && now - last_data_ > config_->stream_idle) {
    stretching_ = false;
    window_bytes_ = 0;
  }
  if (now - window_start_ > config_->stream_window) {
    window_start_ = now;
    window_bytes_ = 0;
  }
  last_data_ = now;
  window_bytes_ += data.length;
  packets_ = std::min(packets_ + 1, config_->packets_before);
  if (pause_left_ > 0) --pause_left_;
  if (!data.plain) {
    stretching_ = false;
    return;
  }
  const bool fast = window_bytes_ >= int64_t{config_->stretched_segments} * view.mss;
  const bool may = config_->stretched_segments > 1 && pause_left_ == 0;
  if (fast && may && packets_ >= config_->packets_before) stretching_ = true;
}

AckDecision StretchAcks::on_data(Instant now, const DataArrival& data, const AckView& view,
                                 RecordId cause) {
  ++waiting_;
  watch_stream(now, data, view);
  if (config_->delay.count() == 0) return ack_now(AckNowReason::kNoDelay);
  if (view.window == 0) return ack_now(AckNowReason::kZeroWindow);
  if (data.push) return ack_now(AckNowReason::kPushed);
  const int32_t limit = stretching_ ? config_->stretched_segments : 2;
  if (waiting_ >= limit) return ack_now(AckNowReason::kSecondSegment);
  return hold(now, config_->delay, cause);
}

AckDecision StretchAcks::on_gap(Instant, const AckView&, RecordId) {
  end_stream();
  return ack_now(AckNowReason::kDuplicate);
}

AckDecision StretchAcks::on_timer(Instant now, const AckView& view) {
  const AckDecision decision = AckRule::on_timer(now, view);
  if (decision.kind != AckDecision::Kind::kNow || !stretching_) return decision;
  if (++expiries_ > config_->expiries_allowed) {
    stretching_ = false;
    expiries_ = 0;
    pause_left_ = config_->packets_until_retry;
  }
  return decision;
}

}  // namespace tcptwin::policy

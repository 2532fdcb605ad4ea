#include "stack/policy/bursts.h"

#include <algorithm>

namespace tcptwin::policy {

namespace {

constexpr Duration kRttMemory = std::chrono::minutes(5);  // tcp_min_rtt_wlen
constexpr int64_t kBurstsPerSecond = 1024;                // sk_pacing_shift 10
constexpr int32_t kRttLog = 9;  // tcp_tso_rtt_log: a near peer gets larger bursts
constexpr int64_t kLongestShift = 32;

}  // namespace

void Bursts::on_sample(Instant now, Duration rtt) {
  if (least_rtt_.count() != 0 && rtt > least_rtt_ && now - least_at_ < kRttMemory) return;
  least_rtt_ = rtt;
  least_at_ = now;
}

// Bytes a second.
int64_t Bursts::rate(const BurstView& view) const {
  const bool slow_start = view.window_segments < view.threshold_segments / 2;
  const int64_t percent = slow_start ? config_->slow_start_percent : config_->avoidance_percent;
  constexpr int64_t kUsPerPercent = 10000;
  const int64_t srtt_us = std::chrono::duration_cast<std::chrono::microseconds>(view.srtt).count();
  return std::max<int64_t>(view.mss, 1) * view.window_segments * percent * kUsPerPercent /
         std::max<int64_t>(srtt_us, 1);
}

Duration Bursts::time_of(int64_t bursts, const BurstView& view) const {
  if (config_->size == BurstConfig::Size::kAllowed) return {};
  const int64_t bytes = bursts * config_->largest;
  return std::chrono::microseconds(bytes * 1'000'000 / std::max<int64_t>(rate(view), 1));
}

int64_t Bursts::most_segments(const BurstView& view) const {
  const int64_t mss = std::max<int64_t>(view.mss, 1);
  const int64_t largest = std::max<int64_t>(config_->largest / mss, 1);
  if (config_->size == BurstConfig::Size::kAllowed) return largest;
  const int64_t rtt_us = std::chrono::duration_cast<std::chrono::microseconds>(least_rtt_).count();
  const int64_t shift = rtt_us >> kRttLog;
  const int64_t bytes =
      rate(view) / kBurstsPerSecond + (shift < kLongestShift ? config_->largest >> shift : 0);
  return std::max<int64_t>(std::min(bytes, config_->largest) / mss, config_->least_segments);
}

int64_t Bursts::quota_segments(const BurstView& view) const {
  const int64_t most = most_segments(view);
  if (config_->size == BurstConfig::Size::kAllowed) return most;
  return std::min(most, std::max<int64_t>(view.window_segments / 2, 1));
}

bool Bursts::waits(const BurstView& view) const {
  if (config_->defer_within.count() == 0 || view.recovering) return false;
  if (view.since_last_sent > config_->defer_within) return false;
  const int64_t limit = std::min(view.send_window, view.congestion_free);
  if (limit >= most_segments(view) * view.mss) return false;
  if (!view.last_buffer && limit >= view.length) return false;
  const int64_t window = std::min(view.peer_window, view.window_segments * view.mss);
  if (limit >= window / config_->window_divisor) return false;
  if (!view.since_head_sent) return false;
  const Duration ack_due = view.srtt - *view.since_head_sent;
  if (ack_due > std::min(view.srtt / 2, config_->defer_within)) return false;
  return limit <= view.length || !view.fin;
}

}  // namespace tcptwin::policy

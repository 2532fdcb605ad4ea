#include "stack/policy/cubic.h"

#include <algorithm>
#include <bit>

namespace tcptwin::policy {

namespace {

constexpr int kTimeBits = 10;                // the curve's time is in 1/1024 s
constexpr int kCubeBits = 4 * kTimeBits;     // C has 10 bits as well
constexpr int64_t kLongestOffset = 1 << 17;  // 128 s from the flat part; keeps the cube in range
constexpr int64_t kFirstMaxPerStep = 20;     // before the first loss: at least 5 % a round trip
constexpr int64_t kStill = 100;              // at the target: a hundredth of a step a window

// Largest r with r^3 <= value.
int64_t cube_root(int64_t value) {
  if (value <= 0) return 0;
  const int bits = 64 - std::countl_zero(static_cast<uint64_t>(value));
  int64_t low = 0;
  int64_t high = int64_t{1} << ((bits + 2) / 3);
  while (high - low > 1) {
    const int64_t middle = low + (high - low) / 2;
    if (middle <= value / middle / middle) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return low;
}

int64_t ticks_per_second(const TimerGrain& grain) { return Duration(1s) / grain.tick(); }

}  // namespace

bool Cubic::on_rtt(Instant now, Duration rtt) {
  const bool just_reduced =
      in_epoch_ && grain_->ticks(now) - epoch_tick_ < ticks_per_second(*grain_);
  if (just_reduced) return false;
  const Duration sample = std::max<Duration>(rtt, 1us);
  if (shortest_rtt_.count() == 0 || sample < shortest_rtt_) shortest_rtt_ = sample;
  return true;
}

int64_t Cubic::acked_per_step(Instant now, int64_t window, int64_t acked, int64_t step) {
  const int64_t tick = grain_->ticks(now);
  acked_ += acked;
  const int64_t pause = ticks_per_second(*grain_) / 32;
  if (in_epoch_ && last_window_ == window && tick - last_tick_ <= pause) return per_step_;
  if (!in_epoch_ || tick != last_tick_) {
    last_window_ = window;
    last_tick_ = tick;
    if (!in_epoch_) begin_epoch(tick, window, acked, step);
    const int64_t goal = target(tick, step);
    per_step_ = goal > window ? window * step / (goal - window) : kStill * window;
    if (last_max_ == 0) per_step_ = std::min(per_step_, kFirstMaxPerStep * step);
  }
  per_step_ = std::max(reno_friendly(window, step, per_step_), 2 * step);
  return per_step_;
}

void Cubic::begin_epoch(int64_t tick, int64_t window, int64_t acked, int64_t step) {
  in_epoch_ = true;
  epoch_tick_ = tick;
  acked_ = acked;
  reno_window_ = window;
  origin_ = std::max(last_max_, window);
  const int64_t per_segment = (int64_t{1} << kCubeBits) / config_->c_1024;
  k_1024_ = cube_root(per_segment * (origin_ - window) / step);  // RFC 9438 4.2, equation 2
}

// RFC 9438 4.2, equation 1, one round trip ahead.
int64_t Cubic::target(int64_t tick, int64_t step) const {
  const Duration time = grain_->from_ticks(tick - epoch_tick_ + grain_->to_ticks(shortest_rtt_));
  const int64_t t = time / 1us * 1024 / 1'000'000;
  const int64_t offset = std::clamp(t - k_1024_, -kLongestOffset, kLongestOffset);
  const int64_t size = std::abs(offset);
  const int64_t cube = (config_->c_1024 * size * size * size) >> (kCubeBits - kTimeBits);
  const int64_t change = (cube * step) >> kTimeBits;
  return offset < 0 ? origin_ - change : origin_ + change;
}

// RFC 9438 4.3: not below what Reno would have, whose window grows by 3 (1 - beta) / (1 + beta)
// segments a round trip.
int64_t Cubic::reno_friendly(int64_t window, int64_t step, int64_t per_step) {
  const int64_t beta = config_->beta_1024;
  const int64_t scale_8 = 8 * (1024 + beta) / 3 / std::max<int64_t>(1024 - beta, 1);
  const int64_t round = std::max<int64_t>(window * scale_8 / 8, 1);
  if (acked_ > round) {
    const int64_t rounds = (acked_ - 1) / round;
    acked_ -= rounds * round;
    reno_window_ += rounds * step;
  }
  if (reno_window_ <= window) return per_step;
  return std::min(per_step, window * step / (reno_window_ - window));
}

int64_t Cubic::reduce(int64_t window) {
  in_epoch_ = false;
  const bool gives_way = config_->fast_convergence && window < last_max_;
  last_max_ = gives_way ? window * (1024 + config_->beta_1024) / 2048 : window;
  return window * config_->beta_1024 / 1024;
}

void Cubic::forget() {
  in_epoch_ = false;
  last_max_ = 0;
  shortest_rtt_ = Duration{};
}

void Cubic::on_idle(Instant now, Duration idle) {
  if (!in_epoch_) return;
  epoch_tick_ = std::min(epoch_tick_ + idle / grain_->tick(), grain_->ticks(now));
}

}  // namespace tcptwin::policy

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
      in_epoch() && grain_->ticks(now) - curve_->epoch_tick < ticks_per_second(*grain_);
  if (just_reduced) return false;
  const Duration sample = std::max<Duration>(rtt, 1us);
  if (shortest_rtt_.count() == 0 || sample < shortest_rtt_) shortest_rtt_ = sample;
  return true;
}

int64_t Cubic::acked_per_step(Instant now, int64_t window, int64_t acked, int64_t step) {
  Curve& c = curve();
  const int64_t tick = grain_->ticks(now);
  c.acked += acked;
  const int64_t pause = ticks_per_second(*grain_) / 32;
  if (c.in_epoch && c.last_window == window && tick - c.last_tick <= pause) return c.per_step;
  if (!c.in_epoch || tick != c.last_tick) {
    c.last_window = window;
    c.last_tick = tick;
    if (!c.in_epoch) begin_epoch(c, tick, window, acked, step);
    const int64_t goal = target(c, tick, step);
    c.per_step = goal > window ? window * step / (goal - window) : kStill * window;
    if (c.last_max == 0) c.per_step = std::min(c.per_step, kFirstMaxPerStep * step);
  }
  c.per_step = std::max(reno_friendly(c, window, step), 2 * step);
  return c.per_step;
}

void Cubic::begin_epoch(Curve& c, int64_t tick, int64_t window, int64_t acked, int64_t step) const {
  c.in_epoch = true;
  c.epoch_tick = tick;
  c.acked = acked;
  c.reno_window = window;
  c.origin = std::max(c.last_max, window);
  const int64_t per_segment = (int64_t{1} << kCubeBits) / config_->c_1024;
  c.k_1024 = cube_root(per_segment * (c.origin - window) / step);  // RFC 9438 4.2, equation 2
}

// RFC 9438 4.2, equation 1, one round trip ahead.
int64_t Cubic::target(const Curve& c, int64_t tick, int64_t step) const {
  const Duration time = grain_->from_ticks(tick - c.epoch_tick + grain_->to_ticks(shortest_rtt_));
  const int64_t t = time / 1us * 1024 / 1'000'000;
  const int64_t offset = std::clamp(t - c.k_1024, -kLongestOffset, kLongestOffset);
  const int64_t size = std::abs(offset);
  const int64_t cube = (config_->c_1024 * size * size * size) >> (kCubeBits - kTimeBits);
  const int64_t change = (cube * step) >> kTimeBits;
  return offset < 0 ? c.origin - change : c.origin + change;
}

// RFC 9438 4.3: not below what Reno would have, whose window grows by 3 (1 - beta) / (1 + beta)
// segments a round trip.
int64_t Cubic::reno_friendly(Curve& c, int64_t window, int64_t step) const {
  const int64_t beta = config_->beta_1024;
  const int64_t scale_8 = 8 * (1024 + beta) / 3 / std::max<int64_t>(1024 - beta, 1);
  const int64_t round = std::max<int64_t>(window * scale_8 / 8, 1);
  if (c.acked > round) {
    const int64_t rounds = (c.acked - 1) / round;
    c.acked -= rounds * round;
    c.reno_window += rounds * step;
  }
  if (c.reno_window <= window) return c.per_step;
  return std::min(c.per_step, window * step / (c.reno_window - window));
}

int64_t Cubic::reduce(int64_t window) {
  Curve& c = curve();
  c.in_epoch = false;
  const bool gives_way = config_->fast_convergence && window < c.last_max;
  c.last_max = gives_way ? window * (1024 + config_->beta_1024) / 2048 : window;
  return window * config_->beta_1024 / 1024;
}

void Cubic::forget() {
  curve_.reset();
  shortest_rtt_ = Duration{};
}

void Cubic::on_idle(Instant now, Duration idle) {
  if (!in_epoch()) return;
  curve_->epoch_tick = std::min(curve_->epoch_tick + idle / grain_->tick(), grain_->ticks(now));
}

}  // namespace tcptwin::policy

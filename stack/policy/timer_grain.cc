#include "stack/policy/timer_grain.h"

#include <algorithm>

namespace tcptwin::policy {

namespace {

// Geometry of the wheel: 64 slots a level, each level 8 times coarser than the one below, 9 levels.
constexpr int kLevels = 9;
constexpr int kShiftPerLevel = 3;
constexpr int64_t kSlots = 64;

// A level serves timers from this many ticks ahead on (facts/linux.md T2).
constexpr int64_t level_begin(int level) {
  return level == 0 ? 0 : (kSlots - 1) << ((level - 1) * kShiftPerLevel);
}

int level_for(int64_t ticks_ahead) {
  int level = 0;
  while (level + 1 < kLevels && ticks_ahead >= level_begin(level + 1)) ++level;
  return level;
}

}  // namespace

TimerGrain::TimerGrain(const TimerGrainConfig& config, Duration uptime)
    : config_(&config),
      tick_(config.behaviour == TimerGrainConfig::Behaviour::kExact
                ? Duration(1)
                : Duration(std::chrono::seconds(1)) / config.hz),
      uptime_(uptime) {}

int64_t TimerGrain::ticks(Instant now) const {
  return config_->ticks_at_boot + uptime(now) / tick_;
}

int64_t TimerGrain::to_ticks(Duration d) const { return (d + tick_ - Duration(1)) / tick_; }

Instant TimerGrain::start_of(int64_t tick) const {
  return Instant() + (tick_ * (tick - config_->ticks_at_boot) - uptime_);
}

Instant TimerGrain::fires_at(Instant now, int64_t expiry) const {
  if (config_->behaviour == TimerGrainConfig::Behaviour::kExact) {
    return std::max(now, start_of(expiry));
  }
  const int64_t current = ticks(now);
  if (expiry < current) return start_of(current + 1);  // overdue: the next tick collects it
  const int shift = level_for(expiry - current) * kShiftPerLevel;
  return start_of(((expiry >> shift) + 1) << shift);  // always up, so that it is never early
}

}  // namespace tcptwin::policy

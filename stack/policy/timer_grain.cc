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
    : config_(&config), tick_(1), uptime_(uptime) {
  if (!counts_nanoseconds()) tick_ = Duration(std::chrono::seconds(1)) / config.hz;
}

bool TimerGrain::counts_nanoseconds() const {
  return config_->behaviour == TimerGrainConfig::Behaviour::kExact ||
         config_->behaviour == TimerGrainConfig::Behaviour::kSharedList;
}

int64_t TimerGrain::ticks(Instant now) const {
  return config_->ticks_at_boot + uptime(now) / tick_;
}

int64_t TimerGrain::to_ticks(Duration d) const { return (d + tick_ - Duration(1)) / tick_; }

Instant TimerGrain::start_of(int64_t tick) const {
  return Instant() + (tick_ * (tick - config_->ticks_at_boot) - uptime_);
}

Duration TimerGrain::quantum_of(TimerClass timer) const {
  switch (timer) {
    case TimerClass::kRetransmission:
    case TimerClass::kDelayedAck: return config_->quantum_fast;
    case TimerClass::kPersist:
    case TimerClass::kKeepAlive:
    case TimerClass::kTimeWait:
    case TimerClass::kFinWait2: return config_->quantum_slow;
  }
  return {};
}

// facts/darwin.md 2, timer classes: a run that comes first goes on to the next timer; one that
// comes within the quantum takes this timer along; a later one is moved forward.
Instant TimerGrain::join_list(Instant now, Instant wish, TimerClass timer) const {
  const bool runs_first = list_run_ > now && list_run_ <= wish;
  if (runs_first) return wish;
  const bool soon_after = list_run_ > now && list_run_ - wish <= quantum_of(timer);
  if (!soon_after) list_run_ = wish;
  return list_run_;
}

Instant TimerGrain::boundary_after(Instant now, Duration period, int64_t count) const {
  const Duration up = uptime(now);
  return now + (period * (up / period + count) - up);
}

Instant TimerGrain::fires_at(Instant now, int64_t expiry, TimerClass timer) const {
  const Instant wish = start_of(expiry);
  const int64_t current = ticks(now);
  switch (config_->behaviour) {
    case TimerGrainConfig::Behaviour::kExact: return std::max(now, wish);
    case TimerGrainConfig::Behaviour::kSharedList:
      return join_list(now, std::max(now, wish), timer);
    case TimerGrainConfig::Behaviour::kTick: return start_of(std::max(expiry, current + 1));
    case TimerGrainConfig::Behaviour::kNextTick: return std::max(wish, start_of(current + 1));
    case TimerGrainConfig::Behaviour::kHierarchicalWheel: break;
  }
  if (expiry < current) return start_of(current + 1);  // overdue: the next tick collects it
  const int shift = level_for(expiry - current) * kShiftPerLevel;
  return start_of(((expiry >> shift) + 1) << shift);  // always up, so that it is never early
}

Instant TimerGrain::fires_after(Instant now, Duration span, TimerClass timer) const {
  if (timer == TimerClass::kTimeWait && config_->time_wait_sweep.count() > 0) {
    const Duration up = uptime(now) + span + config_->time_wait_leeway;
    const Duration period = config_->time_wait_sweep;
    return now + ((up + period - Duration(1)) / period * period - uptime(now));
  }
  if (config_->behaviour == TimerGrainConfig::Behaviour::kNextTick) {
    const Duration from_tick = uptime(now) - tick_ * (uptime(now) / tick_);
    return fires_at(now, ticks(now) + to_ticks(from_tick + span), timer);
  }
  return fires_at(now, ticks(now) + to_ticks(span), timer);
}

}  // namespace tcptwin::policy

// timer_grain.h: decides when a timer that wishes for an instant really fires. State of the host,
// not of a connection.
#pragma once

#include <cstdint>

#include "stack/base/time.h"

namespace tcptwin::policy {

struct TimerGrainConfig {
  enum class Behaviour : uint8_t {
    kExact,              // fires at the wished nanosecond
    kHierarchicalWheel,  // levels of 64 slots, each 8 times coarser; rounds up: facts/linux.md T2
  };
  Behaviour behaviour = Behaviour::kExact;
  int32_t hz = 1000;          // ticks a second; 1 .. 1'000'000; kHierarchicalWheel only
  int64_t ticks_at_boot = 0;  // the tick counter at uptime 0; places the coarse levels' grid
};

// Counts the host's ticks. A tick of the exact grain is a nanosecond.
class TimerGrain {
 public:
  // `uptime`: how long the host had been running when the world began.
  TimerGrain(const TimerGrainConfig& config, Duration uptime);

  int64_t ticks(Instant now) const;
  Duration tick() const { return tick_; }
  // Whole ticks that cover `d`, rounded up: how kernels turn milliseconds into ticks.
  int64_t to_ticks(Duration d) const;
  Duration from_ticks(int64_t ticks) const { return tick_ * ticks; }
  // When a timer set at `now` to expire at tick `expiry` fires. Never before that tick.
  Instant fires_at(Instant now, int64_t expiry) const;
  // The same for a span from now, in the host's own arithmetic: ticks(now) + to_ticks(span).
  Instant fires_after(Instant now, Duration span) const {
    return fires_at(now, ticks(now) + to_ticks(span));
  }
  // Host uptime at `now`: what timestamp clocks count.
  Duration uptime(Instant now) const { return uptime_ + now.since_start(); }

 private:
  Instant start_of(int64_t tick) const;

  const TimerGrainConfig* config_;
  Duration tick_;
  Duration uptime_;
};

}  // namespace tcptwin::policy

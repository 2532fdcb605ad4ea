// timer_grain.h: decides when a timer that wishes for an instant really fires. State of the host,
// not of a connection.
#pragma once

#include <cstdint>

#include "stack/base/time.h"

namespace tcptwin::policy {

// What a timer is for; some hosts serve each class with a precision of its own.
enum class TimerClass : uint8_t {
  kRetransmission,  // of data, SYN or SYN-ACK
  kDelayedAck,
  kPersist,
  kKeepAlive,
  kTimeWait,
  kFinWait2,  // of an orphan
};

struct TimerGrainConfig {
  enum class Behaviour : uint8_t {
    kExact,              // fires at the wished nanosecond
    kHierarchicalWheel,  // levels of 64 slots, each 8 times coarser; rounds up: facts/linux.md T2
    kTick,               // at the tick itself, up to one tick before the wish: facts/linux.md T4
    kNextTick,           // at the first tick that is not before the wish: facts/windows.md B3
    kSharedList,  // at the wish, or with a run of the shared list soon after: facts/darwin.md 2
  };
  Behaviour behaviour = Behaviour::kExact;
  int32_t hz = 1000;          // ticks a second; 1 .. 1'000'000; not kExact, not kSharedList
  int64_t ticks_at_boot = 0;  // the tick counter at uptime 0; places the coarse levels' grid
  // How much later than its wish a timer of the class may run along. kSharedList only.
  Duration quantum_fast{};  // retransmission, delayed ACK
  Duration quantum_slow{};  // persist, keep-alive, TIME-WAIT
  // TIME-WAIT that is collected by a sweep instead of a timer of its own: the period on the host's
  // uptime, and how much later an idle host sweeps (facts/darwin.md 4.1). 0: by its own timer.
  Duration time_wait_sweep{};
  Duration time_wait_leeway{};
};

// Counts the host's ticks. A tick of the exact grain and of the shared list is a nanosecond.
class TimerGrain {
 public:
  // `uptime`: how long the host had been running when the world began.
  TimerGrain(const TimerGrainConfig& config, Duration uptime);

  int64_t ticks(Instant now) const;
  Duration tick() const { return tick_; }
  // Whole ticks that cover `d`, rounded up: how kernels turn milliseconds into ticks.
  int64_t to_ticks(Duration d) const;
  Duration from_ticks(int64_t ticks) const { return tick_ * ticks; }
  // When a timer set at `now` to expire at tick `expiry` fires. Only kTick is ever before the wish,
  // and never by a whole tick.
  Instant fires_at(Instant now, int64_t expiry,
                   TimerClass timer = TimerClass::kRetransmission) const;
  // The same for a span from now, in the host's own arithmetic: ticks(now) + to_ticks(span).
  Instant fires_after(Instant now, Duration span,
                      TimerClass timer = TimerClass::kRetransmission) const;
  // The `count`-th boundary after `now` of a clock that ticks every `period` of the uptime,
  // whatever the grain: the global timers of older stacks (facts/windows.md A5). `count` > 0.
  Instant boundary_after(Instant now, Duration period, int64_t count) const;
  // Host uptime at `now`: what timestamp clocks count.
  Duration uptime(Instant now) const { return uptime_ + now.since_start(); }

 private:
  Instant start_of(int64_t tick) const;
  bool counts_nanoseconds() const;
  Duration quantum_of(TimerClass timer) const;
  Instant join_list(Instant now, Instant wish, TimerClass timer) const;

  const TimerGrainConfig* config_;
  Duration tick_;
  Duration uptime_;
  // kSharedList: when the list runs next. Entering a timer is asking for its instant, so this is
  // the one thing that a question changes.
  mutable Instant list_run_;
};

}  // namespace tcptwin::policy

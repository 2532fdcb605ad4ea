// timer_probe.h: how late this machine's own timers are: a receive with a time limit of one tick,
// again and again, on a thread of its own.
#pragma once

#include <atomic>
#include <thread>

#include "tun/lateness.h"

namespace tcptwin::tun {

class TimerProbe {
 public:
  // `tick`: of the kernel's timers (kernel_facts.h).
  explicit TimerProbe(Duration tick);
  ~TimerProbe();
  TimerProbe(const TimerProbe&) = delete;
  TimerProbe& operator=(const TimerProbe&) = delete;

  // From the tick at which the timer was due to the return of the call.
  const Lateness& finish();

 private:
  void follow(Duration tick);

  std::atomic<bool> stopping_ = false;
  Lateness lateness_;
  std::thread thread_;
};

}  // namespace tcptwin::tun

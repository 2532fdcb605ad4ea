// clock.h: virtual time that follows the machine's clock: CLOCK_MONOTONIC since the start.
#pragma once

#include <time.h>

#include "stack/base/time.h"

namespace tcptwin::tun {

// Of CLOCK_MONOTONIC.
inline int64_t monotonic_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

class Clock {
 public:
  // Virtual time 0 is now.
  Clock() : zero_(monotonic_ns()) {}

  Instant now() const { return Instant::from_ns(monotonic_ns() - zero_); }
  // `at` as CLOCK_MONOTONIC has it.
  timespec system_time(Instant at) const {
    constexpr int64_t kNsPerS = 1'000'000'000;
    const int64_t ns = zero_ + at.ns();
    return {ns / kNsPerS, ns % kNsPerS};
  }
  // CLOCK_MONOTONIC at virtual time 0.
  int64_t zero_ns() const { return zero_; }

 private:
  int64_t zero_;
};

}  // namespace tcptwin::tun

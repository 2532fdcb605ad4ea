// kernel_facts.h: what this machine's kernel says of itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "stack/base/time.h"

namespace tcptwin::tun {

// "6.18.44"
std::string kernel_release();

// The grid on which the kernel's timers fire: jiffies.
struct KernelTicks {
  Duration length{};
  // What the counter shows at CLOCK_MONOTONIC 0, as if it had run since; absent: /proc/timer_list
  // is not to be read, and timers of 256 ms and more may lie elsewhere on their coarser grids.
  std::optional<int64_t> at_boot{};
};
KernelTicks kernel_ticks();

}  // namespace tcptwin::tun

// keep_alive.h: when an idle connection is probed and given up, and how a closed window is probed.
// Pure data and arithmetic; the connection keeps the timers.
#pragma once

#include <algorithm>
#include <cstdint>

#include "stack/base/time.h"

namespace tcptwin::policy {

struct KeepAliveConfig {
  bool always = false;  // on without SO_KEEPALIVE; RFC 9293 3.8.4 wants it off (MUST-25)
  Duration idle = std::chrono::hours(2);         // before the first probe: MUST-28
  Duration interval = std::chrono::seconds(75);  // between probes
  int32_t probes = 9;                            // unanswered ones before giving up: MUST-29
};

struct PersistConfig {
  enum class Probe : uint8_t {
    kOldNumber,  // no data at SND.UNA - 1, which must be answered: facts/linux.md C11
    kNextByte,   // the first byte beyond the window: RFC 9293 3.8.6.1
  };
  Probe probe = Probe::kOldNumber;
  Duration min{};                           // bounds of the interval; it is the RTO with its
  Duration max = std::chrono::seconds(60);  // backoff in between: RFC 9293 3.8.6.1
  int32_t unanswered = 0;                   // probes in a row before giving up; 0: never

  // `rto`: backoff included.
  Duration interval(Duration rto) const { return std::clamp(rto, std::min(min, max), max); }
};

}  // namespace tcptwin::policy

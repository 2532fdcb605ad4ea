#include "tun/kernel_facts.h"

#include <sys/utsname.h>
#include <time.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

namespace tcptwin::tun {

namespace {

// The clock that moves with the tick.
Duration tick_length() {
  timespec resolution{};
  ::clock_getres(CLOCK_MONOTONIC_COARSE, &resolution);
  return std::chrono::seconds(resolution.tv_sec) + Duration(resolution.tv_nsec);
}

// One look at /proc/timer_list. It reads the clock first and the counter later, so that a tick may
// lie between the two.
std::optional<int64_t> look(Duration tick) {
  std::ifstream file("/proc/timer_list");
  std::optional<int64_t> now_ns;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string first, second;
    words >> first;
    if (first == "now" && words >> second && second == "at") {
      int64_t ns = 0;
      if (words >> ns) now_ns = ns;
    }
    if (first != "jiffies:" || !now_ns) continue;
    uint64_t jiffies = 0;
    words >> jiffies;
    // It began 300 s before its 32 bits wrapped (INITIAL_JIFFIES).
    return static_cast<int64_t>(jiffies) - (int64_t{1} << 32) - *now_ns / tick.count();
  }
  return std::nullopt;
}

}  // namespace

std::string kernel_release() {
  utsname name{};
  ::uname(&name);
  const std::string release = name.release;
  return release.substr(0, release.find('-'));
}

KernelTicks kernel_ticks() {
  constexpr int kLooks = 15;
  KernelTicks ticks{.length = tick_length()};
  std::map<int64_t, int> seen;
  for (int i = 0; i < kLooks; ++i) {
    if (const auto found = look(ticks.length)) ++seen[*found];
  }
  const auto most = std::max_element(
      seen.begin(), seen.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most != seen.end()) ticks.at_boot = most->first;
  return ticks;
}

}  // namespace tcptwin::tun

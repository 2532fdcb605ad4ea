// exchange.h: two hosts and what their programs do with one connection, step by step; afterwards
// every byte is compared, and every silence must have a timer or a program that explains it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stack/base/time.h"
#include "stack/socket/calls.h"

namespace tcptwin::lwip_test {

struct Step {
  enum class Kind : uint8_t {
    kSend,  // so many bytes
    kRead,  // so many
    kReadToEnd,
    kFinish,  // shutdown of the own direction
    kSleep,
    kSleepUntil,  // a time of the world
  };
  Kind kind;
  int64_t bytes = 0;
  Duration time{};
};

struct Exchange {
  std::string name;
  std::vector<Step> client;  // after connect; close follows
  std::vector<Step> server;  // after accept; close follows
  std::string link = "{}";   // further keys, with braces
  socket::Family family = socket::Family::kIpv4;
  Duration at_most;  // until both programs have ended
};

// Fails the running test unless both programs end in time, each has read what the other sent, and
// nobody was silent for more than `kShortSilence` without a timer of a host or a program that
// slept.
inline constexpr Duration kShortSilence = std::chrono::milliseconds(100);
void expect_exchange(const Exchange& exchange, const std::string& client_profile,
                     const std::string& server_profile, uint64_t seed = 0);

}  // namespace tcptwin::lwip_test

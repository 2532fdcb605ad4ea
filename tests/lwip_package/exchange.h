// exchange.h: what two programs do with each other over a connection, and what came of it. It can
// be carried out by simulated hosts and by copies of the packaged library.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "stack/base/time.h"

namespace tcptwin::lwip_package {

// A call, or several of the same kind.
struct Step {
  enum class Kind : uint8_t {
    kSend,        // one send of `bytes`
    kReceive,     // recv until `bytes` have come
    kReceiveEnd,  // recv until the end of the stream or an error
    kPause,       // for `time`
    kNoDelay,     // TCP_NODELAY
    kKeepAlive,   // SO_KEEPALIVE, TCP_KEEPIDLE of `bytes` seconds
    kShutdown,    // of the writing half
    kClose,
  };
  Kind kind{};
  int64_t bytes = 0;
  Duration time{};
};
using Steps = std::vector<Step>;

inline Step send(int64_t bytes) { return {.kind = Step::Kind::kSend, .bytes = bytes}; }
inline Step receive(int64_t bytes) { return {.kind = Step::Kind::kReceive, .bytes = bytes}; }
inline Step receive_end() { return {.kind = Step::Kind::kReceiveEnd}; }
inline Step pause(Duration time) { return {.kind = Step::Kind::kPause, .time = time}; }
inline Step no_delay() { return {.kind = Step::Kind::kNoDelay}; }
inline Step keep_alive(int64_t idle) { return {.kind = Step::Kind::kKeepAlive, .bytes = idle}; }
inline Step shut_down() { return {.kind = Step::Kind::kShutdown}; }
inline Step close() { return {.kind = Step::Kind::kClose}; }

inline constexpr uint32_t kClientAddress = 0x0a4d0001;  // what the simulated hosts have
inline constexpr uint32_t kServerAddress = 0x0a4d0002;
inline constexpr uint16_t kServerPort = 80;
inline constexpr Duration kClientStarts = 10400us;
// From what wakes a program to its next call, so that it finds what has come in one burst. They
// differ, or what one program sends would arrive at the instant at which the other one goes on.
inline constexpr Duration kClientWakes = 1300us;
inline constexpr Duration kServerWakes = 1700us;

struct Exchange {
  Steps client{};  // after connect
  Steps server{};  // after accept
  Duration delay = 20300us;
  std::set<int> lost_of_client{};  // packets that never arrive, counted from 1
  std::set<int> lost_of_server{};
  int connections = 1;  // one after the other, all with these steps
  Duration until = 60s;
};

struct Sent {
  Duration at;
  std::vector<uint8_t> packet;  // from the IP header on
};

struct HostOutcome {
  std::vector<Sent> sent;
  std::vector<int64_t> results;  // of the calls, -1: failed
};
struct Outcome {
  HostOutcome client, server;
};

Outcome run_simulated(const Exchange& exchange);  // two hosts with the profile lwip-debian
Outcome run_packaged(const Exchange& exchange);   // two copies of the packaged library

}  // namespace tcptwin::lwip_package

// network_app.h: an app that opens many connections through Apple's Network framework and keeps
// them: by flows or by sockets, as the machine has it (models/network_framework).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/network_framework/network_framework.h"
#include "sim/programs/program_run.h"

namespace tcptwin::programs {

struct NetworkAppPlan {
  // When the next connection starts.
  enum class Starts : uint8_t {
    kTogether,  // `gap` after the one before
    kInTurn,    // when the one before has its answer
  };
  std::vector<std::string> to;         // names of hosts, in turn; empty: Unix-domain
  std::vector<wire::IpAddress> found;  // their addresses, found by who loads the scenario
  int32_t port = 80;                   // the first
  int32_t ports = 1;                   // so many from there, in turn after each round of hosts
  int64_t connections = 10;
  Starts starts = Starts::kTogether;
  Duration gap{};
  int64_t open_at_start = 3;     // descriptors, the standard streams included
  std::optional<int64_t> limit;  // RLIMIT_NOFILE that it sets first; absent: the host's
  std::optional<int64_t> hard_limit;
  bool binds = false;   // each to the own address of its way: requiredLocalEndpoint
  int64_t request = 0;  // bytes that it sends once a connection is ready
  int64_t answer = 0;   // bytes that it then waits for
  Duration keeps{};     // how long it goes on after the last of them
  network_framework::Switches machine;
  Peer relay;  // of Private Relay, where the machine has it on
};

// Measures "ready" (from start to ready), "answered" (from start to the last byte), "gave_up" (from
// start to what made it wait or fail), "waiting" and "failed" (the number of the connection that
// became it, from 1); when all have settled "flows", "sockets" and "descriptors" (open ones), and
// at its end "still_waiting". What a connection could not begin with, or what broke it, is counted
// as an error.
Task network_app(SocketApi api, const NetworkAppPlan& plan, ProgramRun& run);

}  // namespace tcptwin::programs

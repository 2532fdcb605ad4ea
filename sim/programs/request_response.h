// request_response.h: clients that ask and wait for the answer, again and again, over connections
// that they keep. The operation `serve` is their server.
#pragma once

#include <cstdint>

#include "sim/programs/program_run.h"

namespace tcptwin::programs {

struct RequestResponsePlan {
  Peer peer;
  int64_t clients = 1;    // threads, each with a connection
  int64_t rounds = 100;   // of each
  int64_t request = 100;  // bytes
  int64_t writes = 1;     // sends that a request is cut into
  int64_t answer = 100;   // bytes
  bool no_delay = false;  // TCP_NODELAY on each connection
  Duration think{};       // between the rounds of a client, slept
};

// Measures "round" (from the first send to the answer's last byte).
Task request_response(SocketApi api, const RequestResponsePlan& plan, ProgramRun& run);

}  // namespace tcptwin::programs

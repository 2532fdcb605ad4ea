// http_load.h: a load generator as oha(1) and its kind are: workers that ask a web server again and
// again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sim/programs/http_message.h"
#include "sim/programs/program_run.h"

namespace tcptwin::programs {

struct HttpLoadPlan {
  // Who closes a connection that serves one request.
  enum class Closes : uint8_t {
    kServer,  // it says "Connection: close" and closes after the end of the stream
    kClient,  // it closes as soon as it has the whole answer
  };
  Peer peer;
  std::string path = "/";
  std::string agent = "tcptwin";    // of the request
  int64_t workers = 50;             // threads, each with a connection of its own
  std::optional<Duration> lasts;    // then the process ends, whatever is under way
  std::optional<int64_t> requests;  // of all workers together; it ends after the last answer
  bool keep_alive = false;          // a connection serves all requests of its worker
  Closes closes = Closes::kServer;
  std::optional<Duration> retry;  // a worker whose request failed waits so long; absent: it ends
  Duration gap{};                 // between a worker's requests
  int64_t read = 65536;           // bytes a recv asks for
  bool quick_ack = false;         // TCP_QUICKACK before each recv
};

// Measures "request" (connect, where the request has a connection of its own, to the answer's last
// byte; finished ones only), "connect" and "received" (bytes of bodies).
Task http_load(SocketApi api, const HttpLoadPlan& plan, ProgramRun& run);

}  // namespace tcptwin::programs

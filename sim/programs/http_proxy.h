// http_proxy.h: a reverse proxy: takes requests, asks the origin, hands its answers on.
#pragma once

#include <cstdint>

#include "sim/programs/http_server.h"

namespace tcptwin::programs {

struct HttpProxyPlan {
  int32_t port = 8080;
  Peer origin;
  int64_t backlog = 128;
  bool keep_alive = true;               // of clients' connections; else it closes after each answer
  bool keeps_origin = true;             // one connection to the origin for each client's connection
  HttpSends sends = HttpSends::kApart;  // towards the client
  bool no_delay = false;                // TCP_NODELAY on clients' connections
};

// A thread for each client. Measures "answer": from the return of the first send of an answer's
// head to the return of its last send.
Task http_proxy(SocketApi api, const HttpProxyPlan& plan, ProgramRun& run);

}  // namespace tcptwin::programs

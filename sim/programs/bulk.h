// bulk.h: much data one way: a sender with one or several connections, and who takes it.
#pragma once

#include <cstdint>

#include "sim/programs/program_run.h"

namespace tcptwin::programs {

struct BulkSendPlan {
  Peer peer;
  int64_t connections = 1;    // each with a thread
  int64_t bytes = 1'000'000;  // of all together, in equal shares
  int64_t chunk = 65536;      // bytes a send is given
};

// Measures "transfer" (of a connection: from connect to the end of the peer's stream, which says
// that it has all) and "goodput" (bits per second of all together).
Task bulk_send(SocketApi api, const BulkSendPlan& plan, ProgramRun& run);

struct BulkReceivePlan {
  int32_t port = 5001;
  socket::Family family = socket::Family::kIpv4;
  int64_t backlog = 128;
  int64_t connections = 0;  // ends after so many; 0: never
  int64_t read = 65536;     // bytes a recv asks for
  bool echo = false;        // sends back what it reads, as the service of RFC 862 does
};

// A thread for each connection, which reads to the end of the stream and closes. Measures "stream"
// (from accept to the end of the stream), "received" (bytes of each), "open" (connections that are
// open when one more has been accepted, this included) and, when it ends, "goodput" (bits per
// second of all, from the first accept to the last end).
Task bulk_receive(SocketApi api, const BulkReceivePlan& plan, ProgramRun& run);

}  // namespace tcptwin::programs

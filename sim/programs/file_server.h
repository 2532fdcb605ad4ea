// file_server.h: a web server for files as one event loop with non-blocking sockets: what it does
// about a write that takes less than it was given, and when it gives a client up.
#pragma once

#include <cstdint>

#include "sim/programs/program_run.h"

namespace tcptwin::programs {

struct FileServerPlan {
  enum class Writes : uint8_t {
    kOnce,        // one write, and nobody looks at what it returns
    kUntilAgain,  // write after write until EAGAIN, then on when the socket is writable
  };
  enum class Timer : uint8_t {
    kNone,
    kFixed,     // `patience` after the request, whatever has happened since
    kProgress,  // `patience` after the last write that took something
  };
  int32_t port = 80;
  socket::Family family = socket::Family::kIpv4;
  int64_t backlog = 128;
  int64_t file = 1'000'000;  // bytes of every file
  int64_t chunk = 0;         // bytes a write is given at most; 0: all that is left
  Writes writes = Writes::kUntilAgain;
  Timer timer = Timer::kNone;
  Duration patience = std::chrono::seconds(15);  // then it closes the connection
  bool keep_alive = false;                       // else it closes after each answer
};

// A connection asks one thing at a time. Measures "request" (from a request's first byte until all
// of the answer is handed over, or the server believes so), "taken" (bytes of each file that its
// writes took, head not included), "first_write" (of it, by the first write that had any of it) and
// "expired" (bytes that were left when the timer closed a connection).
Task file_server(SocketApi api, const FileServerPlan& plan, ProgramRun& run);

}  // namespace tcptwin::programs

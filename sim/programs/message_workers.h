// message_workers.h: threads that take messages from a queue and send each over TCP: over a
// connection of its own, one for each thread, or one for all; or one thread that does it with
// epoll.
#pragma once

#include <cstdint>

#include "sim/programs/program_run.h"

namespace tcptwin::programs {

struct MessageWorkersPlan {
  enum class Connections : uint8_t {
    kEach,    // one for each message, opened for it and closed after it
    kWorker,  // one for each thread, kept
    kOne,     // one for all, kept
  };
  enum class Way : uint8_t {
    kThreads,  // `workers` threads with calls that sleep
    kEpoll,    // one thread, which has up to `workers` connections under way at a time
  };
  Peer peer;
  int64_t messages = 100;  // all wait in the queue when the program begins
  int64_t bytes = 4105;    // of a message
  int64_t workers = 5;
  Connections connections = Connections::kEach;
  Way way = Way::kThreads;
  bool mutex = false;  // a global mutex is held from taking a message until it is sent
};

// Measures "message" (from taking one from the queue until it has been handed to its socket, and
// the socket closed where it has one of its own) and "connect". What arrived when, the receiver
// knows.
Task message_workers(SocketApi api, const MessageWorkersPlan& plan, ProgramRun& run);

}  // namespace tcptwin::programs

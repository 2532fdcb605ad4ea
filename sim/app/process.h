// process.h: what the threads of one process share beside their descriptors: each other, and
// mutexes.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "sim/app/task.h"
#include "sim/host/thread.h"

namespace tcptwin::app {

class SocketApi;

// Outlives the run.
struct Process {
  struct Child {
    host::Thread thread;
    std::function<Task(SocketApi)> body;  // the coroutine may refer to it
    std::optional<Task> task;
  };
  std::map<int64_t, Child> children;  // by the number that spawn returned; not all that are over
  int64_t spawned = 0;
  size_t most_children = 64;                   // with more, those that are over are let go
  std::map<std::string, host::Mutex> mutexes;  // by name

  Child& add_child();
};

}  // namespace tcptwin::app

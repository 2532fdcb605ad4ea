// process.h: what the threads of one process share beside their descriptors: each other, and
// mutexes.
#pragma once

#include <deque>
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
  std::deque<Child> children;                  // by the number that spawn returned
  std::map<std::string, host::Mutex> mutexes;  // by name
};

}  // namespace tcptwin::app

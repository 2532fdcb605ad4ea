// kernel.h: what programs call: the kernel of their host, simulated or the machine's own.
#pragma once

#include <vector>

#include "sim/host/thread.h"
#include "stack/host/host_stack.h"
#include "stack/policy/profile.h"

namespace tcptwin::host {

class Kernel {
 public:
  virtual ~Kernel() = default;

  // A thread that is running asks for `thread.call`; its coroutine is suspended until the call is
  // over, and then goes on with `thread.result`.
  virtual void begin_call(Thread& thread) = 0;
  // A thread that is running has come to its end; those that wait for it wake up.
  virtual void end_thread(Thread& thread) = 0;
  // Every socket, as netstat shows it. Takes no time.
  virtual std::vector<SocketRow> sockets() const = 0;
  // What the host's headers say, such as the numbers of options.
  virtual const policy::Profile& profile() const = 0;
};

}  // namespace tcptwin::host

// thread.h: a thread of a program on a simulated host, as the host sees it: the call it is in and
// how to go on.
#pragma once

#include <coroutine>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/trace/record.h"
#include "stack/socket/calls.h"

namespace tcptwin::host {

// What a program asks of its host. Which members count depends on `kind`.
struct Call {
  trace::CallKind kind{};
  socket::Descriptor descriptor = -1;
  socket::Address address;
  int64_t amount = 0;  // bytes wanted, backlog
  Payload data;
  socket::MessageFlags flags;
  int32_t level = 0;
  int32_t number = 0;
  socket::OptionValue option;
  socket::Shutdown how{};
  Duration sleep{};
  std::vector<socket::PollRequest> polled;
  std::optional<Duration> timeout;  // absent: none
  // For the record.
  std::string name;   // of the option, or of the peer
  std::string value;  // of the option, or the events asked for
};

struct CallResult {
  std::optional<Errno> error;
  int64_t value = 0;
  Payload data;
  std::vector<socket::Ready> ready;  // poll

  // Of socket and accept; -1 after an error.
  socket::Descriptor fd() const { return static_cast<socket::Descriptor>(value); }
};

// Belongs to the program; outlives the run. The host resumes `waiting` and nobody else does.
struct Thread {
  uint32_t process = 0;  // the world's number of it
  uint32_t number = 0;   // the host's number of this thread
  socket::ProcessId stack_process{};
  std::coroutine_handle<> waiting;
  Call call;
  CallResult result;
  Instant now;  // the thread's own time while it runs
  RecordId last_return = RecordId::kNone;
};

}  // namespace tcptwin::host

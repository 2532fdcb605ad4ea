// thread.h: a thread of a program on a simulated host, as the host sees it: the call it is in and
// how to go on.
#pragma once

#include <coroutine>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "sim/trace/record.h"
#include "stack/socket/calls.h"

namespace tcptwin::host {

struct Thread;

// Of one process. A thread that finds it held sleeps; whoever comes first when it is free gets it,
// which need not be the sleeper.
struct Mutex {
  const Thread* holder = nullptr;
  std::deque<uint32_t> waiters{};  // numbers of threads
};

// What a program asks of its host. Which members count depends on `kind`.
struct Call {
  trace::CallKind kind{};
  socket::Descriptor descriptor = -1;
  socket::Address address;
  int64_t amount = 0;  // bytes wanted, backlog, descriptors, answers wanted
  Payload data;
  socket::MessageFlags flags;
  int32_t level = 0;
  int32_t number = 0;
  socket::OptionValue option;
  socket::QueueLength length{};
  socket::Shutdown how{};
  bool on = false;                         // non-blocking
  std::optional<socket::Family> datagram;  // socket: SOCK_DGRAM of this family; open_flow: UDP
  socket::FileKind file{};                 // open
  socket::QueueKind queue = socket::QueueKind::kKqueue;  // kqueue
  Duration sleep{};
  std::vector<socket::PollRequest> polled;
  std::optional<Duration> timeout;    // absent: none
  std::optional<int64_t> hard_limit;  // setrlimit
  std::optional<socket::QueueChange> change;
  Thread* thread = nullptr;  // to start, or to wait for: null when that one is over
  Mutex* mutex = nullptr;
  // For the record.
  std::string name;   // of the option, or of the peer
  std::string value;  // of the option, the events asked for, the mutex
};

struct CallResult {
  std::optional<Errno> error;
  int64_t value = 0;
  int64_t second = 0;  // getsockopt: the second member of a structure
  Payload data;
  socket::Address address;                  // accept, getsockname, getpeername
  std::vector<socket::Ready> ready;         // poll, select, epoll_wait, kevent
  std::vector<socket::NamedValue> details;  // getsockopt(TCP_INFO)
  std::optional<Errno> fetched_error;       // getsockopt(SO_ERROR)
  bool broken_pipe_signal = false;          // EPIPE that comes with SIGPIPE

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
  bool over = false;
  bool has_left = false;          // its coroutine is not resumed any more: it may be destroyed
  std::vector<uint32_t> joiners;  // numbers of threads that wait for its end
};

}  // namespace tcptwin::host

// system_calls.h: carries out calls of programs with those of this machine's kernel, on the thread
// that asks and in its network namespace. Knows nothing of threads, mutexes and processes.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "sim/host/thread.h"
#include "stack/policy/profile.h"

namespace tcptwin::tun {

// The descriptors of one process: numbers of its own, the lowest free one first, as if no other
// process shared this machine's table. For several threads at once.
class Descriptors {
 public:
  // What epoll tells of a descriptor is found by the number it was added with.
  using Attached = std::map<socket::Descriptor, uint64_t>;

  socket::Descriptor add(int system_fd);
  // -1: it is not open.
  int system_fd(socket::Descriptor fd) const;
  // Its number is free from then on; -1: it is not open. The caller closes it.
  int remove(socket::Descriptor fd);
  // Closes all that is open.
  void close_all();
  std::vector<socket::Descriptor> open() const;

  void attach(socket::Descriptor queue, socket::Descriptor fd, std::optional<uint64_t> data);
  uint64_t attached(socket::Descriptor queue, socket::Descriptor fd) const;

 private:
  struct Entry {
    int system_fd = -1;
    Attached attached{};  // of an event queue
  };
  mutable std::mutex mutex_;
  std::map<socket::Descriptor, Entry> entries_;
};

// The beginning of a process's pattern, made before its program runs: to a real program its data
// costs nothing when it sends them.
struct ReadyPattern {
  uint64_t number = 0;
  std::vector<uint8_t> bytes{};
};

// What a call needs besides itself.
struct CallSite {
  Descriptors* descriptors = nullptr;
  const policy::Profile* profile = nullptr;
  const char* congestion = "";  // of TCP sockets; empty: the namespace's
  bool ipv6 = false;            // TCP sockets are of AF_INET6, which take both versions
  // Of this thread alone: memory for data, which its calls use again.
  std::vector<uint8_t>* buffer = nullptr;
  ReadyPattern* pattern = nullptr;  // null: none
};

// The bytes of a send, ready before its time is taken; of a receive the room for them.
std::span<uint8_t> prepare(const CallSite& site, const host::Call& call);
// `data`: what prepare() gave. May sleep. A signal ends it with EINTR. An error that the simulation
// does not have is `unknown_errno`, and the result's is empty then.
host::CallResult perform(const CallSite& site, const host::Call& call, std::span<uint8_t> data,
                         int& unknown_errno);

// Kinds that perform() knows; the others are no business of the network.
bool is_system_call(trace::CallKind kind);

}  // namespace tcptwin::tun

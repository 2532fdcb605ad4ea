// readiness.h: waits for many sockets at once, with what the host has for it: epoll, kqueue or
// poll.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "sim/programs/program_run.h"

namespace tcptwin::programs {

class Readiness {
 public:
  enum class Interest : uint8_t { kRead, kWrite };

  explicit Readiness(SocketApi api);
  // The queue, where there is one; before all others. What fails is told to the run.
  Task open(const ProgramRun& run);
  // From now on for this, and for nothing else.
  Task watch(socket::Descriptor fd, Interest interest);
  // Closing a descriptor takes it away; this only forgets it.
  void forget(socket::Descriptor fd) { watched_.erase(fd); }
  // Those that are ready; none when `timeout` is over. In no other order than the host's.
  Task wait(std::optional<Duration> timeout, std::vector<socket::Descriptor>& ready);

 private:
  enum class Way : uint8_t { kPoll, kEpoll, kKqueue };

  SocketApi api_;
  Way way_;
  socket::Descriptor queue_ = -1;
  std::map<socket::Descriptor, Interest> watched_;
};

}  // namespace tcptwin::programs

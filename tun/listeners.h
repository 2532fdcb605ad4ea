// listeners.h: whether programs in a network namespace listen already.
#pragma once

#include <vector>

#include "tun/net_namespace.h"
#include "tun/unique_fd.h"

namespace tcptwin::tun {

class Listeners {
 public:
  // Needs rights in the namespace now, none later.
  explicit Listeners(const NetNamespace& where);
  // A TCP socket listens, or a UDP socket is bound.
  bool any() const;

 private:
  std::vector<UniqueFd> tables_;  // of sockets
};

}  // namespace tcptwin::tun

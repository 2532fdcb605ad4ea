// system_address.h: socket addresses as the kernel has them.
#pragma once

#include <sys/socket.h>

#include "stack/socket/calls.h"

namespace tcptwin::tun {

struct SystemAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);

  sockaddr* raw() { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* raw() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// For a socket of that family; AF_INET6 takes IPv4 addresses in their mapped form.
SystemAddress to_system(const socket::Address& address, bool ipv6);
socket::Address from_system(const SystemAddress& address);

}  // namespace tcptwin::tun

// netlink.h: addresses, routes and flags of interfaces, in the namespace of the thread that made it
// (rtnetlink(7)). Errors are thrown as Failure and name the interface.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stack/wire/address.h"
#include "tun/unique_fd.h"

namespace tcptwin::tun {

class Netlink {
 public:
  Netlink();

  void set_up(const std::string& interface);
  // bytes of IP packet.
  void set_mtu(const std::string& interface, uint32_t mtu);
  void set_queue_length(const std::string& interface, uint32_t packets);
  // Usable at once: IPv6 duplicate address detection is left out.
  void add_address(const std::string& interface, const wire::IpAddress& address, uint8_t prefix);
  // `destination` alone, out of `interface`, from `source`.
  void add_route(const std::string& interface, const wire::IpAddress& destination,
                 const wire::IpAddress& source);

 private:
  class Request;
  void send(Request& request, const std::string& what);
  UniqueFd socket_;
  uint32_t sequence_ = 0;
};

}  // namespace tcptwin::tun

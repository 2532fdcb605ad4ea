#include "tun/system_address.h"

#include <netinet/in.h>

#include <array>
#include <cstring>

namespace tcptwin::tun {

SystemAddress to_system(const socket::Address& address, bool ipv6) {
  SystemAddress made;
  const auto port = htons(static_cast<uint16_t>(address.port));
  if (!ipv6) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = port;
    v4.sin_addr.s_addr = htonl(address.ip.v4().value());
    std::memcpy(&made.storage, &v4, sizeof v4);
    made.size = sizeof v4;
    return made;
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = port;
  const auto bytes = address.ip.bytes();
  std::memcpy(&v6.sin6_addr, bytes.data(), bytes.size());
  std::memcpy(&made.storage, &v6, sizeof v6);
  made.size = sizeof v6;
  return made;
}

socket::Address from_system(const SystemAddress& address) {
  if (address.storage.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address.storage, sizeof v4);
    return {wire::Ipv4Address(ntohl(v4.sin_addr.s_addr)), wire::Port{ntohs(v4.sin_port)}};
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, &address.storage, sizeof v6);
  std::array<uint8_t, 16> bytes{};
  std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
  return {wire::IpAddress::from_bytes(bytes), wire::Port{ntohs(v6.sin6_port)}};
}

}  // namespace tcptwin::tun

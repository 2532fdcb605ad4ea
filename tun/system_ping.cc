#include "tun/system_ping.h"

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "tun/clock.h"
#include "tun/system_address.h"
#include "tun/unique_fd.h"

namespace tcptwin::tun {

bool ping(const host::Call& call, host::CallResult& result) {
  const bool ipv6 = call.address.ip.is_v6();
  const UniqueFd fd(
      ::socket(ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC,
               ipv6 ? static_cast<int>(IPPROTO_ICMPV6) : static_cast<int>(IPPROTO_ICMP)));
  if (!fd) return false;
  const SystemAddress to = to_system(call.address, ipv6);
  if (::connect(fd.get(), to.raw(), to.size) < 0) return false;
  constexpr int64_t kUsPerS = 1'000'000;
  const int64_t timeout_us = std::max<int64_t>(*call.timeout / std::chrono::microseconds(1), 1);
  const timeval limit{timeout_us / kUsPerS, timeout_us % kUsPerS};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  std::vector<uint8_t> packet(sizeof(icmphdr) + static_cast<size_t>(call.amount));
  packet[0] = ipv6 ? static_cast<uint8_t>(ICMPV6_ECHO_REQUEST) : static_cast<uint8_t>(ICMP_ECHO);
  const int64_t begin = monotonic_ns();
  if (::send(fd.get(), packet.data(), packet.size(), 0) < 0) return false;
  if (::recv(fd.get(), packet.data(), packet.size(), 0) < 0) {
    if (errno == EAGAIN) errno = ETIMEDOUT;
    return false;
  }
  result.value = (monotonic_ns() - begin) / 1000;
  return true;
}

}  // namespace tcptwin::tun

#include "tun/netlink.h"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <system_error>

#include "tun/failure.h"

namespace tcptwin::tun {

namespace {

int index_of(const std::string& interface) {
  const unsigned index = ::if_nametoindex(interface.c_str());
  if (index == 0) throw Failure("there is no interface " + interface);
  return static_cast<int>(index);
}

// As the kernel has it: 4 or 16 bytes.
std::vector<uint8_t> address_bytes(const wire::IpAddress& address) {
  const auto bytes = address.bytes();
  return {bytes.begin() + (address.is_v4() ? 12 : 0), bytes.end()};
}

uint8_t family_of(const wire::IpAddress& address) { return address.is_v4() ? AF_INET : AF_INET6; }
uint8_t bits_of(const wire::IpAddress& address) { return address.is_v4() ? 32 : 128; }

}  // namespace

// One message: its header, a fixed part, attributes.
class Netlink::Request {
 public:
  template <class Fixed>
  Request(uint16_t type, uint16_t flags, const Fixed& fixed) {
    nlmsghdr header{};
    header.nlmsg_type = type;
    header.nlmsg_flags = static_cast<uint16_t>(NLM_F_REQUEST | NLM_F_ACK | flags);
    append(&header, sizeof header);
    append(&fixed, sizeof fixed);
  }
  void attribute(uint16_t type, std::span<const uint8_t> value) {
    rtattr head{};
    head.rta_len = static_cast<uint16_t>(RTA_LENGTH(value.size()));
    head.rta_type = type;
    append(&head, sizeof head);
    append(value.data(), value.size());
  }
  void attribute(uint16_t type, uint32_t value) {
    std::array<uint8_t, 4> bytes{};
    std::memcpy(bytes.data(), &value, sizeof value);
    attribute(type, bytes);
  }
  std::span<const uint8_t> finished(uint32_t sequence) {
    nlmsghdr header{};
    std::memcpy(&header, bytes_.data(), sizeof header);
    header.nlmsg_len = static_cast<uint32_t>(bytes_.size());
    header.nlmsg_seq = sequence;
    std::memcpy(bytes_.data(), &header, sizeof header);
    return bytes_;
  }

 private:
  void append(const void* data, size_t size) {
    const auto* begin = static_cast<const uint8_t*>(data);
    bytes_.insert(bytes_.end(), begin, begin + size);
    bytes_.resize(NLMSG_ALIGN(bytes_.size()));
  }
  std::vector<uint8_t> bytes_;
};

Netlink::Netlink()
    : socket_(checked(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE),
                      "opening a netlink socket")) {}

void Netlink::send(Request& request, const std::string& what) {
  const auto bytes = request.finished(++sequence_);
  checked(static_cast<int>(::send(socket_.get(), bytes.data(), bytes.size(), 0)), what);
  alignas(nlmsghdr) std::array<char, 8192> answer{};
  const ssize_t got = ::recv(socket_.get(), answer.data(), answer.size(), 0);
  if (got < static_cast<ssize_t>(NLMSG_LENGTH(sizeof(nlmsgerr)))) fail_errno(what);
  nlmsgerr error{};
  std::memcpy(&error, answer.data() + NLMSG_HDRLEN, sizeof error);
  if (error.error == 0) return;
  errno = -error.error;
  fail_errno(what);
}

void Netlink::set_up(const std::string& interface) {
  ifinfomsg link{};
  link.ifi_index = index_of(interface);
  link.ifi_flags = IFF_UP;
  link.ifi_change = IFF_UP;
  Request request(RTM_NEWLINK, 0, link);
  send(request, "setting " + interface + " up");
}

void Netlink::set_mtu(const std::string& interface, uint32_t mtu) {
  ifinfomsg link{};
  link.ifi_index = index_of(interface);
  Request request(RTM_NEWLINK, 0, link);
  request.attribute(IFLA_MTU, mtu);
  send(request, "setting the MTU of " + interface + " to " + std::to_string(mtu));
}

void Netlink::set_queue_length(const std::string& interface, uint32_t packets) {
  ifinfomsg link{};
  link.ifi_index = index_of(interface);
  Request request(RTM_NEWLINK, 0, link);
  request.attribute(IFLA_TXQLEN, packets);
  send(request, "setting the queue of " + interface);
}

void Netlink::add_address(const std::string& interface, const wire::IpAddress& address,
                          uint8_t prefix) {
  ifaddrmsg own{};
  own.ifa_family = family_of(address);
  own.ifa_prefixlen = prefix;
  own.ifa_flags = IFA_F_PERMANENT | (address.is_v4() ? 0 : IFA_F_NODAD);
  own.ifa_index = static_cast<uint32_t>(index_of(interface));
  Request request(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, own);
  request.attribute(IFA_LOCAL, address_bytes(address));
  request.attribute(IFA_ADDRESS, address_bytes(address));
  send(request, "giving " + address.to_string() + " to " + interface);
}

void Netlink::add_route(const std::string& interface, const wire::IpAddress& destination,
                        const wire::IpAddress& source) {
  rtmsg route{};
  route.rtm_family = family_of(destination);
  route.rtm_dst_len = bits_of(destination);
  route.rtm_table = RT_TABLE_MAIN;
  route.rtm_protocol = RTPROT_STATIC;
  route.rtm_scope = RT_SCOPE_LINK;
  route.rtm_type = RTN_UNICAST;
  Request request(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, route);
  request.attribute(RTA_DST, address_bytes(destination));
  request.attribute(RTA_PREFSRC, address_bytes(source));
  request.attribute(RTA_OIF, static_cast<uint32_t>(index_of(interface)));
  send(request, "a route to " + destination.to_string() + " over " + interface);
}

}  // namespace tcptwin::tun

// machine_datagrams.cc: the calls of the operations on datagrams, and ping.
#include <utility>

#include "sim/app/machine.h"
#include "stack/base/check.h"

namespace tcptwin::app {

SocketApi::Calling Machine::new_socket(const Instruction& i) {
  if (!i.datagram) return api_.socket();
  return api_.udp_socket(i.address.ip.is_v6() ? socket::Family::kIpv6 : socket::Family::kIpv4);
}

SocketApi::Calling Machine::datagram_call(const Instruction& i) {
  switch (i.kind) {
    case Kind::kSendTo: {
      const socket::Address to = i.name.empty() ? slot(i.socket).sender : i.address;
      Payload data = i.text.empty() ? generated(i.amount) : Payload::text(i.text);
      return api_.sendto(fd_of(i.socket), std::move(data), to, i.flags, i.name);
    }
    case Kind::kRecvFrom: return api_.recvfrom(fd_of(i.socket), i.amount, i.flags);
    case Kind::kPing: return api_.ping(i.address.ip, i.amount, *i.timeout, i.name);
    default: CHECK(false);
  }
}

}  // namespace tcptwin::app

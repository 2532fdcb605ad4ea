// packet.h: an IP packet as a value, read and written: a header and a TCP segment, or, more rarely,
// a UDP datagram, an ICMP message or a piece of a packet.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "stack/wire/fragment.h"
#include "stack/wire/icmp.h"
#include "stack/wire/ip.h"
#include "stack/wire/parse_error.h"
#include "stack/wire/tcp.h"
#include "stack/wire/udp.h"

namespace tcptwin::wire {

// TCP stands in the packet itself, because its packets are moved several times each; the rest lies
// apart, so that it costs TCP one pointer. `tcp` is empty unless is_tcp().
struct Packet {
  using Other = std::variant<UdpDatagram, IcmpMessage, Fragment>;

  IpHeader ip{};
  TcpSegment tcp{};
  std::unique_ptr<Other> other{};  // null: TCP

  static Packet of(const IpHeader& ip, UdpDatagram udp);
  static Packet of(const IpHeader& ip, IcmpMessage icmp);
  static Packet of(const IpHeader& ip, Fragment fragment);

  bool is_tcp() const { return other == nullptr; }
  // Null when it is something else.
  UdpDatagram* udp() { return other ? std::get_if<UdpDatagram>(other.get()) : nullptr; }
  const UdpDatagram* udp() const { return other ? std::get_if<UdpDatagram>(other.get()) : nullptr; }
  IcmpMessage* icmp() { return other ? std::get_if<IcmpMessage>(other.get()) : nullptr; }
  const IcmpMessage* icmp() const {
    return other ? std::get_if<IcmpMessage>(other.get()) : nullptr;
  }

  const Fragment* fragment() const { return other ? std::get_if<Fragment>(other.get()) : nullptr; }

  uint8_t protocol() const;  // of what the IP packet carries
  uint32_t size() const {
    return ip.size() + (is_tcp() ? tcp.size() : other_size());  // bytes on the wire
  }
  Packet clone() const;  // explicit, because payloads are move-only

 private:
  uint32_t other_size() const;
};

// Appends the packet as it stands on the wire, all checksums computed. What stands behind the IP
// header must fit in ip.max_payload() and TCP options be padded.
void emit(const Packet& packet, std::vector<uint8_t>& out);

// The packet in `bytes`; never reads outside. Bytes after the length that the IP header names are
// ignored (Ethernet padding). Under kIgnore the headers must be whole, but the payload may be cut
// short: what is missing of it reads as pattern 0, so that its size is right. On failure `error`,
// if given, says why.
std::optional<Packet> parse(std::span<const uint8_t> bytes,
                            Checksums checksums = Checksums::kVerify, ParseError* error = nullptr);

}  // namespace tcptwin::wire

// packet.h: an IP packet as a value, read and written: a header and a TCP segment, or, more rarely,
// a UDP datagram, an ICMP message, a piece of a packet or something that is only carried.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <variant>
#include <vector>

#include "stack/wire/fragment.h"
#include "stack/wire/icmp.h"
#include "stack/wire/ip.h"
#include "stack/wire/parse_error.h"
#include "stack/wire/tcp.h"
#include "stack/wire/udp.h"

namespace tcptwin::wire {

// What no host here can read, see any_packet.h; its bytes are those of the packet as it came.
struct Opaque {
  uint8_t protocol = 0;      // behind the extension headers that could be read
  uint16_t protocol_at = 0;  // where in the packet that number stands
  ParseError why{};          // kUnknownProtocol: nothing is wrong with it
};

// TCP stands in the packet itself, because its packets are moved several times each; the rest lies
// apart, so that it costs TCP one pointer. `tcp` is empty unless is_tcp().
struct Packet {
  struct Apart {
    std::variant<std::monostate, UdpDatagram, IcmpMessage, Fragment, Opaque> other{};  // none: TCP
    // The packet as it came from outside, when its fields do not give the same bytes again; there
    // for every Opaque. Of the IP header only what changes on the way is taken from `ip`: time to
    // live and type of service.
    std::vector<uint8_t> as_it_came{};
  };

  IpHeader ip{};
  TcpSegment tcp{};
  std::unique_ptr<Apart> apart{};  // null: TCP

  static Packet of(const IpHeader& ip, UdpDatagram udp);
  static Packet of(const IpHeader& ip, IcmpMessage icmp);
  static Packet of(const IpHeader& ip, Fragment fragment);

  bool is_tcp() const {
    return apart == nullptr || std::holds_alternative<std::monostate>(apart->other);
  }
  // Null when it is something else.
  UdpDatagram* udp() { return get<UdpDatagram>(apart.get()); }
  const UdpDatagram* udp() const { return get<const UdpDatagram>(apart.get()); }
  IcmpMessage* icmp() { return get<IcmpMessage>(apart.get()); }
  const IcmpMessage* icmp() const { return get<const IcmpMessage>(apart.get()); }
  const Fragment* fragment() const { return get<const Fragment>(apart.get()); }
  const Opaque* opaque() const { return get<const Opaque>(apart.get()); }
  // Empty: emit() makes its bytes out of the fields.
  std::span<const uint8_t> as_it_came() const {
    return apart ? std::span<const uint8_t>(apart->as_it_came) : std::span<const uint8_t>();
  }

  uint8_t protocol() const;  // of what the IP packet carries
  uint32_t size() const {    // bytes on the wire
    return apart == nullptr ? ip.size() + tcp.size() : size_apart();
  }
  Packet clone() const;  // explicit, because payloads are move-only

 private:
  template <class Transport>
  static Transport* get(Apart* apart) {
    return apart ? std::get_if<std::remove_const_t<Transport>>(&apart->other) : nullptr;
  }
  uint32_t size_apart() const;
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

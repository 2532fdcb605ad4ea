// icmp_error.h: makes the ICMP error that answers a packet, and reads the packet that one quotes.
// Whether an error is due, and how often, is decided by who sends it.
#pragma once

#include <cstdint>
#include <optional>

#include "stack/wire/packet.h"

namespace tcptwin::wire {

// How many bytes of the packet an error quotes at most, header included: RFC 1812 4.3.2.3 (the
// error within 576 bytes), RFC 4443 3 (within 1280).
inline constexpr uint32_t kIcmpV4Quote = 576 - kIpv4HeaderSize - kIcmpHeaderSize;
inline constexpr uint32_t kIcmpV6Quote = 1280 - kIpv6HeaderSize - kIcmpHeaderSize;

// Whether an error may answer `packet` at all: not an ICMP error, and not what went to or came from
// an address of many or of nobody (RFC 1122 3.2.2, RFC 4443 2.4 e). Too big is also said of a
// multicast packet of IPv6 (e.3).
bool may_answer_with_error(const Packet& packet, IcmpKind kind);

// The error about `packet`, from `from` to its sender; `mtu` only for kPacketTooBig, bytes of IP
// packet that the next hop takes. `ttl`: of the new packet. Nothing when may_answer_with_error says
// no, the version has no such error, or `from` has the other version.
std::optional<Packet> make_icmp_error(const Packet& packet, IcmpKind kind, const IpAddress& from,
                                      uint32_t mtu = 0, uint8_t ttl = 64);

// The answer to an echo request: the same identifier, number and data, the other way.
Packet make_echo_reply(const IpHeader& ip, const IcmpMessage& request, uint8_t ttl = 64);

// What an error tells of the packet that caused it. Its addresses are those of that packet: it came
// from `ip.source`, which is the host that reads the error.
struct QuotedPacket {
  IpHeader ip{};
  uint8_t protocol = 0;
  uint32_t size = 0;  // of the whole packet, as its header says
  Port source{};      // TCP and UDP
  Port destination{};
  SeqNum seq{};       // TCP
  uint32_t echo = 0;  // ICMP: the second word
};

// The quote in the body of an error; nothing when fewer bytes stand there than are needed to know
// the connection (8 behind the IP header: RFC 792), or a later fragment.
std::optional<QuotedPacket> quoted_packet(const IpHeader& ip, const IcmpMessage& error);

}  // namespace tcptwin::wire

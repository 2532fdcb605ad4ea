#include "stack/wire/packet.h"

#include <algorithm>
#include <utility>

#include "stack/base/check.h"
#include "stack/wire/any_packet.h"
#include "stack/wire/ipv4.h"
#include "stack/wire/ipv6.h"

namespace tcptwin::wire {

namespace {

// One allocation for the packet; twice the capacity at least, so that many packets in one buffer
// stay linear.
void reserve_more(std::vector<uint8_t>& out, size_t count) {
  if (out.capacity() - out.size() >= count) return;
  out.reserve(std::max(out.size() + count, out.capacity() * 2));
}

// In 64 bits, so that it is known before the sums of 32 wrap.
size_t payload_size(const Packet& packet) {
  if (packet.is_tcp()) return packet.tcp.payload.size();
  if (packet.udp() != nullptr) return packet.udp()->payload.size();
  if (packet.fragment() != nullptr) return packet.fragment()->bytes.size();
  return packet.icmp() != nullptr ? packet.icmp()->body.size() : 0;
}

constexpr uint8_t kFragmentNext = 44;  // the IPv6 fragment header: RFC 8200 4.5

// The header in front of `size` bytes.
void emit_ip(const Packet& packet, uint32_t size, std::vector<uint8_t>& out) {
  const IpHeader& ip = packet.ip;
  const Fragment* piece = packet.fragment();
  const uint8_t protocol = packet.protocol();
  if (!ip.is_v4()) return emit_ipv6(ip, piece ? kFragmentNext : protocol, size, out);
  CHECK(ip.destination.is_v4());
  emit_ipv4({.source = ip.source.v4(),
             .destination = ip.destination.v4(),
             .protocol = protocol,
             .ttl = ip.ttl,
             .tos = ip.tos,
             .id = ip.id,
             .dont_fragment = ip.dont_fragment,
             .more_fragments = piece != nullptr && piece->more,
             .fragment_offset = static_cast<uint16_t>(piece != nullptr ? piece->offset / 8 : 0)},
            size, out);
}

template <class Transport>
std::optional<Packet> packet_of(const IpHeader& ip, std::optional<Transport>&& transport) {
  if (!transport) return std::nullopt;
  return Packet::of(ip, std::move(*transport));
}

}  // namespace

Packet Packet::of(const IpHeader& ip, UdpDatagram udp) {
  return {.ip = ip, .tcp = {}, .apart = std::make_unique<Apart>(Apart{std::move(udp)})};
}

Packet Packet::of(const IpHeader& ip, IcmpMessage icmp) {
  return {.ip = ip, .tcp = {}, .apart = std::make_unique<Apart>(Apart{std::move(icmp)})};
}

Packet Packet::of(const IpHeader& ip, Fragment fragment) {
  return {.ip = ip, .tcp = {}, .apart = std::make_unique<Apart>(Apart{std::move(fragment)})};
}

uint8_t Packet::protocol() const {
  if (is_tcp()) return kProtocolTcp;
  if (const Fragment* piece = fragment()) return piece->protocol;
  if (const Opaque* unread = opaque()) return unread->protocol;
  if (udp() != nullptr) return kProtocolUdp;
  return ip.is_v4() ? kProtocolIcmp : kProtocolIcmpV6;
}

uint32_t Packet::size_apart() const {
  if (!apart->as_it_came.empty()) return static_cast<uint32_t>(apart->as_it_came.size());
  if (const UdpDatagram* datagram = udp()) return ip.size() + datagram->size();
  if (const Fragment* piece = fragment()) return ip.size() + piece->size(ip.is_v4());
  if (const IcmpMessage* message = icmp()) return ip.size() + message->size();
  return ip.size() + tcp.size();
}

Packet Packet::clone() const {
  Packet copy{.ip = ip, .tcp = tcp.clone()};
  if (apart == nullptr) return copy;
  copy.apart = std::make_unique<Apart>();
  copy.apart->as_it_came = apart->as_it_came;
  if (const UdpDatagram* datagram = udp()) copy.apart->other = datagram->clone();
  if (const IcmpMessage* message = icmp()) copy.apart->other = message->clone();
  if (const Fragment* piece = fragment()) copy.apart->other = piece->clone();
  if (const Opaque* unread = opaque()) copy.apart->other = *unread;
  return copy;
}

void emit(const Packet& packet, std::vector<uint8_t>& out) {
  CHECK(payload_size(packet) <= kIpv4MaxPacketSize);
  const uint32_t size = packet.size();
  reserve_more(out, size);
  if (!packet.as_it_came().empty()) return emit_as_it_came(packet, out);
  emit_ip(packet, size - packet.ip.size(), out);
  if (packet.is_tcp()) {
    emit_tcp(packet.ip, packet.tcp, out);
  } else if (const UdpDatagram* udp = packet.udp()) {
    emit_udp(packet.ip, *udp, out);
  } else if (const Fragment* piece = packet.fragment()) {
    emit_fragment(packet.ip, *piece, out);
  } else {
    CHECK(packet.icmp() != nullptr);
    emit_icmp(packet.ip, *packet.icmp(), out);
  }
}

std::optional<Packet> parse(std::span<const uint8_t> bytes, Checksums checksums,
                            ParseError* error) {
  ParseError ignored{};
  ParseError& why = error != nullptr ? *error : ignored;
  const auto ip = parse_ip(bytes, checksums, why);
  if (!ip) return std::nullopt;
  if (ip->is_fragment()) return packet_of(ip->header, parse_fragment(*ip, why));
  if (ip->protocol == kProtocolTcp) {
    auto tcp = parse_tcp(*ip, checksums, why);
    if (!tcp) return std::nullopt;
    return Packet{.ip = ip->header, .tcp = std::move(*tcp)};
  }
  if (ip->protocol == kProtocolUdp) return packet_of(ip->header, parse_udp(*ip, checksums, why));
  if (ip->protocol == (ip->header.is_v4() ? kProtocolIcmp : kProtocolIcmpV6)) {
    return packet_of(ip->header, parse_icmp(*ip, checksums, why));
  }
  return fail(why, ParseError::kUnknownProtocol);
}

}  // namespace tcptwin::wire

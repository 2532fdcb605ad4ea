#include "stack/wire/icmp_error.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "stack/base/bytes.h"

namespace tcptwin::wire {

namespace {

constexpr size_t kQuotedTransport = 8;  // bytes of the transport header that every error holds

// The beginning of a packet whose end is missing. Its checksums say nothing any more.
std::optional<IpPayload> parse_beginning(std::span<const uint8_t> bytes) {
  ParseError ignored{};
  const auto ip = parse_ip(bytes, Checksums::kIgnore, ignored);
  return ip && ip->fragment_offset == 0 ? ip : std::nullopt;
}

}  // namespace

bool may_answer_with_error(const Packet& packet, IcmpKind kind) {
  if (!packet.ip.source.is_one_host()) return false;
  const IcmpMessage* icmp = packet.icmp();
  if (icmp != nullptr && is_icmp_error(icmp_kind(packet.ip, *icmp))) return false;
  if (packet.ip.destination.is_one_host()) return true;
  return kind == IcmpKind::kPacketTooBig && packet.ip.destination.is_v6() &&
         packet.ip.destination.is_multicast();
}

std::optional<Packet> make_icmp_error(const Packet& packet, IcmpKind kind, const IpAddress& from,
                                      uint32_t mtu, uint8_t ttl) {
  const bool v4 = packet.ip.is_v4();
  const auto numbers = icmp_numbers(v4, kind);
  if (!numbers || !is_icmp_error(kind) || !may_answer_with_error(packet, kind)) return std::nullopt;
  if (!from.same_version(packet.ip.source)) return std::nullopt;
  std::vector<uint8_t> bytes;
  emit(packet, bytes);
  bytes.resize(std::min<size_t>(bytes.size(), v4 ? kIcmpV4Quote : kIcmpV6Quote));
  IcmpMessage error;
  error.type = numbers->first;
  error.code = numbers->second;
  if (kind == IcmpKind::kPacketTooBig) error.rest = v4 ? std::min(mtu, 65535u) : mtu;
  if (kind == IcmpKind::kProtocolUnreachable && !v4 && packet.opaque() != nullptr) {
    error.rest = packet.opaque()->protocol_at;  // RFC 4443 3.4
  }
  error.body = Payload::real(bytes);
  return Packet::of({.source = from, .destination = packet.ip.source, .ttl = ttl},
                    std::move(error));
}

Packet make_echo_reply(const IpHeader& ip, const IcmpMessage& request, uint8_t ttl) {
  IcmpMessage reply = request.clone();
  reply.type = icmp_numbers(ip.is_v4(), IcmpKind::kEchoReply)->first;
  return Packet::of({.source = ip.destination, .destination = ip.source, .ttl = ttl, .tos = ip.tos},
                    std::move(reply));
}

std::optional<QuotedPacket> quoted_packet(const IpHeader& ip, const IcmpMessage& error) {
  const std::vector<uint8_t> bytes = error.body.bytes();
  const auto beginning = parse_beginning(bytes);
  if (!beginning || beginning->bytes.size() < kQuotedTransport) return std::nullopt;
  if (!beginning->header.source.same_version(ip.source)) return std::nullopt;
  QuotedPacket quoted;
  quoted.ip = beginning->header;
  quoted.protocol = beginning->protocol;
  const auto headers = static_cast<uint32_t>(beginning->bytes.data() - bytes.data());
  quoted.size = headers + beginning->size;
  ByteReader in(beginning->bytes);
  if (quoted.protocol == kProtocolTcp || quoted.protocol == kProtocolUdp) {
    quoted.source = Port{in.u16()};
    quoted.destination = Port{in.u16()};
    if (quoted.protocol == kProtocolTcp) quoted.seq = SeqNum(in.u32());
  } else {
    in.u32();  // type, code and checksum
    quoted.echo = in.u32();
  }
  return quoted;
}

}  // namespace tcptwin::wire

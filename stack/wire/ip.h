// ip.h: what a host decides in the IP header of a packet, whichever version it has, and what stands
// behind such a header.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "stack/wire/address.h"
#include "stack/wire/parse_error.h"

namespace tcptwin::wire {

inline constexpr uint8_t kProtocolIcmp = 1;
inline constexpr uint8_t kProtocolTcp = 6;
inline constexpr uint8_t kProtocolUdp = 17;
inline constexpr uint8_t kProtocolIcmpV6 = 58;

inline constexpr uint32_t kIpv4HeaderSize = 20;
inline constexpr uint32_t kIpv4MaxPacketSize = 65535;
inline constexpr uint32_t kIpv6HeaderSize = 40;
inline constexpr uint32_t kIpv6MaxPacketSize =
    40 + 65535;  // the length field leaves the header out

// Both addresses have the same version, which is that of the packet.
struct IpHeader {
  IpAddress source{};
  IpAddress destination{};
  uint8_t ttl = 64;            // IPv6: hop limit
  uint8_t tos = 0;             // DSCP and ECN; IPv6: traffic class
  uint16_t id = 0;             // IPv4
  bool dont_fragment = false;  // IPv4; an IPv6 packet is never cut on its way
  uint32_t flow_label = 0;     // IPv6: 20 bits
  bool operator==(const IpHeader&) const = default;

  bool is_v4() const { return source.is_v4(); }
  uint32_t size() const { return is_v4() ? kIpv4HeaderSize : kIpv6HeaderSize; }
  uint32_t max_payload() const { return is_v4() ? kIpv4MaxPacketSize - kIpv4HeaderSize : 65535; }
};

// Bytes behind an IP header and its extension headers.
struct IpPayload {
  IpHeader header{};
  uint8_t protocol = 0;
  uint16_t protocol_at = 9;          // where in the packet that number stands
  std::span<const uint8_t> bytes{};  // into the packet
  uint16_t size = 0;  // as the header says; `bytes` is shorter in a capture cut short
  // A piece of a packet: where its bytes stand in the whole, and whether others follow.
  uint32_t fragment_offset = 0;
  bool more_fragments = false;
  uint32_t fragment_id = 0;  // IPv6

  bool is_fragment() const { return more_fragments || fragment_offset != 0; }
};

// The header of either version and what stands behind it; see parse_ipv4 and parse_ipv6.
std::optional<IpPayload> parse_ip(std::span<const uint8_t> bytes, Checksums checksums,
                                  ParseError& error);

}  // namespace tcptwin::wire

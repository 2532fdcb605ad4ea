// udp.h: a UDP datagram (RFC 768) as a value, read and written.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "stack/base/payload.h"
#include "stack/wire/ip.h"
#include "stack/wire/parse_error.h"
#include "stack/wire/port.h"

namespace tcptwin::wire {

inline constexpr uint32_t kUdpHeaderSize = 8;

struct UdpDatagram {
  Port source{};
  Port destination{};
  bool checksum = true;  // false: sent without one, which only IPv4 allows
  Payload payload{};

  uint32_t size() const { return kUdpHeaderSize + static_cast<uint32_t>(payload.size()); }
  UdpDatagram clone() const;
};

// Appends the datagram. A checksum of 0 is sent as ffff (RFC 768); over IPv6 there always is one.
void emit_udp(const IpHeader& ip, const UdpDatagram& udp, std::vector<uint8_t>& out);

// Bytes behind the length of the UDP header are ignored. A checksum field of 0 means none over IPv4
// and is an error over IPv6 (RFC 8200 8.1).
std::optional<UdpDatagram> parse_udp(const IpPayload& ip, Checksums checksums, ParseError& error);

}  // namespace tcptwin::wire

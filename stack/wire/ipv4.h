// ipv4.h: the IPv4 header (RFC 791) as a value, read and written; options are skipped, never sent.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "stack/wire/address.h"
#include "stack/wire/ip.h"
#include "stack/wire/parse_error.h"

namespace tcptwin::wire {

// In the word of the header about fragments.
inline constexpr uint16_t kIpv4MoreFragments = 0x2000;
inline constexpr uint16_t kIpv4OffsetMask = 0x1fff;  // in units of 8 bytes

struct Ipv4Header {
  Ipv4Address source{};
  Ipv4Address destination{};
  uint8_t protocol = kProtocolTcp;
  uint8_t ttl = 64;
  uint8_t tos = 0;  // DSCP and ECN
  uint16_t id = 0;
  bool dont_fragment = false;
  bool more_fragments = false;
  uint16_t fragment_offset = 0;  // in units of 8 bytes
  bool operator==(const Ipv4Header&) const = default;
};

// What a header stands in front of.
struct Ipv4Payload {
  Ipv4Header header{};
  std::span<const uint8_t> bytes{};  // into the packet
  uint16_t size = 0;  // as the header says; `bytes` is shorter in a capture cut short
};

// Appends the 20 bytes of the header of a packet with `payload_size` bytes behind it, checksum
// computed.
void emit_ipv4(const Ipv4Header& header, uint32_t payload_size, std::vector<uint8_t>& out);

// Takes fragments and any protocol. Without Checksums::kVerify bytes may be missing at the end of
// the payload.
std::optional<Ipv4Payload> parse_ipv4(std::span<const uint8_t> bytes, Checksums checksums,
                                      ParseError& error);

}  // namespace tcptwin::wire

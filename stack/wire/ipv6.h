// ipv6.h: the IPv6 header (RFC 8200) read and written; harmless extension headers are skipped, none
// is ever sent.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "stack/wire/ip.h"
#include "stack/wire/parse_error.h"

namespace tcptwin::wire {

// Appends the 40 bytes of the header of a packet with `payload_size` bytes behind it.
void emit_ipv6(const IpHeader& header, uint8_t protocol, uint32_t payload_size,
               std::vector<uint8_t>& out);

// What stands directly behind the 40 bytes of the header, with the number that the header gives it.
// Without Checksums::kVerify bytes may be missing at the end.
std::optional<IpPayload> parse_ipv6_header(std::span<const uint8_t> bytes, Checksums checksums,
                                           ParseError& error);

// The payload behind all extension headers, with the protocol that stands there. Hop-by-hop and
// destination options that may be ignored (RFC 8200 4.2), routing headers with no segment left
// (4.4) and fragment headers of whole packets (RFC 6946) are skipped; kFragment and
// kBadExtensionHeader for the others. Without Checksums::kVerify bytes may be missing at the end.
std::optional<IpPayload> parse_ipv6(std::span<const uint8_t> bytes, Checksums checksums,
                                    ParseError& error);

}  // namespace tcptwin::wire

// any_packet.h: packets that are carried byte for byte, whether or not we can read them: those of
// machines outside. What the fields of a packet do not tell is kept as it came.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "stack/wire/packet.h"

namespace tcptwin::wire {

// Any IP packet, so that emit() gives the same bytes again: IPv4 with options and IPv6 with
// extension headers, reserved bits, padding. What parse() refuses becomes an Opaque. Bytes after
// the length that the IP header names are ignored. Nothing, and `error`, for what is no IP packet:
// kTruncated, kNotIp, kNotIpv4, kNotIpv6, and kMappedAddress.
std::optional<Packet> parse_any(std::span<const uint8_t> bytes, ParseError* error = nullptr);

// For emit(): appends a packet that has as_it_came(), with its present time to live and type of
// service.
void emit_as_it_came(const Packet& packet, std::vector<uint8_t>& out);

// For cut(): the pieces of an IPv4 packet that has as_it_came(); of its options, the later ones
// have those that are to be copied (RFC 791 3.1). Empty: `mtu` is too small, or it reaches beyond
// the longest packet.
std::vector<Packet> cut_as_it_came(const Packet& packet, uint32_t mtu);

}  // namespace tcptwin::wire

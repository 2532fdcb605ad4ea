#include "stack/wire/ipv6.h"

#include <algorithm>
#include <array>

#include "stack/base/bytes.h"
#include "stack/base/check.h"

namespace tcptwin::wire {

namespace {

// Next header values: RFC 8200 4.
constexpr uint8_t kHopByHop = 0;
constexpr uint8_t kRouting = 43;
constexpr uint8_t kFragmentHeader = 44;
constexpr uint8_t kDestinationOptions = 60;
constexpr uint32_t kFlowLabelMask = 0xfffff;
constexpr uint16_t kNextHeaderAt = 6;

IpAddress read_address(ByteReader& in) {
  std::array<uint8_t, 16> bytes{};
  std::ranges::copy(in.take(bytes.size()), bytes.begin());
  return IpAddress::from_bytes(bytes);
}

// Whether who does not know them may skip all `options`: the two highest bits of each type are 0.
bool options_may_be_skipped(std::span<const uint8_t> options) {
  while (!options.empty()) {
    if (options[0] == 0) {  // Pad1 has no length
      options = options.subspan(1);
      continue;
    }
    if (options.size() < 2 || options.size() < 2u + options[1]) return false;
    if (options[0] >> 6 != 0) return false;
    options = options.subspan(2u + options[1]);
  }
  return true;
}

// What is left of a packet while its extension headers are taken off.
struct Rest {
  std::span<const uint8_t> bytes;
  size_t size = 0;  // as the headers say
  uint8_t next = 0;
  uint32_t fragment_offset = 0;
  bool more_fragments = false;
  uint32_t fragment_id = 0;

  bool is_fragment() const { return more_fragments || fragment_offset != 0; }
  void skip(size_t count) {
    next = bytes[0];
    bytes = bytes.subspan(count);
    size -= count;
  }
};

// Takes one extension header off; nothing and an error when it may not be skipped.
std::optional<Rest> skip_extension(Rest rest, ParseError& error) {
  if (rest.size < 8) return fail(error, ParseError::kBadExtensionHeader);
  if (rest.bytes.size() < 8) return fail(error, ParseError::kTruncated);
  if (rest.next == kFragmentHeader) {
    ByteReader in(rest.bytes.subspan(2));
    const uint32_t offset_and_more = in.u16();
    rest.fragment_offset = offset_and_more & 0xfff8U;
    rest.more_fragments = (offset_and_more & 1U) != 0;
    rest.fragment_id = in.u32();
    rest.skip(8);
    return rest;
  }
  const size_t length = 8u * (1u + rest.bytes[1]);
  if (length > rest.size) return fail(error, ParseError::kBadExtensionHeader);
  if (length > rest.bytes.size()) return fail(error, ParseError::kTruncated);
  const bool harmless = rest.next == kRouting
                            ? rest.bytes[3] == 0  // segments left
                            : options_may_be_skipped(rest.bytes.first(length).subspan(2));
  if (!harmless) return fail(error, ParseError::kBadExtensionHeader);
  rest.skip(length);
  return rest;
}

bool is_extension(uint8_t next, bool first) {
  if (next == kHopByHop) return first;  // RFC 8200 4.1: only directly behind the header
  return next == kRouting || next == kFragmentHeader || next == kDestinationOptions;
}

}  // namespace

void emit_ipv6(const IpHeader& header, uint8_t protocol, uint32_t payload_size,
               std::vector<uint8_t>& out) {
  CHECK(payload_size <= 65535);
  CHECK(header.source.is_v6() && header.destination.is_v6());
  ByteWriter writer(out);
  writer.u32(6u << 28 | uint32_t{header.tos} << 20 | (header.flow_label & kFlowLabelMask));
  writer.u16(static_cast<uint16_t>(payload_size));
  writer.u8(protocol);
  writer.u8(header.ttl);
  writer.bytes(header.source.bytes());
  writer.bytes(header.destination.bytes());
}

std::optional<IpPayload> parse_ipv6_header(std::span<const uint8_t> bytes, Checksums checksums,
                                           ParseError& error) {
  if (bytes.empty()) return fail(error, ParseError::kTruncated);
  if (bytes[0] >> 4 != 6) return fail(error, ParseError::kNotIpv6);
  if (bytes.size() < kIpv6HeaderSize) return fail(error, ParseError::kTruncated);
  ByteReader in(bytes);
  const uint32_t first_word = in.u32();
  IpPayload ip;
  ip.size = in.u16();
  ip.protocol = in.u8();
  ip.protocol_at = kNextHeaderAt;
  ip.header.tos = static_cast<uint8_t>(first_word >> 20);
  ip.header.flow_label = first_word & kFlowLabelMask;
  ip.header.ttl = in.u8();
  ip.header.source = read_address(in);
  ip.header.destination = read_address(in);
  if (ip.header.source.is_v4() || ip.header.destination.is_v4()) {
    return fail(error, ParseError::kMappedAddress);
  }
  if (checksums == Checksums::kVerify && in.remaining() < ip.size) {
    return fail(error, ParseError::kTruncated);
  }
  ip.bytes = bytes.subspan(kIpv6HeaderSize).first(std::min<size_t>(ip.size, in.remaining()));
  return ip;
}

std::optional<IpPayload> parse_ipv6(std::span<const uint8_t> bytes, Checksums checksums,
                                    ParseError& error) {
  auto ip = parse_ipv6_header(bytes, checksums, error);
  if (!ip) return std::nullopt;
  Rest rest{.bytes = ip->bytes, .size = ip->size, .next = ip->protocol};
  // What stands behind a fragment header belongs to the packet as a whole.
  for (bool first = true; !rest.is_fragment() && is_extension(rest.next, first); first = false) {
    const auto behind = skip_extension(rest, error);
    if (!behind) return std::nullopt;
    ip->protocol_at = static_cast<uint16_t>(rest.bytes.data() - bytes.data());
    rest = *behind;
  }
  ip->protocol = rest.next;
  ip->bytes = rest.bytes;
  ip->size = static_cast<uint16_t>(rest.size);
  ip->fragment_offset = rest.fragment_offset;
  ip->more_fragments = rest.more_fragments;
  ip->fragment_id = rest.fragment_id;
  return ip;
}

}  // namespace tcptwin::wire

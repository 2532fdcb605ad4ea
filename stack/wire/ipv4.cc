#include "stack/wire/ipv4.h"

#include "stack/base/bytes.h"
#include "stack/base/check.h"
#include "stack/wire/checksum.h"

namespace tcptwin::wire {

namespace {
constexpr uint16_t kDontFragment = 0x4000;

Ipv4Header read_fields(std::span<const uint8_t> bytes) {
  ByteReader in(bytes);
  Ipv4Header h;
  in.u8();  // version and header length
  h.tos = in.u8();
  in.u16();  // total length
  h.id = in.u16();
  const uint16_t fragment = in.u16();
  h.dont_fragment = (fragment & kDontFragment) != 0;
  h.more_fragments = (fragment & kIpv4MoreFragments) != 0;
  h.fragment_offset = fragment & kIpv4OffsetMask;
  h.ttl = in.u8();
  h.protocol = in.u8();
  in.u16();  // checksum
  h.source = Ipv4Address(in.u32());
  h.destination = Ipv4Address(in.u32());
  return h;
}
}  // namespace

void emit_ipv4(const Ipv4Header& header, uint32_t payload_size, std::vector<uint8_t>& out) {
  CHECK(payload_size <= kIpv4MaxPacketSize - kIpv4HeaderSize);
  CHECK(header.fragment_offset <= kIpv4OffsetMask);
  const size_t start = out.size();
  ByteWriter writer(out);
  writer.u8(0x45);  // version 4, five words
  writer.u8(header.tos);
  writer.u16(static_cast<uint16_t>(kIpv4HeaderSize + payload_size));
  writer.u16(header.id);
  writer.u16(static_cast<uint16_t>((header.dont_fragment ? kDontFragment : 0) |
                                   (header.more_fragments ? kIpv4MoreFragments : 0) |
                                   header.fragment_offset));
  writer.u8(header.ttl);
  writer.u8(header.protocol);
  writer.u16(0);  // the checksum, below
  writer.u32(header.source.value());
  writer.u32(header.destination.value());
  const uint16_t checksum = internet_checksum(std::span(out).subspan(start));
  out[start + 10] = static_cast<uint8_t>(checksum >> 8);
  out[start + 11] = static_cast<uint8_t>(checksum);
}

std::optional<Ipv4Payload> parse_ipv4(std::span<const uint8_t> bytes, Checksums checksums,
                                      ParseError& error) {
  if (bytes.empty()) return fail(error, ParseError::kTruncated);
  const size_t header_size = 4u * (bytes[0] & 0xf);
  if (bytes[0] >> 4 != 4 || header_size < kIpv4HeaderSize) return fail(error, ParseError::kNotIpv4);
  if (bytes.size() < header_size) return fail(error, ParseError::kTruncated);
  const size_t total = size_t{bytes[2]} << 8 | bytes[3];
  if (total < header_size) return fail(error, ParseError::kNotIpv4);
  if (checksums == Checksums::kVerify) {
    if (bytes.size() < total) return fail(error, ParseError::kTruncated);
    if (internet_checksum(bytes.first(header_size)) != 0) {
      return fail(error, ParseError::kBadIpChecksum);
    }
  }
  const auto present = bytes.first(total < bytes.size() ? total : bytes.size());
  return Ipv4Payload{.header = read_fields(bytes),
                     .bytes = present.subspan(header_size),
                     .size = static_cast<uint16_t>(total - header_size)};
}

}  // namespace tcptwin::wire

#include "stack/wire/any_packet.h"

#include <algorithm>
#include <utility>

#include "stack/base/check.h"
#include "stack/wire/checksum.h"
#include "stack/wire/ipv4.h"
#include "stack/wire/ipv6.h"

namespace tcptwin::wire {

namespace {

// Offsets in the IPv4 header: RFC 791 3.1.
constexpr size_t kTotalLengthAt = 2;
constexpr size_t kFragmentAt = 6;
constexpr size_t kIpv4ChecksumAt = 10;

uint16_t word_at(std::span<const uint8_t> bytes, size_t at) {
  return static_cast<uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

void set_word(std::span<uint8_t> bytes, size_t at, uint16_t word) {
  bytes[at] = static_cast<uint8_t>(word >> 8);
  bytes[at + 1] = static_cast<uint8_t>(word);
}

// With the checksum of the header.
void change_word(std::span<uint8_t> packet, size_t at, uint16_t word) {
  const uint16_t old_word = word_at(packet, at);
  set_word(packet, kIpv4ChecksumAt,
           adjusted_checksum(word_at(packet, kIpv4ChecksumAt), old_word, word));
  set_word(packet, at, word);
}

size_t header_size(std::span<const uint8_t> ipv4) { return 4u * (ipv4[0] & 0xf); }

// The header alone, whatever stands behind it.
std::optional<IpPayload> read_header(std::span<const uint8_t> bytes, ParseError& error) {
  const bool v6 = !bytes.empty() && bytes[0] >> 4 == 6;
  auto ip = v6 ? parse_ipv6_header(bytes, Checksums::kIgnore, error)
               : parse_ip(bytes, Checksums::kIgnore, error);
  if (ip && ip->bytes.size() < ip->size) return fail(error, ParseError::kTruncated);
  return ip;
}

Packet unread(const IpPayload& header, std::span<const uint8_t> bytes, ParseError why) {
  ParseError ignored{};
  const auto ip = parse_ip(bytes, Checksums::kIgnore, ignored);
  const IpPayload& known = ip ? *ip : header;
  Packet packet{.ip = header.header};
  packet.apart = std::make_unique<Packet::Apart>();
  packet.apart->other = Opaque{known.protocol, known.protocol_at, why};
  return packet;
}

// RFC 791 3.1: an option whose highest bit is not set stands in the first piece alone.
void drop_uncopied_options(std::span<uint8_t> options) {
  constexpr uint8_t kNoOperation = 1;
  while (!options.empty() && options[0] != 0) {
    const bool single = options[0] == kNoOperation || options.size() < 2;
    const size_t size = single ? 1 : options[1];
    if (size == 0 || size > options.size()) return;
    if ((options[0] & 0x80) == 0) std::fill_n(options.begin(), size, kNoOperation);
    options = options.subspan(size);
  }
}

}  // namespace

std::optional<Packet> parse_any(std::span<const uint8_t> bytes, ParseError* error) {
  ParseError ignored{};
  ParseError& why = error != nullptr ? *error : ignored;
  const auto header = read_header(bytes, why);
  if (!header) return std::nullopt;
  bytes = bytes.first(static_cast<size_t>(header->bytes.data() - bytes.data()) + header->size);
  auto packet = parse(bytes, Checksums::kVerify, &why);
  if (packet) {
    std::vector<uint8_t> again;
    emit(*packet, again);
    if (std::ranges::equal(again, bytes)) return packet;
    if (packet->apart == nullptr) packet->apart = std::make_unique<Packet::Apart>();
  } else {
    packet = unread(*header, bytes, why);
  }
  packet->apart->as_it_came.assign(bytes.begin(), bytes.end());
  return packet;
}

void emit_as_it_came(const Packet& packet, std::vector<uint8_t>& out) {
  const size_t start = out.size();
  const auto came = packet.as_it_came();
  out.insert(out.end(), came.begin(), came.end());
  const auto bytes = std::span(out).subspan(start);
  const IpHeader& ip = packet.ip;
  if (ip.is_v4()) {
    change_word(bytes, 0, static_cast<uint16_t>(bytes[0] << 8 | ip.tos));
    change_word(bytes, 8, static_cast<uint16_t>(ip.ttl << 8 | bytes[9]));
  } else {
    bytes[0] = static_cast<uint8_t>(0x60 | ip.tos >> 4);
    bytes[1] = static_cast<uint8_t>((ip.tos & 0xf) << 4 | (bytes[1] & 0xf));
    bytes[7] = ip.ttl;
  }
}

std::vector<Packet> cut_as_it_came(const Packet& packet, uint32_t mtu) {
  CHECK(packet.ip.is_v4());
  std::vector<uint8_t> bytes;
  emit_as_it_came(packet, bytes);
  const size_t header = header_size(bytes);
  const size_t size = bytes.size() - header;
  const uint16_t field = word_at(bytes, kFragmentAt);
  const size_t base = field & kIpv4OffsetMask;  // in units of 8
  if (mtu < header + 8 || base + size / 8 > kIpv4OffsetMask) return {};
  const size_t step = (mtu - header) / 8 * 8;
  std::vector<uint8_t> piece(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(header));
  std::vector<Packet> pieces;
  for (size_t at = 0; at == 0 || at < size; at += step) {
    const auto part = std::span(bytes).subspan(header + at, std::min(step, size - at));
    piece.resize(header);
    if (at > 0) drop_uncopied_options(std::span(piece).subspan(kIpv4HeaderSize));
    const auto flags = static_cast<uint16_t>(field & ~(kIpv4OffsetMask | kIpv4MoreFragments));
    const bool more = (field & kIpv4MoreFragments) != 0 || at + part.size() < size;
    set_word(piece, kTotalLengthAt, static_cast<uint16_t>(header + part.size()));
    set_word(piece, kFragmentAt,
             static_cast<uint16_t>(flags | (more ? kIpv4MoreFragments : 0) | (base + at / 8)));
    set_word(piece, kIpv4ChecksumAt, 0);
    set_word(piece, kIpv4ChecksumAt, internet_checksum(piece));
    piece.insert(piece.end(), part.begin(), part.end());
    auto packet_again = parse_any(piece);
    CHECK(packet_again);
    pieces.push_back(std::move(*packet_again));
  }
  return pieces;
}

}  // namespace tcptwin::wire

#include "stack/wire/ip.h"

#include "stack/wire/ipv4.h"
#include "stack/wire/ipv6.h"

namespace tcptwin::wire {

namespace {

std::optional<IpPayload> read_ipv4(std::span<const uint8_t> bytes, Checksums checksums,
                                   ParseError& error) {
  const auto v4 = parse_ipv4(bytes, checksums, error);
  if (!v4) return std::nullopt;
  const Ipv4Header& h = v4->header;
  return IpPayload{.header = {.source = h.source,
                              .destination = h.destination,
                              .ttl = h.ttl,
                              .tos = h.tos,
                              .id = h.id,
                              .dont_fragment = h.dont_fragment},
                   .protocol = h.protocol,
                   .bytes = v4->bytes,
                   .size = v4->size,
                   .fragment_offset = uint32_t{h.fragment_offset} * 8,
                   .more_fragments = h.more_fragments};
}

}  // namespace

std::optional<IpPayload> parse_ip(std::span<const uint8_t> bytes, Checksums checksums,
                                  ParseError& error) {
  if (bytes.empty()) return fail(error, ParseError::kTruncated);
  switch (bytes[0] >> 4) {
    case 4: return read_ipv4(bytes, checksums, error);
    case 6: return parse_ipv6(bytes, checksums, error);
    default: return fail(error, ParseError::kNotIp);
  }
}

}  // namespace tcptwin::wire

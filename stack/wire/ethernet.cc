#include "stack/wire/ethernet.h"

#include <algorithm>
#include <string_view>

namespace tcptwin::wire {

MacAddress MacAddress::of_group(const IpAddress& group) {
  if (group.is_broadcast()) return broadcast();
  const std::array<uint8_t, 16> ip = group.bytes();
  if (group.is_v6()) return MacAddress({0x33, 0x33, ip[12], ip[13], ip[14], ip[15]});
  const auto low = static_cast<uint8_t>(ip[13] & 0x7f);
  return MacAddress({0x01, 0x00, 0x5e, low, ip[14], ip[15]});
}

MacAddress MacAddress::read(ByteReader& in) {
  std::array<uint8_t, 6> bytes{};
  std::ranges::copy(in.take(bytes.size()), bytes.begin());
  return MacAddress(bytes);
}

std::string MacAddress::to_string() const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const uint8_t byte : bytes_) {
    if (!text.empty()) text += ':';
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0xf];
  }
  return text;
}

void emit_ethernet(const EthernetHeader& header, std::vector<uint8_t>& out) {
  ByteWriter writer(out);
  writer.bytes(header.destination.bytes());
  writer.bytes(header.source.bytes());
  writer.u16(header.type);
}

std::optional<EthernetFrame> parse_ethernet(std::span<const uint8_t> bytes) {
  ByteReader in(bytes);
  EthernetFrame frame;
  frame.header.destination = MacAddress::read(in);
  frame.header.source = MacAddress::read(in);
  frame.header.type = in.u16();
  if (!in.ok()) return std::nullopt;
  frame.bytes = bytes.subspan(kEthernetHeaderSize);
  return frame;
}

}  // namespace tcptwin::wire

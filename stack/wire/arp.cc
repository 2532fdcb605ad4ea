#include "stack/wire/arp.h"

namespace tcptwin::wire {

namespace {
constexpr uint16_t kEthernet = 1;        // hardware type
constexpr uint16_t kSizes = 6 << 8 | 4;  // of the two kinds of addresses
}  // namespace

void emit_arp(const ArpMessage& arp, std::vector<uint8_t>& out) {
  ByteWriter writer(out);
  writer.u16(kEthernet);
  writer.u16(kEtherTypeIpv4);
  writer.u16(kSizes);
  writer.u16(static_cast<uint16_t>(arp.operation));
  writer.bytes(arp.sender_mac.bytes());
  writer.u32(arp.sender.value());
  writer.bytes(arp.target_mac.bytes());
  writer.u32(arp.target.value());
}

std::optional<ArpMessage> parse_arp(std::span<const uint8_t> bytes) {
  ByteReader in(bytes);
  if (in.u16() != kEthernet || in.u16() != kEtherTypeIpv4 || in.u16() != kSizes) {
    return std::nullopt;
  }
  ArpMessage arp;
  const uint16_t operation = in.u16();
  if (operation != 1 && operation != 2) return std::nullopt;
  arp.operation = ArpMessage::Operation{operation};
  arp.sender_mac = MacAddress::read(in);
  arp.sender = Ipv4Address(in.u32());
  arp.target_mac = MacAddress::read(in);
  arp.target = Ipv4Address(in.u32());
  if (!in.ok()) return std::nullopt;
  return arp;
}

}  // namespace tcptwin::wire

// What stands before the IP packet, by link type (tcpdump.org/linktypes.html).
#include "sim/capture/reader.h"
#include "stack/base/bytes.h"

namespace tcptwin::capture {

namespace {

enum LinkType : uint32_t {
  kNull = 0,
  kEthernet = 1,
  kRawOld = 12,
  kRaw = 101,
  kLoop = 108,
  kLinuxSll = 113,
  kIpv4 = 228,
  kIpv6 = 229,
  kLinuxSll2 = 276,
};
constexpr uint16_t kEtherIpv4 = 0x0800;
constexpr uint16_t kEtherIpv6 = 0x86dd;
constexpr uint16_t kVlan = 0x8100;
constexpr uint16_t kProviderVlan = 0x88a8;

using IpBytes = std::optional<std::span<const uint8_t>>;

bool is_ip(uint16_t ether_type) { return ether_type == kEtherIpv4 || ether_type == kEtherIpv6; }

IpBytes rest_of(ByteReader& in) {
  const auto rest = in.take(in.remaining());
  if (!in.ok() || rest.empty()) return std::nullopt;
  return rest;
}

IpBytes behind(ByteReader& in, size_t header) {
  in.take(header);
  return rest_of(in);
}

IpBytes behind_ethernet(ByteReader& in) {
  in.take(12);  // both addresses
  uint16_t type = in.u16();
  while (in.ok() && (type == kVlan || type == kProviderVlan)) {
    in.u16();
    type = in.u16();
  }
  return is_ip(type) ? rest_of(in) : std::nullopt;
}

void take_sll_type(uint16_t packet_type, Direction& direction) {
  constexpr uint16_t kOutgoing = 4;
  direction = packet_type == kOutgoing ? Direction::kOut : Direction::kIn;
}

IpBytes behind_sll(ByteReader& in, Direction& direction) {
  take_sll_type(in.u16(), direction);
  in.take(12);  // kind, size and bytes of the hardware address
  return is_ip(in.u16()) ? rest_of(in) : std::nullopt;
}

IpBytes behind_sll2(ByteReader& in, Direction& direction) {
  const uint16_t protocol = in.u16();
  in.take(8);  // interface and kind of hardware
  take_sll_type(in.u8(), direction);
  in.take(9);  // hardware address
  return is_ip(protocol) ? rest_of(in) : std::nullopt;
}

// The four bytes are an address family, whose number for IPv6 differs from system to system: what
// follows says it better.
IpBytes behind_family(ByteReader& in) {
  const IpBytes rest = behind(in, 4);
  if (!rest) return rest;
  const int version = rest->front() >> 4;
  return version == 4 || version == 6 ? rest : std::nullopt;
}

}  // namespace

IpBytes ip_packet(const Frame& frame, Direction& direction) {
  ByteReader in(frame.bytes);
  switch (frame.link_type) {
    case kRaw:
    case kRawOld:
    case kIpv4:
    case kIpv6: return rest_of(in);
    case kEthernet: return behind_ethernet(in);
    case kLinuxSll: return behind_sll(in, direction);
    case kLinuxSll2: return behind_sll2(in, direction);
    case kNull:
    case kLoop: return behind_family(in);
    default: return std::nullopt;
  }
}

bool is_known_link_type(uint32_t link_type) {
  constexpr uint32_t kKnown[] = {kRaw,  kRawOld,   kIpv4,      kIpv6, kEthernet,
                                 kNull, kLinuxSll, kLinuxSll2, kLoop};
  for (const uint32_t known : kKnown) {
    if (known == link_type) return true;
  }
  return false;
}

std::string unknown_link_type_text(uint32_t link_type) {
  return "link type " + std::to_string(link_type) +
         " is not read: expected raw IP (101, 228, 229), Ethernet (1), Linux cooked (113, 276) or "
         "BSD loopback (0, 108)";
}

}  // namespace tcptwin::capture

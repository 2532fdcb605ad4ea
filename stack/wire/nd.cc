#include "stack/wire/nd.h"

#include <algorithm>
#include <utility>

namespace tcptwin::wire {

namespace {

constexpr uint8_t kOnLink = 255;   // hop limit of what no router has passed on
constexpr uint8_t kSourceMac = 1;  // options: RFC 4861 4.6.1
constexpr uint8_t kTargetMac = 2;
constexpr uint32_t kRouterBit = 1u << 31;
constexpr uint32_t kSolicitedBit = 1u << 30;
constexpr uint32_t kOverrideBit = 1u << 29;

Payload body_of(const IpAddress& target, uint8_t option, const std::optional<MacAddress>& mac) {
  std::vector<uint8_t> bytes;
  ByteWriter writer(bytes);
  writer.bytes(target.bytes());
  if (mac) {
    writer.u8(option);
    writer.u8(1);  // in units of 8 bytes
    writer.bytes(mac->bytes());
  }
  return Payload::real(bytes);
}

struct Body {
  IpAddress target;
  std::optional<MacAddress> mac;
};

// The target and the MAC address that `wanted` names; nothing when an option has no length or the
// target is an address of many.
std::optional<Body> read_body(const IcmpMessage& icmp, uint8_t wanted) {
  const std::vector<uint8_t> bytes = icmp.body.bytes();
  ByteReader in(bytes);
  std::array<uint8_t, 16> target{};
  std::ranges::copy(in.take(target.size()), target.begin());
  Body body{IpAddress::from_bytes(target), std::nullopt};
  if (!in.ok() || !body.target.is_v6() || !body.target.is_one_host()) return std::nullopt;
  while (in.remaining() > 0) {
    const uint8_t option = in.u8();
    const size_t size = size_t{in.u8()} * 8;
    if (!in.ok() || size == 0) return std::nullopt;
    ByteReader value(in.take(size - 2));
    if (!in.ok()) return std::nullopt;
    if (option == wanted && size == 8) body.mac = MacAddress::read(value);
  }
  return body;
}

// The message, when it is of this type and nobody has passed it on.
const IcmpMessage* on_link_message(const Packet& packet, uint8_t type) {
  const IcmpMessage* icmp = packet.icmp();
  if (icmp == nullptr || packet.ip.is_v4() || packet.ip.ttl != kOnLink) return nullptr;
  return icmp->type == type && icmp->code == 0 ? icmp : nullptr;
}

IpHeader header_of(const IpAddress& source, const IpAddress& destination) {
  return {.source = source, .destination = destination, .ttl = kOnLink};
}

}  // namespace

IpAddress solicited_node(const IpAddress& address) {
  return IpAddress::v6(uint64_t{0xff02} << 48, uint64_t{0x1ff} << 24 | (address.low() & 0xffffff));
}

Packet make_solicitation(const IpAddress& source, const Solicitation& solicitation) {
  IcmpMessage icmp{.type = kNeighbourSolicitation};
  icmp.body = body_of(solicitation.target, kSourceMac, solicitation.source_mac);
  return Packet::of(header_of(source, solicited_node(solicitation.target)), std::move(icmp));
}

Packet make_advertisement(const IpAddress& source, const IpAddress& destination,
                          const Advertisement& advertisement) {
  IcmpMessage icmp{.type = kNeighbourAdvertisement};
  icmp.rest = (advertisement.router ? kRouterBit : 0) |
              (advertisement.solicited ? kSolicitedBit : 0) |
              (advertisement.overrides ? kOverrideBit : 0);
  icmp.body = body_of(advertisement.target, kTargetMac, advertisement.target_mac);
  return Packet::of(header_of(source, destination), std::move(icmp));
}

std::optional<Solicitation> read_solicitation(const Packet& packet) {
  const IcmpMessage* icmp = on_link_message(packet, kNeighbourSolicitation);
  if (icmp == nullptr) return std::nullopt;
  const auto body = read_body(*icmp, kSourceMac);
  if (!body) return std::nullopt;
  const bool asks_who_has_it = packet.ip.source.is_any();
  const bool proper = packet.ip.destination == solicited_node(body->target) && !body->mac;
  if (asks_who_has_it && !proper) return std::nullopt;
  return Solicitation{body->target, body->mac};
}

std::optional<Advertisement> read_advertisement(const Packet& packet) {
  const IcmpMessage* icmp = on_link_message(packet, kNeighbourAdvertisement);
  if (icmp == nullptr) return std::nullopt;
  const auto body = read_body(*icmp, kTargetMac);
  if (!body) return std::nullopt;
  const Advertisement advertisement{.target = body->target,
                                    .target_mac = body->mac,
                                    .router = (icmp->rest & kRouterBit) != 0,
                                    .solicited = (icmp->rest & kSolicitedBit) != 0,
                                    .overrides = (icmp->rest & kOverrideBit) != 0};
  if (advertisement.solicited && packet.ip.destination.is_multicast()) return std::nullopt;
  return advertisement;
}

}  // namespace tcptwin::wire

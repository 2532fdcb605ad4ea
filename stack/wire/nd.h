// nd.h: neighbour solicitations and advertisements (RFC 4861 4.3, 4.4) as values, made into ICMPv6
// packets and read out of them. Who asks and who answers is not decided here.
#pragma once

#include <cstdint>
#include <optional>

#include "stack/wire/ethernet.h"
#include "stack/wire/packet.h"

namespace tcptwin::wire {

// Types of ICMPv6 that neighbour discovery has for itself: RFC 4861 4.
inline constexpr uint8_t kRouterSolicitation = 133;
inline constexpr uint8_t kNeighbourSolicitation = 135;
inline constexpr uint8_t kNeighbourAdvertisement = 136;
inline constexpr uint8_t kRedirect = 137;

// The group that the owner of an address listens to: RFC 4291 2.7.1.
IpAddress solicited_node(const IpAddress& address);

struct Solicitation {
  IpAddress target = IpAddress::any_v6();
  std::optional<MacAddress> source_mac{};  // of who asks
  bool operator==(const Solicitation&) const = default;
};

struct Advertisement {
  IpAddress target = IpAddress::any_v6();
  std::optional<MacAddress> target_mac{};
  bool router = false;
  bool solicited = false;  // it answers a question
  bool overrides = false;  // what was known of the target
  bool operator==(const Advertisement&) const = default;
};

// To all who might be the target. From any_v6(): whether somebody has it (RFC 4862 5.4.2), then
// without `source_mac`.
Packet make_solicitation(const IpAddress& source, const Solicitation& solicitation);
Packet make_advertisement(const IpAddress& source, const IpAddress& destination,
                          const Advertisement& advertisement);

// Nothing for a packet that is none or that is to be discarded: RFC 4861 7.1.1 and 7.1.2 (a hop
// limit below 255 has come from elsewhere).
std::optional<Solicitation> read_solicitation(const Packet& packet);
std::optional<Advertisement> read_advertisement(const Packet& packet);

}  // namespace tcptwin::wire

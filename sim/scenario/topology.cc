#include "sim/scenario/topology.h"

namespace tcptwin::scenario {

namespace {

constexpr auto kFamilies = {socket::Family::kIpv4, socket::Family::kIpv6};
constexpr uint32_t kEthernetMtu = 1500;
constexpr uint32_t kLoopbackMtu = 65536;

}  // namespace

Topology::Topology(const Scenario& scenario) : scenario_(&scenario) {}

wire::IpAddress Topology::address(uint32_t link, uint32_t end, socket::Family family) {
  if (family == socket::Family::kIpv4)
    return wire::Ipv4Address(0x0a4d0000u + (link << 8) + end + 1);
  return wire::IpAddress::v6(uint64_t{0xfd77} << 48 | uint64_t{link} << 32, end + 1);
}

std::vector<host::Interface> Topology::interfaces(std::string_view host) const {
  std::vector<host::Interface> list = {
      {wire::IpAddress::loopback_v4(), kLoopbackMtu, wire::IpAddress::loopback_v6()}};
  for (uint32_t l = 0; l < scenario_->links.size(); ++l) {
    const LinkSpec& link = scenario_->links[l];
    if (link.is_loopback()) {
      if (link.between[0] == host && link.mtu > 0) list[0].mtu = static_cast<uint32_t>(link.mtu);
      continue;
    }
    const uint32_t mtu = link.mtu > 0 ? static_cast<uint32_t>(link.mtu) : kEthernetMtu;
    for (uint32_t end = 0; end < 2; ++end) {
      if (link.between[end] != host) continue;
      list.push_back(
          {address(l, end, socket::Family::kIpv4), mtu, address(l, end, socket::Family::kIpv6)});
    }
  }
  return list;
}

std::string Topology::link_name(uint32_t link) const {
  const std::vector<std::string>& between = scenario_->links[link].between;
  uint32_t number = 1;
  for (uint32_t l = 0; l < link; ++l) number += scenario_->links[l].between == between;
  const std::string name = between[0] + "-" + between[1];
  return number == 1 ? name : name + "#" + std::to_string(number);
}

uint32_t Topology::interface_on(std::string_view host, uint32_t link) const {
  uint32_t interface = 0;
  for (uint32_t l = 0; l <= link; ++l) {
    const LinkSpec& spec = scenario_->links[l];
    if (!spec.is_loopback() && (spec.between[0] == host || spec.between[1] == host)) ++interface;
  }
  return interface;
}

std::vector<host::Route> Topology::routes(std::string_view host) const {
  std::vector<host::Route> list;
  for (uint32_t l = 0; l < scenario_->links.size(); ++l) {
    const LinkSpec& link = scenario_->links[l];
    if (link.is_loopback()) continue;
    for (uint32_t end = 0; end < 2; ++end) {
      if (link.between[end] != host) continue;
      for (const socket::Family family : kFamilies) {
        list.push_back({address(l, 1 - end, family), interface_on(host, l)});
      }
    }
  }
  return list;
}

std::optional<wire::IpAddress> Topology::address_of(std::string_view from, std::string_view to,
                                                    socket::Family family) const {
  if (from == to) {
    return family == socket::Family::kIpv4 ? wire::IpAddress::loopback_v4()
                                           : wire::IpAddress::loopback_v6();
  }
  for (uint32_t l = 0; l < scenario_->links.size(); ++l) {
    const std::vector<std::string>& between = scenario_->links[l].between;
    if (between[0] == from && between[1] == to) return address(l, 1, family);
    if (between[1] == from && between[0] == to) return address(l, 0, family);
  }
  return std::nullopt;
}

std::vector<std::pair<wire::IpAddress, std::string>> Topology::names() const {
  std::vector<std::pair<wire::IpAddress, std::string>> list;
  for (uint32_t l = 0; l < scenario_->links.size(); ++l) {
    if (scenario_->links[l].is_loopback()) continue;
    for (uint32_t end = 0; end < 2; ++end) {
      for (const socket::Family family : kFamilies) {
        list.emplace_back(address(l, end, family), scenario_->links[l].between[end]);
      }
    }
  }
  return list;
}

}  // namespace tcptwin::scenario

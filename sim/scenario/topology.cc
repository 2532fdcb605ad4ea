#include "sim/scenario/topology.h"

namespace tcptwin::scenario {

namespace {

constexpr wire::Ipv4Address kLocalhost{0x7f000001};
constexpr uint32_t kEthernetMtu = 1500;
constexpr uint32_t kLoopbackMtu = 65536;

}  // namespace

Topology::Topology(const Scenario& scenario) : scenario_(&scenario) {}

wire::Ipv4Address Topology::address(uint32_t link, uint32_t end) {
  return wire::Ipv4Address(0x0a4d0000u + (link << 8) + end + 1);
}

std::vector<host::Interface> Topology::interfaces(std::string_view host) const {
  std::vector<host::Interface> list = {{kLocalhost, kLoopbackMtu}};
  for (uint32_t l = 0; l < scenario_->links.size(); ++l) {
    const LinkSpec& link = scenario_->links[l];
    if (link.is_loopback()) {
      if (link.between[0] == host && link.mtu > 0) list[0].mtu = static_cast<uint32_t>(link.mtu);
      continue;
    }
    const uint32_t mtu = link.mtu > 0 ? static_cast<uint32_t>(link.mtu) : kEthernetMtu;
    for (uint32_t end = 0; end < 2; ++end) {
      if (link.between[end] == host) list.push_back({address(l, end), mtu});
    }
  }
  return list;
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
      if (link.between[end] == host) list.push_back({address(l, 1 - end), interface_on(host, l)});
    }
  }
  return list;
}

std::optional<wire::Ipv4Address> Topology::address_of(std::string_view from,
                                                      std::string_view to) const {
  if (from == to) return kLocalhost;
  for (uint32_t l = 0; l < scenario_->links.size(); ++l) {
    const std::vector<std::string>& between = scenario_->links[l].between;
    if (between[0] == from && between[1] == to) return address(l, 1);
    if (between[1] == from && between[0] == to) return address(l, 0);
  }
  return std::nullopt;
}

std::vector<std::pair<wire::Ipv4Address, std::string>> Topology::names() const {
  std::vector<std::pair<wire::Ipv4Address, std::string>> list;
  for (uint32_t l = 0; l < scenario_->links.size(); ++l) {
    if (scenario_->links[l].is_loopback()) continue;
    for (uint32_t end = 0; end < 2; ++end) {
      list.emplace_back(address(l, end), scenario_->links[l].between[end]);
    }
  }
  return list;
}

}  // namespace tcptwin::scenario

#include "sim/scenario/topology.h"

namespace tcptwin::scenario {

namespace {

constexpr auto kFamilies = {socket::Family::kIpv4, socket::Family::kIpv6};
constexpr uint32_t kEthernetMtu = 1500;

}  // namespace

Topology::Topology(const Scenario& scenario) : scenario_(&scenario) {}

wire::IpAddress Topology::address(uint32_t link, uint32_t end, socket::Family family) {
  if (family == socket::Family::kIpv4)
    return wire::Ipv4Address(0x0a4d0000u + (link << 8) + end + 1);
  return wire::IpAddress::v6(uint64_t{0xfd77} << 48 | uint64_t{link} << 32, end + 1);
}

std::vector<host::Interface> Topology::interfaces(std::string_view host) const {
  std::vector<host::Interface> list = {{wire::IpAddress::loopback_v4(),
                                        scenario_->host(host)->resolved.ip.loopback_mtu,
                                        wire::IpAddress::loopback_v6()}};
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

// By breadth: the hosts one link away, then those behind the routers among them, and so on.
std::map<std::string_view, Topology::Way> Topology::ways_from(std::string_view host) const {
  std::map<std::string_view, Way> ways;
  std::vector<std::string_view> reached = {host};
  for (size_t i = 0; i < reached.size(); ++i) {
    const std::string_view here = reached[i];
    const HostSpec* spec = scenario_->host(here);
    if (spec == nullptr || (i > 0 && spec->kind != HostSpec::Kind::kRouter)) continue;
    for (uint32_t l = 0; l < scenario_->links.size(); ++l) {
      const LinkSpec& link = scenario_->links[l];
      if (link.is_loopback() || (link.between[0] != here && link.between[1] != here)) continue;
      const std::string_view there = link.between[link.between[0] == here ? 1 : 0];
      if (there == host || ways.contains(there)) continue;
      ways[there] = {i == 0 ? l : ways[here].first, l};
      reached.push_back(there);
    }
  }
  return ways;
}

// The neighbours' addresses first, each over its own link; then all other addresses.
std::vector<host::Route> Topology::routes(std::string_view host) const {
  const auto ways = ways_from(host);
  std::vector<host::Route> neighbours, others;
  for (uint32_t l = 0; l < scenario_->links.size(); ++l) {
    const LinkSpec& link = scenario_->links[l];
    if (link.is_loopback()) continue;
    for (uint32_t end = 0; end < 2; ++end) {
      const auto way = ways.find(link.between[end]);
      const bool direct = link.between[1 - end] == host;
      if (way == ways.end()) continue;
      const uint32_t over = direct ? l : way->second.first;
      for (const socket::Family family : kFamilies) {
        (direct ? neighbours : others)
            .push_back({address(l, end, family), interface_on(host, over), direct});
      }
    }
  }
  neighbours.insert(neighbours.end(), others.begin(), others.end());
  return neighbours;
}

std::optional<wire::IpAddress> Topology::address_of(std::string_view from, std::string_view to,
                                                    socket::Family family) const {
  if (from == to) {
    return family == socket::Family::kIpv4 ? wire::IpAddress::loopback_v4()
                                           : wire::IpAddress::loopback_v6();
  }
  const auto ways = ways_from(from);
  const auto way = ways.find(to);
  if (way == ways.end()) return std::nullopt;
  const LinkSpec& link = scenario_->links[way->second.last];
  return address(way->second.last, link.between[0] == to ? 0 : 1, family);
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

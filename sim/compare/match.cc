#include "sim/compare/match.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "sim/compare/align.h"

namespace tcptwin::compare {

namespace {

using Ports = std::pair<wire::Port, wire::Port>;

std::vector<Ports> ports_of(const capture::View& view) {
  std::vector<Ports> ports;
  for (const capture::Connection& c : view.connections) {
    ports.emplace_back(c.client.port, c.server.port);
  }
  return ports;
}

}  // namespace

std::vector<MatchedConnections> match_connections(const capture::View& a, const capture::View& b) {
  const Alignment by_ports = align(ports_of(a), ports_of(b));
  const auto alone = [](const auto& partners) {
    return std::count(partners.begin(), partners.end(), std::nullopt);
  };
  const bool ports_tell = std::min(alone(by_ports.a), alone(by_ports.b)) == 0;
  std::vector<MatchedConnections> matched;
  std::vector<bool> taken(b.connections.size());
  for (uint32_t i = 0; i < a.connections.size(); ++i) {
    std::optional<uint32_t> j = by_ports.a[i];
    if (!ports_tell) j = i < b.connections.size() ? std::optional(i) : std::nullopt;
    if (j) taken[*j] = true;
    matched.push_back({&a.connections[i], j ? &b.connections[*j] : nullptr});
  }
  for (uint32_t j = 0; j < b.connections.size(); ++j) {
    if (!taken[j]) matched.push_back({nullptr, &b.connections[j]});
  }
  return matched;
}

}  // namespace tcptwin::compare

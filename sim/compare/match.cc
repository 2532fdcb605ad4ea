#include "sim/compare/match.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "sim/compare/align.h"

namespace tcptwin::compare {

namespace {

using capture::Connection;
using capture::View;

// The ports of both ends, the smaller one first: who is the client may be unknown.
std::vector<std::pair<wire::Port, wire::Port>> ports_of(const View& view) {
  std::vector<std::pair<wire::Port, wire::Port>> ports;
  for (const Connection& c : view.connections) {
    ports.push_back(std::minmax(c.client.port, c.server.port));
  }
  return ports;
}

bool saw_a_syn(const Connection& c) { return c.saw_client_syn || c.saw_server_syn; }

const capture::Sight* first_of(const View& view, const Connection& connection, bool from_client) {
  for (const uint32_t position : connection.segments) {
    if (view.sights[position].from_client == from_client) return &view.sights[position];
  }
  return nullptr;
}

// How far the numbers of that end of `late`, relative to the first that was seen, lie behind its
// SYN; 0 when its numbers are not those of `whole`.
uint32_t missed(const View& late_view, const Connection& late, const View& whole_view,
                const Connection& whole, bool from_client) {
  constexpr uint32_t kMost = INT32_MAX;
  const capture::Sight* sight = first_of(late_view, late, from_client);
  const capture::Sight* reference = first_of(whole_view, whole, from_client);
  if (sight == nullptr || reference == nullptr) return 0;
  // The numbers of a text begin at 0 already.
  if (late_view.capture->format == capture::Format::kText) return sight->numbers.isn.value();
  const uint32_t distance = sight->numbers.isn.value() - reference->numbers.isn.value();
  int64_t furthest = 0;
  for (const uint32_t position : whole.segments) {
    const capture::Sight& s = whole_view.sights[position];
    if (s.from_client == from_client) furthest = s.numbers.near.value();
  }
  return distance <= kMost && distance <= furthest ? distance : 0;
}

void move_base(View& view, const Connection& connection, bool from_client, uint32_t distance) {
  for (const uint32_t position : connection.segments) {
    wire::TextView& numbers = view.sights[position].numbers;
    if (view.sights[position].from_client == from_client) {
      numbers.isn = numbers.isn - distance;
      numbers.near += distance;
    } else {
      numbers.peer_isn = numbers.peer_isn - distance;
      numbers.peer_near += distance;
    }
  }
}

// The scale of its windows was in the SYN. A text has the bytes of its windows instead.
void take_scale(View& late, const Connection& connection, const View& whole_view,
                const Connection& whole, bool from_client) {
  if (late.capture->format == capture::Format::kText || whole.segments.empty()) return;
  uint8_t shift = 0;
  for (const uint32_t position : whole.segments) {
    const capture::Sight& sight = whole_view.sights[position];
    if (sight.from_client == from_client) shift = sight.numbers.window_shift;
  }
  for (const uint32_t position : connection.segments) {
    capture::Sight& sight = late.sights[position];
    if (sight.from_client == from_client) sight.numbers.window_shift = shift;
  }
}

// `late` began after the handshake that `whole` has.
void anchor(View& late_view, Connection& late, const View& whole_view, const Connection& whole) {
  const bool turned = late.client.port == whole.server.port && late.client.port != late.server.port;
  if (turned) turn_around(late_view, late);
  for (const bool from_client : {true, false}) {
    const uint32_t distance = missed(late_view, late, whole_view, whole, from_client);
    move_base(late_view, late, from_client, distance);
    take_scale(late_view, late, whole_view, whole, from_client);
  }
}

}  // namespace

std::vector<MatchedConnections> match_connections(View& a, View& b) {
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
  for (const MatchedConnections& m : matched) {
    if (m.a == nullptr || m.b == nullptr || saw_a_syn(*m.a) == saw_a_syn(*m.b)) continue;
    if (saw_a_syn(*m.a)) anchor(b, *m.b, a, *m.a);
    if (saw_a_syn(*m.b)) anchor(a, *m.a, b, *m.b);
  }
  return matched;
}

}  // namespace tcptwin::compare

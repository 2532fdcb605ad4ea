#include "sim/capture/view.h"

#include <algorithm>
#include <utility>

#include "sim/capture/reader.h"
#include "stack/wire/text.h"

namespace tcptwin::capture {

namespace {

// The only interface of a file needs no name.
std::string name_of(const Capture& capture, uint32_t interface) {
  if (interface >= capture.interfaces.size()) return "";
  const std::string& name = capture.interfaces[interface].name;
  const bool is_only = capture.interfaces.size() == 1;
  return name.empty() && !is_only ? "interface " + std::to_string(interface) : name;
}

struct Pick {
  uint32_t interface = 0;
  std::string why{};
};

Pick pick_itself(const Capture& capture) {
  if (capture.interfaces.size() < 2) return {};
  const auto is_syn = [](const Packet& p) {
    return p.is_tcp() && p.tcp.flags.syn && !p.tcp.flags.ack;
  };
  const auto& packets = capture.packets;
  const auto sent = std::find_if(packets.begin(), packets.end(), [&](const Packet& p) {
    return is_syn(p) && p.direction == Direction::kOut;
  });
  if (sent != packets.end()) return {sent->interface, "it sends the first SYN"};
  const auto seen = std::find_if(packets.begin(), packets.end(), is_syn);
  if (seen != packets.end()) return {seen->interface, "the first SYN was seen there"};
  return {packets.empty() ? 0 : packets.front().interface, "the first packet was seen there"};
}

std::optional<Pick> pick_named(const Capture& capture, const std::string& host,
                               std::string& problem) {
  std::string known;
  for (uint32_t i = 0; i < capture.interfaces.size(); ++i) {
    const std::string& name = capture.interfaces[i].name;
    if (name == host || std::to_string(i) == host) return Pick{i};
    known += (known.empty() ? "" : ", ") + (name.empty() ? std::to_string(i) : name);
  }
  problem = "there is no host or interface \"" + host + "\"; there " +
            (known.empty() ? "is none" : "are " + known);
  return std::nullopt;
}

// A text says who is the client, even if it begins with the server.
void turn_by_arrows(View& view) {
  for (Connection& connection : view.connections) {
    if (connection.client.address.v4().value() >> 24 == kTextServers) turn_around(view, connection);
  }
}

void follow_connections(View& view) {
  trace::FlowTracker tracker;
  for (const Sight& sight : view.sights) {
    if (sight.packet->is_tcp()) tracker.expect(sight.packet->ip, sight.packet->tcp);
  }
  for (uint32_t i = 0; i < view.sights.size(); ++i) {
    Sight& sight = view.sights[i];
    if (!sight.packet->is_tcp()) {
      view.others.push_back(i);
      continue;
    }
    const trace::FlowView flow = tracker.follow(sight.packet->ip, sight.packet->tcp);
    sight.from_client = flow.from_client;
    sight.numbers = flow.numbers;
    if (flow.flow == view.connections.size()) {
      view.connections.push_back(
          {.client = tracker.client(flow.flow), .server = tracker.server(flow.flow)});
    }
    Connection& connection = view.connections[flow.flow];
    connection.segments.push_back(i);
    if (sight.packet->tcp.flags.syn) {
      (flow.from_client ? connection.saw_client_syn : connection.saw_server_syn) = true;
    }
  }
}

}  // namespace

std::optional<View> view_of(const Capture& capture, const std::string& host, std::string& problem) {
  const std::optional<Pick> pick =
      host.empty() ? pick_itself(capture) : pick_named(capture, host, problem);
  if (!pick) return std::nullopt;
  View view{.capture = &capture,
            .host = name_of(capture, pick->interface),
            .picked = pick->why,
            .sights = {},
            .connections = {},
            .others = {}};
  for (const Packet& packet : capture.packets) {
    if (packet.interface == pick->interface) view.sights.push_back({.packet = &packet});
  }
  follow_connections(view);
  if (capture.format == Format::kText) turn_by_arrows(view);
  return view;
}

void turn_around(View& view, Connection& connection) {
  std::swap(connection.client, connection.server);
  std::swap(connection.saw_client_syn, connection.saw_server_syn);
  for (const uint32_t position : connection.segments) {
    view.sights[position].from_client = !view.sights[position].from_client;
  }
}

std::string line_of(const Sight& sight) {
  if (!sight.packet->is_tcp()) return "- " + sight.packet->other;
  return (sight.from_client ? "> " : "< ") + wire::to_text(sight.packet->tcp, sight.numbers);
}

std::string why_of(const Capture& capture, const Packet& packet) {
  if (packet.direction != Direction::kIn || !packet.id) return packet.comment;
  const auto sent = std::find_if(
      capture.packets.begin(), capture.packets.end(),
      [&](const Packet& p) { return p.id == packet.id && p.direction == Direction::kOut; });
  if (sent == capture.packets.end()) return packet.comment;
  return name_of(capture, sent->interface) + ": " + sent->comment;
}

}  // namespace tcptwin::capture

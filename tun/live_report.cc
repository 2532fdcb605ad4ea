#include "tun/live_report.h"

#include <fmt/format.h>

#include "models/json/units.h"
#include "sim/scenario/topology.h"
#include "sim/trace/packets.h"

namespace tcptwin::tun {

using json::Node;

namespace {

std::vector<LiveResult::Way> ways_of(const scenario::World& world,
                                     const scenario::Scenario& scenario) {
  std::vector<LiveResult::Way> ways;
  for (const net::Link& link : world.links()) {
    const std::string name = world.topology().link_name(link.number());
    for (uint32_t end = 0; end < 2; ++end) {
      ways.push_back({name, scenario.links[link.number()].between[end], link.count(end)});
    }
  }
  return ways;
}

std::string losses_text(const LiveResult::Way& way) {
  uint64_t lost = 0;
  std::string causes;
  for (const auto& [why, count] : way.count.lost) {
    lost += count;
    causes += fmt::format("{}{} {}", causes.empty() ? "" : ", ", count, trace::drop_words(why));
  }
  if (lost == 0) return "";
  return fmt::format("tcptwin: link {} lost {} of {} packets from {}: {}\n", way.link, lost,
                     way.count.entered, way.from, causes);
}

Node ways_json(const LiveResult& r) {
  Node ways = Node::array();
  for (const LiveResult::Way& way : r.ways) {
    Node lost = Node::object();
    for (const auto& [why, count] : way.count.lost) {
      lost.set(trace::drop_words(why), Node::integer(static_cast<int64_t>(count)));
    }
    Node node = Node::object();
    node.set("link", Node::string(way.link))
        .set("from", Node::string(way.from))
        .set("packets", Node::integer(static_cast<int64_t>(way.count.entered)))
        .set("lost", std::move(lost));
    ways.push(std::move(node));
  }
  return ways;
}

}  // namespace

LiveResult result_of(const Live& live, const scenario::World& world,
                     const scenario::Scenario& scenario, const std::vector<std::string>& hosts,
                     Duration limit) {
  LiveResult result{.took = live.clock().now() - Instant(),
                    .events = live.lateness().count(),
                    .p50 = live.lateness().percentile(50),
                    .p99 = live.lateness().percentile(99),
                    .max = live.lateness().max(),
                    .limit = limit,
                    .ways = ways_of(world, scenario)};
  for (size_t seat = 0; seat < hosts.size(); ++seat) {
    result.borders.push_back({hosts[seat], live.traffic(seat)});
  }
  return result;
}

std::string what_stands_where(const scenario::Scenario& scenario, const std::string& host,
                              bool ours) {
  const scenario::Topology topology(scenario);
  std::string text;
  for (const host::Interface& own : topology.interfaces(host)) {
    if (own.address == wire::IpAddress::loopback_v4()) continue;
    text += fmt::format("tcptwin: this side is {}, {} and {}{}\n", host, own.address.to_string(),
                        own.address_v6.to_string(),
                        ours ? "" : ": the device must have these addresses");
  }
  for (const auto& [name, spec] : scenario.hosts) {
    const auto address = topology.address_of(host, name, socket::Family::kIpv4);
    if (name == host || !address) continue;
    const bool simulated = spec.kind == scenario::HostSpec::Kind::kHost;
    text += fmt::format("tcptwin: {} is {}{}\n", name, address->to_string(),
                        simulated ? ", " + spec.profile : "");
  }
  return text;
}

std::string status_line(const Live& live) {
  const Traffic& traffic = live.traffic(0);
  return fmt::format("\r{} | {} packets out, {} in | late p99 {}, max {}\x1b[K",
                     json::pretty_duration(live.clock().now() - Instant()), traffic.from_machine,
                     traffic.to_machine, json::pretty_duration(live.lateness().percentile(99)),
                     json::pretty_duration(live.lateness().max()));
}

std::string text(const LiveResult& r) {
  std::string text;
  for (const LiveResult::Border& border : r.borders) {
    const Traffic& t = border.traffic;
    text +=
        fmt::format("tcptwin: {} sent {} packets ({} bytes) and got {} ({} bytes)\n", border.host,
                    t.from_machine, t.bytes_from_machine, t.to_machine, t.bytes_to_machine);
    for (const auto& [why, count] : t.refused) {
      text += fmt::format("tcptwin: refused from {}: {} packet{}, {}\n", border.host, count,
                          count == 1 ? "" : "s", why);
    }
    if (t.not_written > 0) {
      text += fmt::format("tcptwin: the device of {} did not take {} packets\n", border.host,
                          t.not_written);
    }
  }
  for (const LiveResult::Way& way : r.ways) text += losses_text(way);
  text += fmt::format("tcptwin: {} events in {}; late p50 {}, p99 {}, max {}\n", r.events,
                      json::pretty_duration(r.took), json::pretty_duration(r.p50),
                      json::pretty_duration(r.p99), json::pretty_duration(r.max));
  if (r.late()) {
    text += fmt::format(
        "tcptwin: LATE: an event came {} late, more than {}: do not trust the times of this run\n",
        json::pretty_duration(r.max), json::pretty_duration(r.limit));
  }
  return text;
}

std::string programs_text(const report::ScenarioReport& report) {
  return report.results.front().metrics.empty() && report.held() ? "" : report::text(report, false);
}

std::string json_text(const report::ScenarioReport& report, const LiveResult& r) {
  Node live = Node::object();
  live.set("late", Node::boolean(r.late()));
  live.set("events", Node::integer(static_cast<int64_t>(r.events)));
  Node lateness = Node::object();
  lateness.set("p50_ns", Node::integer(r.p50.count()));
  lateness.set("p99_ns", Node::integer(r.p99.count()));
  lateness.set("max_ns", Node::integer(r.max.count()));
  lateness.set("limit_ns", Node::integer(r.limit.count()));
  live.set("lateness", std::move(lateness));
  Node hosts = Node::object();
  for (const LiveResult::Border& border : r.borders) {
    const Traffic& t = border.traffic;
    Node node = Node::object();
    const auto count = [&](const char* name, uint64_t value) {
      node.set(name, Node::integer(static_cast<int64_t>(value)));
    };
    count("sent_packets", t.from_machine);
    count("sent_bytes", t.bytes_from_machine);
    count("received_packets", t.to_machine);
    count("received_bytes", t.bytes_to_machine);
    count("not_written", t.not_written);
    count("to_groups", t.to_groups);
    Node refused = Node::object();
    for (const auto& [why, number] : t.refused) {
      refused.set(why, Node::integer(static_cast<int64_t>(number)));
    }
    node.set("refused", std::move(refused));
    hosts.set(border.host, std::move(node));
  }
  live.set("hosts", std::move(hosts));
  live.set("links", ways_json(r));
  Node result = report::result_json(report);
  result.set("live", std::move(live));
  return json::write(result, json::Style::kPretty) + "\n";
}

}  // namespace tcptwin::tun

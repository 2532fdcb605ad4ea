#include "tun/live_scenario.h"

#include <algorithm>

#include "models/json/nearest.h"
#include "sim/cli/command.h"
#include "sim/scenario/topology.h"

namespace tcptwin::tun {

namespace {

using scenario::HostSpec;

constexpr const char* kOutside = "outside";

// The document that has an outside, in the words of --set.
std::vector<scenario::Override> with_outside(const scenario::Scenario& s,
                                             std::vector<scenario::Override> overrides) {
  overrides.push_back({std::string("/hosts/") + kOutside + "/kind", "real"});
  size_t link = s.links.size();
  for (const auto& [name, host] : s.hosts) {
    if (host.kind != HostSpec::Kind::kHost) continue;
    overrides.push_back({"/links/" + std::to_string(link++),
                         "{\"between\": [\"" + std::string(kOutside) + "\", \"" + name + "\"]}"});
  }
  return overrides;
}

bool has(const scenario::Scenario& s, const std::string& name) { return s.host(name) != nullptr; }

std::string unknown_host(const scenario::Scenario& s, const std::string& name) {
  std::vector<std::string> names;
  for (const auto& [known, host] : s.hosts) names.push_back(known);
  const std::string near = json::nearest(name, names);
  return "--host " + name + ": there is no such host" +
         (near.empty() ? "" : " (did you mean \"" + near + "\"?)");
}

}  // namespace

std::variant<LiveScenario, int> load_live(const std::string& command, const LiveChoice& choice) {
  const auto text = cli::read_file(choice.file);
  if (!text) return cli::kInvalidInput;
  LiveScenario live;
  live.file = choice.file;
  live.text = *text;
  live.overrides = choice.overrides;
  live.loaded = scenario::load(choice.file, *text, live.overrides);
  if (!live.loaded.ok()) return cli::report(live.loaded.diagnostics);
  if (const auto& base = live.loaded.variants.front().scenario;
      choice.host.empty() && !base.has_real_host()) {
    if (has(base, kOutside)) {
      return cli::wrong_usage(command, std::string("no host is real, and one is called \"") +
                                           kOutside + "\": say --host NAME");
    }
    live.overrides = with_outside(base, choice.overrides);
    live.loaded = scenario::load(choice.file, *text, live.overrides);
    if (!live.loaded.ok()) return cli::report(live.loaded.diagnostics);
  }
  const std::string wanted =
      choice.variant.empty() ? std::string(scenario::kBaseline) : choice.variant;
  if (const auto problem = scenario::unknown_variant(live.loaded, {wanted})) {
    return cli::wrong_usage(command, *problem);
  }
  live.variant = &*std::find_if(live.loaded.variants.begin(), live.loaded.variants.end(),
                                [&](const scenario::Variant& v) { return v.name == wanted; });
  if (!live.variant->refused.empty()) return cli::report(live.variant->refused);
  live.scenario = live.variant->scenario;
  if (!choice.host.empty()) {
    if (!live.scenario.make_real(choice.host)) {
      return cli::wrong_usage(command, unknown_host(live.scenario, choice.host));
    }
  }
  for (const auto& [name, host] : live.scenario.hosts) {
    if (host.kind == HostSpec::Kind::kReal) live.real.push_back(name);
  }
  return live;
}

std::vector<std::pair<wire::IpAddress, std::string>> names_for(const scenario::Scenario& scenario,
                                                               const std::string& host) {
  const scenario::Topology topology(scenario);
  std::vector<std::pair<wire::IpAddress, std::string>> names;
  for (const auto& [name, spec] : scenario.hosts) {
    if (name == host) continue;
    for (const socket::Family family : {socket::Family::kIpv4, socket::Family::kIpv6}) {
      const auto address = topology.address_of(host, name, family);
      if (address) names.emplace_back(*address, name);
    }
  }
  return names;
}

}  // namespace tcptwin::tun

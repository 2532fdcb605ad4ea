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
  for (const auto& [name, host] : s.hosts) {
    if (host.kind != HostSpec::Kind::kHost) continue;
    overrides.push_back(
        {"/links/-", "{\"between\": [\"" + std::string(kOutside) + "\", \"" + name + "\"]}"});
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

std::vector<std::string> hosts_of(const scenario::Scenario& s, HostSpec::Kind kind) {
  std::vector<std::string> names;
  for (const auto& [name, host] : s.hosts) {
    if (host.kind == kind) names.push_back(name);
  }
  return names;
}

// Null, after a message: there is none of that name, or it does not take what was set.
const scenario::Variant* pick(const std::string& command, const std::string& name,
                              const scenario::Loaded& loaded, int& status) {
  const std::string wanted = name.empty() ? std::string(scenario::kBaseline) : name;
  if (const auto problem = scenario::unknown_variant(loaded, {wanted})) {
    status = cli::wrong_usage(command, *problem);
    return nullptr;
  }
  const auto variant = std::find_if(loaded.variants.begin(), loaded.variants.end(),
                                    [&](const scenario::Variant& v) { return v.name == wanted; });
  if (variant->refused.empty()) return &*variant;
  status = cli::report(variant->refused);
  return nullptr;
}

}  // namespace

std::variant<LiveScenario, int> load_live(const std::string& command, const LiveChoice& choice) {
  const auto text = cli::read_file(choice.file);
  if (!text) return cli::kInvalidInput;
  return load_live(command, choice, *text);
}

std::variant<LiveScenario, int> load_live(const std::string& command, const LiveChoice& choice,
                                          const std::string& text) {
  LiveScenario live;
  live.file = choice.file;
  live.text = text;
  live.overrides = choice.overrides;
  live.loaded = scenario::load(choice.file, text, live.overrides);
  if (!live.loaded.ok()) return cli::report(live.loaded.diagnostics);
  const scenario::Scenario& base = live.loaded.variants.front().scenario;
  const bool none_is_real = choice.hosts.empty() && !base.has_real_host();
  if (none_is_real && choice.otherwise == Otherwise::kOutside) {
    if (has(base, kOutside)) {
      return cli::wrong_usage(command, std::string("no host is real, and one is called \"") +
                                           kOutside + "\": say --host NAME");
    }
    live.overrides = with_outside(base, choice.overrides);
    live.loaded = scenario::load(choice.file, text, live.overrides);
    if (!live.loaded.ok()) return cli::report(live.loaded.diagnostics);
  }
  int status = cli::kHeld;
  live.variant = pick(command, choice.variant, live.loaded, status);
  if (live.variant == nullptr) return status;
  live.scenario = live.variant->scenario;
  live.real = choice.hosts;
  if (none_is_real && choice.otherwise == Otherwise::kAll) {
    live.real = hosts_of(live.scenario, HostSpec::Kind::kHost);
  }
  for (const std::string& name : live.real) {
    if (!live.scenario.make_real(name)) {
      return cli::wrong_usage(command, unknown_host(live.scenario, name));
    }
  }
  for (const std::string& name : hosts_of(live.scenario, HostSpec::Kind::kReal)) {
    if (std::find(live.real.begin(), live.real.end(), name) == live.real.end()) {
      live.real.push_back(name);
    }
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

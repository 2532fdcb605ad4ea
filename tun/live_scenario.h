// live_scenario.h: the variant of a scenario file that is to run live, and which of its hosts are
// real machines.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sim/scenario/load.h"

namespace tcptwin::tun {

struct LiveChoice {
  std::string file;
  std::string variant;  // empty: the baseline
  std::vector<scenario::Override> overrides;
  std::string host;  // becomes real, its programs do not run; empty: the one that is real already
};

// A scenario as it will run. When no host of it is real and none was chosen, it has one more:
// "outside", with a link without delay to every host that runs programs.
struct LiveScenario {
  std::string file;
  std::string text;  // of the file
  scenario::Loaded loaded;
  const scenario::Variant* variant = nullptr;  // within `loaded`
  scenario::Scenario scenario;                 // that variant, its hosts made real
  std::vector<std::string> real;               // their names
  std::vector<scenario::Override> overrides;   // all of them
};

// Or the exit status, after a message on standard error. `command`: for messages.
std::variant<LiveScenario, int> load_live(const std::string& command, const LiveChoice& choice);

// All names of the scenario's hosts as `host` finds them, for its /etc/hosts.
std::vector<std::pair<wire::IpAddress, std::string>> names_for(const scenario::Scenario& scenario,
                                                               const std::string& host);

}  // namespace tcptwin::tun

// live_scenario.h: the variant of a scenario file that is to run live, and which of its hosts are
// real machines.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sim/scenario/load.h"

namespace tcptwin::tun {

// What is real when no host of the scenario is and none was chosen.
enum class Otherwise : uint8_t {
  kOutside,  // one more, "outside", with a link without delay to every host that runs programs
  kAll,      // every host, routers apart
};

struct LiveChoice {
  std::string file;
  std::string variant;  // empty: the baseline
  std::vector<scenario::Override> overrides;
  std::vector<std::string> hosts;  // become real, their programs do not run
  Otherwise otherwise = Otherwise::kOutside;
};

// A scenario as it will run.
struct LiveScenario {
  std::string file;
  std::string text;  // of the file
  scenario::Loaded loaded;
  const scenario::Variant* variant = nullptr;  // within `loaded`
  scenario::Scenario scenario;                 // that variant, its hosts made real
  std::vector<std::string> real;              // their names: as chosen, or in the order of the file
  std::vector<scenario::Override> overrides;  // all of them
};

// Or the exit status, after a message on standard error. `command`: for messages.
std::variant<LiveScenario, int> load_live(const std::string& command, const LiveChoice& choice);
// The same with the text of the file.
std::variant<LiveScenario, int> load_live(const std::string& command, const LiveChoice& choice,
                                          const std::string& text);

// All names of the scenario's hosts as `host` finds them, for its /etc/hosts.
std::vector<std::pair<wire::IpAddress, std::string>> names_for(const scenario::Scenario& scenario,
                                                               const std::string& host);

}  // namespace tcptwin::tun

#include "sim/report/story.h"

#include <map>
#include <utility>

namespace tcptwin::report {

namespace {

// C and S, as in the captures, for processes called so; else the first letters of the alphabet.
std::map<uint32_t, char> letters_of(const scenario::Scenario& scenario) {
  std::map<uint32_t, char> letters;
  for (uint32_t i = 0; i < scenario.processes.size() && i < 26; ++i) {
    const std::string& name = scenario.processes[i].name;
    letters[i] = name == "client" ? 'C' : name == "server" ? 'S' : static_cast<char>('a' + i);
  }
  return letters;
}

}  // namespace

trace::Ticks ticks_of(const scenario::Scenario& scenario) {
  trace::Ticks ticks;
  for (const auto& [name, host] : scenario.hosts) {
    const policy::TimerGrain grain(host.resolved.timer_grain, host.uptime);
    ticks.push_back(grain.tick());
  }
  return ticks;
}

trace::HostViewOptions view_options(const scenario::Scenario& scenario,
                                    const scenario::RunResult& result, uint16_t host, bool human) {
  std::map<uint32_t, char> letters;
  for (const auto& [process, letter] : letters_of(scenario)) {
    if (scenario.processes[process].host == scenario.hosts[host].first) letters[process] = letter;
  }
  return {.host = host,
          .zero = trace::first_departure(*result.journal),
          .letters = std::move(letters),
          .human = human,
          .ticks = ticks_of(scenario)};
}

std::string story(const scenario::Scenario& scenario, const scenario::RunResult& result) {
  std::string out;
  for (uint16_t host = 0; host < scenario.hosts.size(); ++host) {
    out += "as " + scenario.hosts[host].first + " saw it:\n";
    trace::write_host_view(*result.journal, view_options(scenario, result, host, true), out);
    out += "\n";
  }
  return out;
}

}  // namespace tcptwin::report

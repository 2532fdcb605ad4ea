// simulation.h: runs a scenario given as text and shows what went over the wire, for tests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/load.h"
#include "sim/scenario/run.h"

namespace tcptwin::support {

struct Simulation {
  scenario::Loaded loaded;
  scenario::RunResult result;

  // What that host saw, in the text form of the captures.
  std::string view(uint16_t host = 0) const;
  // The packet lines of it without their times: "> P. 1:11(10) ack 1 win 64256 <...>".
  std::vector<std::string> packets(uint16_t host = 0) const;
  // When the first packet left, virtual time.
  Instant first_packet() const;
  const app::Measure& measure(const std::string& name) const;
};

// Fails the running test when the scenario has mistakes.
Simulation simulate(const std::string& scenario_text, uint64_t seed = 0,
                    const std::string& variant = "baseline");

// A scenario with hosts "a" and "b" 1 ms apart, a client program on a, a server program on b, both
// with `host_json`
// ({"profile": ...}).
std::string two_hosts(const std::string& host_json, const std::string& client_program,
                      const std::string& server_program, const std::string& link_extra = "");

}  // namespace tcptwin::support

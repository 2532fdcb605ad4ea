// simulation.h: runs a scenario given as text and shows what went over the wire, for tests.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/scenario/load.h"
#include "sim/scenario/run.h"
#include "sim/trace/explain.h"

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
  // What --explain walks: the causes of the longest time of a measure.
  trace::Chain chain(const std::string& name) const;
};

// Fails the running test when the scenario has mistakes.
Simulation simulate(const std::string& scenario_text, uint64_t seed = 0,
                    const std::string& variant = "baseline");

// A variant of traces/documents/NAME/scenario.json, with values changed as --set does.
Simulation simulate_document(const std::string& name, const std::string& variant = "baseline",
                             uint64_t seed = 0,
                             const std::vector<scenario::Override>& overrides = {});

// The first reason of type R that a packet or a note of the chain has; null: none has.
template <class R>
const R* find_reason(const trace::Chain& chain) {
  for (const trace::Step& step : chain.steps) {
    const auto* sent = std::get_if<trace::PacketSent>(&step.record->event);
    const auto* note = std::get_if<tcp::Note>(&step.record->event);
    const tcp::Reason* reason = sent ? &sent->reason : note ? &note->reason : nullptr;
    if (reason == nullptr) continue;
    if (const R* found = std::get_if<R>(reason)) return found;
  }
  return nullptr;
}

// A scenario with hosts "a" and "b" 1 ms apart, a client program on a, a server program on b, both
// with `host_json`
// ({"profile": ...}).
std::string two_hosts(const std::string& host_json, const std::string& client_program,
                      const std::string& server_program, const std::string& link_extra = "");

}  // namespace tcptwin::support

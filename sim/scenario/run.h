// run.h: builds the world of one variant, runs it, and hands back what came of it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/app/metrics.h"
#include "sim/app/program.h"
#include "sim/scenario/scenario.h"
#include "sim/trace/journal.h"

namespace tcptwin::scenario {

struct ProcessResult {
  std::string name;
  app::ProcessOutcome outcome;
  std::string sleeps_in;  // still running when the world ended: the call in which it slept
};

struct RunResult {
  std::unique_ptr<trace::Journal> journal;
  std::string digest;
  app::Metrics metrics;
  std::vector<ProcessResult> processes;
  std::vector<std::pair<wire::IpAddress, std::string>> names;  // of addresses, for captures
  Instant ended;                                               // the last event
  bool cut_off = false;                                        // stopped by `until` with more to do
  uint64_t events = 0;
};

RunResult run(const Scenario& scenario, uint64_t seed, trace::Detail detail);

}  // namespace tcptwin::scenario

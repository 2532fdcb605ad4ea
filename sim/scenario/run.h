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

// One socket of a snapshot and the program that has it; empty: none.
struct SocketLine {
  host::SocketRow row;
  std::string program;
  int32_t pid = 0;  // of that program: the first of the scenario has 1001
};
// A descriptor that is no socket's.
struct FileLine {
  host::FileRow row;
  std::string program;
  int32_t pid = 0;
};
struct Snapshot {
  std::string name;     // what the program called it; empty: nobody of the world took it
  std::string process;  // that took it
  std::string host;
  Instant at;
  std::vector<SocketLine> sockets;
  std::vector<FileLine> files;  // of the host; none in those that programs took
};

struct RunResult {
  std::unique_ptr<trace::Journal> journal;
  std::string digest;
  app::Metrics metrics;
  std::vector<ProcessResult> processes;
  std::vector<std::pair<wire::IpAddress, std::string>> names;  // of addresses, for captures
  std::vector<Snapshot> snapshots;                             // by programs, in their order
  std::vector<Snapshot> looks;         // of every host at each time asked for
  std::vector<Snapshot> last_sockets;  // of every host at the end
  Instant ended;                       // the last event
  bool cut_off = false;                // stopped by `until` with more to do
  uint64_t events = 0;
  uint64_t packets = 0;  // that have left a host
};

// `looks`: when to look at the sockets of every host from outside, after all that happens at that
// instant. What happens does not depend on it; a time when the run is over gives nothing.
RunResult run(const Scenario& scenario, uint64_t seed, trace::Detail detail,
              std::vector<Instant> looks = {});

}  // namespace tcptwin::scenario

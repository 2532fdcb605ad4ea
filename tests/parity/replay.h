// replay.h: runs the programs of a capture in the simulator, on hosts with the capture's uptime,
// and says where the two differ. Knows nothing of what the programs do: programs.h writes them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/capture.h"

namespace tcptwin::parity {

inline constexpr Duration kJiffy = std::chrono::milliseconds(4);

// The two programs of a capture, as operations of a scenario file. An empty one does not run.
struct Programs {
  std::string client;
  std::string server;
};

// What the simulated run showed.
struct Replayed {
  capture::Capture packets;                // as that host saw them
  std::vector<support::LoggedCall> calls;  // of both programs, in the order in which they began
  std::vector<std::string> errors;         // why the scenario could not be run; then nothing else
};

// A gap that the captured machine itself stretched beyond one jiffy.
struct LateFiring {
  std::string capture;
  size_t segment;
  int64_t jiffies_late;
};

// The environment of the capture as a scenario: its link, its losses, its sysctls.
std::string scenario_for(const support::Capture& capture, const Programs& programs,
                         int64_t uptime_ns, int64_t until_us);
// Runs it with the uptime that puts its first packet where the capture's was in the host's time.
// `host`: 0 the client's, 1 the server's. `until_us`: virtual time at which it is stopped.
Replayed replay(const support::Capture& capture, const Programs& programs, uint16_t host,
                int64_t until_us = 86'400'000'000);

// ---- comparisons: one line per difference, the earliest first; empty when there is none.

// By sim/compare: direction, flags, numbers, length, window, kinds and order of the options, SACK
// blocks; every gap and the age of every timestamp within a jiffy, `late` excepted. `prefix`: the
// capture was cut, what we send after its end is no difference.
std::vector<std::string> compare_packets(const support::Capture& capture, const Replayed& ours,
                                         const std::vector<LateFiring>& late, bool prefix = false);
// Calls and results of each program, in its order; how long they took is not compared, nor which
// number a descriptor got.
std::vector<std::string> compare_calls(const support::Capture& capture, const Replayed& ours);

// Names of the captures of a folder below traces/kernel-6.18, sorted.
std::vector<std::string> captures_in(const std::string& folder);

}  // namespace tcptwin::parity

// kernel_run.h: one run of a scenario in which hosts are this machine's kernel: their programs over
// its sockets, the links and all else simulated in real time, both ends captured.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/scenario/scenario.h"
#include "tun/kernel_process.h"
#include "tun/kernel_settings.h"

namespace tcptwin::tun {

struct KernelRunSetup {
  const scenario::Scenario* scenario = nullptr;  // outlives the run; no host of it is real yet
  std::vector<std::string> real{};               // the hosts that are to be
  uint64_t seed = 0;                             // of the links and the simulated hosts
  Duration expected{};                           // how long the simulation went on
  bool ends = true;                              // all programs came to their end there
};

// A packet as a real host sent or received it.
struct Sight {
  uint32_t host = 0;  // of KernelRunSetup::real
  Instant at{};       // by the clock
  bool inbound = false;
  std::vector<uint8_t> bytes{};
};

struct ProcessRun {
  std::string name;
  app::ProcessOutcome outcome{};
  std::vector<LoggedCall> calls{};
};

struct KernelRun {
  std::vector<Sight> sights{};  // in the order of time
  std::vector<ProcessRun> processes{};
  app::Metrics metrics{};
  std::vector<AppliedSettings> settings{};  // of each real host
  int64_t zero_ns = 0;                      // CLOCK_MONOTONIC at virtual time 0
  Duration late_p50{}, late_p99{}, late_max{};
  Duration took{};
  bool cut_off = false;  // the programs had not ended long after those of the simulation
};

// Makes namespaces and devices, and takes them away again. Throws Failure and Lacking.
KernelRun run_on_kernel(const KernelRunSetup& setup);

}  // namespace tcptwin::tun

// oracle.h: `tcptwin oracle`: a scenario over this machine's kernel and in simulation, and where
// the two differ.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "models/json/node.h"
#include "sim/cli/command.h"
#include "sim/compare/compare.h"
#include "sim/scenario/load.h"
#include "tun/kernel_facts.h"
#include "tun/kernel_run.h"
#include "tun/oracle_totals.h"

namespace tcptwin::tun {

// One host in one run: A is the kernel, B the simulation.
struct HostRun {
  compare::Comparison comparison{};
  Totals kernel{};
  Totals simulated{};
};

// The calls of a process and what they came back with, in the order in which they were made.
struct CallsCompared {
  std::string process{};
  size_t equal = 0;
  size_t kernel = 0;
  size_t simulated = 0;
  std::string first{};  // difference; empty: there is none
};

struct OracleRun {
  std::vector<HostRun> hosts{};  // in the order of OracleResult::hosts
  std::vector<CallsCompared> calls{};
  std::vector<std::string> failures{};  // programs that failed over the kernel: name and why
  Lateness links{};                     // of what was simulated
  Lateness timers{};                    // of the kernel's own timers
  Duration took{};
  bool cut_off = false;

  // By how much a time may differ because this machine was late.
  Duration lateness() const { return std::max(links.max(), timers.max()); }
};

struct HostVerdict {
  enum class Is : uint8_t {
    kEqual,    // segment by segment, in every run
    kInRange,  // the kernel does not repeat itself, and the simulation is within what it does
    kDifferent,
  };
  Is is = Is::kEqual;
  // Of several runs, the first one of the kernel against each other one.
  std::vector<compare::Comparison> repeats{};
  RangeJudgement range{};
};

struct OracleResult {
  std::string file{};
  std::string variant{};
  std::string kernel{};  // "6.18.44"
  KernelTicks ticks{};
  std::vector<std::string> hosts{};         // those of the kernel
  std::vector<AppliedSettings> settings{};  // of each
  std::vector<OracleRun> runs{};
  std::vector<HostVerdict> verdicts{};

  bool equal() const;
};

// Why a host cannot be this machine's kernel: its profile is of another family of systems, or of
// another tick. Nothing: it can.
std::optional<std::string> unfit(const std::string& name, const scenario::HostSpec& host,
                                 const KernelTicks& ticks);

std::string text(const OracleResult& result);
json::Node json_of(const OracleResult& result);

int oracle_command(const cli::Arguments& arguments);

}  // namespace tcptwin::tun

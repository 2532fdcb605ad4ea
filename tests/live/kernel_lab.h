// kernel_lab.h: programs of a scenario over this machine's own sockets, on the loopback of a
// network namespace, for tests.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/scenario/load.h"
#include "tun/kernel_programs.h"

namespace tcptwin::live {

// What a process did.
struct Ran {
  app::ProcessOutcome outcome;
  std::vector<std::string> calls;  // "send(10) = 10", in the order of their beginning
};

struct LabRun {
  app::Metrics metrics;
  std::map<std::string, Ran> processes;
};

// Why this machine cannot run such tests, said on standard error, too; nothing: it can. With
// TCPTWIN_NO_SKIP set the test fails instead.
std::optional<std::string> lacking();

// Programs on one host "a" of the profile linux-6.18, as the JSON of "processes"; each is
// `{"name": ..., "host": "a", "program": [...]}`. Ends when all have come to their end, or after
// `limit`.
LabRun run_programs(const std::string& processes, std::chrono::milliseconds limit);

// Client and server of a document on its client's loopback; fails the test where it has mistakes.
LabRun run_scenario(const std::string& text, const std::string& variant,
                    const std::vector<scenario::Override>& overrides,
                    std::chrono::milliseconds limit);

}  // namespace tcptwin::live

#include "tests/live/kernel_lab.h"

#include <poll.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "sim/scenario/load.h"
#include "sim/trace/calls.h"
#include "tun/failure.h"

namespace tcptwin::live {

namespace {

Ran ran(const tun::KernelProcess& process) {
  Ran result{process.outcome(), {}};
  std::vector<const tun::LoggedCall*> calls;
  for (const tun::LoggedCall& call : process.calls()) calls.push_back(&call);
  std::stable_sort(calls.begin(), calls.end(),
                   [](const auto* a, const auto* b) { return a->started < b->started; });
  for (const tun::LoggedCall* call : calls) {
    const std::string end = call->returned.is_never()
                                ? "?"
                                : trace::result_text({RecordId::kNone, call->value, call->error});
    result.calls.push_back(trace::call_text(call->call) + " = " + end);
  }
  return result;
}

LabRun run(const scenario::Scenario& scenario, std::chrono::milliseconds limit) {
  const tun::NetNamespace where;
  tun::RealHosts hosts;
  for (const auto& [name, spec] : scenario.hosts) hosts[name] = {&where};
  tun::KernelPrograms programs(scenario, hosts);
  programs.launch();
  const tun::Clock clock;
  programs.go(clock);
  while (!programs.are_over()) {
    const auto left = limit - std::chrono::milliseconds(clock.now().ns() / 1'000'000);
    pollfd over{programs.over_fd(), POLLIN, 0};
    if (left.count() <= 0 || ::poll(&over, 1, static_cast<int>(left.count())) == 0) break;
    programs.acknowledge_over();
  }
  programs.stop();
  LabRun result{programs.metrics(), {}};
  for (const tun::KernelProcess& process : programs.processes()) {
    result.processes.emplace(process.name(), ran(process));
  }
  return result;
}

}  // namespace

std::optional<std::string> lacking() {
  try {
    const tun::NetNamespace probe;
    return std::nullopt;
  } catch (const tun::Lacking& why) {
    if (std::getenv("TCPTWIN_NO_SKIP") != nullptr) ADD_FAILURE() << why.what();
    std::cerr << "SKIPPED: " << why.what() << '\n';
    return why.what();
  }
}

LabRun run_scenario(const std::string& text, const std::string& variant,
                    const std::vector<scenario::Override>& overrides,
                    std::chrono::milliseconds limit) {
  const scenario::Loaded loaded = scenario::load("test", text, overrides);
  for (const auto& d : loaded.diagnostics) ADD_FAILURE() << json::to_string(d);
  if (!loaded.ok()) return {};
  const auto found = std::find_if(loaded.variants.begin(), loaded.variants.end(),
                                  [&](const auto& v) { return v.name == variant; });
  if (found == loaded.variants.end()) {
    ADD_FAILURE() << "no variant " << variant;
    return {};
  }
  return run(found->scenario, limit);
}

LabRun run_programs(const std::string& processes, std::chrono::milliseconds limit) {
  return run_scenario(R"({"schema": "tcptwin/scenario/1", "name": "lab",
    "hosts": {"a": {"profile": "linux-6.18"}}, "processes": )" +
                          processes + "}",
                      "baseline", {}, limit);
}

}  // namespace tcptwin::live

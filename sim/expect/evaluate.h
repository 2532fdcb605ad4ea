// evaluate.h: statistics of measures by name, and whether expectations hold.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/app/metrics.h"
#include "sim/scenario/scenario.h"

namespace tcptwin::expect {

struct Statistics {
  int64_t count = 0, sum = 0, min = 0, p50 = 0, p99 = 0, max = 0;  // nanoseconds, count apart
};

// Percentiles by nearest rank: the smallest value that at least so many of a hundred do not exceed.
Statistics statistics(const app::Measure& measure);

// One statistic by name (scenario::is_statistic): nanoseconds, or a count. Nothing: `#N` of fewer
// than N values, or no such statistic.
std::optional<int64_t> statistic(const app::Measure& measure, const std::string& name);

// Metrics of every variant that was run.
using Runs = std::map<std::string, const app::Metrics*, std::less<>>;

struct Judged {
  std::string variant;  // under which it is reported: the last that it names
  std::string text;     // what was expected
  std::string actual;   // what came out, or why nothing did
  bool held = false;
};

// Judges what concerns the variants in `runs`; expectations that name another are left out.
std::vector<Judged> judge(const std::vector<scenario::Expectation>& expectations, const Runs& runs);

}  // namespace tcptwin::expect

// sweep.h: one scenario at every point of a grid, and one table of what was measured. Points are
// independent of each other; who runs them, and how many at a time, is the caller's business.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/json/diagnostic.h"
#include "models/json/node.h"
#include "sim/scenario/load.h"
#include "sim/sweep/grid.h"

namespace tcptwin::sweep {

// A measure and a statistic of it: "client.round" and "p50"; or a process, of which it is counted
// in how many runs it did not come to its end: "client" and "unfinished".
struct Column {
  std::string measure;
  std::string statistic;

  static constexpr std::string_view kUnfinished = "unfinished";
  bool counts_unfinished() const { return statistic == kUnfinished; }
  std::string name() const { return measure + "." + statistic; }
};

struct Sweep {
  std::string file;                           // name for messages
  std::string text;                           // of the scenario
  std::vector<scenario::Override> overrides;  // of every point, before the varied ones
  Grid grid;
  uint64_t seed = 0;
  uint64_t seeds = 1;                 // so many runs of each, with `seed` and those after it
  std::vector<std::string> variants;  // empty: the baseline
  std::vector<std::string> metrics;   // PROCESS.MEASURE[.STATISTIC] or PROCESS.unfinished; empty:
                                      // all measures
  std::vector<Column> columns{};      // by prepare()
};

// Checks that every value fits the scenario, that variants and metrics exist, and sets the columns:
// p50, p99 and max where no statistic is said; `elapsed` only when nothing else is measured. What
// is wrong, empty when nothing is. A mistake in what was asked for rather than in a file has only a
// message.
std::vector<json::Diagnostic> prepare(Sweep& sweep);

// A statistic of a measure, which may be of times (ns) or of numbers.
struct Value {
  int64_t value = 0;
  bool is_time = true;
  bool operator==(int64_t other) const { return value == other; }
};

// One line of the table: a point under one variant. Statistics are of the values of all its runs.
struct Row {
  std::string variant;
  std::string digest;                        // of the first run
  std::vector<std::optional<Value>> values;  // for each column; nothing: unmeasured
  std::vector<std::string> failures;         // "client failed in connect: ECONNREFUSED"
};

struct Point {
  std::vector<Row> rows;                      // for each variant
  std::vector<json::Diagnostic> diagnostics;  // not empty: a combination that does not fit
};

// Runs one point of a prepared sweep. Reads nothing but the sweep, so that several threads may run
// points of the same one.
Point run_point(const Sweep& sweep, size_t index);

// A line for each point and variant: the varied values, then the measures; failures below. `points`
// are all of the grid, in its order.
std::string table(const Sweep& sweep, const std::vector<Point>& points);
// "tcptwin/sweep/1": see docs/result.md.
json::Node result_json(const Sweep& sweep, const std::vector<Point>& points);

}  // namespace tcptwin::sweep

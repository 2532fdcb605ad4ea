// matrix.h: runs of one scenario with different values set, as one table.
#pragma once

#include <string>
#include <vector>

#include "sim/app/metrics.h"
#include "sim/report/report.h"

namespace tcptwin::report {

struct MatrixRow {
  std::vector<std::string> place;  // for each axis the value that was set, then the variant
  app::Metrics metrics;
  size_t held = 0;  // expectations
  size_t judged = 0;
  std::vector<std::string> trouble;  // programs that failed or sleep for ever
};

struct Matrix {
  std::vector<std::string> axes;     // what was set: JSON Pointers
  std::vector<std::string> metrics;  // PROCESS.MEASURE[.STATISTIC]; empty: all measures
  std::vector<MatrixRow> rows{};
};

// A row for each variant of the report, whose measures it takes over. `values`: of the axes.
void add_runs(Matrix& matrix, const std::vector<std::string>& values, ScenarioReport&& report);

// The values, then the measures: p50 and max and, where the rows differ in it, the count; a measure
// that was taken once has one column. Trouble stands at the end of its row.
std::string text(const Matrix& matrix);

}  // namespace tcptwin::report

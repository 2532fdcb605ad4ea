#include "sim/report/matrix.h"

#include <algorithm>
#include <array>
#include <set>

#include "models/json/units.h"
#include "sim/expect/evaluate.h"
#include "sim/report/text_table.h"

namespace tcptwin::report {

namespace {

struct MatrixColumn {
  std::string title;
  std::string measure;
  std::string statistic;
};

int64_t count_in(const MatrixRow& row, const std::string& measure) {
  const auto found = row.metrics.find(measure);
  return found == row.metrics.end() ? 0 : static_cast<int64_t>(found->second.values.size());
}

// A server that waits for its next client has come to no harm.
bool waits_for_clients(const std::string& call) {
  constexpr std::array<std::string_view, 6> kCalls = {"accept", "poll",       "select",
                                                      "kevent", "epoll_wait", "recvfrom"};
  return std::find(kCalls.begin(), kCalls.end(), call) != kCalls.end();
}

std::vector<std::string> trouble_of(const ScenarioReport& report, size_t index) {
  std::vector<std::string> trouble;
  for (const scenario::ProcessResult& p : report.results[index].processes) {
    if (!p.outcome.failure.empty()) {
      const bool allowed = report.variants[index]->scenario.process(p.name)->may_fail;
      trouble.push_back((allowed ? "" : "FAILED: ") + p.name + " in " + p.outcome.failure);
    } else if (!p.sleeps_in.empty() && !waits_for_clients(p.sleeps_in)) {
      trouble.push_back(p.name + " sleeps in " + p.sleeps_in);
    }
  }
  return trouble;
}

// Those of all rows, without `elapsed` where anything else is measured.
std::vector<std::string> usual_measures(const Matrix& matrix) {
  std::set<std::string> names;
  for (const MatrixRow& row : matrix.rows) {
    for (const auto& [name, measure] : row.metrics) names.insert(name);
  }
  const auto is_rest = [](const std::string& name) { return name.ends_with(".elapsed"); };
  const bool only_rest = std::all_of(names.begin(), names.end(), is_rest);
  std::vector<std::string> usual;
  for (const std::string& name : names) {
    if (only_rest || !is_rest(name)) usual.push_back(name);
  }
  return usual;
}

void add_measure(const Matrix& matrix, const std::string& measure,
                 std::vector<MatrixColumn>& columns) {
  std::set<int64_t> counts;
  for (const MatrixRow& row : matrix.rows) counts.insert(count_in(row, measure));
  if (*counts.rbegin() <= 1) {
    columns.push_back({measure, measure, "p50"});
    return;
  }
  if (counts.size() > 1) columns.push_back({measure + ".count", measure, "count"});
  columns.push_back({measure + ".p50", measure, "p50"});
  columns.push_back({measure + ".max", measure, "max"});
}

std::vector<MatrixColumn> columns_of(const Matrix& matrix) {
  std::vector<MatrixColumn> columns;
  for (const std::string& metric : matrix.metrics) {
    const scenario::MetricName name = scenario::parse_metric(metric, "");
    if (name.statistic.empty()) {
      add_measure(matrix, name.measure, columns);
    } else {
      columns.push_back({metric, name.measure, name.statistic});
    }
  }
  if (!matrix.metrics.empty()) return columns;
  for (const std::string& measure : usual_measures(matrix)) add_measure(matrix, measure, columns);
  return columns;
}

std::string matrix_cell(const MatrixRow& row, const MatrixColumn& column) {
  const auto found = row.metrics.find(column.measure);
  if (found == row.metrics.end()) return column.statistic == "count" ? "0" : "-";
  const auto value = expect::statistic(found->second, column.statistic);
  if (!value) return "-";
  if (column.statistic == "count" || !found->second.is_time()) return std::to_string(*value);
  return json::pretty_duration(Duration(*value));
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : "; ") + part;
  return text;
}

}  // namespace

void add_runs(Matrix& matrix, const std::vector<std::string>& values, ScenarioReport&& report) {
  for (size_t i = 0; i < report.results.size(); ++i) {
    MatrixRow row{values, std::move(report.results[i].metrics), 0, 0, trouble_of(report, i)};
    const std::string& variant = report.variants[i]->name;
    row.place.push_back(variant);
    for (const expect::Judged& j : report.judged) {
      if (j.variant != variant) continue;
      ++row.judged;
      if (j.held) ++row.held;
    }
    matrix.rows.push_back(std::move(row));
  }
}

std::string text(const Matrix& matrix) {
  const bool several = std::any_of(
      matrix.rows.begin(), matrix.rows.end(),
      [&](const MatrixRow& row) { return row.place.back() != matrix.rows.front().place.back(); });
  std::vector<std::string> header = matrix.axes;
  if (several) header.emplace_back("variant");
  const size_t left = header.size();
  const std::vector<MatrixColumn> columns = columns_of(matrix);
  for (const MatrixColumn& column : columns) header.push_back(column.title);
  header.emplace_back("held");
  header.emplace_back("");
  TextTable table(std::move(header), left);
  table.also_left(left + columns.size() + 1);
  for (const MatrixRow& row : matrix.rows) {
    std::vector<std::string> cells(row.place.begin(), row.place.end() - (several ? 0 : 1));
    for (const MatrixColumn& column : columns) cells.push_back(matrix_cell(row, column));
    cells.push_back(std::to_string(row.held) + "/" + std::to_string(row.judged));
    cells.push_back(joined(row.trouble));
    table.add(std::move(cells));
  }
  return table.render();
}

}  // namespace tcptwin::report

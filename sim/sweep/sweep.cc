#include "sim/sweep/sweep.h"

#include <algorithm>
#include <map>
#include <set>

#include "models/json/nearest.h"
#include "models/json/units.h"
#include "sim/expect/evaluate.h"
#include "sim/report/report.h"
#include "sim/report/text_table.h"
#include "sim/scenario/run.h"

namespace tcptwin::sweep {

namespace {

using json::Diagnostic;
using json::Node;

scenario::Loaded load_point(const Sweep& sweep, size_t index) {
  std::vector<scenario::Override> overrides = sweep.overrides;
  for (scenario::Override& varied : sweep.grid.at(index)) overrides.push_back(std::move(varied));
  return scenario::load(sweep.file, sweep.text, overrides);
}

std::vector<std::string> variants_of(const Sweep& sweep) {
  if (!sweep.variants.empty()) return sweep.variants;
  return {std::string(scenario::kBaseline)};
}

// Null when it has no such variant.
const scenario::Variant* find(const scenario::Loaded& loaded, const std::string& name) {
  for (const scenario::Variant& v : loaded.variants) {
    if (v.name == name) return &v;
  }
  return nullptr;
}

// What keeps these variants from running; empty when nothing does.
std::vector<Diagnostic> obstacles(const scenario::Loaded& loaded,
                                  const std::vector<std::string>& variants) {
  if (!loaded.ok()) return loaded.diagnostics;
  for (const std::string& name : variants) {
    const scenario::Variant* variant = find(loaded, name);
    if (variant != nullptr && !variant->refused.empty()) return variant->refused;
  }
  return {};
}

Diagnostic message(std::string text) {
  Diagnostic d;
  d.message = std::move(text);
  return d;
}

// Every measure of the variants, in the order of their programs.
std::vector<std::string> measures(const scenario::Loaded& loaded,
                                  const std::vector<std::string>& variants) {
  std::vector<std::string> all;
  for (const std::string& name : variants) {
    for (std::string& measure : scenario::measures_of(find(loaded, name)->scenario)) {
      if (std::find(all.begin(), all.end(), measure) == all.end())
        all.push_back(std::move(measure));
    }
  }
  return all;
}

void add_usual(const std::string& measure, std::vector<Column>& columns) {
  for (const char* statistic : {"p50", "p99", "max"}) columns.push_back({measure, statistic});
}

// The columns that one --metric asks for; a message when there are none such.
std::optional<std::string> add_metric(const std::string& metric,
                                      const std::vector<std::string>& known,
                                      std::vector<Column>& columns) {
  const scenario::MetricName name = scenario::parse_metric(metric, "");
  if (metric.find('/') != std::string::npos) {
    return "--metric " + metric + ": name the variant with --variant, not here";
  }
  const std::string suffix = "." + std::string(Column::kUnfinished);
  if (metric.ends_with(suffix)) {
    const std::string process = metric.substr(0, metric.size() - suffix.size());
    if (std::find(known.begin(), known.end(), process + ".elapsed") == known.end()) {
      return "--metric " + metric + ": there is no process \"" + process + "\"";
    }
    columns.push_back({process, std::string(Column::kUnfinished)});
    return std::nullopt;
  }
  if (std::find(known.begin(), known.end(), name.measure) == known.end()) {
    const std::string near = json::nearest(name.measure, known);
    return "--metric " + metric + ": nothing is measured as \"" + name.measure + "\"" +
           (near.empty() ? "; there is " + json::quoted_list(known, "and")
                         : " (did you mean \"" + near + "\"?)");
  }
  if (name.statistic.empty()) {
    add_usual(name.measure, columns);
  } else if (scenario::is_statistic(name.statistic)) {
    columns.push_back({name.measure, name.statistic});
  } else {
    return "--metric " + metric + ": no statistic \"" + name.statistic +
           "\"; there are count, sum, min, p50, p99, max and #N";
  }
  return std::nullopt;
}

void add_all(const std::vector<std::string>& known, std::vector<Column>& columns) {
  const auto is_elapsed = [](const std::string& m) { return m.ends_with(".elapsed"); };
  const bool only_elapsed = std::all_of(known.begin(), known.end(), is_elapsed);
  for (const std::string& measure : known) {
    if (only_elapsed || !is_elapsed(measure)) add_usual(measure, columns);
  }
}

// What all runs of one line measured, and in how many of them a process did not come to its end.
struct Pooled {
  app::Metrics metrics;
  std::map<std::string, int64_t> unfinished;
};

void add_run(const scenario::RunResult& run, Pooled& pooled) {
  for (const auto& [name, measure] : run.metrics) {
    app::Measure& all = pooled.metrics[name];
    all.unit = measure.unit;
    all.values.insert(all.values.end(), measure.values.begin(), measure.values.end());
  }
  for (const scenario::ProcessResult& p : run.processes) {
    const bool finished = p.outcome.end == app::ProcessOutcome::End::kFinished;
    pooled.unfinished[p.name] += finished ? 0 : 1;
  }
}

std::optional<Value> value_of(const Column& column, const Pooled& pooled) {
  if (column.counts_unfinished()) return Value{pooled.unfinished.at(column.measure), false};
  const auto found = pooled.metrics.find(column.measure);
  if (found == pooled.metrics.end()) return std::nullopt;
  const auto value = expect::statistic(found->second, column.statistic);
  if (!value) return std::nullopt;
  return Value{*value, column.statistic != "count" && found->second.is_time()};
}

Row run_variant(const Sweep& sweep, const scenario::Variant& variant) {
  Row row{.variant = variant.name, .digest = "", .values = {}, .failures = {}};
  Pooled pooled;
  for (uint64_t i = 0; i < sweep.seeds; ++i) {
    const uint64_t seed = sweep.seed + i;
    const scenario::RunResult run = scenario::run(variant.scenario, seed, trace::Detail::kDigest);
    if (i == 0) row.digest = run.digest;
    add_run(run, pooled);
    for (const scenario::ProcessResult& p : run.processes) {
      if (p.outcome.failure.empty() || variant.scenario.process(p.name)->may_fail) continue;
      row.failures.push_back((sweep.seeds > 1 ? "seed " + std::to_string(seed) + ": " : "") +
                             p.name + " failed in " + p.outcome.failure);
    }
  }
  for (const Column& column : sweep.columns) row.values.push_back(value_of(column, pooled));
  return row;
}

std::string cell(const Sweep& sweep, const Column& column, const std::optional<Value>& value) {
  if (!value) return "-";
  if (column.counts_unfinished()) {
    return std::to_string(value->value) + " of " + std::to_string(sweep.seeds);
  }
  return value->is_time ? json::pretty_duration(Duration(value->value))
                        : std::to_string(value->value);
}

// "/links/0/delay=5ms /links/0/rate=1Mbit/s, nodelay: "
std::string place(const Sweep& sweep, size_t index, const Row& row) {
  std::string text;
  for (const scenario::Override& o : sweep.grid.at(index)) {
    text += (text.empty() ? "" : " ") + o.pointer + "=" + o.value;
  }
  if (sweep.variants.size() > 1) text += ", " + row.variant;
  return text + ": ";
}

}  // namespace

std::vector<Diagnostic> prepare(Sweep& sweep) {
  if (sweep.grid.size() > Grid::kLargest) {
    return {message("more than " + std::to_string(Grid::kLargest) +
                    " combinations; vary fewer values at a time")};
  }
  const std::vector<std::string> variants = variants_of(sweep);
  for (const size_t index : sweep.grid.samples()) {
    const scenario::Loaded loaded = load_point(sweep, index);
    auto found = obstacles(loaded, variants);
    if (!found.empty()) return found;
    if (index > 0) continue;
    if (auto problem = scenario::live_problem(sweep.file, loaded)) return {message(*problem)};
    if (auto problem = scenario::unknown_variant(loaded, variants)) return {message(*problem)};
    const std::vector<std::string> known = measures(loaded, variants);
    sweep.columns.clear();
    for (const std::string& metric : sweep.metrics) {
      if (auto problem = add_metric(metric, known, sweep.columns)) return {message(*problem)};
    }
    if (sweep.metrics.empty()) add_all(known, sweep.columns);
  }
  return {};
}

Point run_point(const Sweep& sweep, size_t index) {
  Point point;
  const scenario::Loaded loaded = load_point(sweep, index);
  const std::vector<std::string> variants = variants_of(sweep);
  point.diagnostics = obstacles(loaded, variants);
  if (!point.diagnostics.empty()) return point;
  for (const std::string& name : variants)
    point.rows.push_back(run_variant(sweep, *find(loaded, name)));
  return point;
}

std::string table(const Sweep& sweep, const std::vector<Point>& points) {
  const bool several = sweep.variants.size() > 1;
  std::vector<std::string> header;
  for (const Axis& axis : sweep.grid.axes()) header.push_back(axis.pointer);
  if (several) header.emplace_back("variant");
  const size_t left = header.size();
  for (const Column& column : sweep.columns) header.push_back(column.name());
  report::TextTable table(std::move(header), left);
  std::string below;
  for (size_t i = 0; i < points.size(); ++i) {
    for (const Row& row : points[i].rows) {
      std::vector<std::string> cells;
      for (const scenario::Override& o : sweep.grid.at(i)) cells.push_back(o.value);
      if (several) cells.push_back(row.variant);
      for (size_t c = 0; c < row.values.size(); ++c) {
        cells.push_back(cell(sweep, sweep.columns[c], row.values[c]));
      }
      table.add(std::move(cells));
      for (const std::string& failure : row.failures)
        below += "FAILED: " + place(sweep, i, row) + failure + "\n";
    }
  }
  return table.render() + (below.empty() ? "" : "\n" + below);
}

Node result_json(const Sweep& sweep, const std::vector<Point>& points) {
  Node list = Node::array();
  for (size_t i = 0; i < points.size(); ++i) {
    for (const Row& row : points[i].rows) {
      Node set = Node::object();
      for (const scenario::Override& o : sweep.grid.at(i))
        set.set(o.pointer, Node::string(o.value));
      Node metrics = Node::object();
      for (size_t c = 0; c < row.values.size(); ++c) {
        metrics.set(sweep.columns[c].name(),
                    row.values[c] ? Node::integer(row.values[c]->value) : Node::null());
      }
      Node failures = Node::array();
      for (const std::string& failure : row.failures) failures.push(Node::string(failure));
      list.push(Node::object()
                    .set("set", std::move(set))
                    .set("variant", Node::string(row.variant))
                    .set("digest", Node::string(row.digest))
                    .set("metrics", std::move(metrics))
                    .set("failures", std::move(failures)));
    }
  }
  Node fixed = Node::object();
  for (const scenario::Override& o : sweep.overrides) fixed.set(o.pointer, Node::string(o.value));
  return Node::object()
      .set("schema", Node::string("tcptwin/sweep/1"))
      .set("file", Node::string(sweep.file))
      .set("seed", Node::integer(static_cast<int64_t>(sweep.seed)))
      .set("seeds", Node::integer(static_cast<int64_t>(sweep.seeds)))
      .set("version", Node::string(report::version()))
      .set("set", std::move(fixed))
      .set("points", std::move(list));
}

}  // namespace tcptwin::sweep

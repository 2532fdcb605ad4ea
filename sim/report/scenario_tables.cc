#include "sim/report/scenario_tables.h"

#include <fmt/format.h>

#include <optional>

#include "models/json/units.h"
#include "sim/report/text_table.h"

namespace tcptwin::report {

namespace {

using json::Node;
using scenario::TableCell;
using scenario::TableEntry;
using scenario::TableSpec;

struct FilledRow {
  std::string name;
  std::vector<std::string> cells;
};

struct Found {
  int64_t value = 0;
  bool is_time = true;
};

std::optional<Found> value_in(const expect::Runs& runs, const std::string& variant,
                              const TableCell& cell) {
  const auto run = runs.find(variant);
  if (run == runs.end()) return std::nullopt;
  const auto measure = run->second->find(cell.measure);
  if (measure == run->second->end()) return std::nullopt;
  const auto value = expect::statistic(measure->second, cell.statistic);
  if (!value) return std::nullopt;
  return Found{*value, measure->second.is_time() && cell.statistic != "count"};
}

// Hundredths, rounded down.
std::string quotient_text(int64_t value, int64_t by) {
  if (by <= 0) return "-";
  const int64_t hundredths = value / by * 100 + value % by * 100 / by;
  return fmt::format("{}.{:02}", hundredths / 100, hundredths % 100);
}

std::string rate_text(int64_t bytes, int64_t ns) {
  const int64_t us = ns / 1000;
  if (us <= 0) return "-";
  const int64_t kilobits = bytes * 8 * 1000 / us;
  if (kilobits < 10'000) return fmt::format("{} kbit/s", kilobits);
  return fmt::format("{}.{:01} Mbit/s", kilobits / 1000, kilobits % 1000 / 100);
}

std::string cell_text(const TableCell& cell, const expect::Runs& runs) {
  const auto found = value_in(runs, cell.variant, cell);
  if (!found) return "-";
  if (!cell.against.empty()) {
    const auto other = value_in(runs, cell.against, cell);
    return other ? quotient_text(found->value, other->value) : "-";
  }
  if (cell.in_units_of.count() > 0) return quotient_text(found->value, cell.in_units_of.count());
  if (cell.rate_of > 0) return rate_text(cell.rate_of, found->value);
  return found->is_time ? json::pretty_duration(Duration(found->value))
                        : std::to_string(found->value);
}

std::vector<std::string> variants_of(const scenario::Scenario& scenario) {
  std::vector<std::string> names = {std::string(scenario::kBaseline)};
  if (!scenario.variants.is_object()) return names;
  for (const json::Member& member : scenario.variants.members()) names.push_back(member.key);
  return names;
}

std::vector<FilledRow> fill(const TableSpec& table, const scenario::Scenario& scenario,
                            const expect::Runs& runs) {
  std::vector<FilledRow> rows;
  for (const TableEntry& entry : table.all_rows(variants_of(scenario))) {
    FilledRow row{entry.label(), {}};
    bool ran = false;
    for (const TableEntry& column : table.columns) {
      const TableCell cell = scenario::cell_of(entry, column);
      ran = ran || runs.contains(cell.variant);
      row.cells.push_back(cell_text(cell, runs));
    }
    if (ran) rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

std::string scenario_tables(const scenario::Scenario& scenario, const expect::Runs& runs) {
  std::string out;
  for (const TableSpec& spec : scenario.tables) {
    const std::vector<FilledRow> rows = fill(spec, scenario, runs);
    if (rows.empty()) continue;
    std::vector<std::string> header = {spec.head};
    for (const TableEntry& column : spec.columns) header.push_back(column.label());
    TextTable table(std::move(header), 1);
    for (const FilledRow& row : rows) {
      std::vector<std::string> cells = {row.name};
      cells.insert(cells.end(), row.cells.begin(), row.cells.end());
      table.add(std::move(cells));
    }
    out += spec.title + "\n" + table.render() + "\n";
  }
  return out;
}

Node scenario_tables_json(const scenario::Scenario& scenario, const expect::Runs& runs) {
  const auto texts = [](const std::vector<std::string>& words) {
    Node list = Node::array();
    for (const std::string& word : words) list.push(Node::string(word));
    return list;
  };
  Node tables = Node::array();
  for (const TableSpec& spec : scenario.tables) {
    std::vector<std::string> columns;
    for (const TableEntry& column : spec.columns) columns.push_back(column.label());
    Node rows = Node::array();
    for (const FilledRow& row : fill(spec, scenario, runs)) {
      rows.push(Node::object().set("name", Node::string(row.name)).set("cells", texts(row.cells)));
    }
    tables.push(Node::object()
                    .set("title", Node::string(spec.title))
                    .set("columns", texts(columns))
                    .set("rows", std::move(rows)));
  }
  return tables;
}

}  // namespace tcptwin::report

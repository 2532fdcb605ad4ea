// table_spec.h: the tables that a scenario asks for: which metric stands in which cell. Computes
// nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/json/fields.h"
#include "stack/base/time.h"

namespace tcptwin::scenario {

// What a row or a column says of its cells; what the column leaves out the row says.
struct TableEntry {
  std::string name;        // empty: the variant, or the metric
  std::string variant;     // baseline when nobody says
  std::string metric;      // "process.measure" or "process.measure.statistic"
  std::string statistic;   // of a metric that has none; p50 when nobody says
  std::string against;     // the cell is divided by the same of this variant
  Duration in_units_of{};  // the cell is divided by this time; 0: not
  int64_t rate_of = 0;     // the cell is the rate of so many bytes in that time; 0: not

  // As it stands in the head or at the left.
  const std::string& label() const {
    if (!name.empty()) return name;
    return metric.empty() ? variant : metric;
  }
};

// What one cell shows.
struct TableCell {
  std::string variant;
  std::string measure;
  std::string statistic;
  std::string against;
  Duration in_units_of{};
  int64_t rate_of = 0;
};

struct TableSpec {
  std::string title;
  std::string head;              // of the column with the names of the rows
  std::vector<TableEntry> rows;  // empty: a row for each variant
  std::vector<TableEntry> columns;

  // The rows as they stand, given all variants in their order.
  std::vector<TableEntry> all_rows(const std::vector<std::string>& variants) const;
};

TableCell cell_of(const TableEntry& row, const TableEntry& column);

const json::Fields<TableSpec>& table_fields();

}  // namespace tcptwin::scenario

#include "sim/scenario/table_spec.h"

#include "sim/scenario/scenario.h"

namespace tcptwin::scenario {

namespace {

const json::Fields<TableEntry>& table_entry_fields() {
  static const json::Fields<TableEntry> fields =
      json::Fields<TableEntry>("table_entry", "what the cells of a row or a column show")
          .text("name", &TableEntry::name, "what is written there; else the metric or the variant")
          .text("variant", &TableEntry::variant, "of this variant")
          .text("metric", &TableEntry::metric, "PROCESS.MEASURE or PROCESS.MEASURE.STATISTIC")
          .text(
              "statistic", &TableEntry::statistic,
              "of a metric that names none: count, sum, min, p50, p99, max, or #N",
              {.accepts = [](std::string_view text) { return text.empty() || is_statistic(text); },
               .expected = "count, sum, min, p50, p99, max, or #N"})
          .text("against", &TableEntry::against,
                "divided by the same of this variant: how many times as much")
          .duration("in_units_of", &TableEntry::in_units_of,
                    "divided by this time, such as a round trip")
          .size("rate_of", &TableEntry::rate_of, "the rate of so many bytes in that time");
  return fields;
}

}  // namespace

std::vector<TableEntry> TableSpec::all_rows(const std::vector<std::string>& variants) const {
  if (!rows.empty()) return rows;
  std::vector<TableEntry> all;
  for (const std::string& variant : variants) {
    TableEntry& row = all.emplace_back();
    row.name = row.variant = variant;
  }
  return all;
}

TableCell cell_of(const TableEntry& row, const TableEntry& column) {
  const auto said = [&](std::string TableEntry::*member) {
    return (column.*member).empty() ? row.*member : column.*member;
  };
  TableCell cell;
  std::string statistic = said(&TableEntry::statistic);
  if (statistic.empty()) statistic = "p50";
  const MetricName metric = parse_metric(said(&TableEntry::metric), statistic);
  cell.measure = metric.measure;
  cell.statistic = metric.statistic;
  cell.variant = said(&TableEntry::variant);
  if (cell.variant.empty()) cell.variant = kBaseline;
  cell.against = said(&TableEntry::against);
  cell.in_units_of = column.in_units_of.count() > 0 ? column.in_units_of : row.in_units_of;
  cell.rate_of = column.rate_of > 0 ? column.rate_of : row.rate_of;
  return cell;
}

const json::Fields<TableSpec>& table_fields() {
  static const json::Fields<TableSpec> fields =
      json::Fields<TableSpec>("table", "a table that a run prints below its measures")
          .text("title", &TableSpec::title, "above it", {.required = true, .non_empty = true})
          .text("head", &TableSpec::head, "of the column with the names of the rows")
          .list("rows", &TableSpec::rows,
                "variants or metrics; a row for each variant when there are none",
                table_entry_fields)
          .list("columns", &TableSpec::columns, "what the row leaves open", table_entry_fields,
                {.required = true, .at_least = 1});
  return fields;
}

}  // namespace tcptwin::scenario

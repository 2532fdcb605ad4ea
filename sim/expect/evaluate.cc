#include "sim/expect/evaluate.h"

#include <algorithm>

#include "models/json/nearest.h"
#include "models/json/units.h"

namespace tcptwin::expect {

namespace {

constexpr int64_t kBillion = 1'000'000'000;
__extension__ using Wide = __int128;  // products of two 64-bit numbers

int64_t nearest_rank(const std::vector<int64_t>& sorted, int64_t percent) {
  const auto n = static_cast<int64_t>(sorted.size());
  const int64_t rank = (percent * n + 99) / 100;
  return sorted[static_cast<size_t>(std::max<int64_t>(rank, 1) - 1)];
}

// A value or the reason why there is none.
struct Value {
  std::optional<int64_t> number;  // nanoseconds, or a count
  bool is_duration = true;
  std::string problem;
};

Value pick(const app::Measure& measure, const std::string& statistic) {
  const Statistics s = statistics(measure);
  const bool time = measure.is_time();
  if (statistic == "count") return {s.count, false, ""};
  if (statistic == "sum") return {s.sum, time, ""};
  if (statistic == "min") return {s.min, time, ""};
  if (statistic == "p50") return {s.p50, time, ""};
  if (statistic == "p99") return {s.p99, time, ""};
  if (statistic == "max") return {s.max, time, ""};
  const auto plain = json::parse_size(statistic.starts_with('#') ? statistic.substr(1) : "");
  if (plain && *plain >= 1) {
    if (*plain > s.count) return {std::nullopt, true, "there are only " + std::to_string(s.count)};
    return {measure.values[static_cast<size_t>(*plain - 1)], time, ""};
  }
  return {std::nullopt, true,
          "no statistic \"" + statistic + "\": there are count, sum, min, p50, p99, max and #N"};
}

Value look_up(const scenario::MetricName& name, const Runs& runs) {
  const app::Metrics& metrics = *runs.find(name.variant)->second;
  const auto found = metrics.find(name.measure);
  if (found != metrics.end()) return pick(found->second, name.statistic);
  if (scenario::names_error(name.measure)) return {0, false, ""};  // it never happened
  const bool never_ended = name.measure.ends_with(".elapsed") && name.statistic == "count";
  if (never_ended) return {0, false, ""};
  std::vector<std::string> known;
  for (const auto& [measure, values] : metrics) known.push_back(measure);
  const std::string near = json::nearest(name.measure, known);
  std::string problem = "nothing was measured as \"" + name.measure + "\"";
  if (!near.empty()) problem += " (did you mean \"" + near + "\"?)";
  return {std::nullopt, true, problem};
}

std::string show(const scenario::Bound& bound) {
  return bound.is_duration ? json::format_duration(Duration(bound.billionths))
                           : json::format_fraction(bound.billionths);
}

std::string bounds_text(const scenario::Expectation& e) {
  if (!e.between.empty()) return "between " + show(e.between[0]) + " and " + show(e.between[1]);
  std::string text;
  if (e.at_least) text = "at least " + show(*e.at_least);
  if (e.at_most) text += (text.empty() ? "" : " and ") + ("at most " + show(*e.at_most));
  return text;
}

// -1, 0, 1 as `value` is below, at or above the bound.
int compare(Wide numerator, Wide denominator, const scenario::Bound& bound) {
  const Wide left = numerator;
  const Wide right = denominator * bound.billionths;
  return left < right ? -1 : left > right ? 1 : 0;
}

bool within(const scenario::Expectation& e, Wide numerator, Wide denominator) {
  if (!e.between.empty()) {
    return compare(numerator, denominator, e.between[0]) >= 0 &&
           compare(numerator, denominator, e.between[1]) <= 0;
  }
  return (!e.at_least || compare(numerator, denominator, *e.at_least) >= 0) &&
         (!e.at_most || compare(numerator, denominator, *e.at_most) <= 0);
}

bool bounds_are(const scenario::Expectation& e, bool durations) {
  std::vector<scenario::Bound> all = e.between;
  if (e.at_least) all.push_back(*e.at_least);
  if (e.at_most) all.push_back(*e.at_most);
  return std::all_of(all.begin(), all.end(),
                     [&](const scenario::Bound& b) { return b.is_duration == durations; });
}

void judge_metric(const scenario::Expectation& e, const Runs& runs, Judged& out) {
  const Value value = look_up(e.metrics()[0], runs);
  if (!value.number) {
    out.actual = value.problem;
    return;
  }
  out.actual = value.is_duration ? json::pretty_duration(Duration(*value.number))
                                 : std::to_string(*value.number);
  if (!bounds_are(e, value.is_duration)) {
    out.actual += value.is_duration ? ", a duration, and the bound is a number"
                                    : ", a number, and the bound is a duration";
    return;
  }
  const Wide scaled = value.is_duration ? Wide{*value.number} : Wide{*value.number} * kBillion;
  out.held = within(e, scaled, 1);
}

void judge_ratio(const scenario::Expectation& e, const Runs& runs, Judged& out) {
  const Value a = look_up(e.metrics()[0], runs);
  const Value b = look_up(e.metrics()[1], runs);
  if (!a.number || !b.number || *b.number == 0) {
    out.actual = !a.number ? a.problem : !b.number ? b.problem : "the second is zero";
    return;
  }
  const Wide tenths = Wide{*a.number} * 10 / *b.number;
  out.actual = std::to_string(static_cast<int64_t>(tenths / 10)) + "." +
               std::to_string(static_cast<int64_t>(tenths % 10));
  if (!bounds_are(e, false)) {
    out.actual += ", a ratio, and the bound is a duration";
    return;
  }
  out.held = within(e, Wide{*a.number} * kBillion, *b.number);
}

}  // namespace

std::optional<int64_t> statistic(const app::Measure& measure, const std::string& name) {
  return pick(measure, name).number;
}

Statistics statistics(const app::Measure& measure) {
  Statistics s;
  if (measure.values.empty()) return s;
  std::vector<int64_t> sorted = measure.values;
  std::sort(sorted.begin(), sorted.end());
  s.count = static_cast<int64_t>(sorted.size());
  for (const int64_t v : sorted) s.sum += v;
  s.min = sorted.front();
  s.p50 = nearest_rank(sorted, 50);
  s.p99 = nearest_rank(sorted, 99);
  s.max = sorted.back();
  return s;
}

std::vector<Judged> judge(const std::vector<scenario::Expectation>& expectations,
                          const Runs& runs) {
  std::vector<Judged> judged;
  for (const scenario::Expectation& e : expectations) {
    const std::vector<scenario::MetricName> names = e.metrics();
    const bool concerned = std::all_of(names.begin(), names.end(), [&](const auto& name) {
      return runs.find(name.variant) != runs.end();
    });
    if (!concerned) continue;
    Judged out;
    out.variant = names.back().variant;
    if (e.ratio.empty()) {
      out.text = e.metric + " " + bounds_text(e);
      judge_metric(e, runs, out);
    } else {
      out.text = e.ratio[0] + " : " + e.ratio[1] + " " + bounds_text(e);
      judge_ratio(e, runs, out);
    }
    judged.push_back(std::move(out));
  }
  return judged;
}

}  // namespace tcptwin::expect

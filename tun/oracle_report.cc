// oracle_report.cc: what `tcptwin oracle` says, to people and to programs.
#include <algorithm>
#include <map>

#include "models/json/units.h"
#include "tun/oracle.h"

namespace tcptwin::tun {

namespace {

using Is = HostVerdict::Is;

const char* word(Is is) {
  switch (is) {
    case Is::kEqual: return "equal";
    case Is::kInRange: return "within the range of the kernel";
    case Is::kDifferent: return "different";
  }
  return "";
}

std::string late_text(const Lateness& late) {
  return json::pretty_duration(late.percentile(50)) + " (p50), " +
         json::pretty_duration(late.percentile(99)) + " (p99), " +
         json::pretty_duration(late.max()) + " (max)";
}

std::string run_text(const OracleRun& run) {
  std::string text = "  took " + json::pretty_duration(run.took);
  if (run.cut_off) text += ", cut off: the programs had not ended";
  if (run.links.count() > 0) text += "; links late by " + late_text(run.links);
  text += "; the kernel's timers by " + late_text(run.timers) + "\n";
  for (const std::string& failure : run.failures) text += "  over the kernel " + failure + "\n";
  return text;
}

std::string score_text(const compare::Tally& tally) {
  return std::to_string(tally.equal) + " of " + std::to_string(tally.total()) +
         " segments equal (" + std::to_string(tally.score() / 10) + "." +
         std::to_string(tally.score() % 10) + " %" +
         (tally.crossed > 0 ? ", " + std::to_string(tally.crossed) + " crossed" : "") + ")";
}

// How often the kernel's own runs differ from its first, by field.
std::map<std::string, uint64_t> own_differences(const HostVerdict& verdict) {
  std::map<std::string, uint64_t> counts;
  for (const compare::Comparison& repeat : verdict.repeats) {
    for (const compare::Difference& d : repeat.differences) {
      if (d.kind != compare::Difference::Kind::kDiffers) ++counts["which segments there are"];
      for (const compare::FieldDifference& field : d.fields) ++counts[field_text(field.field)];
    }
  }
  return counts;
}

std::string repeats_text(const HostVerdict& verdict) {
  const auto counts = own_differences(verdict);
  if (counts.empty()) return "    the kernel repeats itself exactly\n";
  std::string text = "    the kernel does not repeat itself in";
  const char* comma = " ";
  for (const auto& [field, count] : counts) {
    text += comma + field + " (" + std::to_string(count) + ")";
    comma = ", ";
  }
  text += "\n";
  for (const auto& [name, range] : verdict.range.ranges) {
    text += "    " + name + ": " + std::to_string(range.least) +
            (range.least == range.most ? "" : " to " + std::to_string(range.most)) + "\n";
  }
  return text;
}

std::string host_text(const OracleResult& result, size_t host) {
  const HostVerdict& verdict = result.verdicts[host];
  std::string text = "  " + result.hosts[host] + ": " + word(verdict.is);
  for (const OracleRun& run : result.runs)
    text += ", " + score_text(run.hosts[host].comparison.all);
  text += "\n";
  for (const std::string& remark : result.settings[host].remarks)
    text += "    " + remark + ": simulated with what it is\n";
  if (!verdict.repeats.empty()) text += repeats_text(verdict);
  if (verdict.is != Is::kDifferent) return text;
  for (const std::string& why : verdict.range.outside) text += "    outside: " + why + "\n";
  for (const OracleRun& run : result.runs) {
    if (run.hosts[host].comparison.same()) continue;
    return text + "\n" + compare::text(run.hosts[host].comparison) + "\n";
  }
  return text;
}

json::Node strings(const std::vector<std::string>& all) {
  std::vector<json::Node> nodes;
  for (const std::string& one : all) nodes.push_back(json::Node::string(one));
  return json::Node::array(std::move(nodes));
}

json::Node totals_json(const Totals& totals) {
  json::Node node = json::Node::object();
  for (const auto& [name, value] : totals.counts) node.set(name, json::Node::integer(value));
  node.set("again", strings(totals.again));
  return node;
}

json::Node host_run_json(const HostRun& run) {
  json::Node node = json::Node::object();
  node.set("diff", compare::json(run.comparison));
  node.set("kernel", totals_json(run.kernel));
  node.set("simulated", totals_json(run.simulated));
  return node;
}

json::Node late_json(const Lateness& late) {
  return json::Node::object()
      .set("p50_ns", json::Node::integer(late.percentile(50).count()))
      .set("p99_ns", json::Node::integer(late.percentile(99).count()))
      .set("max_ns", json::Node::integer(late.max().count()));
}

json::Node run_json(const OracleResult& result, const OracleRun& run) {
  json::Node node = json::Node::object();
  node.set("took_ns", json::Node::integer(run.took.count()));
  node.set("links_late", late_json(run.links));
  node.set("timers_late", late_json(run.timers));
  node.set("cut_off", json::Node::boolean(run.cut_off));
  node.set("failures", strings(run.failures));
  json::Node hosts = json::Node::object();
  for (size_t h = 0; h < result.hosts.size(); ++h)
    hosts.set(result.hosts[h], host_run_json(run.hosts[h]));
  node.set("hosts", std::move(hosts));
  json::Node calls = json::Node::object();
  for (const CallsCompared& c : run.calls) {
    json::Node one = json::Node::object();
    one.set("kernel", json::Node::integer(static_cast<int64_t>(c.kernel)));
    one.set("simulated", json::Node::integer(static_cast<int64_t>(c.simulated)));
    one.set("equal", json::Node::integer(static_cast<int64_t>(c.equal)));
    one.set("first_difference", json::Node::string(c.first));
    calls.set(c.process, std::move(one));
  }
  node.set("calls", std::move(calls));
  return node;
}

json::Node verdict_json(const HostVerdict& verdict, const AppliedSettings& settings) {
  json::Node node = json::Node::object();
  node.set("verdict", json::Node::string(word(verdict.is)));
  node.set("settings", strings(settings.remarks));
  json::Node repeats = json::Node::object();
  for (const auto& [field, count] : own_differences(verdict))
    repeats.set(field, json::Node::integer(static_cast<int64_t>(count)));
  if (!verdict.repeats.empty()) node.set("not_repeated", std::move(repeats));
  json::Node ranges = json::Node::object();
  for (const auto& [name, range] : verdict.range.ranges) {
    ranges.set(name, json::Node::array(
                         {json::Node::integer(range.least), json::Node::integer(range.most)}));
  }
  node.set("ranges", std::move(ranges));
  node.set("outside", strings(verdict.range.outside));
  return node;
}

}  // namespace

std::string text(const OracleResult& result) {
  std::string text = "oracle: " + result.file + ", " + result.variant + ", over Linux " +
                     result.kernel + " (a tick of " + json::pretty_duration(result.ticks.length) +
                     ")\n";
  if (!result.ticks.at_boot)
    text += "  /proc/timer_list is not to be read: timers of 256 ms and more may be off\n";
  for (const OracleRun& run : result.runs) text += run_text(run);
  for (size_t h = 0; h < result.hosts.size(); ++h) text += host_text(result, h);
  for (const CallsCompared& c : result.runs.front().calls) {
    text += "  calls of " + c.process + ": " + std::to_string(c.equal) + " of " +
            std::to_string(std::max(c.kernel, c.simulated)) + " equal" +
            (c.first.empty() ? "" : "; " + c.first) + "\n";
  }
  return text + (result.equal() ? "equal\n" : "different\n");
}

json::Node json_of(const OracleResult& result) {
  json::Node node = json::Node::object();
  node.set("schema", json::Node::string("tcptwin/oracle/1"));
  node.set("file", json::Node::string(result.file));
  node.set("variant", json::Node::string(result.variant));
  node.set("kernel", json::Node::string(result.kernel));
  node.set("tick_ns", json::Node::integer(result.ticks.length.count()));
  node.set("equal", json::Node::boolean(result.equal()));
  json::Node hosts = json::Node::object();
  for (size_t h = 0; h < result.hosts.size(); ++h)
    hosts.set(result.hosts[h], verdict_json(result.verdicts[h], result.settings[h]));
  node.set("hosts", std::move(hosts));
  std::vector<json::Node> runs;
  for (const OracleRun& run : result.runs) runs.push_back(run_json(result, run));
  node.set("runs", json::Node::array(std::move(runs)));
  return node;
}

}  // namespace tcptwin::tun

#include "sim/report/report.h"

#include <algorithm>
#include <string_view>

#include "models/json/units.h"
#include "sim/report/load_summary.h"
#include "sim/report/scenario_tables.h"
#include "sim/report/sockets.h"
#include "sim/report/text_table.h"
#include "sim/trace/digest.h"

namespace tcptwin::report {

namespace {

using json::Node;

bool is_elapsed(const std::string& measure) { return measure.ends_with(".elapsed"); }

Node metric_json(const app::Measure& measure) {
  const expect::Statistics s = expect::statistics(measure);
  Node node = Node::object();
  node.set("count", Node::integer(s.count))
      .set("sum", Node::integer(s.sum))
      .set("min", Node::integer(s.min))
      .set("p50", Node::integer(s.p50))
      .set("p99", Node::integer(s.p99))
      .set("max", Node::integer(s.max))
      .set("unit", Node::string(measure.is_time() ? "ns" : "1"));
  return node;
}

const char* end_name(app::ProcessOutcome::End end) {
  switch (end) {
    case app::ProcessOutcome::End::kRunning: return "asleep";
    case app::ProcessOutcome::End::kFinished: return "finished";
    case app::ProcessOutcome::End::kFailed: return "failed";
  }
  return "";
}

Node processes_json(const scenario::RunResult& result) {
  Node processes = Node::object();
  for (const scenario::ProcessResult& p : result.processes) {
    Node node = Node::object();
    node.set("end", Node::string(end_name(p.outcome.end)));
    if (!p.sleeps_in.empty()) node.set("sleeps_in", Node::string(p.sleeps_in));
    if (!p.outcome.failure.empty()) node.set("failure", Node::string(p.outcome.failure));
    if (!p.outcome.remarks.empty()) {
      Node remarks = Node::array();
      for (const std::string& r : p.outcome.remarks) remarks.push(Node::string(r));
      node.set("remarks", std::move(remarks));
    }
    processes.set(p.name, std::move(node));
  }
  return processes;
}

Node options_json(const ScenarioReport& report, const scenario::Variant& variant) {
  Node options = Node::object();
  Node profiles = Node::object();
  for (const auto& [name, host] : variant.scenario.hosts)
    profiles.set(name, Node::string(host.profile));
  options.set("profiles", std::move(profiles));
  Node set = Node::object();
  for (const scenario::Override& o : report.overrides) set.set(o.pointer, Node::string(o.value));
  options.set("set", std::move(set));
  options.set("operations", variant.operations.is_null() ? Node::array() : variant.operations);
  return options;
}

// Calls use(choice, input) for each view of the variant, in the order in which they were asked for.
// A run that ended before gives `ended_before(choice)` instead.
template <class Use, class EndedBefore>
void for_each_view(const ScenarioReport& report, size_t index, Use&& use,
                   EndedBefore&& ended_before) {
  const scenario::RunResult& result = report.results[index];
  const scenario::Scenario& scenario = report.variants[index]->scenario;
  for (const ViewChoice& choice : report.views) {
    if (!report.was_seen(choice, index)) {
      ended_before(choice);
      continue;
    }
    for (const scenario::Snapshot& s : choice.at ? result.looks : result.last_sockets) {
      if (choice.at && s.at != *choice.at) continue;
      if (!choice.host.empty() && s.host != choice.host) continue;
      const scenario::HostSpec& host = *scenario.host(s.host);
      use(choice, ViewInput{s, host, catalogue::tools_of(host.profile)});
    }
  }
}

Node views_json(const ScenarioReport& report, size_t index) {
  Node views = Node::array();
  for_each_view(
      report, index,
      [&](const ViewChoice& choice, const ViewInput& input) {
        views.push(view_json(choice, input));
      },
      [](const ViewChoice&) {});
  return views;
}

Node variant_json(const ScenarioReport& report, size_t index) {
  const scenario::Variant& variant = *report.variants[index];
  const scenario::RunResult& result = report.results[index];
  Node node = Node::object();
  node.set("digest", Node::string(result.digest));
  node.set("options", options_json(report, variant));
  node.set("virtual_ns", Node::integer(result.ended.ns()));
  node.set("packets", Node::integer(static_cast<int64_t>(result.packets)));
  node.set("processes", processes_json(result));
  Node metrics = Node::object();
  for (const auto& [name, measure] : result.metrics) metrics.set(name, metric_json(measure));
  node.set("metrics", std::move(metrics));
  if (!result.snapshots.empty()) {
    Node snapshots = Node::array();
    for (const scenario::Snapshot& s : result.snapshots) snapshots.push(sockets_json(s));
    node.set("snapshots", std::move(snapshots));
  }
  const std::vector<std::string> warnings = option_warnings(variant);
  if (!warnings.empty()) {
    Node list = Node::array();
    for (const std::string& warning : warnings) list.push(Node::string(warning));
    node.set("warnings", std::move(list));
  }
  if (!report.views.empty()) node.set("views", views_json(report, index));
  Node expectations = Node::array();
  for (const expect::Judged& j : report.judged) {
    if (j.variant != variant.name) continue;
    Node e = Node::object();
    e.set("text", Node::string(j.text))
        .set("held", Node::boolean(j.held))
        .set("actual", Node::string(j.actual));
    expectations.push(std::move(e));
  }
  node.set("expectations", std::move(expectations));
  return node;
}

std::string pretty(int64_t ns) { return json::pretty_duration(Duration(ns)); }

// How a median compares with that of the first row: "225.5x faster".
std::string speed(int64_t first, int64_t here) {
  if (first <= 0 || here <= 0 || first == here) return "";
  const int64_t slower = std::max(first, here), faster = std::min(first, here);
  const int64_t tenths = slower / faster * 10 + slower % faster * 10 / faster;
  if (tenths == 10) return "";
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + "x " +
         (here < first ? "faster" : "slower");
}

std::string measures_table(const ScenarioReport& report) {
  TextTable table({"variant", "measure", "count", "first", "min", "p50", "p99", "max", "sum",
                   "p50 against the first"});
  std::map<std::string, int64_t> first_p50;  // by measure, of the first variant that has it
  for (size_t i = 0; i < report.results.size(); ++i) {
    const app::Metrics& metrics = report.results[i].metrics;
    const bool has_measures = std::any_of(metrics.begin(), metrics.end(),
                                          [](const auto& m) { return !is_elapsed(m.first); });
    for (const auto& [name, measure] : metrics) {
      if (is_elapsed(name) && has_measures) continue;
      const expect::Statistics s = expect::statistics(measure);
      const int64_t reference = first_p50.emplace(name, s.p50).first->second;
      const bool is_time = measure.is_time();
      const auto show = [is_time](int64_t value) {
        return is_time ? pretty(value) : std::to_string(value);
      };
      table.add({report.variants[i]->name, name, std::to_string(s.count),
                 show(measure.values.front()), show(s.min), show(s.p50), show(s.p99), show(s.max),
                 show(s.sum), is_time ? speed(reference, s.p50) : ""});
    }
  }
  return table.render();
}

std::string process_lines(const ScenarioReport& report) {
  std::string out;
  for (size_t i = 0; i < report.results.size(); ++i) {
    const std::string& variant = report.variants[i]->name;
    for (const scenario::ProcessResult& p : report.results[i].processes) {
      const std::string who = variant + ": " + p.name + " ";
      if (!p.outcome.failure.empty()) {
        const bool allowed = report.variants[i]->scenario.process(p.name)->may_fail;
        out += (allowed ? "" : "FAILED: ") + who + "failed in " + p.outcome.failure + "\n";
      }
      const auto& ready = report.variants[i]->scenario.process(p.name)->ready;
      if (!p.sleeps_in.empty() && !(ready && programs::serves_for_ever(*ready))) {
        out += who + "still slept in " + p.sleeps_in + "() " +
               (report.results[i].cut_off ? "when the world was stopped"
                                          : "when nothing more happened") +
               " (" + pretty(report.results[i].ended.ns()) + ")\n";
      }
      for (const std::string& r : p.outcome.remarks) out += who + "went on after " + r + "\n";
    }
  }
  return out;
}

std::string replay_line(const ScenarioReport& report, const std::string& variant) {
  std::string line = "tcptwin run " + report.file + " --variant " + variant;
  for (const scenario::Override& o : report.overrides)
    line += " --set '" + o.pointer + "=" + o.value + "'";
  if (report.seed != 0) line += " --seed " + std::to_string(report.seed);
  const std::vector<scenario::ProcessSpec>& processes = report.variants.front()->scenario.processes;
  const bool measures = std::any_of(processes.begin(), processes.end(), [](const auto& process) {
    return process.program.measures_something();
  });
  return line + (measures ? " --explain" : " --story");
}

// The variant to look at first when something went wrong.
std::string first_culprit(const ScenarioReport& report) {
  for (const expect::Judged& j : report.judged) {
    if (!j.held) return j.variant;
  }
  for (size_t i = 0; i < report.results.size(); ++i) {
    for (const scenario::ProcessResult& p : report.results[i].processes) {
      if (!p.outcome.failure.empty()) return report.variants[i]->name;
    }
  }
  return report.variants.front()->name;
}

std::string expectation_lines(const ScenarioReport& report, bool verbose) {
  std::string out;
  size_t failed = 0;
  for (const expect::Judged& j : report.judged) {
    if (!j.held) ++failed;
    if (j.held && !verbose) continue;
    out += std::string(j.held ? "held:   " : "FAILED: ") + j.text + "; it is " + j.actual + "\n";
  }
  const size_t all = report.judged.size();
  out += all == 0
             ? "No expectation was checked"
             : std::to_string(all - failed) + " of " + std::to_string(all) + " expectations held";
  if (report.held()) return out + ".\n";
  return out + "; to see the first failure: " + replay_line(report, first_culprit(report)) + "\n";
}

// Of each load generator, where one variant was run: with several the table compares them.
std::string load_summaries(const ScenarioReport& report) {
  if (report.results.size() != 1) return "";
  std::string out;
  const scenario::RunResult& result = report.results.front();
  for (const scenario::ProcessResult& p : result.processes) {
    const auto& ready = report.variants.front()->scenario.process(p.name)->ready;
    if (!ready || !std::holds_alternative<programs::HttpLoadPlan>(*ready)) continue;
    const bool running = p.outcome.end == app::ProcessOutcome::End::kRunning;
    const Instant end = running ? result.ended : p.outcome.ended;
    out += load_summary(p.name, std::get<programs::HttpLoadPlan>(*ready), result.metrics,
                        end - p.outcome.started) +
           "\n";
  }
  return out;
}

expect::Runs metrics_of(const ScenarioReport& report) {
  expect::Runs runs;
  for (size_t i = 0; i < report.variants.size(); ++i) {
    runs[report.variants[i]->name] = &report.results[i].metrics;
  }
  return runs;
}

}  // namespace

bool ScenarioReport::held() const {
  for (size_t i = 0; i < results.size(); ++i) {
    for (const scenario::ProcessResult& p : results[i].processes) {
      if (!p.outcome.failure.empty() && !variants[i]->scenario.process(p.name)->may_fail)
        return false;
    }
  }
  return std::all_of(judged.begin(), judged.end(), [](const expect::Judged& j) { return j.held; });
}

bool ScenarioReport::was_seen(const ViewChoice& view, size_t index) const {
  const std::vector<scenario::Snapshot>& looks = results[index].looks;
  return !view.at || std::any_of(looks.begin(), looks.end(), [&](const scenario::Snapshot& look) {
    return look.at == *view.at;
  });
}

std::vector<std::string> option_warnings(const scenario::Variant& variant) {
  std::vector<std::string> warnings;
  for (const scenario::ProcessSpec& process : variant.scenario.processes) {
    const scenario::HostSpec& host = *variant.scenario.host(process.host);
    for (const scenario::MisplacedOption& misplaced : process.misplaced) {
      warnings.push_back(
          scenario::misplaced_text(process.name, misplaced, host.resolved, host.profile));
    }
  }
  return warnings;
}

const char* version() { return TCPTWIN_VERSION; }

Node result_json(const ScenarioReport& report) {
  const scenario::Scenario& scenario = report.variants.front()->scenario;
  trace::Digest all;
  Node variants = Node::object();
  for (size_t i = 0; i < report.variants.size(); ++i) {
    const std::string& digest = report.results[i].digest;
    all.add({reinterpret_cast<const uint8_t*>(digest.data()), digest.size()});
    variants.set(report.variants[i]->name, variant_json(report, i));
  }
  Node node = Node::object();
  node.set("schema", Node::string("tcptwin/result/1"))
      .set("scenario", Node::string(scenario.name))
      .set("seed", Node::integer(static_cast<int64_t>(report.seed)))
      .set("version", Node::string(version()))
      .set("digest", Node::string(all.to_string()))
      .set("held", Node::boolean(report.held()))
      .set("variants", std::move(variants));
  if (!report.left_out.empty()) {
    Node reasons = Node::object();
    for (const scenario::Variant* variant : report.left_out) {
      reasons.set(variant->name, Node::string(json::to_string(variant->refused.front())));
    }
    node.set("left_out", std::move(reasons));
  }
  if (!scenario.tables.empty()) {
    node.set("tables", scenario_tables_json(scenario, metrics_of(report)));
  }
  return node;
}

std::string views_text(const ScenarioReport& report) {
  std::string out;
  for (size_t i = 0; i < report.results.size(); ++i) {
    const std::string& variant = report.variants[i]->name;
    for (const scenario::Snapshot& s : report.results[i].snapshots) {
      out += variant + ", " + sockets_text(s) + "\n";
    }
    for_each_view(
        report, i,
        [&](const ViewChoice& choice, const ViewInput& input) {
          out += view_text(choice, variant, input) + "\n";
        },
        [&](const ViewChoice& choice) {
          out += variant + ": no " + choice.text + ", the run ended at " +
                 pretty(report.results[i].ended.ns()) + "\n\n";
        });
  }
  return out;
}

std::string text(const ScenarioReport& report, bool verbose) {
  const scenario::Scenario& scenario = report.variants.front()->scenario;
  std::string out = scenario.name;
  if (!scenario.title.empty()) out += ": " + scenario.title;
  out += "\n\n" + measures_table(report) + "\n" + load_summaries(report) +
         scenario_tables(scenario, metrics_of(report)) + views_text(report);
  const std::string processes = process_lines(report);
  if (!processes.empty()) out += processes + "\n";
  return out + expectation_lines(report, verbose);
}

}  // namespace tcptwin::report

// run_command.cc: tcptwin run.
#include <algorithm>
#include <iostream>
#include <optional>
#include <set>

#include "models/json/nearest.h"
#include "models/json/units.h"
#include "sim/cli/command.h"
#include "sim/cli/outputs.h"
#include "sim/report/matrix.h"
#include "sim/report/report.h"
#include "sim/report/story.h"
#include "sim/scenario/load.h"
#include "sim/scenario/run.h"
#include "sim/sweep/grid.h"

namespace tcptwin::cli {

namespace po = boost::program_options;

namespace {

constexpr std::string_view kExamples =
    "  tcptwin run scenario.json\n"
    "  tcptwin run scenario.json --variant baseline --explain\n"
    "  tcptwin run scenario.json --set /hosts/server/set/delayed_ack/min=10ms\n"
    "  tcptwin run scenario.json --matrix /hosts/server/profile=linux-6.18,rfc\n"
    "  tcptwin run scenario.json --pcap out.pcapng --json result.json\n";

struct RunOptions {
  Arguments files;
  Arguments variants;
  std::vector<scenario::Override> overrides;
  uint64_t seed = 0;
  std::string pcap, json;
  std::vector<report::ViewChoice> views;
  bool explain = false;
  bool story = false;
  bool verbose = false;
  Arguments metrics;             // columns of a matrix
  std::set<std::string> warned;  // what standard error has been told
};

// What is to be run of a file, or the exit status when it cannot be.
struct Choice {
  std::vector<const scenario::Variant*> variants;  // in the order of the file
  std::vector<const scenario::Variant*> left_out;
  int exit_status = kHeld;
};

// Variants that do not run, for one cause.
struct LeftOut {
  std::string names;
  const json::Diagnostic* first = nullptr;

  void add(const scenario::Variant& variant) {
    names += (names.empty() ? "" : ", ") + variant.name;
    first = &variant.refused.front();
  }
  void tell(std::string_view cause) const {
    if (first == nullptr) return;
    std::cerr << "left out, because " << cause << ": " << names << "\n  " << json::to_string(*first)
              << "\n";
  }
};

// A variant that a --set does not fit, or that needs what this program lacks, is left out with a
// word about it, unless it was asked for by name.
Choice choose(const scenario::Loaded& loaded, const Arguments& wanted) {
  if (const auto problem = scenario::unknown_variant(loaded, wanted))
    return {{}, {}, wrong_usage("run", *problem)};
  Choice choice;
  LeftOut unfit, lacking;
  for (const scenario::Variant& v : loaded.variants) {
    const bool asked = std::find(wanted.begin(), wanted.end(), v.name) != wanted.end();
    if (!wanted.empty() && !asked) continue;
    if (v.refused.empty()) {
      choice.variants.push_back(&v);
    } else if (asked) {
      return {{}, {}, report(v.refused)};
    } else {
      choice.left_out.push_back(&v);
      (v.scenario.absent_profile.empty() ? unfit : lacking).add(v);
    }
  }
  unfit.tell("a --set does not fit");
  lacking.tell("a profile is absent");
  return choice;
}

// The values that a matrix has set, in the order of its axes.
std::vector<std::string> matrix_values(const RunOptions& options) {
  std::vector<std::string> values;
  for (const scenario::Override& o : options.overrides) {
    if (o.option == "--matrix") values.push_back(o.value);
  }
  return values;
}

// A run of a matrix becomes rows of its table; what else was asked for is told at once.
void tell_in_matrix(const RunOptions& options, report::Matrix& matrix, const std::string& told,
                    report::ScenarioReport&& r) {
  const std::vector<std::string> values = matrix_values(options);
  const std::string more = told + report::views_text(r);
  if (!more.empty() && options.json != "-") {
    std::cout << "===";
    for (size_t i = 0; i < values.size(); ++i) {
      std::cout << " " << matrix.axes[i] << "=" << values[i];
    }
    std::cout << "\n" << more;
  }
  report::add_runs(matrix, values, std::move(r));
}

// What programs mean without knowing it, on standard error; never twice.
void warn(const report::ScenarioReport& r, std::set<std::string>& told) {
  for (const scenario::Variant* variant : r.variants) {
    for (const std::string& warning : report::option_warnings(*variant)) {
      if (told.insert(warning).second) std::cerr << "tcptwin: warning: " << warning << "\n";
    }
  }
}

// A column that no variant could fill.
std::optional<std::string> metric_problem(const RunOptions& options,
                                          const report::ScenarioReport& r) {
  std::vector<std::string> known;
  for (const scenario::Variant* variant : r.variants) {
    for (const std::string& name : scenario::measures_of(variant->scenario)) known.push_back(name);
  }
  for (const std::string& metric : options.metrics) {
    const scenario::MetricName name = scenario::parse_metric(metric, "p50");
    if (std::find(known.begin(), known.end(), name.measure) == known.end() &&
        !scenario::names_error(name.measure)) {
      const std::string near = json::nearest(name.measure, known);
      return "--metric " + metric + ": nothing is measured as \"" + name.measure + "\"" +
             (near.empty() ? "" : " (did you mean \"" + near + "\"?)");
    }
    if (scenario::is_statistic(name.statistic)) continue;
    return "--metric " + metric + ": no statistic \"" + name.statistic +
           "\"; there are count, sum, min, p50, p99, max and #N";
  }
  return std::nullopt;
}

std::vector<Instant> looks_of(const std::vector<report::ViewChoice>& views) {
  std::vector<Instant> looks;
  for (const report::ViewChoice& view : views) {
    if (view.at) looks.push_back(*view.at);
  }
  return looks;
}

// A view of a host that is none.
std::optional<std::string> view_host_problem(const report::ScenarioReport& r) {
  for (const report::ViewChoice& view : r.views) {
    for (const scenario::Variant* variant : r.variants) {
      const scenario::HostSpec* host = variant->scenario.host(view.host);
      if (view.host.empty()) continue;
      if (host != nullptr && host->kind == scenario::HostSpec::Kind::kHost) continue;
      std::vector<std::string> known;
      for (const auto& [name, spec] : variant->scenario.hosts) {
        if (spec.kind == scenario::HostSpec::Kind::kHost) known.push_back(name);
      }
      return "--view " + view.text + ": there is no host \"" + view.host + "\" in variant " +
             variant->name + "; there are " + json::quoted_list(known, "and");
    }
  }
  return std::nullopt;
}

// A view at a time that no run reached.
std::optional<std::string> view_time_problem(const report::ScenarioReport& r) {
  for (const report::ViewChoice& view : r.views) {
    Instant last;
    bool seen = r.results.empty();
    for (size_t i = 0; i < r.results.size(); ++i) {
      seen = seen || r.was_seen(view, i);
      last = std::max(last, r.results[i].ended);
    }
    if (seen) continue;
    return "--view " + view.text + ": the run ended before, at " +
           json::pretty_duration(last - Instant());
  }
  return std::nullopt;
}

// `matrix`: not null: the run is one of it.
int run_file(RunOptions& options, const std::string& file, report::Matrix* matrix,
             json::Node* result) {
  const auto text = read_file(file);
  if (!text) return kInvalidInput;
  const scenario::Loaded loaded = scenario::load(file, *text, options.overrides);
  if (!loaded.ok()) return report(loaded.diagnostics);
  if (const auto problem = scenario::live_problem(file, loaded))
    return wrong_usage("run", *problem);
  report::ScenarioReport r{.file = file, .seed = options.seed, .overrides = options.overrides};
  r.views = options.views;
  Choice choice = choose(loaded, options.variants);
  if (choice.exit_status != kHeld) return choice.exit_status;
  r.variants = std::move(choice.variants);
  r.left_out = std::move(choice.left_out);
  if (const auto problem = view_host_problem(r)) return wrong_usage("run", *problem);
  if (const auto problem = metric_problem(options, r)) return wrong_usage("run", *problem);
  warn(r, options.warned);
  const bool records = options.explain || options.story || !options.pcap.empty();
  std::string told;  // what --story and --explain add
  for (const scenario::Variant* variant : r.variants) {
    const scenario::Scenario& s = variant->scenario;
    scenario::RunResult run =
        scenario::run(s, options.seed, records ? trace::Detail::kRecords : trace::Detail::kDigest,
                      looks_of(options.views));
    const std::string label = r.variants.size() > 1 ? variant->name : "";
    if (!options.pcap.empty() && !write_capture(options.pcap, label, s, run)) return kInvalidInput;
    if (options.story) told += variant->name + ", " + report::story(s, run);
    if (options.explain) told += explanations(variant->name, s, run);
    run.journal.reset();
    r.results.push_back(std::move(run));
  }
  if (const auto problem = view_time_problem(r)) return wrong_usage("run", *problem);
  expect::Runs runs;
  for (size_t i = 0; i < r.variants.size(); ++i) runs[r.variants[i]->name] = &r.results[i].metrics;
  r.judged = expect::judge(loaded.variants.front().scenario.expect, runs);
  *result = report::result_json(r);
  const int status = r.held() ? kHeld : kFailed;
  if (matrix != nullptr) {
    tell_in_matrix(options, *matrix, told, std::move(r));
  } else if (options.json != "-") {
    std::cout << told << report::text(r, options.verbose);
  }
  return status;
}

std::optional<std::string> matrix_problem(const RunOptions& options, const sweep::Grid& grid) {
  if (grid.size() > sweep::Grid::kLargest) {
    return "--matrix: more than " + std::to_string(sweep::Grid::kLargest) + " combinations";
  }
  if (grid.size() > 1 && !options.pcap.empty()) {
    return "--pcap names one capture and --matrix makes several runs: pick one with --set";
  }
  return std::nullopt;
}

int run_all(RunOptions& o, const std::vector<scenario::Override>& fixed, const sweep::Grid& grid) {
  int status = kHeld;
  json::Node results = json::Node::array();
  const bool is_matrix = !grid.axes().empty();
  for (const std::string& file : o.files) {
    report::Matrix matrix{.axes = {}, .metrics = o.metrics};
    for (const sweep::Axis& axis : grid.axes()) matrix.axes.push_back(axis.pointer);
    for (size_t i = 0; i < grid.size(); ++i) {
      o.overrides = fixed;
      for (scenario::Override& one : grid.at(i)) o.overrides.push_back(std::move(one));
      json::Node result;
      status = std::max(status, run_file(o, file, is_matrix ? &matrix : nullptr, &result));
      results.push(std::move(result));
    }
    if (!matrix.rows.empty() && o.json != "-") std::cout << report::text(matrix);
  }
  if (status >= kUsage || o.json.empty()) return status;
  const json::Node& document =
      o.files.size() == 1 && grid.axes().empty() ? results.items().front() : results;
  return write_file(o.json, json::write(document, json::Style::kPretty) + "\n") ? status
                                                                                : kInvalidInput;
}

}  // namespace

int run_command(const Arguments& arguments) {
  RunOptions o;
  Arguments sets, matrix;
  std::string seed;
  Arguments views;
  po::options_description options;
  options.add_options()("scenario", po::value(&o.files), "")("variant", po::value(&o.variants),
                                                             "run only this one (may be repeated)")(
      "set", po::value(&sets),
      "POINTER=VALUE: change the scenario before it is decoded (may be repeated)")(
      "matrix", po::value(&matrix),
      "POINTER=A,B: a run with each value in one table, in the JSON each with a result of its own; "
      "given again, all combinations")("metric", po::value(&o.metrics),
                                       "PROCESS.MEASURE[.STATISTIC]: a column of the matrix; all "
                                       "measures when not given (may be repeated)")(
      "seed", po::value(&seed)->default_value("0"),
      "of all random streams: 0 to 9223372036854775807")(
      "pcap", po::value(&o.pcap),
      "write a capture; by its ending .pcapng (one file), .pcap or .txt (a file for each host); "
      "several variants: "
      "FILE.VARIANT.pcapng")(
      "json", po::value(&o.json),
      "write the result as JSON; - for standard output instead of the table")(
      "view", po::value(&views),
      ("NAME[@HOST[@TIME]]: what a tool would show of every host or of one, at the end of the run "
       "or then (may be repeated):\n" +
       report::views_help())
          .c_str())("explain", po::bool_switch(&o.explain),
                    "show why the longest round of each measure took so long")(
      "story", po::bool_switch(&o.story),
      "show every packet, call, timer and hold as each host saw it, and why")(
      "verbose", po::bool_switch(&o.verbose), "list the expectations that held, too");
  po::positional_options_description positional;
  positional.add("scenario", -1);
  const Parsed parsed =
      parse(arguments, "run SCENARIO... [OPTIONS]", kExamples, options, positional);
  if (parsed.exit_status) return *parsed.exit_status;
  if (o.files.empty()) return wrong_usage("run", "no scenario file is named");
  for (const std::string& text : views) {
    std::string problem;
    auto view = report::parse_view(text, problem);
    if (!view) return wrong_usage("run", "--view " + text + ": " + problem);
    o.views.push_back(std::move(*view));
  }
  if (!o.pcap.empty() && capture_format(o.pcap) == CaptureFormat::kUnknown) {
    return wrong_usage(
        "run", "--pcap " + o.pcap + ": expected a name that ends in .pcapng, .pcap or .txt");
  }
  if (!o.pcap.empty() && o.files.size() > 1) {
    return wrong_usage("run", "--pcap names one capture: run one scenario at a time with it");
  }
  const auto number = parse_seed("run", seed);
  const auto overrides = parse_sets("run", sets);
  const auto axes = parse_axes("run", "--matrix", matrix);
  if (!number || !overrides || !axes) return kUsage;
  o.seed = *number;
  const sweep::Grid grid(*axes, "--matrix");
  if (!o.metrics.empty() && axes->empty()) {
    return wrong_usage("run", "--metric names a column of the table of --matrix, which is missing");
  }
  if (const auto problem = matrix_problem(o, grid)) return wrong_usage("run", *problem);
  return run_all(o, *overrides, grid);
}

}  // namespace tcptwin::cli

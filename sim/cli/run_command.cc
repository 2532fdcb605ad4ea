// run_command.cc: tcptwin run.
#include <algorithm>
#include <charconv>
#include <iostream>
#include <optional>

#include "models/json/nearest.h"
#include "sim/cli/command.h"
#include "sim/cli/outputs.h"
#include "sim/report/report.h"
#include "sim/scenario/load.h"
#include "sim/scenario/run.h"

namespace tcptwin::cli {

namespace po = boost::program_options;

namespace {

constexpr std::string_view kExamples =
    "  tcptwin run scenario.json\n"
    "  tcptwin run scenario.json --variant baseline --explain\n"
    "  tcptwin run scenario.json --set /hosts/server/set/delayed_ack/min=10ms\n"
    "  tcptwin run scenario.json --pcap out.pcapng --json result.json\n";

struct RunOptions {
  Arguments files;
  Arguments variants;
  std::vector<scenario::Override> overrides;
  uint64_t seed = 0;
  std::string pcap, json;
  bool explain = false;
  bool story = false;
  bool verbose = false;
};

// What is to be run of a file, or the exit status when it cannot be.
struct Choice {
  std::vector<const scenario::Variant*> variants;  // in the order of the file
  int exit_status = kHeld;
};

std::optional<std::string> unknown_variant(const scenario::Loaded& loaded,
                                           const Arguments& wanted) {
  std::vector<std::string> names;
  for (const scenario::Variant& v : loaded.variants) names.push_back(v.name);
  for (const std::string& name : wanted) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    const std::string near = json::nearest(name, names);
    return "there is no variant \"" + name + "\"" +
           (near.empty() ? "" : " (did you mean \"" + near + "\"?)") + "; see tcptwin list FILE";
  }
  return std::nullopt;
}

// A variant that a --set does not fit is left out with a word about it, unless it was asked for by
// name.
Choice choose(const scenario::Loaded& loaded, const Arguments& wanted) {
  if (const auto problem = unknown_variant(loaded, wanted))
    return {{}, wrong_usage("run", *problem)};
  Choice choice;
  std::string left_out;
  const json::Diagnostic* reason = nullptr;
  for (const scenario::Variant& v : loaded.variants) {
    const bool asked = std::find(wanted.begin(), wanted.end(), v.name) != wanted.end();
    if (!wanted.empty() && !asked) continue;
    if (v.refused.empty()) {
      choice.variants.push_back(&v);
    } else if (asked) {
      return {{}, report(v.refused)};
    } else {
      left_out += (left_out.empty() ? "" : ", ") + v.name;
      reason = &v.refused.front();
    }
  }
  if (reason != nullptr) {
    std::cerr << "left out, because a --set does not fit: " << left_out << "\n  "
              << json::to_string(*reason) << "\n";
  }
  return choice;
}

int run_file(const RunOptions& options, const std::string& file, json::Node* result) {
  const auto text = read_file(file);
  if (!text) return kInvalidInput;
  const scenario::Loaded loaded = scenario::load(file, *text, options.overrides);
  if (!loaded.ok()) return report(loaded.diagnostics);
  report::ScenarioReport r{.file = file, .seed = options.seed, .overrides = options.overrides};
  Choice choice = choose(loaded, options.variants);
  if (choice.exit_status != kHeld) return choice.exit_status;
  r.variants = std::move(choice.variants);
  const bool records = options.explain || options.story || !options.pcap.empty();
  std::string told;  // what --story and --explain add
  for (const scenario::Variant* variant : r.variants) {
    const scenario::Scenario& s = variant->scenario;
    scenario::RunResult run =
        scenario::run(s, options.seed, records ? trace::Detail::kRecords : trace::Detail::kDigest);
    const std::string label = r.variants.size() > 1 ? variant->name : "";
    if (!options.pcap.empty() && !write_capture(options.pcap, label, s, run)) return kInvalidInput;
    if (options.story) told += variant->name + ", " + story(s, run);
    if (options.explain) told += explanations(variant->name, s, run);
    run.journal.reset();
    r.results.push_back(std::move(run));
  }
  expect::Runs runs;
  for (size_t i = 0; i < r.variants.size(); ++i) runs[r.variants[i]->name] = &r.results[i].metrics;
  r.judged = expect::judge(loaded.variants.front().scenario.expect, runs);
  if (options.json != "-") std::cout << told << report::text(r, options.verbose);
  *result = report::result_json(r);
  return r.held() ? kHeld : kFailed;
}

}  // namespace

int run_command(const Arguments& arguments) {
  RunOptions o;
  Arguments sets;
  std::string seed;
  po::options_description options;
  options.add_options()("scenario", po::value(&o.files), "")("variant", po::value(&o.variants),
                                                             "run only this one (may be repeated)")(
      "set", po::value(&sets),
      "POINTER=VALUE: change the scenario before it is decoded (may be repeated)")(
      "seed", po::value(&seed)->default_value("0"),
      "of all random streams: 0 to 9223372036854775807")(
      "pcap", po::value(&o.pcap),
      "write a capture; by its ending .pcapng (one file), .pcap or .txt (a file for each host); "
      "several variants: "
      "FILE.VARIANT.pcapng")(
      "json", po::value(&o.json),
      "write the result as JSON; - for standard output instead of the table")(
      "explain", po::bool_switch(&o.explain),
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
  if (!o.pcap.empty() && capture_format(o.pcap) == CaptureFormat::kUnknown) {
    return wrong_usage(
        "run", "--pcap " + o.pcap + ": expected a name that ends in .pcapng, .pcap or .txt");
  }
  const auto [end, error] = std::from_chars(seed.data(), seed.data() + seed.size(), o.seed);
  if (error != std::errc() || end != seed.data() + seed.size() || o.seed > INT64_MAX) {
    return wrong_usage(
        "run", "--seed " + seed + ": expected a whole number from 0 to 9223372036854775807");
  }
  if (!o.pcap.empty() && o.files.size() > 1) {
    return wrong_usage("run", "--pcap names one capture: run one scenario at a time with it");
  }
  for (const std::string& text : sets) {
    scenario::Override one;
    if (!scenario::parse_override(text, &one)) {
      return wrong_usage(
          "run", "--set " + text + ": expected /POINTER=VALUE, such as /hosts/client/profile=rfc");
    }
    o.overrides.push_back(std::move(one));
  }
  int status = kHeld;
  json::Node results = json::Node::array();
  for (const std::string& file : o.files) {
    json::Node result;
    status = std::max(status, run_file(o, file, &result));
    results.push(std::move(result));
  }
  if (status >= kUsage || o.json.empty()) return status;
  const json::Node& document = o.files.size() == 1 ? results.items().front() : results;
  return write_file(o.json, json::write(document, json::Style::kPretty) + "\n") ? status
                                                                                : kInvalidInput;
}

}  // namespace tcptwin::cli

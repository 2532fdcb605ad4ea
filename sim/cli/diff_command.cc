// diff_command.cc: tcptwin diff: captures and runs of scenarios side by side.
#include <algorithm>
#include <filesystem>
#include <iostream>

#include "models/json/units.h"
#include "sim/capture/capture.h"
#include "sim/cli/command.h"
#include "sim/cli/outputs.h"
#include "sim/compare/compare.h"
#include "sim/scenario/load.h"
#include "sim/scenario/run.h"

namespace tcptwin::cli {

namespace po = boost::program_options;

namespace {

constexpr std::string_view kDiffExamples =
    "  tcptwin diff a.pcapng b.pcapng               captures of any program, or of tcptwin run\n"
    "  tcptwin diff a.pcapng@client b.pcapng@server the views of these hosts\n"
    "  tcptwin diff traced.pcap scenario.json       a capture and the run of a scenario\n"
    "  tcptwin diff scenario.json :client-nodelay   the baseline and a variant of one scenario\n"
    "  tcptwin diff scenario.json --set /hosts/server/set/delayed_ack/min=10ms\n"
    "                                               a scenario and what that changes\n";

// One side as it was typed: FILE[@HOST] or SCENARIO.json[:VARIANT][@HOST].
struct Operand {
  std::string typed{};
  std::string file{};
  std::string variant = "baseline";
  std::string host{};
  bool is_scenario() const { return file.ends_with(".json"); }
};

// A file may have any name: what follows '@' and ':' counts only when there is none of the whole.
Operand operand_of(const std::string& typed) {
  Operand operand{.typed = typed, .file = typed};
  std::error_code error;
  if (typed == "-" || std::filesystem::exists(typed, error)) return operand;
  const size_t at = typed.rfind('@');
  if (at != std::string::npos) {
    operand.host = typed.substr(at + 1);
    operand.file = typed.substr(0, at);
  }
  const size_t colon = operand.file.rfind(':');
  const bool is_file = std::filesystem::exists(operand.file, error);
  const bool names_variant = colon != std::string::npos &&
                             (colon == 0 || operand.file.substr(0, colon).ends_with(".json"));
  if (!is_file && names_variant) {
    operand.variant = operand.file.substr(colon + 1);
    operand.file.resize(colon);
  }
  return operand;
}

// The capture of one side, or the exit status.
struct Taken {
  std::optional<capture::Capture> capture;
  int exit_status = kInvalidInput;
};

Taken read_capture(const std::string& name, std::string_view bytes) {
  std::string problem;
  Taken taken{capture::read(bytes, problem)};
  if (!taken.capture) std::cerr << name << ": " << problem << "\n";
  return taken;
}

Taken run_scenario(const Operand& operand, const std::string& text,
                   const std::vector<scenario::Override>& overrides, uint64_t seed) {
  const scenario::Loaded loaded = scenario::load(operand.file, text, overrides);
  if (!loaded.ok()) return {std::nullopt, report(loaded.diagnostics)};
  if (const auto problem = scenario::unknown_variant(loaded, {operand.variant})) {
    return {std::nullopt, wrong_usage("diff", *problem)};
  }
  for (const scenario::Variant& variant : loaded.variants) {
    if (variant.name != operand.variant) continue;
    if (!variant.refused.empty()) return {std::nullopt, report(variant.refused)};
    const auto result = scenario::run(variant.scenario, seed, trace::Detail::kRecords);
    return read_capture(operand.typed, as_text(pcapng_of(variant.scenario, result)));
  }
  return {};
}

struct DiffOptions {
  Arguments operands;
  std::vector<scenario::Override> overrides;  // of B
  uint64_t seed = 0;
  std::string json;
  compare::Options compare;
};

Taken take(const Operand& operand, const std::vector<scenario::Override>& overrides,
           uint64_t seed) {
  const auto text = read_file(operand.file);
  if (!text) return {};
  if (operand.is_scenario()) return run_scenario(operand, *text, overrides, seed);
  return read_capture(operand.file, *text);
}

bool has_host(const capture::Capture& capture, const std::string& host) {
  return std::any_of(capture.interfaces.begin(), capture.interfaces.end(),
                     [&](const capture::Interface& i) { return i.name == host; });
}

int diff(DiffOptions& options) {
  const Operand a = operand_of(options.operands[0]);
  Operand b = operand_of(options.operands.back());
  if (b.file.empty()) b.file = a.file;
  if (!options.overrides.empty() && !b.is_scenario()) {
    return wrong_usage("diff", "--set changes the scenario of B, and " + b.typed + " is none");
  }
  const Taken left = take(a, {}, options.seed);
  if (!left.capture) return left.exit_status;
  const Taken right = take(b, options.overrides, options.seed);
  if (!right.capture) return right.exit_status;
  options.compare.host_a = a.host;
  // The same host at both sides where there is one of that name.
  options.compare.host_b = b.host.empty() && has_host(*right.capture, a.host) ? a.host : b.host;
  compare::Comparison comparison = compare::compare(*left.capture, *right.capture, options.compare);
  comparison.a.name = a.typed;
  comparison.b.name = options.operands.size() == 1 ? "the same with --set" : b.typed;
  if (!comparison.problem.empty()) return wrong_usage("diff", comparison.problem);
  if (options.json != "-") std::cout << compare::text(comparison);
  if (!options.json.empty() &&
      !write_file(options.json,
                  json::write(compare::json(comparison), json::Style::kPretty) + "\n")) {
    return kInvalidInput;
  }
  return comparison.same() ? kHeld : kFailed;
}

// A duration of an option, at most `most`; false after a message.
bool parse_option(const std::string& option, const std::string& text, Duration most,
                  std::optional<Duration>& out) {
  if (text.empty()) return true;
  std::string why;
  out = json::parse_duration(text, &why);
  if (out && (*out < Duration(0) || *out > most)) {
    out.reset();
    why = "expected 0s to " + json::format_duration(most);
  }
  if (!out) wrong_usage("diff", option + " " + text + ": " + why);
  return out.has_value();
}

}  // namespace

int diff_command(const Arguments& arguments) {
  DiffOptions o;
  Arguments sets;
  std::string seed, tick, lateness, timestamp_tick;
  po::options_description options;
  options.add_options()("operand", po::value(&o.operands), "")(
      "set", po::value(&sets), "POINTER=VALUE: change the scenario of B (may be repeated)")(
      "seed", po::value(&seed)->default_value("0"), "of the runs of scenarios")(
      "tick", po::value(&tick),
      "DURATION by which gaps may differ: a tick of the timers; when not given, what a file names "
      "(captures in traces/kernel-6.18 do), and none between two runs")(
      "lateness", po::value(&lateness),
      "DURATION besides the tick: how late the events of a live run were")(
      "timestamp-tick", po::value(&timestamp_tick),
      "DURATION of the clocks behind TCP timestamps: 1ms when not given")(
      "strict", "no normalising: a segment that one side has in several is a difference")(
      "most", po::value(&o.compare.most_shown)->default_value(o.compare.most_shown),
      "how many differences are shown; all are counted")(
      "json", po::value(&o.json), "write the comparison as JSON; - for standard output");
  po::positional_options_description positional;
  positional.add("operand", -1);
  const Parsed parsed =
      parse(arguments, "diff A [B] [OPTIONS]", kDiffExamples, options, positional);
  if (parsed.exit_status) return *parsed.exit_status;
  const auto number = parse_seed("diff", seed);
  const auto overrides = parse_sets("diff", sets);
  std::optional<Duration> late, clock;
  if (!number || !overrides) return kUsage;
  constexpr Duration kLongest = std::chrono::hours(1);
  if (!parse_option("--tick", tick, kLongest, o.compare.tick) ||
      !parse_option("--lateness", lateness, kLongest, late) ||
      !parse_option("--timestamp-tick", timestamp_tick, 1s, clock)) {
    return kUsage;
  }
  o.seed = *number;
  o.overrides = *overrides;
  o.compare.lateness = late.value_or(Duration(0));
  o.compare.timestamp_tick = clock.value_or(o.compare.timestamp_tick);
  o.compare.joins_segments = parsed.values.count("strict") == 0;
  const bool one_scenario = o.operands.size() == 1 && !o.overrides.empty();
  if (o.operands.size() != 2 && !one_scenario) {
    return wrong_usage("diff", "expected two captures or scenarios, or one scenario and --set");
  }
  return diff(o);
}

}  // namespace tcptwin::cli

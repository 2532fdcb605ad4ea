// sweep_command.cc: tcptwin sweep: the only place with threads; what they run shares nothing.
#include <algorithm>
#include <atomic>
#include <charconv>
#include <iostream>
#include <thread>

#include "sim/cli/command.h"
#include "sim/sweep/sweep.h"

namespace tcptwin::cli {

namespace po = boost::program_options;

namespace {

constexpr std::string_view kSweepExamples =
    "  tcptwin sweep scenario.json --vary /hosts/server/set/delayed_ack/min=10ms,40ms,200ms\n"
    "  tcptwin sweep scenario.json --vary /links/0/delay=1ms,10ms --vary /links/0/rate=1Mbit/s,"
    "1Gbit/s\n"
    "  tcptwin sweep scenario.json --vary /hosts/a/set/rto/min=200ms,1s --metric "
    "client.round.max\n"
    "  tcptwin sweep scenario.json --seeds 100 --metric client.unfinished\n";

// Each worker takes the next point that nobody has; the results stand in the order of the grid, so
// that it does not show who was first.
std::vector<sweep::Point> run_all(const sweep::Sweep& sweep, unsigned jobs) {
  std::vector<sweep::Point> points(sweep.grid.size());
  std::atomic<size_t> next{0};
  const auto work = [&] {
    for (size_t i = next++; i < points.size(); i = next++) points[i] = run_point(sweep, i);
  };
  std::vector<std::thread> others;
  for (unsigned j = 1; j < jobs && j < points.size(); ++j) others.emplace_back(work);
  work();
  for (std::thread& other : others) other.join();
  return points;
}

int tell(const sweep::Sweep& sweep, const std::vector<sweep::Point>& points,
         const std::string& json_file) {
  bool failed = false;
  for (const sweep::Point& point : points) {
    if (!point.diagnostics.empty()) return report(point.diagnostics);
    failed = failed || std::any_of(point.rows.begin(), point.rows.end(),
                                   [](const sweep::Row& row) { return !row.failures.empty(); });
  }
  if (json_file != "-") std::cout << table(sweep, points);
  if (!json_file.empty()) {
    const json::Node document = result_json(sweep, points);
    if (!write_file(json_file, json::write(document, json::Style::kPretty) + "\n"))
      return kInvalidInput;
  }
  return failed ? kFailed : kHeld;
}

std::optional<uint64_t> parse_seeds(const std::string& text) {
  uint64_t seeds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seeds);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (seeds < 1 || seeds > 100'000) return std::nullopt;
  return seeds;
}

// From --jobs; 0 stands for the number of processors. Nothing: no such number.
std::optional<unsigned> parse_jobs(const std::string& text) {
  unsigned jobs = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), jobs);
  if (error != std::errc() || end != text.data() + text.size() || jobs > 1024) return std::nullopt;
  return jobs > 0 ? jobs : std::max(1u, std::thread::hardware_concurrency());
}

}  // namespace

int sweep_command(const Arguments& arguments) {
  Arguments files, varied, sets, variants, metrics;
  std::string seed, seeds, jobs, json_file;
  po::options_description options;
  options.add_options()("scenario", po::value(&files), "")(
      "vary", po::value(&varied),
      "POINTER=A,B,C: values to try; given again, all combinations (required unless there are "
      "several "
      "seeds)")(
      "metric", po::value(&metrics),
      "PROCESS.MEASURE[.STATISTIC]: a column; p50, p99 and max where no statistic is said; "
      "PROCESS.unfinished: in how many runs it did not come to its end; all measures when not "
      "given (may be repeated)")("variant", po::value(&variants),
                                 "instead of the baseline (may be repeated)")(
      "set", po::value(&sets), "POINTER=VALUE: the same at every point (may be repeated)")(
      "seed", po::value(&seed)->default_value("0"),
      "of all random streams: 0 to 9223372036854775807")(
      "seeds", po::value(&seeds)->default_value("1"),
      "so many runs of each point, with that seed and those after it; statistics are of the values "
      "of all (1 to 100000)")(
      "jobs", po::value(&jobs)->default_value("0"),
      "points at a time; 0: one a processor. The output does not depend on it")(
      "json", po::value(&json_file),
      "write the table as JSON; - for standard output instead of the table");
  po::positional_options_description positional;
  positional.add("scenario", -1);
  const Parsed parsed = parse(arguments, "sweep SCENARIO --vary POINTER=A,B,C [OPTIONS]",
                              kSweepExamples, options, positional);
  if (parsed.exit_status) return *parsed.exit_status;
  if (files.size() != 1) return wrong_usage("sweep", "expected one scenario file");
  const auto runs = parse_seeds(seeds);
  if (!runs)
    return wrong_usage("sweep", "--seeds " + seeds + ": expected a number from 1 to 100000");
  if (varied.empty() && *runs == 1) {
    return wrong_usage("sweep",
                       "nothing is varied: add --vary, such as --vary /links/0/delay=1ms,10ms");
  }
  const auto number = parse_seed("sweep", seed);
  const auto overrides = parse_sets("sweep", sets);
  const auto axes = parse_axes("sweep", "--vary", varied);
  const auto workers = parse_jobs(jobs);
  if (!number || !overrides || !axes) return kUsage;
  if (!workers)
    return wrong_usage("sweep", "--jobs " + jobs + ": expected a number from 0 to 1024");
  const auto text = read_file(files[0]);
  if (!text) return kInvalidInput;
  sweep::Sweep sweep{.file = files[0],
                     .text = *text,
                     .overrides = *overrides,
                     .grid = sweep::Grid(*axes, "--vary"),
                     .seed = *number,
                     .seeds = *runs,
                     .variants = variants,
                     .metrics = metrics};
  const auto mistakes = prepare(sweep);
  if (mistakes.empty()) return tell(sweep, run_all(sweep, *workers), json_file);
  const json::Diagnostic& first = mistakes.front();
  const bool of_a_file = !first.file.empty() || !first.pointer.empty();
  return of_a_file ? report(mistakes) : wrong_usage("sweep", first.message);
}

}  // namespace tcptwin::cli

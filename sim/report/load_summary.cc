#include "sim/report/load_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "models/json/units.h"
#include "stack/base/errno.h"

namespace tcptwin::report {

namespace {

constexpr int64_t kNsPerS = 1'000'000'000;

// A ratio with four decimals.
std::string decimal(int64_t numerator, int64_t denominator) {
  constexpr int64_t kParts = 10'000;
  const int64_t rest = numerator % denominator;
  const int64_t parts =
      numerator / denominator * kParts + (rest * kParts + denominator / 2) / denominator;
  return fmt::format("{}.{:04}", parts / kParts, parts % kParts);
}
std::string seconds(int64_t ns) { return decimal(ns, kNsPerS) + " secs"; }

std::string bar(int64_t count, int64_t most) {
  constexpr int64_t kWidth = 32;
  std::string text;
  for (int64_t i = 0; i < count * kWidth / std::max<int64_t>(most, 1); ++i) text += "\u25a0";
  return text;
}

// `sorted` is not empty.
std::string histogram(const std::vector<int64_t>& sorted, int64_t average) {
  constexpr int64_t kRows = 11;
  const int64_t step = std::max<int64_t>((3 * average - sorted.front()) / kRows, 1);
  std::array<int64_t, kRows> counts{};
  for (const int64_t value : sorted) {
    const int64_t row = (value - sorted.front()) / step;
    ++counts[static_cast<size_t>(std::min(row, kRows - 1))];
  }
  const int64_t most = *std::max_element(counts.begin(), counts.end());
  std::string text = "Response time histogram:\n";
  for (int64_t row = 0; row < kRows; ++row) {
    const int64_t count = counts[static_cast<size_t>(row)];
    text += fmt::format("  {} [{}] |{}\n", decimal(sorted.front() + (row + 1) * step, kNsPerS),
                        count, bar(count, most));
  }
  return text;
}

std::string distribution(const std::vector<int64_t>& sorted) {
  std::string text = "Response time distribution:\n";
  for (const unsigned percent : {10U, 25U, 50U, 75U, 90U, 95U, 99U}) {
    const size_t rank = (sorted.size() * percent + 99) / 100;
    text += fmt::format("  {}% in {}\n", percent, seconds(sorted[rank - 1]));
  }
  return text;
}

}  // namespace

std::string load_summary(const std::string& process, const programs::HttpLoadPlan& plan,
                         const app::Metrics& metrics, Duration took) {
  const auto values = [&](const std::string& measure) {
    const auto found = metrics.find(process + "." + measure);
    return found == metrics.end() ? std::vector<int64_t>() : found->second.values;
  };
  std::vector<int64_t> times = values("request");
  std::sort(times.begin(), times.end());
  const auto done = static_cast<int64_t>(times.size());
  std::string errors;
  int64_t failed = 0;
  for (const auto& [name, measure] : metrics) {
    if (!name.starts_with(process + ".") || !errno_named(name.substr(process.size() + 1))) continue;
    const auto count = static_cast<int64_t>(measure.values.size());
    failed += count;
    errors += fmt::format("  [{}] {}\n", count, name.substr(process.size() + 1));
  }
  std::string text = fmt::format("Summary of {} ({} workers):\n", process, plan.workers);
  if (done + failed > 0) text += "  Success rate: " + decimal(done, done + failed) + "\n";
  text += "  Total: " + seconds(took.count()) + "\n";
  if (done > 0) {
    int64_t sum = 0, bytes = 0;
    for (const int64_t time : times) sum += time;
    for (const int64_t size : values("received")) bytes += size;
    text += "  Slowest: " + seconds(times.back()) + "\n  Fastest: " + seconds(times.front()) +
            "\n  Average: " + seconds(sum / done) + "\n";
    // Microseconds: requests times nanoseconds a second may not fit.
    const int64_t us = std::max<int64_t>(took.count() / 1000, 1);
    text += "  Requests/sec: " + decimal(done * 1'000'000, us) + "\n";
    text += fmt::format("  Total data: {} B\n  Size/request: {} B\n", bytes, bytes / done);
    text += histogram(times, sum / done) + distribution(times);
  }
  if (!errors.empty()) text += "Error distribution:\n" + errors;
  return text;
}

}  // namespace tcptwin::report

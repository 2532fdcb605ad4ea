// Captures that do not repeat segment by segment (traces/kernel-6.18/ranges.txt), replayed: the
// order of the data, which of it is sent again, and totals within the range of the three
// repetitions, widened by 5 %.
#include <algorithm>
#include <cstdio>
#include <map>
#include <sstream>

#include "tests/parity/group.h"

namespace tcptwin::parity {

using support::Capture;
using support::Segment;

namespace {

const Group kGroup = {.folder = "", .pending = {}, .late = {}};

struct Range {
  int64_t low = 0;
  int64_t high = 0;
};

struct Row {
  std::string capture;
  std::map<std::string, Range> totals;
  std::string again;  // where the repeated segments began, "27513,28961", "-" for none; or empty
};

std::vector<Row> rows() {
  std::vector<Row> all;
  std::istringstream lines(support::read_trace("kernel-6.18/ranges.txt"));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream words(line);
    Row row;
    words >> row.capture;
    for (std::string word; words >> word;) {
      const size_t equals = word.find('=');
      const std::string key = word.substr(0, equals), value = word.substr(equals + 1);
      if (key == "again") {
        row.again = value;
      } else {
        row.totals[key] = {std::stoll(value), std::stoll(value.substr(value.find("..") + 2))};
      }
    }
    all.push_back(std::move(row));
  }
  return all;
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const Row& row : rows()) all.push_back(row.capture);
  return all;
}

// What ranges.txt counts, of our run.
struct Counted {
  std::map<std::string, int64_t> totals;
  std::string again;
  std::string out_of_order;  // the first new segment that left a gap
};

Counted count(const std::vector<Segment>& segments) {
  Counted result;
  auto& totals = result.totals;
  for (const char* key : {"data", "retransmitted", "acks", "sacks"}) totals[key] = 0;
  int64_t furthest = 1;
  for (const Segment& segment : segments) {
    long long begin = 0, end = 0, length = 0;
    char flags[16];
    if (std::sscanf(segment.sequence.c_str() + 2, "%15s %lld:%lld(%lld)", flags, &begin, &end,
                    &length) != 4) {
      continue;
    }
    const bool client = segment.sequence[0] == '>';
    const bool syn = std::string_view(flags).starts_with('S');
    if (client && length > 0) {
      ++totals["data"];
      if (end <= furthest) {
        ++totals["retransmitted"];
        result.again += (result.again.empty() ? "" : ",") + std::to_string(begin);
      } else if (begin > furthest && result.out_of_order.empty()) {
        result.out_of_order = segment.sequence;
      }
      furthest = std::max<int64_t>(furthest, end);
    } else if (!client && length == 0 && !syn) {
      ++totals["acks"];
      if (segment.options.find("sack ") != std::string::npos) ++totals["sacks"];
    } else if (!client && length > 0) {
      totals.try_emplace("done_us", segment.at_us);
    }
  }
  totals["bytes"] = furthest - 1;
  if (result.again.empty()) result.again = "-";
  return result;
}

std::vector<std::string> judge_totals(const Row& row, const Replayed& ours) {
  if (!ours.errors.empty()) return ours.errors;
  std::vector<std::string> found;
  const Counted counted = count(support::segments_of(ours.packets));
  if (!counted.out_of_order.empty()) found.push_back("out of order: " + counted.out_of_order);
  if (!row.again.empty() && counted.again != row.again) {
    found.push_back("sent again: " + row.again + ", ours " + counted.again);
  }
  for (const auto& [key, range] : row.totals) {
    const auto value = counted.totals.find(key);
    const bool there = value != counted.totals.end();
    if (there && value->second * 100 >= range.low * 95 && value->second * 100 <= range.high * 105) {
      continue;
    }
    found.push_back(key + " is " + std::to_string(range.low) + " to " + std::to_string(range.high) +
                    ", ours " + (there ? std::to_string(value->second) : "missing"));
  }
  return found;
}

class Totals : public testing::TestWithParam<std::string> {};

TEST_P(Totals, AreThoseOfTheRepetitions) {
  const auto all = rows();
  const auto row =
      std::find_if(all.begin(), all.end(), [](const Row& r) { return r.capture == GetParam(); });
  const Capture capture = support::read_capture(GetParam());
  judge(kGroup, GetParam(), judge_totals(*row, replay(capture, programs_of(capture), 0)));
}

INSTANTIATE_TEST_SUITE_P(Kernel618, Totals, testing::ValuesIn(names()), test_name);

}  // namespace
}  // namespace tcptwin::parity

#include "tun/oracle_totals.h"

#include <algorithm>

#include "sim/compare/segments.h"

namespace tcptwin::tun {

namespace {

constexpr const char* kElapsed = "elapsed";

// One direction of a connection.
struct Stream {
  std::string mark;      // ">" or "<"
  int64_t furthest = 1;  // the first byte behind the SYN

  void count(const compare::Segment& segment, Totals& totals) {
    if (segment.length() == 0) {
      if (segment.is_pure_ack()) ++totals.counts[mark + " ACKs"];
      return;
    }
    ++totals.counts[mark + " data segments"];
    const int64_t end = segment.begin + segment.length();
    if (end <= furthest) {
      ++totals.counts[mark + " retransmissions"];
      totals.again.push_back(mark + ' ' + std::to_string(segment.begin));
    }
    totals.in_order = totals.in_order && segment.begin <= furthest;
    totals.counts[mark + " bytes"] += std::max<int64_t>(end - furthest, 0);
    furthest = std::max(furthest, end);
  }
};

bool among(const std::vector<Totals>& all, const Totals& one) {
  return std::any_of(all.begin(), all.end(),
                     [&](const Totals& other) { return other.again == one.again; });
}

std::string joined_places(const std::vector<std::string>& words) {
  constexpr size_t kEnough = 8;
  std::string text;
  for (size_t i = 0; i < std::min(words.size(), kEnough); ++i)
    text += (text.empty() ? "" : ", ") + words[i];
  return words.empty() ? "nothing" : words.size() > kEnough ? text + ", ..." : text;
}

}  // namespace

Totals totals_of(const capture::View& view) {
  Totals totals;
  for (const char* mark : {">", "<"}) {
    for (const char* what : {" data segments", " retransmissions", " ACKs", " bytes"})
      totals.counts[std::string(mark) + what] = 0;
  }
  for (const capture::Connection& connection : view.connections) {
    Stream to_server{">"}, to_client{"<"};
    for (const compare::Segment& segment :
         compare::segments_of(view, connection, std::chrono::milliseconds(1))) {
      (segment.sight->from_client ? to_server : to_client).count(segment, totals);
    }
  }
  Instant first = Instant::never(), last;
  for (const capture::Sight& sight : view.sights) {
    first = std::min(first, sight.packet->at);
    last = std::max(last, sight.packet->at);
  }
  totals.counts[kElapsed] = view.sights.empty() ? 0 : (last - first) / std::chrono::microseconds(1);
  return totals;
}

RangeJudgement judge_range(const std::vector<Totals>& kernel, const std::vector<Totals>& simulated,
                           Duration slack) {
  RangeJudgement judged;
  for (const Totals& run : kernel) {
    for (const auto& [name, value] : run.counts) {
      const auto [range, is_new] = judged.ranges.try_emplace(name, Range{value, value});
      range->second.least = std::min(range->second.least, value);
      range->second.most = std::max(range->second.most, value);
    }
  }
  // Where a link loses packets, the receiver sees gaps in both.
  const bool never_a_gap =
      std::all_of(kernel.begin(), kernel.end(), [](const Totals& run) { return run.in_order; });
  for (const Totals& run : simulated) {
    if (!run.in_order && never_a_gap) judged.outside.push_back("new data left a gap");
    if (!among(kernel, run)) {
      judged.outside.push_back("sent again: " + joined_places(run.again) +
                               "; the kernel: " + joined_places(kernel.front().again));
    }
    for (const auto& [name, value] : run.counts) {
      const Range range = judged.ranges[name];
      const int64_t more = name == kElapsed ? slack / std::chrono::microseconds(1) : 0;
      if ((value + more) * 100 >= range.least * 95 && (value - more) * 100 <= range.most * 105)
        continue;
      judged.outside.push_back(name + ": " + std::to_string(value) + ", the kernel " +
                               std::to_string(range.least) + " to " + std::to_string(range.most));
    }
  }
  return judged;
}

}  // namespace tcptwin::tun

// oracle_totals.h: what a host saw, in numbers, and whether a run lies within the range of others.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/capture/view.h"

namespace tcptwin::tun {

struct Totals {
  // Over all connections, ">" from those who open them and "<" to them: "> data segments", ">
  // ACKs",
  // "> retransmissions", "> bytes"; "elapsed" in microseconds, from the first packet to the last.
  std::map<std::string, int64_t> counts{};
  // Where the repeated segments begin: "> 27513", in their order.
  std::vector<std::string> again{};
  bool in_order = true;  // new data never left a gap
};

Totals totals_of(const capture::View& view);

struct Range {
  int64_t least = 0;
  int64_t most = 0;
};
struct RangeJudgement {
  std::map<std::string, Range> ranges{};  // of the kernel's runs
  // Why the simulation lies outside of what the kernel does; empty: it lies within.
  std::vector<std::string> outside{};
};

// `slack`: of "elapsed", besides the 5 % by which each range is widened.
RangeJudgement judge_range(const std::vector<Totals>& kernel, const std::vector<Totals>& simulated,
                           Duration slack);

}  // namespace tcptwin::tun

// When a run counts as within the range of what the kernel does.
#include "tun/oracle_totals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tcptwin::tun {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Totals run(int64_t segments, bool in_order = true) {
  Totals totals;
  totals.counts["> data segments"] = segments;
  totals.in_order = in_order;
  return totals;
}

TEST(OracleTotals, ARangeIsWidenedByATwentieth) {
  EXPECT_THAT(judge_range({run(100), run(110)}, {run(115)}, {}).outside, IsEmpty());
  EXPECT_THAT(judge_range({run(100), run(110)}, {run(116)}, {}).outside,
              ElementsAre(HasSubstr("> data segments: 116")));
}
TEST(OracleTotals, AGapThatTheKernelNeverLeftIsOutside) {
  EXPECT_THAT(judge_range({run(1)}, {run(1, false)}, {}).outside,
              ElementsAre("new data left a gap"));
}
TEST(OracleTotals, WhereTheKernelsDataLeavesAGapSoMayTheSimulations) {
  EXPECT_THAT(judge_range({run(1), run(1, false)}, {run(1, false)}, {}).outside, IsEmpty());
}

}  // namespace
}  // namespace tcptwin::tun

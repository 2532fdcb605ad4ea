// That parity is strict: a capture in which one thing is changed is no longer what we do.
#include <gtest/gtest.h>

#include "tests/parity/programs.h"
#include "tests/parity/replay.h"

namespace tcptwin::parity {
namespace {

struct Change {
  const char* name;
  const char* from;
  const char* to;
  bool tells = true;
};
class Strictness : public testing::TestWithParam<Change> {};

TEST_P(Strictness, ToldIs) {
  std::string text = support::read_trace("kernel-6.18/a_wwr/tun1_base_r1.A.txt");
  const support::Capture whole = support::parse_capture(text);
  const size_t at = text.find(GetParam().from);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, std::string_view(GetParam().from).size(), GetParam().to);
  const support::Capture changed = support::parse_capture(text);
  const auto found = compare_packets(changed, replay(whole, programs_of(whole), 0), {});
  EXPECT_EQ(!found.empty(), GetParam().tells) << (found.empty() ? "" : found.front());
}

INSTANTIATE_TEST_SUITE_P(
    Changed, Strictness,
    testing::Values(Change{"Flags", "> P. 31:41(10)", "> . 31:41(10)"},
                    Change{"Direction", "< . 41:41(0) ack 51", "> . 41:41(0) ack 51"},
                    Change{"Length", "> P. 31:41(10)", "> P. 31:40(9)"},
                    Change{"Ack", "> P. 31:41(10) ack 21", "> P. 31:41(10) ack 20"},
                    Change{"Window", "ack 41 win 65152", "ack 41 win 65024"},
                    Change{"WindowOfTheSyn", "win 64240", "win 64241"},
                    Change{"Mss", "mss 1460", "mss 1459"},
                    Change{"OrderOfOptions", "sackOK,TS 0/-", "TS 0/-,sackOK"},
                    Change{"Timestamp", "<TS 45/44>", "<TS 52/44>"},
                    Change{"Echo", "<TS 45/44>", "<TS 45/37>"},
                    Change{"MissingSegment", "0.044726 > P. 31:41", "0.044726 C P. 31:41"},
                    Change{"GapBeyondAJiffy", "0.044706 <", "0.040600 <"},
                    Change{"GapWithinAJiffy", "0.045747 <", "0.045740 <", false}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace tcptwin::parity

// The captures of MSG_MORE and TCP_CORK (traces/kernel-6.18/e_more), replayed.
#include "tests/parity/group.h"

namespace tcptwin::parity {
namespace {

// In three captures the machine was a jiffy late: the probe timer of lo_nothing and tun1_zero fired
// after 53 jiffies, in their other repetitions and all other captures after 52, as the wheel has
// it; in lo_full20x100 the program's sleep of 900 ms lasted 904.6.
const Group kGroup = {.folder = "e_more",
                      .pending = {},
                      .late = {{"lo_nothing_r1", 3, 2},
                               {"lo_nothing_r1", 5, 2},
                               {"tun1_zero_r1.A", 3, 2},
                               {"tun1_zero_r1.A", 5, 2},
                               {"lo_full20x100_nothing_r1", 5, 2}}};

class MoreAndCork : public testing::TestWithParam<std::string> {};

TEST_P(MoreAndCork, IsTheCapture) { expect_parity(kGroup, GetParam()); }

INSTANTIATE_TEST_SUITE_P(Kernel618, MoreAndCork, testing::ValuesIn(captures_in("e_more")),
                         test_name);

}  // namespace
}  // namespace tcptwin::parity

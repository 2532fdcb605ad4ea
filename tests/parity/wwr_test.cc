// The write-write-read captures of a real kernel (traces/kernel-6.18/a_wwr), replayed: the same
// programs on the same link, on hosts with the capture's uptime.
#include "tests/parity/group.h"

namespace tcptwin::parity {
namespace {

const Group kGroup = {
    .folder = "a_wwr",
    .pending = {},
    .late =
        {
            // A delayed ACK 51.75 ms after the data, 13 ticks instead of the rule's 11 (106 of the
            // 1114
            // delayed ACKs of all captures took 12). Its own TSval is 4 ms older than its capture
            // time:
            // the machine stood still meanwhile. Repetitions 2 and 3 of the run have 43.7 ms here.
            {"lo_quick_once_r1", 160, 2},
        },
    // Whether a read finds one segment or two is a race of reader and wire, 30 us apart.
    .calls = false};

class WriteWriteRead : public testing::TestWithParam<std::string> {};

TEST_P(WriteWriteRead, IsTheCapture) { expect_parity(kGroup, GetParam()); }

INSTANTIATE_TEST_SUITE_P(Kernel618, WriteWriteRead, testing::ValuesIn(captures_in("a_wwr")),
                         test_name);

}  // namespace
}  // namespace tcptwin::parity

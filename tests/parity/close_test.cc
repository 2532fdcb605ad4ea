// The captures of the ends of connections (traces/kernel-6.18/d_close), replayed.
#include <algorithm>
#include <string_view>

#include "tests/parity/group.h"

namespace tcptwin::parity {
namespace {

const Group kGroup = {.folder = "d_close",
                      .pending = {},
                      .late = {// One jiffy after the tick that the wheel names; nine of the 33
                               // firings of the three repetitions are.
                               {"blackhole_r1.A", 6, 2},
                               {"blackhole_r1.A", 7, 2},
                               {"blackhole_r1.A", 9, 2}}};

// Those that repeat exactly; the crafted peer's have a test of their own (inject_test.cc), and five
// race a reader against arriving segments (totals_test.cc).
std::vector<std::string> repeating() {
  constexpr std::string_view kOthers[] = {"inject_",  "close_then_data_r", "linger0_pending_r",
                                          "linger5_", "unread_r",          "unread_reply_r"};
  std::vector<std::string> names = captures_in("d_close");
  std::erase_if(names, [&](const std::string& name) {
    return std::any_of(std::begin(kOthers), std::end(kOthers),
                       [&](std::string_view other) { return name.starts_with(other); });
  });
  return names;
}

class Closes : public testing::TestWithParam<std::string> {};

TEST_P(Closes, IsTheCapture) { expect_parity(kGroup, GetParam()); }

INSTANTIATE_TEST_SUITE_P(Kernel618, Closes, testing::ValuesIn(repeating()), test_name);

}  // namespace
}  // namespace tcptwin::parity

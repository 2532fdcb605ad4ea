// The captures of non-blocking writes on loopback (traces/kernel-6.18/f_nbw), replayed.
#include "tests/parity/group.h"

namespace tcptwin::parity {
namespace {

const Group kGroup = {.folder = "f_nbw",
                      .pending = {},
                      .late = {// The reader's sleep of 1 ms from 3.235019 s on lasted 5.07 ms.
                               {"lo_snddef_chunk65536_r1", 291, 2}}};

std::vector<std::string> on_loopback() {
  std::vector<std::string> names = captures_in("f_nbw");
  std::erase_if(names, [](const std::string& name) { return !name.starts_with("lo_"); });
  return names;
}

class NonBlockingWrites : public testing::TestWithParam<std::string> {};

TEST_P(NonBlockingWrites, AreTheCapture) { expect_parity(kGroup, GetParam()); }

INSTANTIATE_TEST_SUITE_P(Kernel618, NonBlockingWrites, testing::ValuesIn(on_loopback()), test_name);

}  // namespace
}  // namespace tcptwin::parity

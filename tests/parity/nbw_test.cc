// The captures of non-blocking writes on loopback (traces/kernel-6.18/f_nbw), replayed.
#include "tests/parity/group.h"

namespace tcptwin::parity {
namespace {

constexpr const char* kWindow =
    "on loopback the first windows differ by a step of rcv_ssthresh, and with them the ACKs";
constexpr const char* kBurst = "the first large segment is pushed here, not by the kernel";

const Group kGroup = {.folder = "f_nbw",
                      .pending = {{"lo_snd262144_chunk4096_r1", kWindow},
                                  {"lo_snd65536_chunk4096_r1", kWindow},
                                  {"lo_snddef_chunk1000_r1", kWindow},
                                  {"lo_snddef_chunk4096_r1", kWindow},
                                  {"lo_snddef_chunk65536_r1", kWindow},
                                  {"lo_snddef_chunk100_r1", kBurst}},
                      .late = {}};

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

// The captures of non-blocking writes on loopback (traces/kernel-6.18/f_nbw), replayed.
#include "tests/parity/group.h"

namespace tcptwin::parity {
namespace {

constexpr const char* kProbe =
    "the second window probe comes within half a second of the first: the "
    "kernel leaves it unanswered, we do not";
constexpr const char* kEarly =
    "what fills the window leaves at 5 ms here, at 41 ms there; the cause is "
    "not known";
constexpr const char* kSerial =
    "the kernel hands each segment of a call to the receiver before it "
    "makes the next, and so ACKs come in between";

const Group kGroup = {.folder = "f_nbw",
                      .pending = {{"lo_snd262144_chunk4096_r1", kProbe},
                                  {"lo_snd65536_chunk4096_r1", kProbe},
                                  {"lo_snddef_chunk1000_r1", kProbe},
                                  {"lo_snddef_chunk4096_r1", kProbe},
                                  {"lo_snddef_chunk65536_r1", kSerial},
                                  {"lo_snddef_chunk100_r1", kEarly}},
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

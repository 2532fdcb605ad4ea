// How long transfers begin (traces/kernel-6.18/b_bulk, b_noread, k_window, f_nbw over a link): the
// captures were cut after the handshake, those of k_window after the first ten windows. That much
// must be equal, segment by segment.
#include <algorithm>

#include "tests/parity/group.h"

namespace tcptwin::parity {
namespace {

const Group kGroup = {.folder = "", .pending = {}, .late = {}};

std::vector<std::string> beginnings() {
  std::vector<std::string> names;
  for (const char* folder : {"b_bulk", "b_noread", "k_window", "f_nbw"}) {
    for (const std::string& name : captures_in(folder)) {
      if (name.ends_with(".A")) names.push_back(std::string(folder) + '/' + name);
    }
  }
  return names;
}

class Beginnings : public testing::TestWithParam<std::string> {};

TEST_P(Beginnings, AreTheCaptures) {
  const support::Capture capture = support::read_capture(GetParam());
  const Replayed ours = replay(capture, programs_of(capture), 0, /*until_us=*/2'000'000);
  judge(kGroup, GetParam(), compare_packets(capture, ours, {}, /*prefix=*/true));
}

INSTANTIATE_TEST_SUITE_P(Kernel618, Beginnings, testing::ValuesIn(beginnings()), test_name);

}  // namespace
}  // namespace tcptwin::parity

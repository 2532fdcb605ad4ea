// group.h: the test of a group of captures: each must be what the simulator does, or stand in the
// group's list of those that are not yet, with the reason.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/parity/programs.h"
#include "tests/parity/replay.h"

namespace tcptwin::parity {

// A capture that does not come out yet, and why. A pending one that does come out fails its test.
struct Pending {
  std::string capture;
  std::string why;
};

struct Group {
  std::string folder;  // below traces/kernel-6.18
  std::vector<Pending> pending;
  std::vector<LateFiring> late;
  bool calls = true;  // whether the programs' calls and results are compared, too
};

// All differences of one capture: segments, gaps, calls.
std::vector<std::string> differences(const Group& group, const std::string& name);
// Judges them: none, or some and the capture is pending.
void judge(const Group& group, const std::string& name, const std::vector<std::string>& found);
void expect_parity(const Group& group, const std::string& name);
// "tun1_base_r1.A" -> "tun1_base_r1_A"
std::string test_name(const testing::TestParamInfo<std::string>& tested);

}  // namespace tcptwin::parity

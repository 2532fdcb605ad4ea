// testing.h: a Lab as a GoogleTest fixture: a test that fails prints the story of its packets and
// the line that runs it again. Header only, so that the libraries do not need GoogleTest.
//
//   class Mine : public tcptwin::lab::LabTest {};
//   TEST_F(Mine, ReplyWithinARoundTrip) { ...; lab.run(); EXPECT_LT(lab.metric("client.elapsed"),
//   30ms); }
#pragma once

#include <errno.h>  // program_invocation_name
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <string>

#include "sim/lab/lab.h"

namespace tcptwin::lab {

class LabTest : public testing::Test {
 protected:
  void TearDown() override {
    if (!lab.problems().empty()) ADD_FAILURE() << lab.problems();
    if (!HasFailure()) return;
    const testing::TestInfo& test = *testing::UnitTest::GetInstance()->current_test_info();
    std::cout << lab.story() << "to run this test again: ";
    if (lab.seed() != 0) std::cout << "TCPTWIN_SEED=" << lab.seed() << " ";
    std::cout << program_invocation_name << " --gtest_filter=" << test.test_suite_name() << "."
              << test.name() << "\n";
  }

  Lab lab{seed()};

 private:
  // Another world of the same test: TCPTWIN_SEED=7 ./a_test
  static uint64_t seed() {
    const char* text = std::getenv("TCPTWIN_SEED");
    return text == nullptr ? 0 : std::strtoull(text, nullptr, 10);
  }
};

}  // namespace tcptwin::lab

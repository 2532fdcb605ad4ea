// The builds of lwIP in the program: each keeps everything that it writes in one section.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "models/lwip/builds.h"

namespace tcptwin::lwip {
namespace {

class LwipBuilds : public testing::Test {
 protected:
  void SetUp() override {
    if (builds().empty()) GTEST_SKIP() << "lwIP is not in this program: " << absence();
  }
};

// A copy of a build's state, put in its place for a call.
class Host {
 public:
  explicit Host(const tcptwin_lwip& code)
      : code_(&code), state_(code.state_begin, code.state_end), elsewhere_(state_) {}
  template <class F>
  auto in_its_state(F&& call) {
    std::memcpy(elsewhere_.data(), code_->state_begin, elsewhere_.size());
    std::memcpy(code_->state_begin, state_.data(), state_.size());
    auto result = call(*code_);
    std::memcpy(state_.data(), code_->state_begin, state_.size());
    std::memcpy(code_->state_begin, elsewhere_.data(), elsewhere_.size());
    return result;
  }

 private:
  const tcptwin_lwip* code_;
  std::vector<char> state_;
  std::vector<char> elsewhere_;
};

uint16_t start(const tcptwin_lwip& code) {
  code.start();
  return code.take_port();
}
uint16_t take_port(const tcptwin_lwip& code) { return code.take_port(); }

TEST_F(LwipBuilds, TwoHostsOfABuildShareNothing) {
  for (const Build& build : builds()) {
    Host a(*build.code), b(*build.code);
    const uint16_t first = a.in_its_state(start);
    EXPECT_EQ(a.in_its_state(take_port), first + 1) << build.name;
    EXPECT_EQ(b.in_its_state(start), first) << build.name;
    EXPECT_EQ(a.in_its_state(take_port), first + 2) << build.name;
    EXPECT_EQ(b.in_its_state(take_port), first + 1) << build.name;
  }
}

TEST_F(LwipBuilds, HaveTheNamesThatProfilesChooseFrom) {
  std::vector<std::string> names;
  for (const Build& build : builds()) names.emplace_back(build.name);
  EXPECT_THAT(names, testing::ElementsAre("default", "debian", "large"));
}

TEST(LwipAbsence, IsExplainedWhenThereIsNoBuildAndOnlyThen) {
  EXPECT_EQ(builds().empty(), !absence().empty());
}

}  // namespace
}  // namespace tcptwin::lwip

// tcptwin diff as its users meet it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/capture.h"
#include "tests/support/command.h"

namespace tcptwin {
namespace {

using support::Ran;
using support::tcptwin;
using testing::HasSubstr;
using testing::StartsWith;

// On a scenario of a few rounds.
class Diff : public support::CommandTest {
 protected:
  void SetUp() override {
    CommandTest::SetUp();
    std::string text = support::read_trace("documents/write-write-read/scenario.json");
    const std::string many = "\"repeat\": 4000";
    text.replace(text.find(many), many.size(), "\"repeat\": 5");
    scenario_ = file("scenario.json", text);
  }
  std::string scenario_;
};

TEST_F(Diff, OfACaptureAndItselfIsNone) {
  tcptwin("run " + scenario_ + " --variant baseline --pcap " + path("x.pcapng"));
  const Ran ran = tcptwin("diff " + path("x.pcapng") + " " + path("x.pcapng"));
  EXPECT_EQ(ran.status, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("no difference"));
}
TEST_F(Diff, OfACaptureAndTheRunOfItsScenarioIsNone) {
  tcptwin("run " + scenario_ + " --variant client-nodelay --pcap " + path("x.txt"));
  const Ran ran =
      tcptwin("diff " + path("x.server.txt") + " " + scenario_ + ":client-nodelay@server");
  EXPECT_EQ(ran.status, 0) << ran.output;
}
TEST_F(Diff, OfTwoVariantsShowsTheFirstWithItsReason) {
  const Ran ran = tcptwin("diff " + scenario_ + " :client-nodelay");
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.output, HasSubstr("first difference, connection 1"));
  EXPECT_THAT(ran.output, HasSubstr("why: data that Nagle had held"));
}
TEST_F(Diff, SetChangesTheSecondSideOnly) {
  const Ran ran = tcptwin("diff " + scenario_ + " --set /hosts/server/set/delayed_ack/min=100ms");
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.output, HasSubstr("gap"));
}
TEST_F(Diff, JsonOnStandardOutputReplacesTheText) {
  const Ran ran = tcptwin("diff " + scenario_ + " :client-nodelay --json -");
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.output, StartsWith("{\n  \"schema\": \"tcptwin/diff/1\""));
}
TEST_F(Diff, UnreadableFileIsInvalidInput) {
  const Ran ran = tcptwin("diff " + file("x.pcap", "what is this") + " " + scenario_);
  EXPECT_EQ(ran.status, 3);
  EXPECT_THAT(ran.output, HasSubstr("neither pcap, pcapng nor our text"));
}
TEST_F(Diff, WrongUsageIsSaid) {
  for (const std::string& arguments :
       {scenario_, scenario_ + " :none", scenario_ + "@nobody " + scenario_,
        scenario_ + " " + scenario_ + " --tick soon",
        scenario_ + " " + file("x.txt", "0.0 > S 0:0(0) win 1\n") + " --set /name=x"}) {
    EXPECT_EQ(tcptwin("diff " + arguments).status, 2) << arguments;
  }
}

}  // namespace
}  // namespace tcptwin

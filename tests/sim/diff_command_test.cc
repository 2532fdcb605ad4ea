// tcptwin diff as its users meet it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/command.h"

namespace tcptwin {
namespace {

using support::Ran;
using support::tcptwin;
using testing::HasSubstr;
using testing::StartsWith;

class Diff : public support::CommandTest {
 protected:
  const std::string kScenario =
      support::source_path("traces/documents/write-write-read/scenario.json");
  const std::string kShort = " --set /processes/0/program/1/repeat=3 ";
};

TEST_F(Diff, OfACaptureAndItselfIsNone) {
  tcptwin("run " + kScenario + kShort + "--variant baseline --pcap " + path("x.pcapng"));
  const Ran ran = tcptwin("diff " + path("x.pcapng") + " " + path("x.pcapng"));
  EXPECT_EQ(ran.status, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("no difference"));
}
TEST_F(Diff, OfACaptureAndTheRunOfItsScenarioIsNone) {
  tcptwin("run " + kScenario + kShort + "--variant client-nodelay --pcap " + path("x.txt"));
  const Ran ran =
      tcptwin("diff " + path("x.server.txt") + " " + kScenario + ":client-nodelay@server" + kShort);
  EXPECT_EQ(ran.status, 0) << ran.output;
}
TEST_F(Diff, OfTwoVariantsShowsTheFirstWithItsReason) {
  const Ran ran = tcptwin("diff " + kScenario + " :client-nodelay");
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.output, HasSubstr("first difference, connection 1"));
  EXPECT_THAT(ran.output, HasSubstr("why: data that Nagle had held"));
}
TEST_F(Diff, SetChangesTheSecondSideOnly) {
  const Ran ran = tcptwin("diff " + kScenario + " --set /hosts/server/set/delayed_ack/min=100ms");
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.output, HasSubstr("gap"));
}
TEST_F(Diff, JsonOnStandardOutputReplacesTheText) {
  const Ran ran = tcptwin("diff " + kScenario + " :client-nodelay --json -");
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.output, StartsWith("{\n  \"schema\": \"tcptwin/diff/1\""));
}
TEST_F(Diff, UnreadableFileIsInvalidInput) {
  const Ran ran = tcptwin("diff " + file("x.pcap", "what is this") + " " + kScenario);
  EXPECT_EQ(ran.status, 3);
  EXPECT_THAT(ran.output, HasSubstr("neither pcap, pcapng nor our text"));
}
TEST_F(Diff, WrongUsageIsSaid) {
  for (const std::string& arguments :
       {kScenario, kScenario + " :none", kScenario + "@nobody " + kScenario,
        kScenario + " " + kScenario + " --tick soon",
        kScenario + " " + file("x.txt", "0.0 > S 0:0(0) win 1\n") + " --set /name=x"}) {
    EXPECT_EQ(tcptwin("diff " + arguments).status, 2) << arguments;
  }
}

}  // namespace
}  // namespace tcptwin

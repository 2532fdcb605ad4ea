// tcptwin oracle: scenarios over this machine's kernel are what the simulation says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include "tests/live/kernel_lab.h"
#include "tests/support/command.h"
#include "tests/support/paths.h"

namespace tcptwin::live {
namespace {

using testing::HasSubstr;

support::Ran oracle(const std::string& scenario, const std::string& options) {
  return support::tcptwin(
      "oracle " + support::source_path("traces/" + scenario + "/scenario.json") + ' ' + options);
}

const std::string kRounds = "--set /processes/0/program/1/repeat=10 ";

class Oracle : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto why = lacking()) GTEST_SKIP() << *why;
  }
};

TEST_F(Oracle, WriteWriteReadIsWhatTheKernelDoes) {
  const support::Ran answer = oracle("documents/write-write-read", kRounds);
  EXPECT_EQ(answer.status, 0) << answer.output;
  EXPECT_THAT(answer.output, HasSubstr("client: equal, 57 of 57 segments equal"));
}

TEST_F(Oracle, SoItIsOnTheLoopback) {
  const support::Ran answer = oracle("documents/write-write-read", kRounds + "--variant loopback");
  EXPECT_EQ(answer.status, 0) << answer.output;
  EXPECT_THAT(answer.output, HasSubstr("client: equal, 57 of 57 segments equal"));
}

TEST_F(Oracle, AnotherRuleInTheSimulationIsADifferenceWithItsReason) {
  const support::Ran answer = oracle("documents/write-write-read",
                                     kRounds + "--set /hosts/server/set/delayed_ack/min=10ms");
  EXPECT_EQ(answer.status, 1) << answer.output;
  EXPECT_THAT(answer.output, HasSubstr("first difference, connection 1"));
  EXPECT_THAT(answer.output, HasSubstr("why: server: delayed ACK"));
}

TEST_F(Oracle, TheKernelAtOneEndMeetsASimulatedSystemAtTheOther) {
  const support::Ran answer = oracle(
      "documents/write-write-read",
      "--set /processes/0/program/1/repeat=3 --variant linux-6.18-to-windows-7 --peer client");
  EXPECT_EQ(answer.status, 0) << answer.output;
}

TEST_F(Oracle, ASystemThatIsNoLinuxIsRefusedWithTheRemedy) {
  const support::Ran answer = oracle("documents/write-write-read", "--variant macos-14");
  EXPECT_EQ(answer.status, 3);
  EXPECT_THAT(answer.output, HasSubstr("--set /hosts/client/profile=linux-6.18"));
}

TEST_F(Oracle, SeveralRunsSayWhatTheKernelRepeats) {
  const support::Ran answer = oracle("oracle/closes", "--runs 2");
  EXPECT_EQ(answer.status, 0) << answer.output;
  EXPECT_THAT(answer.output, HasSubstr("the kernel repeats itself exactly"));
}

// Those that take long are in the matrix below.
TEST_F(Oracle, ClosesAreWhatTheKernelDoes) {
  for (const char* variant : {"baseline", "half-close", "linger-0", "refused"}) {
    const support::Ran answer = oracle("oracle/closes", std::string("--variant ") + variant);
    EXPECT_EQ(answer.status, 0) << answer.output;
  }
}

struct Case {
  std::string scenario;
  std::string options;
  std::string name;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }
std::string name_of(const testing::TestParamInfo<Case>& tested) {
  std::string name = tested.param.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

class OracleMatrix : public testing::TestWithParam<Case> {};

TEST_P(OracleMatrix, IsWhatTheKernelDoes) {
  if (const auto why = lacking()) GTEST_SKIP() << *why;
  const support::Ran answer = oracle(GetParam().scenario, GetParam().options);
  EXPECT_EQ(answer.status, 0) << answer.output;
}

std::vector<Case> with_variants(const std::string& scenario, const std::string& options,
                                const std::vector<std::string>& variants) {
  std::vector<Case> cases;
  for (const std::string& variant : variants)
    cases.push_back({scenario, options + "--variant " + variant, variant});
  return cases;
}

// Long by their names: a black hole takes more than two minutes.
INSTANTIATE_TEST_SUITE_P(LongWriteWriteRead, OracleMatrix,
                         testing::ValuesIn(with_variants(
                             "documents/write-write-read",
                             "--set /processes/0/program/1/repeat=50 ",
                             {"baseline", "single-write", "client-nodelay", "server-reads-once",
                              "server-quickack-each", "server-quickack-once", "server-two-writes",
                              "both-two-writes", "loopback", "reader-leaves-data"})),
                         name_of);
INSTANTIATE_TEST_SUITE_P(LongCloses, OracleMatrix,
                         testing::ValuesIn(with_variants(
                             "oracle/closes", "",
                             {"baseline", "peer-waits", "half-close", "simultaneous", "linger-0",
                              "shutdown-then-reset", "orphan-fin-wait-2", "refused", "black-hole",
                              "client-time-wait", "server-time-wait"})),
                         name_of);

}  // namespace
}  // namespace tcptwin::live

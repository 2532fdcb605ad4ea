// Options that are set at a level where their number means something else:
// facts/darwin.md 1.2, 1.3.
#include "sim/scenario/option_lint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "sim/report/report.h"
#include "tests/support/simulation.h"

namespace tcptwin {
namespace {

using support::simulate;
using support::two_hosts;
using testing::HasSubstr;

constexpr const char* kMistake =
    R"({"setsockopt": {"level": "IPPROTO_TCP", "option": "SO_KEEPALIVE"}})";

std::string scenario_with(const std::string& profile, const std::string& operation) {
  return two_hosts(R"({"profile": ")" + profile + "\"}",
                   R"([{"socket": {}}, )" + operation +
                       R"(, {"connect": {"to": "b", "port": 80}}, {"close": {}}])",
                   R"([{"listen": 80}, {"accept": {}}, {"recv": 1}, {"close": {}}])");
}

std::vector<std::string> warnings(const std::string& profile, const std::string& operation) {
  const auto loaded = scenario::load("test", scenario_with(profile, operation), {});
  EXPECT_TRUE(loaded.ok());
  return report::option_warnings(loaded.variants.front());
}

TEST(OptionLint, KeepAliveAtTheLevelOfTcpIsNooptOnMacos) {
  const auto told = warnings("macos-14", kMistake);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_THAT(told[0], HasSubstr("client names SO_KEEPALIVE, an option of SOL_SOCKET, at "
                                 "IPPROTO_TCP; there its number on macos-14 is 8, which is "
                                 "TCP_NOOPT: no TCP option in any segment"));
}
TEST(OptionLint, OnLinuxItIsDeferAccept) {
  EXPECT_THAT(warnings("linux-6.18", kMistake).at(0), HasSubstr("is 9, which is TCP_DEFER_ACCEPT"));
}
TEST(OptionLint, WhereTheNumberIsNoneTheCallFails) {
  EXPECT_THAT(warnings("rfc", kMistake).at(0), HasSubstr("the call fails with ENOPROTOOPT"));
  const auto s = simulate(scenario_with("rfc", kMistake));
  EXPECT_THAT(s.result.processes[0].outcome.remarks.at(0), HasSubstr("ENOPROTOOPT"));
}
TEST(OptionLint, TheSimulatedCallReachesTheOptionThatHasTheNumber) {
  const auto s = simulate(scenario_with("macos-14", kMistake));
  EXPECT_TRUE(s.result.processes[0].outcome.remarks.empty());
  EXPECT_THAT(s.packets().at(0), testing::Not(HasSubstr("<mss")));  // the SYN has no option
  const auto right = simulate(scenario_with("macos-14", R"({"setsockopt": "SO_KEEPALIVE"})"));
  EXPECT_THAT(right.packets().at(0), HasSubstr("<mss"));
}
TEST(OptionLint, TheValueZeroIsSaidToBeHarmless) {
  EXPECT_THAT(warnings("macos-14", R"({"setsockopt": {"level": "IPPROTO_TCP",
      "option": "SO_KEEPALIVE", "value": 0}})")
                  .at(0),
              HasSubstr("TCP_NOOPT and stays off with the value 0"));
}
TEST(OptionLint, TheRightLevelIsNoMistake) {
  EXPECT_TRUE(warnings("macos-14", R"({"setsockopt": {"level": "SOL_SOCKET",
      "option": "SO_KEEPALIVE"}})")
                  .empty());
  EXPECT_TRUE(warnings("macos-14", R"({"setsockopt": "SO_KEEPALIVE"})").empty());
  EXPECT_TRUE(warnings("macos-14", R"({"setsockopt": "TCP_NODELAY"})").empty());
}
TEST(OptionLint, IsToldOnceHoweverOftenItIsDone) {
  const std::string twice = std::string(kMistake) + ", " + kMistake;
  EXPECT_EQ(warnings("macos-14", twice).size(), 1U);
}
TEST(OptionLint, EverySystemIsToldOf) {
  const auto loaded = scenario::load("test", scenario_with("linux-6.18", kMistake), {});
  const auto& process = loaded.variants.front().scenario.processes.at(0);
  const std::string text = scenario::misplaced_everywhere("client", process.misplaced.at(0));
  EXPECT_THAT(text,
              testing::ContainsRegex("\n  on freebsd-14, .*macos-14.*: 8, which is TCP_NOOPT"));
  EXPECT_THAT(text, testing::ContainsRegex("\n  on linux-.*: 9, which is TCP_DEFER_ACCEPT"));
}

}  // namespace
}  // namespace tcptwin

// What `profile diff` says of hosts that run lwIP is what they do.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "models/catalogue/catalogue.h"
#include "models/catalogue/practice.h"
#include "models/lwip/builds.h"
#include "tests/support/simulation.h"

namespace tcptwin::catalogue {
namespace {

using support::Simulation;

std::string practice(const std::string& profile, const std::string& about) {
  json::Context context;
  for (const Consequence& c : consequences(decode_profile(*profile_document(profile), context))) {
    if (c.about == about) return c.value;
  }
  return "no such line";
}

class LwipPractice : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (lwip::builds().empty()) GTEST_SKIP() << lwip::absence();
  }

  std::string says(const std::string& about) const { return practice(GetParam(), about); }
  Simulation run(const std::string& client, const std::string& server,
                 const std::string& link) const {
    const std::string host = std::string(R"({"profile": ")") + GetParam() + R"("})";
    return support::simulate(
        support::two_hosts(host, client, server, ", \"loss\": [" + link + "]"));
  }
};

// How long the client's program took until it failed.
Duration failed_after(const Simulation& s) {
  const app::ProcessOutcome& outcome = s.result.processes.front().outcome;
  EXPECT_EQ(outcome.end, app::ProcessOutcome::End::kFailed);
  return outcome.ended - outcome.started;
}

TEST_P(LwipPractice, AConnectThatNobodyAnswersIsGivenUp) {
  const Simulation s = run(R"([{"connect": {"to": "b", "port": 80}}])", "[]",
                           R"({"from": "a", "syns": [1, 2, 3, 4, 5, 6, 7, 8]})");
  EXPECT_EQ(says("connect gives up after"), "18 s to 18.5 s");
  EXPECT_GT(failed_after(s), 18s);
  EXPECT_LT(failed_after(s), 18501ms);
}

// Rounds that are apart: only then are there ticks to measure them by.
TEST_P(LwipPractice, LostDataIsRepeatedAndGivenUp) {
  const Simulation s = run(
      R"([{"connect": {"to": "b", "port": 80}},
      {"repeat": 10, "do": [{"write": 10}, {"read": 10}, {"sleep": "600ms"}]},
      {"write": 10}, {"recv": 100}])",
      R"([{"listen": 80}, {"accept": {}}, {"repeat": 10, "do": [{"read": 10}, {"write": 10}]},
      {"sleep": "1h"}])",
      R"({"from": "a", "data_packets": [11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]})");
  EXPECT_EQ(says("lost data is repeated after (LAN, round trip 1 ms)"), "1 s to 1.5 s");
  EXPECT_EQ(says("and given up after"), "19 min 10.5 s to 19 min 11 s");
  const Duration waited = failed_after(s) - 10 * 602ms;
  EXPECT_GT(waited, 19min + 10500ms);
  EXPECT_LT(waited, 19min + 11100ms);
}

// What leaves before the first ACK can be there: whole segments, smaller with timestamps.
TEST_P(LwipPractice, TheFirstFlightHasSoManyBytes) {
  const Simulation s =
      run(R"([{"connect": {"to": "b", "port": 80}}, {"write": 8192}, {"close": {}}])",
          R"([{"listen": 80}, {"accept": {}}, {"loop": [{"recv": 8192}]},
      {"close": {}}])",
          "");
  int64_t bytes = 0;
  for (const std::string& line : s.packets()) {
    if (bytes > 0 && line[0] == '<') break;
    const size_t at = line.find('(');
    if (line[0] == '>' && at != std::string::npos) bytes += std::atoll(line.c_str() + at + 1);
  }
  const int64_t said = std::atoll(says("first flight on Ethernet, bytes").c_str());
  EXPECT_LE(bytes, said);
  EXPECT_GT(bytes + 64, said);
}

INSTANTIATE_TEST_SUITE_P(All, LwipPractice,
                         testing::Values("lwip-2.1.3", "lwip-debian", "lwip-large"),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           std::replace_if(
                               name.begin(), name.end(),
                               [](char c) { return c == '-' || c == '.'; }, '_');
                           return name;
                         });

}  // namespace
}  // namespace tcptwin::catalogue

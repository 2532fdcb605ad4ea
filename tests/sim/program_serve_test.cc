// The operation `serve`: the same requests, answered in each of the ways in which servers wait.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/simulation.h"

namespace tcptwin {
namespace {

using support::simulate;
using support::two_hosts;
using testing::HasSubstr;

std::string host(const std::string& profile) { return R"({"profile": ")" + profile + R"("})"; }

// Three connections at a time, two requests on each.
constexpr const char* kClients = R"([
    {"repeat": 3, "index": "i", "do": [
      {"spawn": "client", "do": [
        {"connect": {"to": "b", "port": 80}},
        {"repeat": 2, "do": [{"write": 10}, {"read": {"bytes": 30000, "record": "got"}}]},
        {"close": {}}]}]},
    {"join": "client"}])";

support::Simulation served(const std::string& way, const std::string& profile,
                           const std::string& more = "") {
  return simulate(two_hosts(host(profile), kClients,
                            R"([{"listen": {"port": 80}}, {"serve": {"with": ")" + way +
                                R"(", "read": 10, "answer": 30000, "connections": 3,
                                "measure": "request", "record": "requests")" +
                                more + "}}]"));
}

struct Way {
  const char* way;
  const char* profile;
};
class ServeWays : public testing::TestWithParam<Way> {};

TEST_P(ServeWays, AnswersEveryRequestAndEnds) {
  const auto s = served(GetParam().way, GetParam().profile);
  EXPECT_EQ(s.measure("client.got").values, std::vector<int64_t>(6, 30000));
  EXPECT_EQ(s.measure("server.requests").values, std::vector<int64_t>{6});
  EXPECT_EQ(s.measure("server.request").values.size(), 6U);
  EXPECT_EQ(s.result.processes[1].outcome.end, app::ProcessOutcome::End::kFinished);
}

// An answer that does not fit into the send buffer leaves in parts.
TEST_P(ServeWays, SendsAnAnswerThatIsLargerThanTheBuffer) {
  const auto s = simulate(
      two_hosts(host(GetParam().profile),
                R"([{"connect": {"to": "b", "port": 80}}, {"write": 10}, {"sleep": "1s"},
          {"read": {"bytes": 3000000, "record": "got"}}, {"close": {}}])",
                R"([{"listen": {"port": 80}}, {"serve": {"with": ")" + std::string(GetParam().way) +
                    R"(", "read": 10, "answer": 3000000, "connections": 1}}])"));
  EXPECT_EQ(s.measure("client.got").values, std::vector<int64_t>{3000000});
  EXPECT_EQ(s.result.processes[1].outcome.end, app::ProcessOutcome::End::kFinished);
}

TEST_P(ServeWays, ClosesAfterTheAnswerWhenItKeepsNothingOpen) {
  const auto s = simulate(
      two_hosts(host(GetParam().profile),
                R"([{"connect": {"to": "b", "port": 80}}, {"write": 10}, {"read": 20},
          {"recv": {"bytes": 1}, "at_end": [{"close": {"record": "ended"}}]}])",
                R"([{"listen": {"port": 80}}, {"serve": {"with": ")" + std::string(GetParam().way) +
                    R"(", "read": 10, "answer": 20, "keep_open": false, "connections": 1}}])"));
  EXPECT_EQ(s.measure("client.ended").values.size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Ways, ServeWays,
                         testing::Values(Way{"one_by_one", "linux-6.18"},
                                         Way{"threads", "linux-6.18"}, Way{"select", "linux-6.18"},
                                         Way{"poll", "linux-6.18"}, Way{"epoll", "linux-6.18"},
                                         Way{"epoll_edge", "linux-6.18"},
                                         Way{"kqueue", "freebsd-14"}, Way{"kqueue", "macos-14"},
                                         Way{"select", "windows-11"}, Way{"threads", "windows-7"}),
                         [](const auto& tested) {
                           std::string name =
                               std::string(tested.param.way) + "_" + tested.param.profile;
                           for (char& c : name) c = c == '-' || c == '.' ? '_' : c;
                           return name;
                         });

TEST(Serve, OneThreadThinksForAllWhereThreadsThinkAtTheSameTime) {
  const std::string think = R"(, "think": "50ms")";
  EXPECT_GE(served("epoll", "linux-6.18", think).measure("client.elapsed").values.front(),
            300'000'000);
  EXPECT_LT(served("threads", "linux-6.18", think).measure("client.elapsed").values.front(),
            200'000'000);
}

TEST(Serve, AConnectionThatFailsIsCountedAndTheOthersGoOn) {
  const char* client = R"([{"connect": {"to": "b", "port": 80, "as": "bad"}},
      {"setsockopt": {"socket": "bad", "option": "SO_LINGER", "value": 0}},
      {"write": {"bytes": 3, "socket": "bad"}}, {"close": "bad"}, {"sleep": "10ms"},
      {"connect": {"to": "b", "port": 80}}, {"write": 10}, {"read": 5}, {"close": {}}])";
  for (const char* way : {"threads", "epoll", "poll"}) {
    const auto s =
        simulate(two_hosts(host("linux-6.18"), client,
                           R"([{"listen": {"port": 80}}, {"serve": {"with": ")" + std::string(way) +
                               R"(", "read": 10, "answer": 5, "connections": 2}}])"));
    EXPECT_EQ(s.measure("server.ECONNRESET").values.size(), 1U) << way;
    EXPECT_EQ(s.result.processes[0].outcome.failure, "") << way;
  }
}

TEST(Serve, AServerOutOfDescriptorsPausesAndGoesOn) {
  const char* client = R"([
      {"repeat": 3, "index": "i", "do": [{"connect": {"to": "b", "port": 80, "as": "c[i]"}}]},
      {"sleep": "1s"},
      {"repeat": 3, "index": "i", "do": [{"close": "c[i]"}]}])";
  for (const char* way : {"threads", "epoll", "epoll_edge"}) {
    const auto s = simulate(two_hosts(host("linux-6.18"), client,
                                      R"([{"setrlimit": 6}, {"listen": {"port": 80}},
        {"serve": {"with": ")" + std::string(way) +
                                          R"(", "read": 10, "connections": 3}}])"));
    EXPECT_GE(s.measure("server.EMFILE").values.size(), 1U) << way;
    EXPECT_EQ(s.result.processes[1].outcome.end, app::ProcessOutcome::End::kFinished) << way;
  }
}

TEST(Serve, AWayThatTheHostLacksIsAnError) {
  const auto loaded =
      scenario::load("test",
                     two_hosts(host("windows-11"), R"([{"connect": {"to": "b", "port": 80}}])",
                               R"([{"listen": {"port": 80}}, {"serve": "kqueue"}])"),
                     {});
  ASSERT_FALSE(loaded.ok());
  EXPECT_THAT(json::to_string(loaded.diagnostics.front()), HasSubstr("this host has no kqueue"));
}

}  // namespace
}  // namespace tcptwin

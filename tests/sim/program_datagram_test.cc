// The operations of scenario programs on datagrams, and ping.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/simulation.h"

namespace tcptwin {
namespace {

using support::simulate;
using support::two_hosts;
using testing::Contains;
using testing::HasSubstr;

constexpr const char* kSystem = R"({"profile": "linux-6.18"})";
// Sends three datagrams back to where they came from.
constexpr const char* kEcho = R"([{"bind": {"port": 53, "type": "udp"}},
    {"repeat": 3, "do": [{"recvfrom": {"record": "got"}}, {"sendto": {"text": "pong"}}]}])";

std::string complaint(const std::string& client) {
  const auto loaded = scenario::load("test", two_hosts(kSystem, client, kEcho), {});
  return loaded.diagnostics.empty() ? "" : json::to_string(loaded.diagnostics.front());
}
std::string failure(const std::string& client, const std::string& server = "[]",
                    const std::string& link = "") {
  const auto s = simulate(two_hosts(kSystem, client, server, link));
  return s.result.processes[0].outcome.failure;
}

TEST(ProgramDatagrams, AServerAnswersWhoeverAsked) {
  const auto s = simulate(two_hosts(kSystem, R"([{"socket": {"type": "udp"}},
      {"repeat": 3, "do": [{"measure": "round", "do": [
         {"sendto": {"text": "ping", "to": "b", "port": 53}},
         {"recvfrom": {"record": "answer"}}]}]}])",
                                    kEcho));
  EXPECT_EQ(s.result.processes[0].outcome.failure, "");
  EXPECT_EQ(s.measure("server.got").values.size(), 3u);
  EXPECT_EQ(s.measure("client.answer").values.size(), 3u);
  EXPECT_LT(s.measure("client.round").values.back(), 3'000'000);
  EXPECT_THAT(s.packets(0), Contains(HasSubstr(".53 (4)")));
}

TEST(ProgramDatagrams, AConnectedSocketReadsAndWrites) {
  EXPECT_EQ(failure(R"([{"connect": {"to": "b", "port": 53, "type": "udp"}},
                        {"repeat": 3, "do": [{"write": {"bytes": 2000}}, {"read": 4}]}])",
                    kEcho),
            "");
}

TEST(ProgramDatagrams, APollWaitsForOne) {
  EXPECT_EQ(failure(R"([{"bind": {"port": 0, "type": "udp"}},
                        {"poll": {"for": "POLLOUT"}},
                        {"sendto": {"bytes": 10, "to": "b", "port": 53}},
                        {"poll": {"for": "POLLIN"}},
                        {"recvfrom": {"bytes": 9, "flags": ["MSG_DONTWAIT"]}},
                        {"close": {}}])",
                    kEcho),
            "");
}

TEST(ProgramDatagrams, ErrorsAreThoseOfTheHost) {
  EXPECT_EQ(failure(R"([{"socket": {"type": "udp"}},
                        {"send": {"bytes": 1, "expect_error": "EDESTADDRREQ"}},
                        {"sendto": {"bytes": 1, "expect_error": "EINVAL"}},
                        {"sendto": {"bytes": "65508B", "to": "b", "port": 53,
                                    "expect_error": "EMSGSIZE"}},
                        {"connect": {"to": "b", "port": 54}},
                        {"send": {"bytes": 1}},
                        {"recv": {"bytes": 1, "expect_error": "ECONNREFUSED"}}])"),
            "");
}

TEST(ProgramDatagrams, OverIpv6TheyAreTheSame) {
  EXPECT_EQ(failure(R"([{"socket": {"type": "udp", "family": "ipv6"}},
                        {"sendto": {"bytes": 10, "to": "b", "port": 53, "family": "ipv6"}},
                        {"recvfrom": {}}])",
                    R"([{"bind": {"port": 53, "type": "udp", "family": "ipv6"}},
                        {"recvfrom": {}}, {"sendto": {"text": "pong"}}])"),
            "");
}

TEST(ProgramDatagrams, PingRecordsTheRoundTripInMicroseconds) {
  const auto s = simulate(two_hosts(
      kSystem, R"([{"repeat": 3, "do": [{"ping": {"to": "b", "record": "rtt"}}]}])", "[]"));
  ASSERT_EQ(s.measure("client.rtt").values.size(), 3u);
  EXPECT_GE(s.measure("client.rtt").values.front(), 2000);
  EXPECT_LT(s.measure("client.rtt").values.front(), 2200);
}

TEST(ProgramDatagrams, APingThatIsNotAnsweredTimesOut) {
  EXPECT_EQ(failure(R"([{"ping": {"to": "b", "timeout": "250ms", "expect_error": "ETIMEDOUT"}},
                        {"ping": "b"}])",
                    "[]", R"(, "loss": [{"from": "a", "packets": [1]}])"),
            "");
}

TEST(ProgramDatagrams, WhatMakesNoSenseIsSaid) {
  EXPECT_THAT(complaint(R"([{"socket": {"type": "udp"}}, {"sendto": {"to": "b", "port": 53}}])"),
              HasSubstr("missing \"bytes\" or \"text\""));
  EXPECT_THAT(complaint(R"([{"socket": {"type": "udp"}}, {"sendto": {"bytes": 1, "to": "b"}}])"),
              HasSubstr("need each other"));
  EXPECT_THAT(complaint(R"([{"ping": {"bytes": 1}}])"), HasSubstr("\"to\""));
  EXPECT_THAT(complaint(R"([{"ping": "c"}])"), HasSubstr("c"));
}

}  // namespace
}  // namespace tcptwin

// Every profile talks to every other: opens, transfers both ways, closes, and nobody fails.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "models/catalogue/catalogue.h"
#include "tests/support/simulation.h"

namespace tcptwin {
namespace {

class EveryPair : public testing::TestWithParam<std::string> {};

std::string transfer(const std::string& client, const std::string& server,
                     const std::string& link) {
  return R"({"schema": "tcptwin/scenario/1", "name": "test", "hosts": {
    "a": {"profile": ")" +
         client + R"("}, "b": {"profile": ")" + server + R"("}},
    "links": [{"between": ["a", "b"], "delay": "1ms", "rate": "1Gbit/s")" +
         link + R"(}],
    "processes": [
      {"name": "client", "host": "a", "start": "1ms", "program": [
        {"connect": {"to": "b", "port": 80}}, {"write": 200000}, {"read": 100000},
        {"shutdown": "write"}, {"recv": 1}, {"close": {}}]},
      {"name": "server", "host": "b", "program": [
        {"listen": {"port": 80}}, {"accept": {}}, {"read": 200000}, {"write": 100000},
        {"recv": 1}, {"close": {}}]}]})";
}

void expect_done(const std::string& client, const std::string& server, const std::string& link,
                 Duration limit) {
  const support::Simulation run = support::simulate(transfer(client, server, link));
  for (const scenario::ProcessResult& process : run.result.processes) {
    EXPECT_EQ(process.outcome.failure, "") << client << " to " << server << ": " << process.name;
    EXPECT_EQ(process.sleeps_in, "") << client << " to " << server << ": " << process.name;
  }
  EXPECT_LE(Duration(run.measure("client.elapsed").values.at(0)), limit)
      << client << " to " << server;
}

TEST_P(EveryPair, TransfersAndCloses) {
  for (const std::string& server : catalogue::profile_names()) {
    // Four small segments of lwIP's window meet ACKs that wait for 500 ms.
    const bool small = GetParam() == "lwip-2.1.3" || server == "lwip-2.1.3";
    const bool slow = GetParam() == "rfc" || server == "rfc";
    expect_done(GetParam(), server, "", small && slow ? 60s : 5s);
  }
}

// The RTOs of the slowest system, doubled a few times, explain no more.
TEST_P(EveryPair, TransfersAndClosesInSpiteOfLosses) {
  for (const std::string& server : catalogue::profile_names()) {
    expect_done(GetParam(), server,
                R"(, "loss": [{"from": "a", "packets": [1, 6, 20, 21, 60]},
                              {"from": "b", "packets": [1, 5, 40]}])",
                60s);
  }
}

INSTANTIATE_TEST_SUITE_P(Clients, EveryPair, testing::ValuesIn(catalogue::profile_names()),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           std::replace_if(
                               name.begin(), name.end(),
                               [](char c) { return c == '-' || c == '.'; }, '_');
                           return name;
                         });

}  // namespace
}  // namespace tcptwin

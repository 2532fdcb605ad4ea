// write 10, write 10, read 20 against read 10, read 10, write 20, on every pair of systems: who is
// stalled, from which round on, and for how long. The client's Nagle rule and the server's rule for
// delayed ACKs decide it; every server row names its source.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/simulation.h"

namespace tcptwin {
namespace {

constexpr int kRounds = 30;

struct Server {
  std::string profile;
  int first_stalled;  // round, counted from 1; 0: none is
  Duration at_least;  // of a stalled round
  Duration at_most;
  // Against another client: its RTO may be shorter than the delay, and what it repeats is
  // acknowledged at once.
  Duration least_of_others{};
};

// A client is stalled as long as the server holds the ACK of the first part.
const std::vector<Server>& servers() {
  static const std::vector<Server> rows = {
      // 16 immediate ACKs, until the first reply makes it a dialogue: facts/linux.md A16; 40 ms, up
      // to the next tick of 4 ms: T3.
      {"linux-6.18", 2, 40ms, 45ms},
      // The same rule, exact to the jiffy: facts/linux.md A1, A9, T4.
      {"linux-2.6.32", 2, 39ms, 41ms},
      {"linux-2.6.31", 2, 36ms, 41ms},
      // No immediate ACKs at the start: facts/freebsd.md A6.
      {"freebsd-14", 1, 40ms, 42ms},
      // 16 forced ACKs, and then one whenever the reader has drained the buffer: facts/darwin.md 2.
      {"macos-11", 0, {}, {}},
      {"macos-13", 0, {}, {}},
      {"macos-14", 0, {}, {}},
      {"macos-15", 0, {}, {}},
      {"macos-26", 0, {}, {}},
      // Every second segment or 200 ms: facts/windows.md A1, A2; and a tick of 15.6 ms: B3.
      {"windows-7", 1, 200ms, 217ms},
      // 40 ms: facts/windows.md W0; 40 to 50 reported: B3.
      {"windows-11", 1, 40ms, 51ms},
      // RFC 9293 3.8.6.3, MUST-40.
      {"rfc", 1, 500ms, 501ms, 200ms},
  };
  return rows;
}

const std::vector<std::string>& clients() {  // all hold the second part: each has a kind of Nagle
  static const std::vector<std::string> names = {
      "linux-6.18", "linux-2.6.32", "linux-2.6.31", "freebsd-14", "macos-11",   "macos-13",
      "macos-14",   "macos-15",     "macos-26",     "windows-7",  "windows-11", "rfc"};
  return names;
}

std::string scenario(const std::string& client, const std::string& server,
                     const std::string& server_reads) {
  return R"({"schema": "tcptwin/scenario/1", "name": "test", "hosts": {
    "a": {"profile": ")" +
         client + R"("}, "b": {"profile": ")" + server + R"("}},
    "links": [{"between": ["a", "b"], "delay": "25us", "rate": "1Gbit/s"}],
    "processes": [
      {"name": "client", "host": "a", "start": "1ms", "program": [
        {"connect": {"to": "b", "port": 5001}},
        {"repeat": )" +
         std::to_string(kRounds) + R"(, "do": [
          {"measure": "round", "do": [{"write": 10}, {"write": 10}, {"read": 20}]}]}]},
      {"name": "server", "host": "b", "program": [
        {"listen": {"port": 5001}}, {"accept": {}}, {"loop": )" +
         server_reads + R"(}]}]})";
}

std::vector<Duration> rounds(
    const std::string& client, const std::string& server,
    const std::string& server_reads = R"([{"read": 10}, {"read": 10}, {"write": 20}])") {
  const support::Simulation run = support::simulate(scenario(client, server, server_reads));
  std::vector<Duration> list;
  for (const auto value : run.measure("client.round").values) list.push_back(Duration(value));
  return list;
}

class WriteWriteRead : public testing::TestWithParam<Server> {
 protected:
  static void expect_rounds(const Server& server, const std::string& client) {
    const std::vector<Duration> list = rounds(client, server.profile);
    ASSERT_EQ(list.size(), static_cast<size_t>(kRounds));
    const bool cut_short = client != server.profile && server.least_of_others.count() > 0;
    const Duration least = cut_short ? server.least_of_others : server.at_least;
    for (int i = 1; i <= kRounds; ++i) {
      const Duration round = list[static_cast<size_t>(i - 1)];
      const bool stalled = server.first_stalled > 0 && i >= server.first_stalled;
      EXPECT_GE(round, stalled ? least : Duration(20us)) << client << ", round " << i;
      EXPECT_LE(round, stalled ? server.at_most : Duration(1ms)) << client << ", round " << i;
    }
  }
};

TEST_P(WriteWriteRead, StallsItsOwnKind) { expect_rounds(GetParam(), GetParam().profile); }

TEST_P(WriteWriteRead, StallsEveryOtherClientAsLong) {
  for (const std::string& client : clients()) expect_rounds(GetParam(), client);
}

TEST_P(WriteWriteRead, OneWriteIsNeverStalled) {
  for (const std::string& client : clients()) {
    std::string text = scenario(client, GetParam().profile, R"([{"read": 20}, {"write": 20}])");
    const std::string two = R"({"write": 10}, {"write": 10})";
    text.replace(text.find(two), two.size(), R"({"write": 20})");
    const support::Simulation run = support::simulate(text);
    for (const auto value : run.measure("client.round").values) {
      EXPECT_LE(Duration(value), Duration(1ms)) << client;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Servers, WriteWriteRead, testing::ValuesIn(servers()),
                         [](const auto& tested) {
                           std::string name = tested.param.profile;
                           std::replace_if(
                               name.begin(), name.end(),
                               [](char c) { return c == '-' || c == '.'; }, '_');
                           return name;
                         });

// ---- a reader that leaves data in the buffer: facts/darwin.md 2, rule 3 and its consequence

// A first byte stays in the buffer for ever: the reader peeks until the next part is there, too,
// and leaves one byte of it.
std::vector<Duration> rounds_of_a_lazy_reader(const std::string& server) {
  const std::string part =
      R"({"recv": {"bytes": 11, "flags": ["MSG_PEEK", "MSG_WAITALL"]}}, {"recv": 10}, )";
  std::string text = scenario("macos-14", server, "[" + part + part + R"({"write": 20}])");
  const std::string connect = R"({"connect": {"to": "b", "port": 5001}},)";
  text.replace(text.find(connect), connect.size(), connect + R"({"write": 1}, {"sleep": "1s"},)");
  const support::Simulation run = support::simulate(text);
  std::vector<Duration> list;
  for (const auto value : run.measure("client.round").values) list.push_back(Duration(value));
  return list;
}

class LazyReader : public testing::TestWithParam<std::string> {};

TEST_P(LazyReader, IsNotHeldWhileForcedAcksAreLeft) {
  const auto list = rounds_of_a_lazy_reader(GetParam());
  ASSERT_EQ(list.size(), static_cast<size_t>(kRounds));
  EXPECT_LE(list[0], Duration(1ms));
  EXPECT_LE(list[3], Duration(1ms));
}

TEST_P(LazyReader, IsHeldFor100To200MsAfterwards) {  // the timer fires within its quantum of 100 ms
  const auto list = rounds_of_a_lazy_reader(GetParam());
  const auto held = std::find_if(list.begin(), list.end(), [](Duration d) { return d > 1ms; });
  ASSERT_NE(held, list.end());
  EXPECT_GE(*held, 100ms);
  EXPECT_LE(*held, 201ms);
}

TEST_P(LazyReader, GetsForcedAcksAgainWhenTheTimerHasFired) {
  const auto list = rounds_of_a_lazy_reader(GetParam());
  const auto held = std::find_if(list.begin(), list.end(), [](Duration d) { return d > 1ms; });
  ASSERT_NE(held, list.end());
  ASSERT_NE(held + 1, list.end());
  EXPECT_LE(*(held + 1), Duration(1ms));
}

INSTANTIATE_TEST_SUITE_P(Servers, LazyReader, testing::Values("macos-13", "macos-14", "macos-15"),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace tcptwin

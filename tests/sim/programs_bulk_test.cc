// The ready-made programs bulk_send, bulk_receive, message_workers and request_response.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/simulation.h"

namespace tcptwin {
namespace {

using support::simulate;
using support::Simulation;

// 10 ms there and back. `client`, `server`: what follows "program" in "run".
std::string world(const std::string& client, const std::string& server) {
  return R"({"schema": "tcptwin/scenario/1", "name": "test",
    "hosts": {"a": {"profile": "linux-6.18"}, "b": {"profile": "linux-6.18"}},
    "links": [{"between": ["a", "b"], "delay": "5ms", "rate": "100Mbit/s", "queue": "1MiB"}],
    "processes": [
      {"name": "server", "host": "b", )" +
         server + R"(},
      {"name": "client", "host": "a", "start": "1ms",
       "run": {"to": "b", "port": 5001, "program": )" +
         client + "}}]}";
}
std::string receiver(const std::string& more = "") {
  return R"("run": {"program": "bulk_receive", "port": 5001)" + more + "}";
}

TEST(BulkPrograms, ConnectionsShareTheBytes) {
  const auto s = simulate(world(R"("bulk_send", "bytes": 1000001, "connections": 2)",
                                receiver(R"(, "connections": 2)")));
  EXPECT_EQ(s.measure("client.transfer").values.size(), 2U);
  std::vector<int64_t> received = s.measure("server.received").values;
  std::sort(received.begin(), received.end());
  EXPECT_EQ(received, (std::vector<int64_t>{500000, 500001}));
  EXPECT_EQ(s.measure("server.open").values, (std::vector<int64_t>{1, 2}));
}

TEST(BulkPrograms, GoodputIsBytesOverTheTimeFromTheFirstAcceptToTheEnd) {
  const auto s =
      simulate(world(R"("bulk_send", "bytes": 1000000)", receiver(R"(, "connections": 1)")));
  const auto rate_over = [&](const char* measure) {
    return 8e6 * 1e9 / static_cast<double>(s.measure(measure).values.at(0));
  };
  const auto goodput = static_cast<double>(s.measure("server.goodput").values.at(0));
  EXPECT_LE(goodput, rate_over("server.stream"));
  EXPECT_GE(goodput, rate_over("server.elapsed"));
}

TEST(BulkPrograms, AReceiverWithoutANumberOfConnectionsGoesOn) {
  const auto s = simulate(world(R"("bulk_send", "bytes": 1000)", receiver()));
  EXPECT_EQ(s.result.processes.at(0).sleeps_in, "accept");
  EXPECT_FALSE(s.result.metrics.contains("server.goodput"));
}

TEST(BulkPrograms, AnEchoSendsBackWhatItReads) {
  const auto s = simulate(world(R"("request_response", "rounds": 3, "request": 700, "answer": 700)",
                                receiver(R"(, "connections": 1, "echo": true)")));
  EXPECT_EQ(s.measure("client.round").values.size(), 3U);
  EXPECT_EQ(s.measure("server.received").values, std::vector<int64_t>{2100});
}

TEST(BulkPrograms, ASenderThatIsRefusedCountsIt) {
  const auto s =
      simulate(world(R"("bulk_send")", R"("run": {"program": "bulk_receive", "port": 5002})"));
  EXPECT_EQ(s.measure("client.ECONNREFUSED").values.size(), 1U);
  EXPECT_FALSE(s.result.metrics.contains("client.transfer"));
}

TEST(MessageWorkers, EachMessageHasAConnectionOfItsOwn) {
  const auto s = simulate(world(R"("message_workers", "messages": 7, "bytes": 300, "workers": 3)",
                                receiver(R"(, "connections": 7)")));
  EXPECT_EQ(s.measure("client.message").values.size(), 7U);
  EXPECT_EQ(s.measure("client.connect").values.size(), 7U);
  EXPECT_EQ(s.measure("server.received").values, std::vector<int64_t>(7, 300));
}

TEST(MessageWorkers, AKeptConnectionTakesAllMessagesOfItsWorker) {
  const auto s = simulate(world(
      R"("message_workers", "messages": 7, "bytes": 300, "workers": 3, "connections": "worker")",
      receiver(R"(, "connections": 3)")));
  EXPECT_EQ(s.measure("client.connect").values.size(), 3U);
  int64_t all = 0;
  for (const int64_t bytes : s.measure("server.received").values) all += bytes;
  EXPECT_EQ(all, 2100);
}

TEST(MessageWorkers, OneConnectionForAllTakesAMutex) {
  const auto s = simulate(world(
      R"("message_workers", "messages": 7, "workers": 3, "connections": "one", "mutex": true)",
      receiver(R"(, "connections": 1)")));
  EXPECT_EQ(s.measure("server.received").values, std::vector<int64_t>{7 * 4105});
  const auto wrong =
      scenario::load("test", world(R"("message_workers", "connections": "one")", receiver()), {});
  ASSERT_FALSE(wrong.diagnostics.empty());
  EXPECT_NE(json::to_string(wrong.diagnostics.front()).find("takes \"mutex\""), std::string::npos);
}

TEST(MessageWorkers, EpollSendsMessagesThatDoNotFitAtOnce) {
  const auto s = simulate(
      world(R"("message_workers", "messages": 3, "bytes": 9000000, "workers": 2, "way": "epoll")",
            receiver(R"(, "connections": 3)")));
  EXPECT_EQ(s.measure("server.received").values, std::vector<int64_t>(3, 9000000));
}

TEST(MessageWorkers, EpollCountsConnectionsThatAreRefused) {
  const auto s = simulate(world(R"("message_workers", "messages": 3, "way": "epoll")",
                                R"("run": {"program": "bulk_receive", "port": 5002})"));
  EXPECT_EQ(s.measure("client.ECONNREFUSED").values.size(), 3U);
}

constexpr const char* kServes =
    R"("program": [{"listen": 5001}, {"serve": {"read": 100, "answer": 100}}])";

TEST(RequestResponse, ARoundIsARoundTrip) {
  const auto s = simulate(world(R"("request_response", "rounds": 5, "clients": 2)", kServes));
  const app::Measure& rounds = s.measure("client.round");
  ASSERT_EQ(rounds.values.size(), 10U);
  for (const int64_t time : rounds.values) {
    EXPECT_GE(time, 10'000'000);
    EXPECT_LE(time, 11'000'000);
  }
}

TEST(RequestResponse, TwoWritesWaitForADelayedAckUnlessNoDelayIsSet) {  // facts/linux.md A16
  const auto held = simulate(world(R"("request_response", "rounds": 5, "writes": 2)", kServes));
  EXPECT_GE(held.measure("client.round").values.back(), 50'000'000);
  const auto free =
      simulate(world(R"("request_response", "rounds": 5, "writes": 2, "no_delay": true)", kServes));
  EXPECT_LE(free.measure("client.round").values.back(), 11'000'000);
}

}  // namespace
}  // namespace tcptwin

// The program network_app: starts, states, limits; and flows among other programs.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/support/simulation.h"

namespace tcptwin {
namespace {

using support::simulate;
using support::Simulation;

constexpr const char* kServe =
    R"([{"setrlimit": 10000}, {"listen": 80}, {"serve": {"with": "epoll", "read": 60, "answer": 20}}])";

std::string app(const std::string& plan, const std::string& server = kServe,
                const std::string& profile = "macos-14") {
  return R"({"schema": "tcptwin/scenario/1", "name": "app", "until": "10min",
    "hosts": {"mac": {"profile": ")" +
         profile + R"("}, "server": {"profile": "linux-6.18"}},
    "links": [{"between": ["mac", "server"], "delay": "10ms"}],
    "processes": [
      {"name": "app", "host": "mac", "start": "1ms", "may_fail": true, "run": {"program": "network_app", "to": ["server"]
       )" +
         (plan.empty() ? "" : ", " + plan) +
         R"(}},
      {"name": "server", "host": "server", "program": )" +
         server + "}]}";
}

size_t count(const Simulation& run, const std::string& measure) {
  const auto found = run.result.metrics.find(measure);
  return found == run.result.metrics.end() ? 0 : found->second.values.size();
}
int64_t value(const Simulation& run, const std::string& measure) {
  return count(run, measure) == 0 ? -1 : run.measure(measure).values.front();
}
const app::ProcessOutcome& outcome(const Simulation& run) {
  return run.result.processes.front().outcome;
}

TEST(NetworkApp, AConnectionIsReadyAfterItsHandshake) {
  const Simulation run = simulate(app(R"("connections": 1)"));
  EXPECT_EQ(count(run, "app.ready"), 1U);
  EXPECT_GE(value(run, "app.ready"), Duration(20ms).count());
  EXPECT_LT(value(run, "app.ready"), Duration(21ms).count());
}

TEST(NetworkApp, ConnectionsOfOneTurnHandshakeTogether) {
  const Simulation run = simulate(app(R"("connections": 5)"));
  EXPECT_LT(outcome(run).ended - outcome(run).started, 25ms);
}

TEST(NetworkApp, AGapLiesBetweenTwoStarts) {
  const Simulation run = simulate(app(R"("connections": 5, "gap": "100ms")"));
  EXPECT_GE(outcome(run).ended - outcome(run).started, 420ms);
  EXPECT_EQ(count(run, "app.ready"), 5U);
}

TEST(NetworkApp, InTurnTheNextStartsWithTheAnswerOfTheOneBefore) {
  const Simulation run =
      simulate(app(R"("connections": 5, "starts": "in_turn", "request": 60, "answer": 20)"));
  EXPECT_EQ(count(run, "app.answered"), 5U);
  EXPECT_GE(outcome(run).ended - outcome(run).started, 200ms);  // two round trips each
}

TEST(NetworkApp, ARefusedConnectionWaitsAndIsNoneAnyMore) {
  const Simulation run = simulate(app(R"("connections": 3, "port": 81)"));
  EXPECT_EQ(count(run, "app.ready"), 0U);
  EXPECT_EQ(count(run, "app.ECONNREFUSED"), 3U);
  EXPECT_EQ(value(run, "app.still_waiting"), 3);
  EXPECT_EQ(value(run, "app.flows"), 0);
}

TEST(NetworkApp, OneThatEndsBeforeItsAnswerHasFailed) {
  const Simulation run = simulate(app(R"("connections": 1, "request": 60, "answer": 20)",
                                      R"([{"listen": 80}, {"accept": {}}, {"close": {}}])"));
  EXPECT_EQ(count(run, "app.ready"), 1U);
  EXPECT_EQ(value(run, "app.failed"), 1);
  EXPECT_EQ(value(run, "app.still_waiting"), 0);
}

TEST(NetworkApp, PortsComeInTurnAfterTheHosts) {
  const std::string servers =
      R"([{"listen": {"port": 80, "as": "one"}}, {"listen": {"port": 81, "as": "two"}},
          {"accept": {"from": "one"}}, {"accept": {"from": "two"}}])";
  EXPECT_EQ(count(simulate(app(R"("connections": 2, "ports": 2)", servers)), "app.ready"), 2U);
  EXPECT_EQ(count(simulate(app(R"("connections": 4, "ports": 3)", servers)), "app.ready"), 3U);
}

TEST(NetworkApp, TheTwoDescriptorsOfFlowsMustBeFree) {
  const Simulation one = simulate(app(R"("connections": 2, "open_at_start": 9, "limit": 10)"));
  EXPECT_EQ(count(one, "app.ready"), 0U);
  EXPECT_EQ(count(one, "app.EMFILE"), 2U);
  const Simulation two = simulate(app(R"("connections": 2, "open_at_start": 8, "limit": 10)"));
  EXPECT_EQ(count(two, "app.ready"), 2U);
  EXPECT_EQ(value(two, "app.descriptors"), 10);
}

TEST(NetworkApp, ALimitAboveTheCeilingIsRefused) {  // facts/darwin.md 6.3
  EXPECT_EQ(outcome(simulate(app(R"("limit": 61441)"))).failure, "setrlimit: EINVAL");
  EXPECT_EQ(outcome(simulate(app(R"("limit": 61440)"))).failure, "");
}

TEST(NetworkApp, AHostWithoutAKqueueHasNoNetworkFramework) {
  EXPECT_EQ(outcome(simulate(app("", kServe, "linux-6.18"))).failure, "open: ENOSYS");
}

TEST(NetworkApp, BoundConnectionsHaveThePortsOfTheirAddressToThemselves) {
  const Simulation run = simulate(
      app(R"("connections": 3, "binds": true, "machine": {"application_firewall": true})"));
  EXPECT_EQ(count(run, "app.ready"), 3U);
  EXPECT_EQ(value(run, "app.sockets"), 3);
  EXPECT_EQ(value(run, "app.descriptors"), 6);
}

TEST(NetworkApp, TheRelayMustBeNamed) {
  const auto loaded = scenario::load("test", app(R"("machine": {"private_relay": true})"), {});
  ASSERT_FALSE(loaded.ok());
  EXPECT_NE(json::to_string(loaded.diagnostics.front()).find("needs a \"relay\""),
            std::string::npos);
}

TEST(NetworkApp, TheSameHappensEachTime) {
  const std::string scenario = app(R"("connections": 20, "request": 60, "answer": 20)");
  EXPECT_EQ(simulate(scenario).result.digest, simulate(scenario).result.digest);
}

}  // namespace
}  // namespace tcptwin

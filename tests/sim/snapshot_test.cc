// The operation `snapshot`, and how the sockets of a host are shown.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "sim/report/sockets.h"
#include "tests/support/simulation.h"

namespace tcptwin {
namespace {

using support::simulate;
using support::two_hosts;
using testing::HasSubstr;

constexpr const char* kLinux = R"({"profile": "linux-6.18"})";
constexpr const char* kServer = R"([{"listen": {"port": 80, "backlog": 5}}, {"accept": {}},
    {"sleep": "5ms"}, {"snapshot": "unread"}, {"read": 700}, {"close": {}},
    {"sleep": "1s"}, {"snapshot": "closed"}])";
constexpr const char* kClient =
    R"([{"connect": {"to": "b", "port": 80}}, {"write": 700}, {"sleep": "100ms"}, {"close": {}}])";

TEST(Snapshot, ShowsListenersAndConnectionsWithTheirQueuesAndPrograms) {
  const auto s = simulate(two_hosts(kLinux, kClient, kServer));
  ASSERT_EQ(s.result.snapshots.size(), 2U);
  const scenario::Snapshot& first = s.result.snapshots[0];
  EXPECT_EQ(first.name, "unread");
  EXPECT_EQ(first.host, "b");
  ASSERT_EQ(first.sockets.size(), 2U);
  EXPECT_TRUE(first.sockets[0].row.listening);
  EXPECT_EQ(first.sockets[0].program, "server");
  EXPECT_EQ(first.sockets[1].row.receive_queue, 700);
  const std::string text = report::sockets_text(first);
  EXPECT_THAT(text, HasSubstr("sockets of b, \"unread\" of server at"));
  EXPECT_THAT(text, HasSubstr("Proto  Recv-Q  Send-Q  Local Address"));
  EXPECT_THAT(text, HasSubstr("LISTEN"));
  EXPECT_THAT(text, HasSubstr("ESTABLISHED"));
}
TEST(Snapshot, AConnectionThatNobodyHasOpenHasNoProgram) {
  const auto s = simulate(two_hosts(kLinux, kClient, kServer));
  const auto last = s.result.snapshots[1].sockets;
  ASSERT_EQ(last.size(), 2U);
  EXPECT_EQ(last[1].program, "");
  EXPECT_THAT(report::sockets_text(s.result.snapshots[1]), HasSubstr("TIME_WAIT"));
}
TEST(Snapshot, IsInTheResultAsJson) {
  const auto s = simulate(two_hosts(kLinux, kClient, kServer));
  const json::Node node = report::sockets_json(s.result.snapshots[0]);
  EXPECT_EQ(node.find("process")->as_string(), "server");
  const json::Node& socket = node.find("sockets")->items()[1];
  EXPECT_EQ(socket.find("state")->as_string(), "ESTABLISHED");
  EXPECT_EQ(socket.find("receive_queue")->as_integer(), 700);
  EXPECT_EQ(socket.find("descriptor")->as_integer(), 4);
}
TEST(Snapshot, TheEndOfTheRunHasTheSocketsThatAreLeft) {
  const auto s = simulate(two_hosts(kLinux, kClient, kServer));
  ASSERT_EQ(s.result.last_sockets.size(), 2U);
  EXPECT_TRUE(s.result.last_sockets[0].sockets.empty());
  EXPECT_EQ(s.result.last_sockets[1].host, "b");
  EXPECT_EQ(s.result.last_sockets[1].sockets.size(), 1U);
}
TEST(Snapshot, ChangesNothing) {
  std::string without = kServer;
  without.erase(without.find(R"({"snapshot": "unread"}, )"), 24);
  EXPECT_EQ(simulate(two_hosts(kLinux, kClient, kServer)).result.digest,
            simulate(two_hosts(kLinux, kClient, without)).result.digest);
}
TEST(Snapshot, NeedsAName) {
  const auto loaded =
      scenario::load("test", two_hosts(kLinux, R"([{"snapshot": {}}])", kServer), {});
  ASSERT_FALSE(loaded.ok());
  EXPECT_THAT(json::to_string(loaded.diagnostics.front()), HasSubstr("missing key \"as\""));
}

}  // namespace
}  // namespace tcptwin

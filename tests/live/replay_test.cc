// tcptwin bridge --record and tcptwin replay: what happened with real programs happens again.
#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>
#include <string>

#include "tests/live/machine.h"

namespace tcptwin::live {
namespace {

using testing::HasSubstr;

// A simulated web server 5 ms away, behind a link that loses packets.
const std::string kScenario = R"({"schema": "tcptwin/scenario/1", "name": "live",
  "hosts": {"outside": {"kind": "real"}, "server": {"profile": "linux-6.18"}},
  "links": [{"between": ["outside", "server"], "delay": "5ms", "directions": [{"loss": "1%"}]}],
  "processes": [{"name": "server", "host": "server",
                 "run": {"program": "http_server", "body": "300kB"}}]})";

class Replay : public LiveTest {
 protected:
  void SetUp() override {
    LiveTest::SetUp();
    if (!IsSkipped()) scenario_ = file("scenario.json", kScenario);
  }
  std::string session() const { return path("session.pcapng"); }
  std::string bridge(const std::string& command, const std::string& options = "") const {
    return tcptwin() + " bridge " + scenario_ + " --quiet --record " + session() + " " + options +
           " -- " + command;
  }
  Ended replay(const std::string& options = "") const {
    return shell(tcptwin() + " replay " + session() + " " + options);
  }

  std::string scenario_;
};

TEST_F(Replay, ABridgedSessionIsPlayedToTheSameDigestTenTimes) {
  const Ended ran = shell(bridge("curl -sS http://server/ -o /dev/null"));
  ASSERT_EQ(ran.status, 0) << ran.errors;
  for (int i = 0; i < 10; ++i) {
    const Ended played = replay();
    EXPECT_EQ(played.status, 0) << played.output;
    EXPECT_THAT(played.output, HasSubstr(", as recorded"));
  }
}

TEST_F(Replay, ACaptureBesidesAndEthernetChangeNothing) {
  const Ended ran = shell(
      bridge("curl -sS http://server/ -o /dev/null", "--tap --pcap " + path("border.pcapng")));
  ASSERT_EQ(ran.status, 0) << ran.errors;
  EXPECT_EQ(replay().status, 0);
}

TEST_F(Replay, ALinkOfTwoRealMachinesIsPlayedWithItsLosses) {
  shell(tcptwin() + " link --quiet --delay 2ms --loss 20% --record " + session() +
        " -- ping -c 20 -i 0.01 -W 1 b");
  const Ended played = replay();
  EXPECT_EQ(played.status, 0) << played.output << played.errors;
  EXPECT_THAT(played.output, HasSubstr(", as recorded"));
}

TEST_F(Replay, ItHasTheReasonsOfTheSimulatedHost) {
  ASSERT_EQ(shell(bridge("curl -sS http://server/ -o /dev/null")).status, 0);
  EXPECT_THAT(replay("--story").output, HasSubstr("as server saw it:"));
}

TEST_F(Replay, WithSomethingChangedItStopsAtTheFirstDifference) {
  ASSERT_EQ(shell(bridge("curl -sS http://server/ -o /dev/null")).status, 0);
  const Ended changed = replay("--set /links/0/delay=7ms");
  EXPECT_EQ(changed.status, 1);
  EXPECT_THAT(changed.output, HasSubstr("the first difference is at"));
  EXPECT_EQ(replay("--set /title=another").status, 0);
}

TEST_F(Replay, ABridgeThatIsKilledLeavesASessionUpToThere) {
  Running bridging("exec " + bridge("sh -c 'curl -s http://server/ -o /dev/null; sleep 60'"));
  ASSERT_TRUE(becomes([&] {
    std::error_code error;
    return std::filesystem::file_size(session(), error) > 300'000 && !error;
  }));
  ::kill(bridging.pid(), SIGKILL);
  bridging.end();
  const Ended played = replay();
  EXPECT_EQ(played.status, 0) << played.output << played.errors;
  EXPECT_THAT(played.output, HasSubstr("breaks off"));
}

TEST_F(Replay, TheSessionIsACaptureForOtherTools) {
  if (shell("command -v tshark").status != 0) GTEST_SKIP() << "there is no tshark";
  ASSERT_EQ(shell(bridge("curl -sS http://server/ -o /dev/null")).status, 0);
  const Ended read =
      shell("tshark -r " + session() + " -Y http.response -T fields -e http.response.code");
  EXPECT_EQ(read.status, 0) << read.errors;
  EXPECT_THAT(read.output, HasSubstr("200"));
}

}  // namespace
}  // namespace tcptwin::live

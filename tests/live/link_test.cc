// tcptwin link: two real machines with a simulated link between them.
#include <gmock/gmock.h>

#include <algorithm>
#include <string>

#include "tests/live/machine.h"

namespace tcptwin::live {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;
using testing::Not;
using testing::SizeIs;

using Link = LiveTest;

Ended link(const std::string& options, const std::string& a, const std::string& b = "") {
  return shell(tcptwin() + " link --quiet " + options + " -- " + a + (b.empty() ? "" : " -- " + b));
}

// In microseconds, as ping measures them.
std::vector<int64_t> round_trips(const std::string& ping) {
  std::vector<int64_t> list;
  for (const std::string& line : lines(ping)) {
    const size_t at = line.find(" time=");
    if (at == std::string::npos) continue;
    list.push_back(static_cast<int64_t>(std::stod(line.substr(at + 6)) * 1000));
  }
  std::sort(list.begin(), list.end());
  return list;
}

// Times are those of a machine that may be busy: the best of a few runs counts.
constexpr int kRuns = 4;

TEST_F(Link, ARoundTripTakesTwiceTheDelay) {
  int64_t median = INT64_MAX;
  for (int run = 0; run < kRuns && median > 20'300; ++run) {
    const auto times = round_trips(link("--delay 10ms", "ping -i 0.005 -c 200 b").output);
    ASSERT_THAT(times, SizeIs(200));
    median = std::min(median, times[100]);
  }
  EXPECT_THAT(median, AllOf(Ge(20'000), Le(20'300)));
}

TEST_F(Link, TheRateIsThatOfIpPackets) {
  const auto is_right = AllOf(Ge(98'000'000), Le(102'000'000));
  int64_t rate = 0;
  for (int run = 0; run < kRuns && !testing::Value(rate, is_right); ++run) {
    const Ended ended = link("--delay 10ms --rate 100Mbit/s --until-both",
                             peer() + " udp-flood 10.77.0.2 9 130 2000", peer() + " udp-measure 9");
    ASSERT_EQ(ended.status, 0) << ended.errors;
    rate = numbers(ended.output).at(0);
  }
  EXPECT_THAT(rate, is_right);
}

std::vector<int64_t> datagrams_that_arrive(const std::string& options) {
  const Ended ended = link(options, peer() + " udp-send b 9 500 100", peer() + " udp-receive 9");
  EXPECT_EQ(ended.status, 0) << ended.errors;
  return numbers(ended.output);
}

TEST_F(Link, TheSameDatagramsAreLostEveryTime) {
  const auto first = datagrams_that_arrive("--delay 2ms --loss 2% --seed 1");
  EXPECT_THAT(first, SizeIs(AllOf(Ge(480U), Le(499U))));
  EXPECT_EQ(datagrams_that_arrive("--delay 2ms --loss 2% --seed 1"), first);
  EXPECT_EQ(datagrams_that_arrive("--delay 2ms --loss 2% --seed 1"), first);
  EXPECT_NE(datagrams_that_arrive("--delay 2ms --loss 2% --seed 2"), first);
}

// Both directions lose some.
std::vector<std::string> answered_pings(const std::string& options) {
  std::vector<std::string> numbers;
  for (const std::string& line : lines(link(options, "ping -i 0.002 -c 300 b").output)) {
    const size_t at = line.find("icmp_seq=");
    if (at != std::string::npos) numbers.push_back(line.substr(at, line.find(' ', at) - at));
  }
  return numbers;
}

TEST_F(Link, TheSameEchoesAreLostEveryTime) {
  const auto first = answered_pings("--delay 1ms --loss 3% --seed 1");
  EXPECT_THAT(first, SizeIs(AllOf(Ge(260U), Le(299U))));
  EXPECT_EQ(answered_pings("--delay 1ms --loss 3% --seed 1"), first);
  EXPECT_EQ(answered_pings("--delay 1ms --loss 3% --seed 1"), first);
}

TEST_F(Link, ListedPacketsAreLost) {
  const Ended ended = link("--set '/links/0/loss=[{\"from\": \"a\", \"packets\": [2, 5]}]'",
                           peer() + " udp-send b 9 6 1000", peer() + " udp-receive 9");
  EXPECT_THAT(numbers(ended.output), ElementsAre(1, 3, 4, 6));
}

TEST_F(Link, EveryPacketIsCarriedByteForByte) {
  const std::string sent = path("sent");
  const Ended ended = link("", "sh -c '" + peer() + " raw-send 10.77.0.1 10.77.0.2 >" + sent + "'",
                           peer() + " raw-receive");
  ASSERT_EQ(ended.status, 0) << ended.errors;
  EXPECT_EQ(ended.output, shell("cat " + sent).output);
  EXPECT_THAT(lines(ended.output), SizeIs(4));
}

TEST_F(Link, ALargerPacketThanTheMtuGoesInPieces) {
  EXPECT_EQ(link("--mtu 600", "ping -4 -c 1 -s 2000 b").status, 0);
  EXPECT_NE(link("--mtu 600", "ping -4 -c 1 -W 1 -M do -s 2000 b").status, 0);
}

TEST_F(Link, TheFirstCommandStartsOnceTheSecondListens) {
  const Ended ended = link("--wait 20s", "curl -s http://b:8000/",
                           "sh -c 'sleep 0.3; exec " + peer() + " tcp-serve 8000 \"HTTP/0.9\"'");
  EXPECT_NE(ended.status, 7) << "curl could not connect";
}

TEST_F(Link, TheExitStatusIsThatOfTheFirstCommandThatFailed) {
  EXPECT_EQ(link("", "sh -c 'exit 3'", "sleep 100").status, 3);
  EXPECT_EQ(link("--wait 0s --until-both", "true", "sh -c 'exit 4'").status, 4);
  EXPECT_EQ(link("--wait 0s --grace 0s", "true", "sleep 100").status, 0);
}

TEST_F(Link, ASecondCommandThatIgnoresSigtermIsEndedAllTheSame) {
  EXPECT_EQ(
      link("--wait 0s --grace 0s", "true", "sh -c 'trap \"\" TERM; sleep 100; sleep 100'").status,
      0);
}

TEST_F(Link, LossesAreReportedWithTheirCause) {
  const Ended ended = shell(tcptwin() +
                            " link --set '/links/0/loss=[{\"from\": \"a\", \"packets\": [2]}]' -- "
                            "ping -c 3 -i 0.01 -W 1 b");
  EXPECT_THAT(ended.errors,
              HasSubstr("link a-b lost 1 of 3 packets from a: 1 listed by the scenario"));
}

TEST_F(Link, AScenarioMayStandBetweenTheTwo) {
  const std::string scenario = file("way.json", R"({"schema": "tcptwin/scenario/1", "name": "way",
    "hosts": {"client": {"profile": "linux-6.18"}, "router": {"kind": "router"},
              "server": {"profile": "linux-6.18"}},
    "links": [{"between": ["client", "router"], "delay": "2ms"},
              {"between": ["router", "server"], "delay": "3ms"}], "processes": []})");
  const Ended ended =
      shell(tcptwin() + " link " + scenario + " --quiet -- ping -c 3 -i 0.01 server");
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.output, HasSubstr("ttl=63"));
}

TEST_F(Link, WrongUsageIsSaid) {
  EXPECT_EQ(shell(tcptwin() + " link --delay 10 -- true").status, 3);
  const Ended ended = shell(tcptwin() + " link x.json --delay 10ms -- true");
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.errors, HasSubstr("--set"));
}

}  // namespace
}  // namespace tcptwin::live

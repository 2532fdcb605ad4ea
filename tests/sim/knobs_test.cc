// Delayed ACK, Nagle, window and MSL can be changed by a documented key on either profile, and it
// shows on the wire.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "sim/report/story.h"
#include "tests/support/capture.h"
#include "tests/support/simulation.h"

namespace tcptwin {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string host(const std::string& profile, const std::string& set = "{}") {
  return R"({"profile": ")" + profile + R"(", "set": )" + set + "}";
}

// The second round of write, write, read: past the immediate ACKs of the start.
constexpr const char* kTwoRounds =
    R"([{"connect": {"to": "b", "port": 80}}, {"repeat": 2, "do": [{"write": 10}, {"write": 10}, {"read": 20}]},
        {"close": {}}])";
constexpr const char* kAnswers =
    R"([{"listen": {"port": 80}}, {"accept": {}}, {"loop": [{"read": 10}, {"read": 10}, {"write": 20}]}, {"close": {}}])";

// The longest time between two packets that a saw, in milliseconds.
int64_t longest_gap_ms(const std::string& host_json) {
  const auto s = support::simulate(support::two_hosts(host_json, kTwoRounds, kAnswers));
  const auto segments = support::segments_of(s.view());
  int64_t longest = 0;
  for (size_t i = 1; i < segments.size(); ++i) {
    longest = std::max(longest, segments[i].at_us - segments[i - 1].at_us);
  }
  return longest / 1000;
}

TEST(DelayedAckKey, LinuxMinSetsHowLongTheAckWaits) {
  EXPECT_GE(longest_gap_ms(host("linux-6.18")), 40);
  const int64_t gap = longest_gap_ms(host("linux-6.18", R"({"delayed_ack": {"min": "12ms"}})"));
  EXPECT_GE(gap, 12);
  EXPECT_LE(gap, 18);
}

TEST(DelayedAckKey, RfcDelaySetsHowLongTheAckWaits) {
  EXPECT_GE(longest_gap_ms(host("rfc")), 499);
  const int64_t gap = longest_gap_ms(host("rfc", R"({"delayed_ack": {"delay": "12ms"}})"));
  EXPECT_GE(gap, 12);
  EXPECT_LE(gap, 15);
}

TEST(DelayedAckKey, RfcBehaviourCanBeGivenToLinux) {
  const char* set =
      R"({"delayed_ack": {"behaviour": "every_second_segment", "min": null, "max": null,
                        "quick_acks": null, "pingpong_threshold": null, "duplicates_at_once": null, "compressed_acks": null, "compression_delay": null, "growth_grants_quick_ack": null, "low_space_ends_quick_acks": null, "handshake_ack_may_wait": null, "delay": "100ms"}})";
  const int64_t gap = longest_gap_ms(host("linux-6.18", set));
  EXPECT_GE(gap, 100);
  EXPECT_LE(gap, 106);
}

TEST(DelayedAckKey, AGlobalTickIsWhatEndsADelay) {  // facts/windows.md A5
  const auto s = support::simulate(support::two_hosts(
      host("windows-11", R"({"delayed_ack": {"delay": "100ms", "global_tick": "100ms"}})"),
      kTwoRounds, kAnswers));
  const std::string story = report::story(s.loaded.variants[0].scenario, s.result);
  EXPECT_THAT(story, HasSubstr("# ACK held: at most until the host's next 100 ms tick, in "));
  EXPECT_THAT(story, HasSubstr("# delayed ACK: the 100 ms tick of all connections came "));
}

// Data segments of half a megabyte that left twice, on a line with a queue of 66 packets.
int64_t sent_again(const std::string& set) {
  const auto packets =
      support::simulate(
          support::two_hosts(
              host("linux-6.18", set),
              R"([{"connect": {"to": "b", "port": 80}}, {"write": 500000}, {"read": 1}, {"close": {}}])",
              R"([{"listen": {"port": 80}}, {"accept": {}}, {"read": 500000}, {"write": 1}, {"close": {}}])",
              R"(, "rate": "100Mbit/s", "queue": "100000B")"))
          .packets();
  std::set<std::string> once;
  int64_t again = 0;
  for (const std::string& packet : packets) {
    const size_t numbers = packet.find(':');
    if (packet[0] != '>' || packet.find("(0)") != std::string::npos) continue;
    again +=
        once.insert(packet.substr(numbers, packet.find(' ', numbers) - numbers)).second ? 0 : 1;
  }
  return again;
}

TEST(Knobs, HyStartEndsSlowStartBeforeTheQueueOverflows) {
  EXPECT_EQ(sent_again("{}"), 0);
  EXPECT_GT(
      sent_again(
          R"({"congestion": {"cubic": {"hystart": {"ack_train": false, "delay_rise": false}}}})"),
      0);
  // The round trip grows by 4 ms at most: too little for that rule alone.
  EXPECT_GT(sent_again(R"({"congestion": {"cubic": {"hystart": {"ack_train": false}}}})"), 0);
}

class EitherProfile : public testing::TestWithParam<std::string> {};

TEST_P(EitherProfile, NagleOffLetsTheSecondSmallWriteLeaveAtOnce) {
  const auto held =
      support::simulate(support::two_hosts(host(GetParam()), kTwoRounds, kAnswers)).packets();
  const auto free =
      support::simulate(support::two_hosts(host(GetParam(), R"({"nagle": {"behaviour": "off"}})"),
                                           kTwoRounds, kAnswers))
          .packets();
  EXPECT_THAT(held[4], StartsWith("< ")) << "with Nagle the ACK comes first";
  EXPECT_THAT(free[3], StartsWith("> P. 1:11(10)"));
  EXPECT_THAT(free[4], StartsWith("> P. 11:21(10)"));
}

TEST_P(EitherProfile, ReceiveBufferSetsTheWindowOfTheSyn) {
  const auto wide =
      support::simulate(support::two_hosts(host(GetParam()), kTwoRounds, kAnswers)).packets();
  const auto narrow =
      support::simulate(
          support::two_hosts(host(GetParam(), R"({"receive_window": {"buffer": "8KiB"}})"),
                             kTwoRounds, kAnswers))
          .packets();
  // linux: half of 8192 bytes, in whole segments of 1460; rfc: all of it
  EXPECT_THAT(wide[0], HasSubstr(GetParam() == "rfc" ? "win 65535" : "win 64240"));
  EXPECT_THAT(narrow[0], HasSubstr(GetParam() == "rfc" ? "win 8192 " : "win 2920 "));
}

// The last ACK is lost, so the server repeats its FIN: TIME-WAIT answers it with an ACK, a
// forgotten connection with a reset.
TEST_P(EitherProfile, MslSetsHowLongARepeatedFinIsAnswered) {
  const char* client =
      R"([{"connect": {"to": "b", "port": 80}}, {"write": 5}, {"shutdown": "write"}, {"recv": 10}, {"close": {}}])";
  const char* server =
      R"([{"listen": {"port": 80}}, {"accept": {}}, {"loop": [{"recv": 10}]}, {"close": {}}])";
  const auto with = [&](const std::string& set, const std::string& loss) {
    return support::simulate(
        support::two_hosts(host(GetParam(), set), client, server,
                           R"(, "loss": [{"from": "a", "packets": [)" + loss + "]}]"));
  };
  // The number of the client's last packet, by a run without loss.
  const auto lossless =
      support::simulate(support::two_hosts(host(GetParam()), client, server)).packets();
  const auto last = std::count_if(lossless.begin(), lossless.end(),
                                  [](const std::string& p) { return p[0] == '>'; });

  const auto remembered = with("{}", std::to_string(last)).packets();
  EXPECT_THAT(remembered, Not(Contains(StartsWith("> R"))));
  const auto forgotten = with(R"({"close": {"msl": "1ms"}})", std::to_string(last)).packets();
  EXPECT_THAT(forgotten, Contains(StartsWith("> R")));
}

INSTANTIATE_TEST_SUITE_P(Profiles, EitherProfile, testing::Values("linux-6.18", "rfc"),
                         [](const auto& tested) {
                           return tested.param == "rfc" ? "Rfc" : "Linux618";
                         });

// ---- the own host and the own link

// The SYN that a host sends to itself.
std::string own_syn(const std::string& host_json) {
  return support::simulate(R"({"schema": "tcptwin/scenario/1", "name": "own", "hosts": {"a": )" +
                           host_json + R"(},
    "processes": [{"name": "server", "host": "a", "program": [{"listen": {"port": 80}}, {"accept": {}}]},
                  {"name": "client", "host": "a", "start": "1ms", "program": [{"connect": {"to": "a", "port": 80}}]}]})")
      .packets()[0];
}

TEST(LoopbackMtuKey, LimitsTheSegmentsToTheOwnHost) {  // each system has its own
  for (const auto& [profile, mss] : {std::pair{"linux-6.18", "mss 65495"},
                                     {"linux-2.6.32", "mss 16396"},
                                     {"macos-14", "mss 16344"},
                                     {"freebsd-14", "mss 16344"},
                                     {"windows-11", "mss 65495"}}) {
    EXPECT_THAT(own_syn(host(profile)), HasSubstr(mss)) << profile;
  }
  EXPECT_THAT(own_syn(host("macos-14", R"({"ip": {"loopback_mtu": 1540}})")),
              HasSubstr("mss 1500"));
}

// How long the only data of a connection waits before it is sent again, in milliseconds.
int64_t first_timeout_ms(const std::string& set, bool behind_a_router) {
  const std::string way = behind_a_router ? R"({"between": ["a", "r"]}, {"between": ["r", "b"], )"
                                          : R"({"between": ["a", "b"], )";
  const auto s = support::simulate(
      R"({"schema": "tcptwin/scenario/1", "name": "own", "hosts": {"a": )" + host("macos-14", set) +
      R"(, "b": )" + host("macos-14", set) + R"(, "r": {"kind": "router"}}, "links": [)" + way +
      R"("loss": [{"from": ")" + (behind_a_router ? "r" : "a") + R"(", "packets": [3]}]}],
    "processes": [{"name": "server", "host": "b", "program": [{"listen": {"port": 80}}, {"accept": {}}, {"read": 10}]},
                  {"name": "client", "host": "a", "start": "1ms", "program": [{"connect": {"to": "b", "port": 80}}, {"write": 10}, {"sleep": "1s"}]}]})");
  std::vector<int64_t> at;
  for (const auto& segment : support::segments_of(s.view())) {
    if (segment.sequence.find("1:11(10)") != std::string::npos) at.push_back(segment.at_us);
  }
  return at.size() < 2 ? 0 : (at[1] - at[0]) / 1000;
}

TEST(LocalMinKey, IsTheFloorOfTheRtoOnTheSameLinkOnly) {  // facts/darwin.md 5
  EXPECT_NEAR(static_cast<double>(first_timeout_ms("{}", false)), 300, 102);
  EXPECT_LT(first_timeout_ms("{}", true), first_timeout_ms("{}", false));
  const char* set = R"({"rto": {"local_min": "700ms"}})";
  EXPECT_GE(first_timeout_ms(set, false), 900);
  EXPECT_LT(first_timeout_ms(set, true), 400);
}

}  // namespace
}  // namespace tcptwin

// Each key of "lwip" in a profile does what it says, and wrong values are told.
#include <algorithm>

#include "tests/lwip/lwip_host.h"

namespace tcptwin::lwip_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const std::string kPeer = host("rfc");
const std::string kPrompt = host("rfc", R"("delayed_ack": {"segments_per_ack": 1})");

class LwipKeys : public LwipTest {};

// The second write of ten bytes waits for the ACK of the first, which waits for b's tick.
int64_t round_ms(const std::string& server_keys) {
  const auto s = run({.b = lwip_host(server_keys),
                      .client = R"({"measure": "round", "do": [{"write": 10}, {"write": 10},
                                   {"read": 20}]}, {"close": {}})",
                      .server = R"({"read": 20}, {"write": 20}, {"recv": 1}, {"close": {}})"});
  return first_value(s, "client.round") / 1'000'000;
}

TEST_F(LwipKeys, FastIntervalIsTheTickThatEndsDelayedAcks) {
  EXPECT_EQ(round_ms(""), 252);
  EXPECT_EQ(round_ms(R"("fast_interval": "100ms")"), 102);
}

TEST_F(LwipKeys, SlowIntervalIsTheTickOfRetransmissions) {
  const auto syns = [](const std::string& keys) {
    return times_ms(segments(run_programs(
                        {.a = lwip_host(keys),
                         .client = R"({"connect": {"to": "b", "port": 80, "may_fail": true}})",
                         .server = R"({"listen": 80})",
                         .link = R"("loss": [{"from": "a", "packets": [1, 2, 3]}])"})),
                    "> S");
  };
  EXPECT_THAT(syns(""), ElementsAre(0, 2750, 5750, 8750));
  EXPECT_THAT(syns(R"("slow_interval": "1s")"), ElementsAre(0, 2250, 5250, 8250));
}

TEST_F(LwipKeys, SynRetriesBoundTheSyns) {
  const auto s = run_programs(
      {.a = lwip_host(R"("syn_retries": 2)"),
       .client = R"({"connect": {"to": "b", "port": 80, "expect_error": "ECONNABORTED"}})",
       .server = R"({"listen": 80})",
       .link = R"("loss": [{"from": "a", "packets": [1, 2, 3, 4, 5, 6, 7]}])"});
  EXPECT_THAT(times_ms(segments(s), "> S"), SizeIs(3)) << story(s);
  EXPECT_THAT(trouble(s), IsEmpty());
}

TEST_F(LwipKeys, DataRetriesBoundTheRepetitions) {
  const auto s = run({.a = lwip_host(R"("data_retries": 3)"),
                      .b = kPeer,
                      .client = R"({"write": 10}, {"recv": {"bytes": 1, "expect_error":
                                   "ECONNABORTED"}})",
                      .server = R"({"sleep": "10min"})",
                      .link = R"("loss": [{"from": "a", "packets": [3, 4, 5, 6, 7, 8]}])"});
  EXPECT_THAT(times_ms(segments(s), "> P. 1:11(10)"), SizeIs(4)) << story(s);
  EXPECT_THAT(trouble(s), IsEmpty());
}

TEST_F(LwipKeys, WindowIsWhatTheSynSays) {
  const auto syn = [](const std::string& keys) {
    return segments(
               run({.a = lwip_host(keys), .client = R"({"close": {}})", .server = kUntilTheEnd}))
        .at(0)
        .sequence;
  };
  EXPECT_EQ(syn(""), "> S 0:0(0) win 2144");
  EXPECT_EQ(syn(R"("window": 5360)"), "> S 0:0(0) win 5360");
}

TEST_F(LwipKeys, WindowScaleIsWhatTheSynSays) {
  const auto s = run({.a = host("lwip-debian", R"("lwip": {"window": 500000, "window_scale": 3})"),
                      .b = kPeer,
                      .client = R"({"close": {}})",
                      .server = kUntilTheEnd});
  EXPECT_EQ(segments(s).at(0).options, "mss 1460,nop,wscale 3");
  EXPECT_THAT(texts(segments(s), "> . "), testing::Contains("> . 1:1(0) ack 1 win 500000"));
}

TEST_F(LwipKeys, SendBufferIsWhatASendTakes) {
  const auto taken = [](const std::string& keys) {
    const auto s = run({.a = lwip_host(keys),
                        .b = kPeer,
                        .client = R"({"nonblocking": true}, {"send": {"bytes": 9000, "record":
                                     "taken"}}, {"close": {}})",
                        .server = kUntilTheEnd});
    return first_value(s, "client.taken");
  };
  EXPECT_EQ(taken(""), 1072);
  EXPECT_EQ(taken(R"("send_buffer": 2144)"), 2144);
}

TEST_F(LwipKeys, QueueLengthIsHowManyPiecesWait) {
  const auto taken = [](const std::string& keys) {
    const auto s = run({.a = lwip_host(keys),
                        .b = kPeer,
                        .client = R"({"setsockopt": "TCP_NODELAY"}, {"nonblocking": true},
                                     {"fill": {"bytes": 10, "record": "taken"}}, {"close": {}})",
                        .server = kUntilTheEnd});
    return first_value(s, "client.taken");
  };
  EXPECT_EQ(taken(""), 80);
  EXPECT_EQ(taken(R"("queue_length": 4)"), 40);
}

TEST_F(LwipKeys, UpdateThresholdIsWhatAReadMustOpenToBeTold) {
  const auto updates = [](const std::string& keys) {
    const auto s = run({.a = kPeer,
                        .b = lwip_host(keys),
                        .client = R"({"write": 2144}, {"sleep": "1s"}, {"close": {}})",
                        .server = R"({"sleep": "500ms"}, {"recv": 1000}, {"sleep": "100ms"},
                                     {"loop": [{"read": 1144}]}, {"close": {}})"});
    return times_ms(segments(s), "< . 1:1(0) ack 2145 win 1000").size();
  };
  EXPECT_EQ(updates(""), 1U);
  EXPECT_EQ(updates(R"("update_threshold": 1001)"), 0U);
}

TEST_F(LwipKeys, NoDelayIsSetOnEverySocket) {
  const auto s = run({.a = lwip_host(R"("no_delay": true)"),
                      .b = kPeer,
                      .client = R"({"getsockopt": {"option": "TCP_NODELAY", "equals": 1}},
                                   {"write": 10}, {"write": 10}, {"close": {}})",
                      .server = kUntilTheEnd});
  EXPECT_THAT(times_ms(segments(s), "> P"), ElementsAre(2, 2)) << story(s);
}

TEST_F(LwipKeys, MslIsHalfOfTimeWait) {
  const auto ends = [](const std::string& keys) {
    return run({.a = lwip_host(keys),
                .b = kPeer,
                .client = R"({"close": {}})",
                .server = kUntilTheEnd})
               .result.ended -
           Instant();
  };
  EXPECT_GE(ends(""), 120s);
  EXPECT_LE(ends(""), 121s);
  EXPECT_GE(ends(R"("msl": "5s")"), 10s);
  EXPECT_LE(ends(R"("msl": "5s")"), 11s);
}

TEST_F(LwipKeys, KeepAliveTimesAreTheDefaultsOfSockets) {
  const auto s =
      run({.a = lwip_host(R"("keep_idle": "20s", "keep_interval": "5s", "keep_count": 2)"),
           .b = kPeer,
           .client = R"({"setsockopt": {"level": "SOL_SOCKET", "option":
                                   "SO_KEEPALIVE"}}, {"recv": {"bytes": 1, "expect_error":
                                   "ECONNABORTED"}})",
           .server = R"({"sleep": "10min"})",
           .link = R"("loss": [{"from": "a", "packets": [3, 4, 5, 6, 7]}])"});
  EXPECT_THAT(times_ms(segments(s), "> . 0:0(0)"), ElementsAre(20250, 25250)) << story(s);
  EXPECT_THAT(times_ms(segments(s), "> R"), ElementsAre(30250));
}

TEST_F(LwipKeys, ConnectionsAndListenersAreLimits) {
  const auto s = run_programs({.a = lwip_host(R"("connections": 3, "listeners": 1)"),
                               .client = R"({"socket": {"as": "one"}}, {"socket": {"as": "two"}},
                    {"socket": {"as": "three"}},
                    {"socket": {"as": "four", "expect_error": "ENOBUFS"}})",
                               .server = R"({"listen": 80})"});
  EXPECT_THAT(trouble(s), IsEmpty()) << story(s);
  const auto listeners = run_programs({.a = lwip_host(R"("listeners": 1)"),
                                       .client = R"({"listen": {"port": 1, "as": "one"}},
                                                    {"listen": {"port": 2, "as": "two",
                                                     "expect_error": "ENOMEM"}})",
                                       .server = R"({"listen": 80})"});
  EXPECT_THAT(trouble(listeners), IsEmpty()) << story(listeners);
}

TEST_F(LwipKeys, DatagramSocketsAndDescriptorsAreLimits) {
  for (const auto& [keys, error] : {std::pair(R"("datagram_sockets": 1)", "ENOBUFS"),
                                    std::pair(R"("descriptors": 1)", "ENFILE")}) {
    const auto s = run_programs({.a = lwip_host(keys),
                                 .client = R"({"socket": {"type": "udp", "as": "one"}},
                      {"socket": {"type": "udp", "as": "two", "expect_error": ")" +
                                           std::string(error) + R"("}})",
                                 .server = R"({"listen": 80})"});
    EXPECT_THAT(trouble(s), IsEmpty()) << story(s);
  }
}

// A bulk transfer goes on with whatever little there is.
TEST_F(LwipKeys, FewSegmentsAndPacketBuffersSlowATransferAndStopNone) {
  for (const char* keys : {R"("segments": 8)", R"("packet_buffers": 4)", R"("mailbox": 1)"}) {
    const auto s = run({.a = lwip_host(keys),
                        .b = lwip_host(keys),
                        .client = R"({"write": 20000}, {"read": 20000}, {"close": {}})",
                        .server = R"({"read": 20000}, {"write": 20000}, {"recv": 1},
                                     {"close": {}})"});
    EXPECT_THAT(trouble(s), IsEmpty()) << keys;
  }
}

TEST_F(LwipKeys, TtlIsSent) {
  const auto s =
      run({.a = lwip_host(R"("ttl": 9)"), .client = R"({"close": {}})", .server = kUntilTheEnd});
  const auto& first = std::get<trace::PacketSent>(
      std::find_if(
          s.result.journal->records().begin(), s.result.journal->records().end(),
          [](const trace::Record& r) { return std::holds_alternative<trace::PacketSent>(r.event); })
          ->event);
  EXPECT_EQ(first.packet.ip.ttl, 9);
}

TEST_F(LwipKeys, RandomNumbersAndPortsFollowTheSeed) {
  const auto first = [](const std::string& keys, uint64_t seed) {
    const auto s = support::simulate(
        support::two_hosts(lwip_host(keys), R"([{"connect": {"to": "b", "port": 80}}, {"snapshot":
            "all"}, {"close": {}}])",
                           R"([{"listen": {"port": 80}}, {"accept": {}}, {"recv": 1},
            {"close": {}}])"),
        seed);
    const trace::Record* syn = nullptr;
    for (const trace::Record& r : s.result.journal->records()) {
      if (syn == nullptr && std::holds_alternative<trace::PacketSent>(r.event)) syn = &r;
    }
    const wire::TcpSegment& segment = std::get<trace::PacketSent>(syn->event).packet.tcp;
    return std::pair(segment.seq.value(), static_cast<uint16_t>(segment.source));
  };
  EXPECT_EQ(first("", 1), std::pair(uint32_t{6509}, uint16_t{49153}));
  EXPECT_EQ(first("", 2), std::pair(uint32_t{6509}, uint16_t{49153}));
  const std::string random = R"("random_isn": true, "random_first_port": true)";
  EXPECT_EQ(first(random, 1), first(random, 1));
  EXPECT_NE(first(random, 1).first, first(random, 2).first);
  EXPECT_NE(first(random, 1).second, first(random, 2).second);
}

// ---- mistakes

std::string complaint(const std::string& host_json) {
  const auto loaded = scenario::load(
      "test", support::two_hosts(host_json, R"([{"sleep": "1ms"}])", R"([{"sleep": "1ms"}])"), {});
  return loaded.diagnostics.empty() ? "" : json::to_string(loaded.diagnostics.front());
}

TEST_F(LwipKeys, MistakesSayWhatIsWrong) {
  EXPECT_THAT(complaint(lwip_host(R"("fast_interval": "300ms")")),
              HasSubstr("\"slow_interval\" is no multiple of \"fast_interval\""));
  EXPECT_THAT(complaint(lwip_host(R"("window": 70000)")),
              HasSubstr("\"window\" is above 65535 << \"window_scale\""));
  EXPECT_THAT(complaint(lwip_host(R"("window_scale": 2)")),
              HasSubstr("\"window_scale\" needs a \"build\" that scales windows"));
  EXPECT_THAT(complaint(lwip_host(R"("send_buffer": 70000)")),
              HasSubstr("\"send_buffer\" above 65535 needs a \"build\" that scales windows"));
  EXPECT_THAT(complaint(lwip_host(R"("update_threshold": 3000)")),
              HasSubstr("\"update_threshold\" is above \"window\""));
  EXPECT_THAT(complaint(lwip_host(R"("msl": "100ms")")),
              HasSubstr("\"msl\" is not above \"slow_interval\""));
  EXPECT_THAT(complaint(lwip_host(R"("keep_idle": "1500us")")),
              HasSubstr("lwIP counts whole milliseconds"));
  EXPECT_THAT(complaint(lwip_host(R"("queue_length": 20)")),
              HasSubstr("\"segments\" is below \"queue_length\""));
  EXPECT_THAT(complaint(lwip_host(R"("syn_retries": 13)")), HasSubstr("out of range"));
  EXPECT_THAT(complaint(lwip_host(R"("windw": 1)")), HasSubstr("did you mean \"window\"?"));
}

TEST_F(LwipKeys, AnAxisOfOurOwnStackHasNoPlaceInAnLwipHost) {
  EXPECT_THAT(complaint(host("lwip-2.1.3", R"("nagle": {"behaviour": "off"})")),
              HasSubstr("a host with \"lwip\" has no \"nagle\": lwIP's own code decides that"));
}

TEST_F(LwipKeys, AHostOfOurOwnStackHasNoLwip) {
  EXPECT_THAT(complaint(host("linux-6.18", R"("lwip": {"window": 1000})")),
              HasSubstr("\"lwip\" is for profiles whose hosts run lwIP"));
}

}  // namespace
}  // namespace tcptwin::lwip_test

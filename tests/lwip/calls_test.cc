// The BSD calls of a host that runs lwIP, keep-alive and backlog: docs/facts/lwip.md C4, G, H.
#include "tests/lwip/lwip_host.h"

namespace tcptwin::lwip_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const std::string kPeer = host("rfc");

class LwipCalls : public LwipTest {
 protected:
  // A client of `profile` makes these calls on an open connection and all goes well.
  static void expect_calls(const std::string& profile, const std::string& calls) {
    const auto s = run({.a = host(profile), .client = calls, .server = R"({"recv": 1})"});
    EXPECT_EQ(s.result.processes[0].outcome.failure, "") << story(s);
  }
};

// ---- options

TEST_F(LwipCalls, OptionsHaveTheNumbersOfLwip) {  // H1
  const auto s = run({.client = R"({"setsockopt": {"level": 4095, "option": 8, "value": 1}},
                                   {"getsockopt": {"level": 4095, "option": 8, "equals": 8}},
                                   {"setsockopt": {"level": 6, "option": 1, "value": 1}},
                                   {"getsockopt": {"level": 6, "option": 1, "equals": 1}},
                                   {"getsockopt": {"level": 4095, "option": 4104, "equals": 1}},
                                   {"close": {}})",
                      .server = R"({"recv": 1}, {"close": {}})"});
  EXPECT_THAT(trouble(s), IsEmpty()) << story(s);
  EXPECT_THAT(story(s), HasSubstr("setsockopt(SO_KEEPALIVE,1)"));
}

TEST_F(LwipCalls, DebiansPackageHasTheNumbersOfLinux) {  // H6
  expect_calls("lwip-debian", R"({"setsockopt": {"level": 1, "option": 9, "value": 1}},
                                 {"getsockopt": {"level": 1, "option": 9, "equals": 8}})");
}

TEST_F(LwipCalls, ASwitchIsReadBackAsItsInternalBit) {  // H3
  expect_calls("lwip-large",
               R"({"setsockopt": {"level": "SOL_SOCKET", "option": "SO_KEEPALIVE"}},
                  {"getsockopt": {"level": "SOL_SOCKET", "option": "SO_KEEPALIVE", "equals": 8}},
                  {"setsockopt": {"level": "SOL_SOCKET", "option": "SO_REUSEADDR"}},
                  {"getsockopt": {"level": "SOL_SOCKET", "option": "SO_REUSEADDR", "equals": 4}})");
}

TEST_F(LwipCalls, WhatTheSocketsLayerLacksFails) {  // H2
  for (const char* option : {"4097", "4"}) {        // SO_SNDBUF; SO_REUSEADDR without SO_REUSE
    const std::string call = R"({"level": 4095, "option": )" + std::string(option);
    expect_calls("lwip-2.1.3", R"({"setsockopt": )" + call +
                                   R"(, "value": 1, "expect_error": "ENOPROTOOPT"}},
                                     {"getsockopt": )" +
                                   call + R"(, "expect_error": "ENOPROTOOPT"}})");
  }
}

TEST_F(LwipCalls, TheTimeToLiveOfASocketIsSent) {  // H3
  const auto s = run({.client = R"({"setsockopt": {"level": "IPPROTO_IP", "option": "IP_TTL",
                                   "value": 77}}, {"write": 10}, {"close": {}})",
                      .server = kUntilTheEnd});
  uint8_t last = 0;
  for (const trace::Record& record : s.result.journal->records()) {
    const auto* sent = std::get_if<trace::PacketSent>(&record.event);
    if (sent != nullptr && record.host() == 0) last = sent->packet.ip.ttl;
  }
  EXPECT_EQ(last, 77);
}

TEST_F(LwipCalls, PeekLooksAtOneSegmentAndWaitallIsIgnored) {  // H4
  const auto s = run({.b = host("rfc", R"("nagle": {"behaviour": "off"})"),
                      .client = R"({"sleep": "100ms"},
                                   {"recv": {"bytes": 100, "flags": ["MSG_PEEK"], "record": "peek"}},
                                   {"recv": {"bytes": 100, "flags": ["MSG_WAITALL"],
                                             "record": "all"}}, {"close": {}})",
                      .server = R"({"write": 10}, {"write": 20}, {"recv": 1}, {"close": {}})"});
  EXPECT_THAT(trouble(s), IsEmpty()) << story(s);
  EXPECT_THAT(values(s, "client.peek"), ElementsAre(10));
  EXPECT_THAT(values(s, "client.all"), ElementsAre(30));
}

TEST_F(LwipCalls, OutOfBandDataIsOrdinaryData) {  // H4
  const auto s = run({.client = R"({"send": {"bytes": 10, "flags": ["MSG_OOB"]}}, {"close": {}})",
                      .server = R"({"read": 10}, {"recv": 1}, {"close": {}})"});
  EXPECT_THAT(trouble(s), IsEmpty()) << story(s);
  EXPECT_THAT(texts(segments(s), "> P. 1:11(10)"), SizeIs(1));
}

TEST_F(LwipCalls, FionreadTellsWhatWaits) {  // H5
  const auto s = run({.a = host("lwip-large"),
                      .client = R"({"sleep": "100ms"}, {"ioctl": {"request": "FIONREAD", "record":
                                   "unread"}}, {"read": 10}, {"close": {}})",
                      .server = R"({"write": 10}, {"recv": 1}, {"close": {}})"});
  EXPECT_THAT(values(s, "client.unread"), ElementsAre(10)) << story(s);
}

// ---- how calls end

TEST_F(LwipCalls, ARefusedConnectFailsWithReset) {  // H7
  const auto s = run_programs(
      {.client = R"({"connect": {"to": "b", "port": 81, "expect_error": "ECONNRESET"}})",
       .server = R"({"listen": 80})"});
  EXPECT_THAT(trouble(s), IsEmpty()) << story(s);
  EXPECT_THAT(texts(segments(s), "< R."), SizeIs(1));
}

TEST_F(LwipCalls, AfterTheEndOfTheStreamARecvFailsWithNotConnected) {  // H7
  const auto s = run({.client = R"({"recv": 1},
                                   {"recv": {"bytes": 1, "expect_error": "ENOTCONN"}},
                                   {"close": {}})",
                      .server = R"({"close": {}})"});
  EXPECT_THAT(trouble(s), IsEmpty()) << story(s);
}

TEST_F(LwipCalls, AResetIsToldToTheReceiveAndOnceMoreToTheNextCall) {  // H7
  const auto s = run({.b = kPeer,
                      .client = R"({"recv": {"bytes": 1, "expect_error": "ECONNRESET"}},
                                   {"send": {"bytes": 1, "expect_error": "ECONNRESET"}},
                                   {"send": {"bytes": 1, "expect_error": "ENOTCONN"}},
                                   {"close": {}})",
                      .server = R"({"setsockopt": {"level": "SOL_SOCKET", "option": "SO_LINGER",
                                   "value": 0}}, {"close": {}})"});
  EXPECT_THAT(trouble(s), IsEmpty()) << story(s);
}

TEST_F(LwipCalls, AReceiveTimeoutEndsARecv) {  // H7
  const auto s = run({.a = host("lwip-large"),
                      .client = R"({"setsockopt": {"level": "SOL_SOCKET", "option": "SO_RCVTIMEO",
                                   "value": "200ms"}},
                                   {"measure": "wait", "do": [
                                     {"recv": {"bytes": 1, "expect_error": "EAGAIN"}}]},
                                   {"close": {}})",
                      .server = R"({"recv": 1}, {"close": {}})"});
  EXPECT_THAT(trouble(s), IsEmpty()) << story(s);
  EXPECT_GE(Duration(first_value(s, "client.wait")), 200ms);
  EXPECT_LE(Duration(first_value(s, "client.wait")), 201ms);
}

// The window of the peer is closed: what fits in it and in the send buffer is taken.
TEST_F(LwipCalls, ASendTimeoutEndsASendWithWhatItHasTaken) {  // H7
  const auto s = run({.a = host("lwip-debian"),
                      .client = R"({"setsockopt": {"level": "SOL_SOCKET", "option": "SO_SNDTIMEO",
                                   "value": "300ms"}},
                                   {"send": {"bytes": 200000, "record": "taken"}},
                                   {"send": {"bytes": 1000, "expect_error": "EAGAIN"}})",
                      .server = R"({"sleep": "10s"}, {"setsockopt": "TCP_NODELAY"})"});
  EXPECT_EQ(s.result.processes[0].outcome.failure, "") << story(s);
  EXPECT_THAT(values(s, "client.taken"), ElementsAre(2144 + 65535));
}

TEST_F(LwipCalls, DataThatComesAfterShutdownOfReadingResetsTheConnection) {  // E7
  const auto s = run({.b = kPeer,
                      .client = R"({"shutdown": "read"},
                                   {"recv": {"bytes": 1, "expect_error": "ENOTCONN"}},
                                   {"sleep": "1s"}, {"close": {}})",
                      .server = R"({"sleep": "100ms"}, {"write": 10},
                                   {"recv": {"bytes": 1, "expect_error": "ECONNRESET"}},
                                   {"close": {}})"});
  EXPECT_THAT(trouble(s), IsEmpty()) << story(s);
  EXPECT_THAT(story(s), HasSubstr("reset: data for a program that has closed its socket"));
}

TEST_F(LwipCalls, ANonBlockingConnectIsInProgressThenWritable) {
  const auto s = run_programs(
      {.client = R"({"socket": {}}, {"nonblocking": true},
                    {"connect": {"to": "b", "port": 80,
                                 "expect_error": "EINPROGRESS"}},
                    {"poll": {"for": "POLLOUT", "timeout": "1s", "record": "ready"}},
                    {"getsockopt": {"level": "SOL_SOCKET", "option": "SO_ERROR", "equals": 0}},
                    {"write": 10}, {"close": {}})",
       .server = R"({"listen": 80}, {"accept": {}}, {"read": 10}, {"recv": 1}, {"close": {}})"});
  EXPECT_THAT(trouble(s), IsEmpty()) << story(s);
  EXPECT_THAT(values(s, "client.ready"), ElementsAre(1));
}

TEST_F(LwipCalls, ANonBlockingConnectThatIsRefusedShowsInSoError) {  // H7
  const auto s = run_programs({.client = R"({"socket": {}}, {"nonblocking": true},
                    {"connect": {"to": "b", "port": 81, "expect_error": "EINPROGRESS"}},
                    {"poll": {"for": "POLLOUT", "timeout": "1s"}},
                    {"getsockopt": {"level": "SOL_SOCKET", "option": "SO_ERROR", "equals": 1}},
                    {"close": {}})",
                               .server = R"({"listen": 80})"});
  EXPECT_THAT(trouble(s), IsEmpty()) << story(s);
  EXPECT_THAT(values(s, "client.ECONNRESET"), SizeIs(1));
}

TEST_F(LwipCalls, SelectAndPollTellWhatCanBeReadAndTimeOut) {
  const auto s =
      run({.client = R"({"poll": {"for": "POLLIN", "timeout": "100ms", "record": "early"}},
                                   {"poll": {"for": "POLLIN", "timeout": "5s", "record": "poll"}},
                                   {"select": {"read": ["socket"], "timeout": "5s",
                                               "record": "select"}},
                                   {"read": 10}, {"select": {"read": ["socket"], "timeout": "100ms",
                                               "record": "late"}}, {"close": {}})",
           .server = R"({"sleep": "300ms"}, {"write": 10}, {"recv": 1}, {"close": {}})"});
  EXPECT_THAT(trouble(s), IsEmpty()) << story(s);
  EXPECT_THAT(values(s, "client.early"), ElementsAre(0));
  EXPECT_THAT(values(s, "client.poll"), ElementsAre(1));
  EXPECT_THAT(values(s, "client.select"), ElementsAre(1));
  EXPECT_THAT(values(s, "client.late"), ElementsAre(0));
}

// After the send buffer was full it is writable when more than half of it is free.
TEST_F(LwipCalls, ASocketIsWritableAgainAboveTheLowWaterMark) {  // C4
  const auto s = run({.b = kPeer,
                      .client = R"({"nonblocking": true}, {"send": 1072},
                                   {"poll": {"for": "POLLOUT", "timeout": "0s", "record": "full"}},
                                   {"measure": "wait", "do": [{"poll": {"for": "POLLOUT"}}]},
                                   {"close": {}})",
                      .server = kUntilTheEnd});
  EXPECT_THAT(trouble(s), IsEmpty()) << story(s);
  EXPECT_THAT(values(s, "client.full"), ElementsAre(0));
  EXPECT_GE(Duration(first_value(s, "client.wait")), 1900us);
}

TEST_F(LwipCalls, EachOfTwoThreadsAcceptsAConnection) {
  const auto s = run_programs(
      {.a = kPeer,
       .client = R"({"repeat": 2, "do": [{"connect": {"to": "b", "port": 80}}, {"recv": 1},
                    {"close": {}}]})",
       .server = R"({"listen": 80}, {"repeat": 2, "do": [{"spawn": "one", "do": [
                    {"accept": {"as": "mine"}}, {"close": "mine"}]}]}, {"join": "one"})"});
  EXPECT_THAT(trouble(s), IsEmpty()) << story(s);
}

TEST_F(LwipCalls, TheEndOfAProcessClosesItsSockets) {
  const auto s = run({.b = kPeer, .client = R"({"exit_process": {}})", .server = kUntilTheEnd});
  EXPECT_THAT(trouble(s), IsEmpty()) << story(s);
  EXPECT_THAT(texts(segments(s), "> F"), SizeIs(1));
}

TEST_F(LwipCalls, ClosingAListenerResetsWhatNobodyHasAccepted) {
  const auto s =
      run_programs({.a = kPeer,
                    .client = R"({"connect": {"to": "b", "port": 80}},
                    {"recv": {"bytes": 1, "expect_error": "ECONNRESET"}})",
                    .server = R"({"listen": 80}, {"sleep": "100ms"}, {"close": "listener"})"});
  EXPECT_THAT(trouble(s), IsEmpty()) << story(s);
}

// ---- keep-alive and backlog

TEST_F(LwipCalls, KeepAliveProbesAreSentByTheSlowTimerAndThenItGivesUp) {  // G1
  const auto s =
      run({.a = host("lwip-debian"),
           .b = kPeer,
           .client = R"({"setsockopt": {"level": "SOL_SOCKET", "option": "SO_KEEPALIVE"}},
                    {"setsockopt": {"option": "TCP_KEEPIDLE", "value": 10}},
                    {"setsockopt": {"option": "TCP_KEEPINTVL", "value": 5}},
                    {"setsockopt": {"option": "TCP_KEEPCNT", "value": 3}},
                    {"recv": {"bytes": 1, "expect_error": "ECONNABORTED"}})",
           .server = R"({"sleep": "2min"})",
           .link = R"("loss": [{"from": "a", "packets": [4, 5, 6, 7, 8]}])"});
  EXPECT_THAT(times_ms(segments(s), "> . 0:0(0)"), ElementsAre(10250, 20750, 25750, 30750))
      << story(s);
  EXPECT_THAT(times_ms(segments(s), "> R"), ElementsAre(35750));
  EXPECT_THAT(story(s), HasSubstr("keep-alive probe 3, nothing was heard for 20.5 s"));
  EXPECT_THAT(story(s), testing::Not(HasSubstr("retransmission timer")));
  EXPECT_THAT(trouble(s), IsEmpty());
}

TEST_F(LwipCalls, TheDefaultOfKeepAliveIsTwoHours) {  // G1
  const auto s = run({.b = kPeer,
                      .client = R"({"setsockopt": {"level": "SOL_SOCKET", "option":
                                   "SO_KEEPALIVE"}}, {"sleep": "3h"}, {"close": {}})",
                      .server = kUntilTheEnd});
  EXPECT_THAT(times_ms(segments(s), "> . 0:0(0)"), ElementsAre(7200250)) << story(s);
}

TEST_F(LwipCalls, ASynAboveTheBacklogIsDroppedInTheLargeBuild) {  // G2
  const auto s =
      run_programs({.a = kPeer,
                    .b = host("lwip-large"),
                    .client = R"({"repeat": 3, "index": "i", "do": [
                      {"connect": {"to": "b", "port": 80, "as": "c[i]"}}]})",
                    .server = R"({"listen": {"port": 80, "backlog": 2}}, {"sleep": "500ms"},
                    {"accept": {"as": "one"}}, {"accept": {"as": "two"}},
                    {"accept": {"as": "three"}})"});
  EXPECT_THAT(trouble(s), IsEmpty()) << story(s);
  EXPECT_THAT(story(s), HasSubstr("the listener's backlog is full"));
  EXPECT_GE(Duration(first_value(s, "client.elapsed")), 1s);
}

TEST_F(LwipCalls, WithoutTheBacklogEverySynIsTaken) {  // G2
  const auto s =
      run_programs({.a = kPeer,
                    .b = host("lwip-debian"),
                    .client = R"({"repeat": 20, "index": "i", "do": [
                      {"connect": {"to": "b", "port": 80, "as": "c[i]"}}]})",
                    .server = R"({"listen": {"port": 80, "backlog": 1}}, {"sleep": "500ms"},
                    {"repeat": 20, "index": "i", "do": [{"accept": {"as": "c[i]"}}]})"});
  EXPECT_THAT(trouble(s), IsEmpty()) << story(s);
  EXPECT_LE(Duration(first_value(s, "client.elapsed")), 100ms);
}

}  // namespace
}  // namespace tcptwin::lwip_test

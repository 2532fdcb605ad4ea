// The operations that ask what a socket is like: getsockopt, tcp_info, ioctl, nonblocking.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/simulation.h"

namespace tcptwin {
namespace {

using support::simulate;
using support::two_hosts;
using testing::HasSubstr;

constexpr const char* kLinux = R"({"profile": "linux-6.18"})";
constexpr const char* kAccepts = R"([{"listen": {"port": 80}}, {"accept": {}}])";
constexpr const char* kSaysHello =
    R"([{"listen": {"port": 80}}, {"accept": {}}, {"write": {"text": "hello"}}])";

std::string connected(const std::string& rest) {
  return R"([{"connect": {"to": "b", "port": 80}}, )" + rest + "]";
}
support::Simulation run_client(const std::string& host, const std::string& rest,
                               const std::string& server = kAccepts) {
  return simulate(two_hosts(host, connected(rest), server));
}
std::string failure_of(const std::string& host, const std::string& rest,
                       const std::string& server = kAccepts) {
  return run_client(host, rest, server).result.processes[0].outcome.failure;
}
std::string complaint_about(const std::string& host, const std::string& rest) {
  const auto loaded = scenario::load("test", two_hosts(host, connected(rest), kAccepts), {});
  return loaded.diagnostics.empty() ? "" : json::to_string(loaded.diagnostics.front());
}

// ---- getsockopt

TEST(ProgramOptions, GetsockoptRecordsWhatItFinds) {  // facts/linux.md C2: doubled
  const auto s = run_client(kLinux, R"({"setsockopt": {"level": "SOL_SOCKET", "option": "SO_SNDBUF",
      "value": 20000}}, {"getsockopt": {"level": "SOL_SOCKET", "option": "SO_SNDBUF",
      "record": "size"}})");
  EXPECT_EQ(s.measure("client.size").values, std::vector<int64_t>{40000});
}
TEST(ProgramOptions, GetsockoptThatFindsSomethingElseEndsTheProgram) {
  EXPECT_EQ(failure_of(kLinux, R"({"getsockopt": {"option": "TCP_NODELAY", "equals": 1}})"),
            "getsockopt(TCP_NODELAY): 0, expected 1");
}
TEST(ProgramOptions, GetsockoptByRawNumbersIsTheOptionOfThatHost) {  // IPPROTO_TCP, TCP_NODELAY
  EXPECT_EQ(failure_of(kLinux, R"({"setsockopt": "TCP_NODELAY"},
      {"getsockopt": {"level": 6, "option": 1, "equals": 1}})"),
            "");
}
TEST(ProgramOptions, ANameAtAnotherLevelIsItsNumberThere) {  // facts/darwin.md 1.2, 1.3
  const std::string mistake = R"({"setsockopt": {"level": "IPPROTO_TCP", "option": "SO_KEEPALIVE")";
  EXPECT_EQ(failure_of(R"({"profile": "macos-14"})",
                       mistake + R"(}}, {"getsockopt": {"option": "TCP_NOOPT", "equals": 8}})"),
            "");
  EXPECT_EQ(failure_of(kLinux,
                       mistake + R"(}}, {"getsockopt": {"option": "TCP_DEFER_ACCEPT", "equals": 1}},
      {"getsockopt": {"level": "SOL_SOCKET", "option": "SO_KEEPALIVE", "equals": 0}})"),
            "");
  EXPECT_EQ(failure_of(R"({"profile": "windows-11"})",
                       mistake + R"(}}, {"getsockopt": {"option": "TCP_ATMARK", "equals": 1}})"),
            "");
}
TEST(ProgramOptions, ATimeComesBackAsItWasSet) {
  EXPECT_EQ(failure_of(kLinux, R"({"setsockopt": {"option": "SO_RCVTIMEO", "value": "250ms"}},
      {"getsockopt": {"option": "SO_RCVTIMEO", "equals": "250ms"}})"),
            "");
}
TEST(ProgramOptions, SoRcvtimeoEndsARecvWithEagain) {
  const auto s = run_client(kLinux, R"({"setsockopt": {"option": "SO_RCVTIMEO", "value": "250ms"}},
      {"measure": "wait", "do": [{"recv": {"bytes": 1, "expect_error": "EAGAIN"}}]})");
  EXPECT_GE(s.measure("client.wait").values.front(), 250'000'000);
}
TEST(ProgramOptions, SoSndtimeoEndsASendWithWhatWasTakenAndThenWithEagain) {
  const auto s = run_client(kLinux,
                            R"({"setsockopt": {"option": "SO_SNDTIMEO", "value": "250ms"}},
      {"send": {"bytes": 100000000, "record": "taken"}},
      {"measure": "wait", "do": [{"send": {"bytes": 100000000, "expect_error": "EAGAIN"}}]})");
  EXPECT_LT(s.measure("client.taken").values.front(), 100'000'000);
  EXPECT_GE(s.measure("client.wait").values.front(), 250'000'000);
}
TEST(ProgramOptions, ALingerThatIsOffIsFalse) {
  EXPECT_EQ(failure_of(kLinux, R"({"getsockopt": {"option": "SO_LINGER", "equals": false}},
      {"setsockopt": {"option": "SO_LINGER", "value": 5}},
      {"getsockopt": {"option": "SO_LINGER", "equals": 5}})"),
            "");
}
TEST(ProgramOptions, SoErrorFetchesTheErrorOnceAndCountsIt) {
  const auto s = simulate(two_hosts(kLinux, R"([{"socket": {}}, {"nonblocking": true},
      {"connect": {"to": "b", "port": 81, "expect_error": "EINPROGRESS"}}, {"sleep": "10ms"},
      {"getsockopt": {"option": "SO_ERROR", "equals": 1}},
      {"getsockopt": {"option": "SO_ERROR", "equals": 0}}])",
                                    kAccepts));
  EXPECT_EQ(s.result.processes[0].outcome.failure, "");
  EXPECT_EQ(s.measure("client.ECONNREFUSED").values.size(), 1U);
}
TEST(ProgramOptions, GetsockoptOfAnOptionThatTheHostLacksFailsThere) {  // facts/darwin.md 7
  EXPECT_EQ(failure_of(R"({"profile": "macos-14"})",
                       R"({"getsockopt": {"option": "TCP_QUICKACK",
                           "expect_error": "ENOPROTOOPT"}})"),
            "");
}
TEST(ProgramOptions, AWrongKindOfExpectedValueIsAnError) {
  EXPECT_THAT(complaint_about(kLinux, R"({"getsockopt": {"option": "TCP_NODELAY", "equals": []}})"),
              HasSubstr("expected a number, a duration, true or false"));
}

// ---- tcp_info

TEST(ProgramOptions, TcpInfoHasTheInitialWindow) {  // facts/linux.md B: IW 10
  EXPECT_EQ(failure_of(kLinux, R"({"tcp_info": {"field": "tcpi_snd_cwnd", "equals": 10}})"), "");
}
TEST(ProgramOptions, AFieldThatTcpInfoLacksIsAnErrorWithASuggestion) {
  EXPECT_THAT(complaint_about(kLinux, R"({"tcp_info": "tcpi_snd_cwd"})"),
              HasSubstr("did you mean \"tcpi_snd_cwnd\"?"));
}
TEST(ProgramOptions, TcpInfoOnAHostWithoutItIsAnError) {
  EXPECT_THAT(complaint_about(R"({"profile": "windows-11"})", R"({"tcp_info": "tcpi_rtt"})"),
              HasSubstr("no option that fetches struct tcp_info"));
}

// ---- ioctl

TEST(ProgramOptions, FionreadCountsWhatWaits) {
  EXPECT_EQ(failure_of(kLinux, R"({"sleep": "10ms"}, {"ioctl": {"request": "FIONREAD",
      "equals": 5}})",
                       kSaysHello),
            "");
}
TEST(ProgramOptions, SiocoutqCountsWhatIsNotAcknowledged) {
  EXPECT_EQ(
      failure_of(kLinux, R"({"send": 700}, {"ioctl": {"request": "SIOCOUTQ", "equals": 700}})"),
      "");
}
TEST(ProgramOptions, FionbioMakesCallsFailInsteadOfSleeping) {
  for (const char* profile : {"linux-6.18", "windows-11", "macos-14", "freebsd-14"}) {
    EXPECT_EQ(
        failure_of(R"({"profile": ")" + std::string(profile) + R"("})",
                   R"({"ioctl": "FIONBIO"}, {"recv": {"bytes": 1, "expect_error": "EAGAIN"}})"),
        "");
  }
}
TEST(ProgramOptions, FionbioWithZeroMakesThemSleepAgain) {
  EXPECT_EQ(failure_of(kLinux, R"({"nonblocking": true}, {"ioctl": {"request": "FIONBIO",
      "value": 0}}, {"recv": 5})",
                       kSaysHello),
            "");
}
TEST(ProgramOptions, SiocatmarkIsTrueWhereTheUrgentByteComesNext) {
  const char* server = R"([{"listen": {"port": 80}}, {"accept": {}}, {"write": {"text": "ab"}},
      {"send": {"text": "c", "flags": ["MSG_OOB"]}}])";
  EXPECT_EQ(failure_of(kLinux, R"({"sleep": "10ms"}, {"ioctl": {"request": "SIOCATMARK",
      "equals": 0}}, {"read": 2}, {"ioctl": {"request": "SIOCATMARK", "equals": 1}})",
                       server),
            "");
}
TEST(ProgramOptions, ARequestThatTheHostLacksIsAnErrorWithASuggestion) {
  EXPECT_THAT(complaint_about(kLinux, R"({"ioctl": "FIONREED"})"),
              HasSubstr("did you mean \"FIONREAD\"?"));
  EXPECT_THAT(complaint_about(R"({"profile": "windows-11"})", R"({"ioctl": "SIOCOUTQ"})"),
              HasSubstr("unknown request of this host \"SIOCOUTQ\""));
}
TEST(ProgramOptions, AValueForARequestThatTakesNoneIsAnError) {
  EXPECT_THAT(complaint_about(kLinux, R"({"ioctl": {"request": "FIONREAD", "value": 1}})"),
              HasSubstr("FIONREAD takes no \"value\""));
}

// ---- flags

TEST(ProgramOptions, EveryFlagOfSendAndRecvCanBeGiven) {
  const char* server = R"([{"listen": {"port": 80}}, {"accept": {}},
      {"send": {"bytes": 3, "flags": ["MSG_MORE", "MSG_NOSIGNAL"]}},
      {"send": {"bytes": 3, "flags": ["MSG_DONTWAIT"]}}, {"sleep": "10ms"}, {"send": 4}])";
  const auto s = run_client(kLinux, R"(
      {"recv": {"bytes": 6, "flags": ["MSG_PEEK", "MSG_WAITALL"], "record": "got"}},
      {"recv": {"bytes": 10, "flags": ["MSG_WAITALL"], "record": "got"}})",
                            server);
  EXPECT_EQ(s.measure("client.got").values, (std::vector<int64_t>{6, 10}));
}

TEST(ProgramOptions, MsgOobReadsTheUrgentByteApartFromTheStream) {
  const char* server = R"([{"listen": {"port": 80}}, {"accept": {}}, {"write": {"text": "ab"}},
      {"send": {"text": "c", "flags": ["MSG_OOB"]}}])";
  const auto s = run_client(kLinux, R"({"sleep": "10ms"},
      {"recv": {"bytes": 1, "flags": ["MSG_OOB"], "record": "urgent"}},
      {"recv": {"bytes": 9, "record": "stream"}})",
                            server);
  EXPECT_EQ(s.measure("client.urgent").values, std::vector<int64_t>{1});
  EXPECT_EQ(s.measure("client.stream").values, std::vector<int64_t>{2});
}

// Five bytes have come, ten are wanted, and the time is over.
constexpr const char* kWaitsForAll = R"(
    {"setsockopt": {"option": "SO_RCVTIMEO", "value": "50ms"}},
    {"recv": {"bytes": 10, "flags": ["MSG_WAITALL"], "record": "got", "may_fail": true}},
    {"ioctl": {"request": "FIONREAD", "record": "left"}})";

TEST(ProgramOptions, MsgWaitallTakesWhatComesOnLinux) {
  const auto s = run_client(kLinux, kWaitsForAll, kSaysHello);
  EXPECT_EQ(s.measure("client.got").values, std::vector<int64_t>{5});
  EXPECT_EQ(s.measure("client.left").values, std::vector<int64_t>{0});
}
TEST(ProgramOptions, MsgWaitallLeavesDataThatTheBufferCanHoldOnMacos) {  // facts/darwin.md 2
  const auto s = run_client(R"({"profile": "macos-14"})", kWaitsForAll, kSaysHello);
  EXPECT_EQ(s.measure("client.EAGAIN").values.size(), 1U);
  EXPECT_EQ(s.measure("client.left").values, std::vector<int64_t>{5});
}
TEST(ProgramOptions, MsgWaitallBeyondTheBufferDrainsItOnMacos) {
  const auto s = run_client(R"({"profile": "macos-14"})", R"(
      {"setsockopt": {"option": "SO_RCVBUF", "value": 20000}},
      {"recv": {"bytes": 300000, "flags": ["MSG_WAITALL"], "record": "got"}})",
                            R"([{"listen": {"port": 80}}, {"accept": {}}, {"write": 300000}])");
  EXPECT_EQ(s.measure("client.got").values, std::vector<int64_t>{300000});
}
TEST(ProgramOptions, MsgWaitallEndsWithTheStreamOnMacos) {
  const auto s = run_client(R"({"profile": "macos-14"})",
                            R"({"recv": {"bytes": 10, "flags": ["MSG_WAITALL"], "record": "got"}})",
                            R"([{"listen": {"port": 80}}, {"accept": {}},
                                {"write": {"text": "hello"}}, {"close": {}}])");
  EXPECT_EQ(s.measure("client.got").values, std::vector<int64_t>{5});
}

}  // namespace
}  // namespace tcptwin

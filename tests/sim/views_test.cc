// What the tools of a host would show: netstat, lsof, ss, sysctl, at any time.
#include "sim/report/views.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/simulation.h"

namespace tcptwin {
namespace {

using support::simulate;
using support::two_hosts;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kServer = R"([{"listen": {"port": 80, "backlog": 5}}, {"accept": {}},
    {"sleep": "2s"}, {"read": 700}, {"close": {}}])";
constexpr const char* kClient =
    R"([{"connect": {"to": "b", "port": 80}}, {"write": 700}, {"sleep": "3s"}, {"close": {}}])";

std::string host_json(const std::string& profile) { return R"({"profile": ")" + profile + "\"}"; }

// A host of a run that was looked at after a second, when 700 bytes wait to be read at b.
struct LookedAt {
  scenario::Loaded loaded;
  scenario::RunResult result;

  explicit LookedAt(const std::string& host, const std::string& client = kClient,
                    std::vector<Instant> looks = {Instant() + 1s})
      : loaded(scenario::load("test", two_hosts(host, client, kServer), {})) {
    EXPECT_TRUE(loaded.ok());
    result = scenario::run(loaded.variants[0].scenario, 0, trace::Detail::kDigest, looks);
  }
  // The lines of the view at host a (0) or b (1) without their head.
  std::string lines(const std::string& view, size_t host = 1) const {
    std::string problem;
    const auto choice = report::parse_view(view, problem);
    EXPECT_TRUE(choice) << problem;
    const scenario::Snapshot& snapshot = result.looks.at(host);
    const scenario::HostSpec& spec = *loaded.variants[0].scenario.host(snapshot.host);
    const std::string text =
        report::view_text(*choice, "baseline", {snapshot, spec, catalogue::tools_of(spec.profile)});
    return text.substr(text.find('\n') + 1);
  }
};

std::string problem_of(const std::string& view) {
  std::string problem;
  EXPECT_FALSE(report::parse_view(view, problem));
  return problem;
}

TEST(Views, LinuxNetstatHasTheColumnsOfNetTools) {
  const std::string text = LookedAt(host_json("linux-6.18")).lines("netstat");
  EXPECT_THAT(text, HasSubstr("Active Internet connections (w/o servers)\n"
                              "Proto Recv-Q Send-Q Local Address           Foreign Address"
                              "         State\n"));
  EXPECT_THAT(text, ContainsRegex("\ntcp      700      0 10\\.77\\.0\\.2:80            "
                                  "10\\.77\\.0\\.1:[0-9]+  +ESTABLISHED\n"));
}
TEST(Views, MacosNetstatJoinsAddressAndPortByADot) {  // facts/darwin.md 6.4
  const std::string text = LookedAt(host_json("macos-14")).lines("netstat");
  EXPECT_THAT(text, HasSubstr("Active Internet connections\n"
                              "Proto Recv-Q Send-Q  Local Address          Foreign Address"
                              "        (state)\n"));
  EXPECT_THAT(text, ContainsRegex("\ntcp4     700      0  10\\.77\\.0\\.2\\.80           "
                                  "10\\.77\\.0\\.1\\.[0-9]+ +ESTABLISHED\n"));
}
TEST(Views, AnotherSystemsLayoutCanBeAskedFor) {
  const LookedAt run(host_json("macos-14"));
  EXPECT_EQ(run.lines("netstat"), run.lines("netstat-macos"));
  EXPECT_THAT(run.lines("netstat-linux"), HasSubstr("10.77.0.2:80"));
  EXPECT_THAT(run.lines("netstat-windows"),
              ContainsRegex("\n  TCP    10\\.77\\.0\\.2:80           10\\.77\\.0\\.1:"));
}
TEST(Views, NetstatHidesListenersUnlessAllIsAskedFor) {
  const LookedAt run(host_json("linux-6.18"));
  EXPECT_THAT(run.lines("netstat"), Not(HasSubstr("LISTEN")));
  EXPECT_THAT(run.lines("netstat-all"),
              ContainsRegex("\ntcp        0      5 0\\.0\\.0\\.0:80 +0\\.0\\.0\\.0:\\* +LISTEN\n"));
  EXPECT_THAT(run.lines("netstat-all-freebsd"), ContainsRegex("\ntcp4 +0 +5 \\*\\.80 +\\*\\.\\*"));
}
TEST(Views, LsofShowsDescriptorsWithTheStateOfTheirConnection) {
  const std::string text = LookedAt(host_json("macos-14")).lines("lsof");
  EXPECT_THAT(text, ContainsRegex("COMMAND +PID +USER +FD +TYPE +DEVICE +SIZE/OFF +NODE +NAME\n"));
  EXPECT_THAT(text, ContainsRegex("\nserver +1002 +user +4u +IPv4 +0x[0-9a-f]{16} +0t0 +TCP "
                                  "10\\.77\\.0\\.2:80->10\\.77\\.0\\.1:[0-9]+ \\(ESTABLISHED\\)"));
  EXPECT_THAT(text, HasSubstr("TCP *:80 (LISTEN)"));
}
TEST(Views, SsShowsTheNumbersOfTheConnection) {
  const std::string text = LookedAt(host_json("linux-6.18")).lines("ss", 0);
  EXPECT_THAT(text, ContainsRegex("ESTAB +0 +0 +10\\.77\\.0\\.1:[0-9]+ +10\\.77\\.0\\.2:80 "
                                  "users:\\(\\(\"client\",pid=1001,fd=3\\)\\)\n"));
  EXPECT_THAT(text, ContainsRegex("\t ts sack cubic wscale:[0-9]+,[0-9]+ rto:20[0-9.]+ rtt:2\\."));
  EXPECT_THAT(text, HasSubstr(" mss:1448 pmtu:1500 rcvmss:536 advmss:1448 cwnd:10 "
                              "bytes_acked:701 "));  // with the SYN
}
TEST(Views, SsNamesTheTimerThatRuns) {
  const std::string lost =
      R"([{"connect": {"to": "b", "port": 81}}])";  // refused at once, so look before
  const LookedAt run(host_json("linux-6.18"), lost, {Instant() + 1500us});
  EXPECT_THAT(run.lines("ss", 0), ContainsRegex("SYN-SENT .* timer:\\(on,1\\.0[0-9]{2}ms,0\\)"));
}
TEST(Views, SysctlShowsWhatTheScenarioHasSet) {
  const LookedAt run(R"({"profile": "linux-6.18", "sysctl": {"net.ipv4.tcp_syn_retries": 3}})");
  EXPECT_THAT(run.lines("sysctl"), HasSubstr("net.ipv4.tcp_syn_retries = 3\n"));
  EXPECT_THAT(LookedAt(host_json("macos-14")).lines("sysctl"),
              HasSubstr("net.inet.tcp.msl: 15000\n"));
}
TEST(Views, ALookFromOutsideChangesNothing) {
  const LookedAt without(host_json("linux-6.18"), kClient, {});
  const LookedAt often(host_json("linux-6.18"), kClient,
                       {Instant() + 1s, Instant() + 1500us, Instant() + 2s, Instant() + 1s});
  EXPECT_EQ(often.result.digest, without.result.digest);
  EXPECT_EQ(often.result.ended, without.result.ended);
  EXPECT_EQ(often.result.looks.size(), 6U);  // three times, two hosts
}
TEST(Views, ALookAfterTheEndGivesNothing) {
  const LookedAt run(host_json("linux-6.18"), kClient, {Instant() + 1s, Instant() + 2h});
  EXPECT_EQ(run.result.looks.size(), 2U);
}
TEST(Views, AnUnknownViewNamesTheNearest) {
  EXPECT_THAT(problem_of("netsat"), HasSubstr("did you mean \"netstat\"?"));
  EXPECT_THAT(problem_of("ss-linux"), HasSubstr("there is no view \"ss-linux\""));
  EXPECT_THAT(problem_of("netstat-plan9"), HasSubstr("there is no view"));
}
TEST(Views, ATimeThatIsNoneIsRejected) {
  EXPECT_THAT(problem_of("netstat@a@soon"), HasSubstr("\"soon\" is no time"));
  EXPECT_THAT(problem_of("netstat@a@-5s"), HasSubstr("\"-5s\" is no time"));
}

}  // namespace
}  // namespace tcptwin

// The program as its users meet it: exit status, messages, files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "models/json/parse.h"
#include "models/json/pointer.h"
#include "models/lwip/builds.h"
#include "tests/support/command.h"

namespace tcptwin {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

using support::Ran;
using support::tcptwin;

class Cli : public support::CommandTest {
 protected:
  void SetUp() override {
    CommandTest::SetUp();
    std::ifstream file(kScenario);
    good_ = std::string(std::istreambuf_iterator<char>(file), {});
  }

  // A copy of the good scenario with the first `from` replaced.
  std::string changed(const std::string& from, const std::string& to) {
    std::string text = good_;
    const size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos);
    text.replace(at, from.size(), to);
    return file("changed.json", text);
  }
  const std::string kScenario =
      support::source_path("traces/documents/write-write-read/scenario.json");
  const std::string kShort = " --variant baseline --set /processes/0/program/1/repeat=3 ";
  std::string good_;
};

void expect_one_line(const Ran& ran, const std::string& what) {
  EXPECT_EQ(ran.status, 3);
  EXPECT_EQ(std::count(ran.output.begin(), ran.output.end(), '\n'), 1) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr(what));
}

TEST_F(Cli, MisspeltKeyNamesPlacePointerAndSuggestion) {
  expect_one_line(
      tcptwin("run " + changed("\"uptime\"", "\"uptme\"")),
      "changed.json:8:41: /hosts/client/uptme: unknown key \"uptme\" (did you mean \"uptime\"?)");
}
TEST_F(Cli, WrongTypeNamesWhatWasExpectedAndFound) {
  expect_one_line(tcptwin("run " + changed("\"delay\": \"25us\"", "\"delay\": 25")),
                  "/links/0/delay: expected a duration such as \"40ms\", found the number 25");
}
TEST_F(Cli, DuplicateKeyNamesTheFirstOne) {
  expect_one_line(tcptwin("run " + changed("\"title\":", "\"name\":")),
                  "changed.json:4:3: /name: duplicate key \"name\": the first one is in line 3");
}
TEST_F(Cli, CutOffFileNamesTheOpenBracket) {
  expect_one_line(
      tcptwin("run " + file("cut.json", good_.substr(0, good_.find("\"variants\": {") + 13))),
      "the text ends before the '");
}
TEST_F(Cli, MissingFileSuggestsANeighbour) {
  file("scenario.json", good_);
  expect_one_line(tcptwin("run " + path("scenaro.json")), "scenario.json\"?)");
}
TEST_F(Cli, ZeroRateLinkIsRefused) {
  expect_one_line(tcptwin("run " + changed("1Gbit/s", "0bit/s")),
                  "changed.json:12:64: /links/0/rate: a link of rate 0");
}
TEST_F(Cli, UnknownProfileSuggestsOne) {
  expect_one_line(tcptwin("run " + changed("linux-6.18\"", "linux-6.81\"")),
                  "changed.json:8:27: /hosts/client/profile: unknown profile \"linux-6.81\" (did "
                  "you mean \"linux-6.18\"?)");
}
TEST_F(Cli, ErrorInAVariantNamesVariantAndOperation) {
  const Ran ran = tcptwin(
      "run " + changed("{\"setsockopt\": \"TCP_NODELAY\"}", "{\"setsokopt\": \"TCP_NODELAY\"}"));
  EXPECT_EQ(ran.status, 3);
  EXPECT_THAT(
      ran.output,
      HasSubstr("(did you mean \"setsockopt\"?) [in variant \"client-nodelay\", operation 0]"));
}
TEST_F(Cli, ErrorInSetNamesTheOption) {
  expect_one_line(tcptwin("run " + kScenario + " --set /hosts/client/set/delayed_ack/mni=10ms"),
                  "--set /hosts/client/set/delayed_ack/mni=10ms: ");
}
TEST_F(Cli, WrongOptionIsWrongUsage) { EXPECT_EQ(tcptwin("run --frobnicate").status, 2); }
TEST_F(Cli, UnknownCommandIsWrongUsage) { EXPECT_EQ(tcptwin("rnu").status, 2); }
TEST_F(Cli, UnknownVariantIsWrongUsage) {
  EXPECT_EQ(tcptwin("run " + kScenario + " --variant x").status, 2);
}
TEST_F(Cli, HelpStartsWithExamples) {
  for (const char* command : {"", "run ", "check ", "list ", "profile ", "schema ", "sweep "}) {
    const Ran ran = tcptwin(std::string(command) + "--help");
    EXPECT_EQ(ran.status, 0);
    EXPECT_THAT(ran.output, StartsWith("Examples:\n")) << command;
  }
}
TEST_F(Cli, FailedExpectationExitsWith1AndSaysHowToReplay) {
  const Ran ran = tcptwin("run " + kScenario + kShort);
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.output, HasSubstr("tcptwin run " + kScenario + " --variant baseline --set "));
}
TEST_F(Cli, CheckDemandsAnExpectationForEveryVariant) {
  expect_one_line(tcptwin("check " + changed("\"expect\": [", "\"expect\": [], \"comment\": [")),
                  "comment");
  const Ran ran = tcptwin("check " + changed("{\"metric\": \"loopback/client.round.p50\"",
                                             "{\"metric\": \"client.round.p50\""));
  EXPECT_EQ(ran.status, 3);
  EXPECT_THAT(ran.output,
              HasSubstr("/variants/loopback: no expectation names the variant \"loopback\""));
}
TEST_F(Cli, CheckAcceptsTheScenarioOfTheDocument) {
  EXPECT_EQ(tcptwin("check " + kScenario).status, 0);
}

TEST_F(Cli, SetThatDoesNotFitAVariantLeavesItOutWithAWord) {
  const Ran ran = tcptwin("run " + kScenario + " --set /hosts/server/set/delayed_ack/min=20ms");
  EXPECT_THAT(ran.output,
              HasSubstr("left out, because a --set does not fit: rfc, rfc-single-write"));
  EXPECT_THAT(ran.output, HasSubstr("\nclient-nodelay "));
  EXPECT_EQ(ran.status, 1) << "the baseline no longer takes 44 ms";
}
TEST_F(Cli, SetThatDoesNotFitTheVariantAskedForIsInvalid) {
  EXPECT_EQ(
      tcptwin("run " + kScenario + " --variant rfc --set /hosts/server/set/delayed_ack/min=20ms")
          .status,
      3);
}
TEST_F(Cli, AFailedProgramFailsTheRunUnlessItMay) {
  const std::string broken = "\"port\": 5001}}";
  EXPECT_THAT(
      tcptwin("run " + changed(broken, "\"port\": 5002}}") + " --variant single-write").output,
      HasSubstr("FAILED: single-write: client failed in connect: ECONNREFUSED"));
  EXPECT_EQ(tcptwin("run " + path("changed.json") + " --variant both-two-writes").status, 1);
}
TEST_F(Cli, CheckFindsAMeasureThatNobodyTakes) {
  const Ran ran =
      tcptwin("check " + changed("loopback/client.round.p50", "loopback/client.ruond.p50"));
  EXPECT_EQ(ran.status, 3);
  EXPECT_THAT(ran.output,
              HasSubstr("unknown measure \"client.ruond\" (did you mean \"client.round\"?)"));
}
TEST_F(Cli, CheckFindsAnUnknownStatistic) {
  const Ran ran =
      tcptwin("check " + changed("loopback/client.round.p50", "loopback/client.round.p5o"));
  EXPECT_EQ(ran.status, 3);
  EXPECT_THAT(ran.output, HasSubstr("unknown statistic \"p5o\" (did you mean \"p50\"?)"));
}
TEST_F(Cli, OneCaptureNameForSeveralScenariosIsWrongUsage) {
  EXPECT_EQ(tcptwin("run " + kScenario + " " + kScenario + " --pcap x.pcapng").status, 2);
}

TEST_F(Cli, SeveralVariantsGetACaptureEach) {
  tcptwin("run " + kScenario + kShort + "--variant single-write --pcap " + path("x.pcapng"));
  EXPECT_GT(content("x.baseline.pcapng").size(), 1000u);
  EXPECT_GT(content("x.single-write.pcapng").size(), 1000u);
}
TEST_F(Cli, OneVariantGetsTheNameAsGiven) {
  tcptwin("run " + kScenario + kShort + "--pcap " + path("x.pcapng"));
  EXPECT_GT(content("x.pcapng").size(), 1000u);
}
TEST_F(Cli, PcapIsOneFileAHost) {
  tcptwin("run " + kScenario + kShort + "--pcap " + path("x.pcap"));
  EXPECT_GT(content("x.client.pcap").size(), 500u);
  EXPECT_GT(content("x.server.pcap").size(), 500u);
}
TEST_F(Cli, CaptureOfAnUnknownKindIsWrongUsage) {
  EXPECT_EQ(tcptwin("run " + kScenario + " --pcap x.cap").status, 2);
}
TEST_F(Cli, ResultJsonIsTheSameTwiceAndHasTheSchema) {
  tcptwin("run " + kScenario + " --variant baseline --json " + path("a.json"));
  tcptwin("run " + kScenario + " --variant baseline --json " + path("b.json"));
  EXPECT_EQ(content("a.json"), content("b.json"));
  EXPECT_THAT(content("a.json"), HasSubstr("\"schema\": \"tcptwin/result/1\""));
  EXPECT_THAT(content("a.json"), HasSubstr("\"client.round\""));
}
TEST_F(Cli, JsonOnStandardOutputIsNothingElse) {
  const Ran ran = tcptwin("run " + kScenario + kShort + "--json -");
  EXPECT_THAT(ran.output, StartsWith("{"));
  EXPECT_EQ(ran.output.back(), '\n');
}
TEST_F(Cli, ExplainNamesNagleAndTheDelayedAck) {
  const Ran ran = tcptwin("run " + kScenario + kShort + "--explain");
  EXPECT_THAT(ran.output, HasSubstr("client held 10 bytes by Nagle"));
  EXPECT_THAT(ran.output, HasSubstr("while server delayed the ACK of that segment"));
}
TEST_F(Cli, ProfileDiffOfTwoProfilesExitsWith1) {
  const Ran ran = tcptwin("profile diff linux-6.18 rfc");
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.output, HasSubstr("when a small segment waits (nagle)"));
  EXPECT_EQ(tcptwin("profile diff rfc rfc").status, 0);
}
TEST_F(Cli, ProfileDiffSaysWhatDifferencesMeanAndWhereTheyAreFrom) {
  const std::string page = tcptwin("profile diff macos-14 linux-6.18").output;
  EXPECT_THAT(page, HasSubstr("TIME-WAIT lasts  30 s      1 min\n"));
  EXPECT_THAT(page, HasSubstr("TCP_NOOPT  TCP_DEFER_ACCEPT\n"));  // facts/darwin.md 1.2, 1.3
  EXPECT_THAT(page, HasSubstr("minshall: another small segment in flight\n"));
  EXPECT_THAT(page, HasSubstr("facts/darwin.md 4.1"));
}
TEST_F(Cli, ProfileDiffAsJsonHasTheSameValues) {
  const Ran ran = tcptwin("profile diff macos-14 linux-6.18 --json");
  const auto document = json::parse("output", ran.output, nullptr);
  ASSERT_TRUE(document.has_value());
  const json::Node* msl =
      json::resolve(*document, *json::Pointer::parse("/axes/close/values/~1close~1msl"));
  ASSERT_NE(msl, nullptr);
  EXPECT_EQ(msl->find("macos-14")->as_string(), "15s");
  EXPECT_EQ(msl->find("linux-6.18")->as_string(), "30s");
}
TEST_F(Cli, ProfileDiffWithLwipSaysWhatItsSettingsComeTo) {
  if (lwip::builds().empty()) GTEST_SKIP() << lwip::absence();
  const std::string page = tcptwin("profile diff lwip-2.1.3 linux-6.18").output;
  EXPECT_THAT(page, HasSubstr("at the host's next tick of 250 ms"));
  EXPECT_THAT(page, ContainsRegex("TIME-WAIT lasts +2 min +1 min\n"));
  EXPECT_THAT(page, HasSubstr("lwip-2.1.3 from: lwIP's own code"));
  // lwIP has no such rules of ours, and no defaults of them.
  EXPECT_THAT(page, Not(HasSubstr("(nagle)")));
  EXPECT_THAT(page, Not(HasSubstr("every_second_segment")));
  const std::string two = tcptwin("profile diff lwip-2.1.3 lwip-debian").output;
  EXPECT_THAT(two, ContainsRegex("largest window, bytes +2144 +65535\n"));
}
TEST_F(Cli, AProfileWithoutSettingsOfItsOwnSaysSo) {
  const std::string none = "rfc has no settings with names of their own";
  EXPECT_EQ(tcptwin("profile show rfc --sysctl").output, none + "\n");
  const std::string scenario = R"({"schema": "tcptwin/scenario/1", "name": "none", )";
  const std::string bare = file("bare.json", scenario + R"("hosts": {"a": {"profile": "rfc"}},
    "processes": []})");
  EXPECT_THAT(tcptwin("run " + bare + " --view sysctl@a").output, HasSubstr(none + "\n"));
  const std::string set = file("set.json", scenario + R"("hosts": {"a": {"profile": "rfc",
    "sysctl": {"net.ipv4.tcp_sack": 0}}}, "processes": []})");
  EXPECT_THAT(tcptwin("run " + set).output, HasSubstr(none + "; its values are changed in"));
}
TEST_F(Cli, WhatLwipDecidesCannotBeSetBesideIt) {
  if (lwip::builds().empty()) GTEST_SKIP() << lwip::absence();
  const Ran ran = tcptwin("run " + support::source_path("traces/documents/udp/scenario.json") +
                          " --variant baseline --set /hosts/client/profile=lwip-2.1.3"
                          " --set /hosts/client/set/rto/min=1s");
  EXPECT_EQ(ran.status, 3);
  EXPECT_THAT(ran.output, HasSubstr("a host with \"lwip\" has no \"rto\""));
}
TEST_F(Cli, ProfileShowListsSettingsByTheSystemsNames) {
  const Ran ran = tcptwin("profile show macos-14 --sysctl");
  EXPECT_EQ(ran.status, 0);
  EXPECT_THAT(ran.output, ContainsRegex("net.inet.tcp.msl +15000 +ms"));
}
TEST_F(Cli, SweepGivesTheSameBytesInSequenceAndInParallel) {
  const std::string sweep = "sweep " +
                            support::source_path("traces/what-if/rto-floor/scenario.json") +
                            " --vary /hosts/client/set/rto/min=50ms,200ms,1s --vary "
                            "/links/0/delay=1ms,5ms,20ms --variant baseline --variant linux-6.18 ";
  const Ran one = tcptwin(sweep + "--jobs 1 --json " + path("one.json"));
  const Ran two = tcptwin(sweep + "--jobs 2 --json " + path("two.json"));
  EXPECT_EQ(one.status, 0);
  EXPECT_EQ(one.output, two.output);
  EXPECT_EQ(content("one.json"), content("two.json"));
  EXPECT_THAT(content("one.json"), HasSubstr("\"schema\": \"tcptwin/sweep/1\""));
}
TEST_F(Cli, SweepWithoutVaryIsWrongUsage) {
  EXPECT_EQ(tcptwin("sweep " + kScenario).status, 2);
  EXPECT_EQ(tcptwin("sweep " + kScenario + " --vary /links/0/delay=1ms --jobs x").status, 2);
}
TEST_F(Cli, SweepOfAValueThatDoesNotFitIsInvalid) {
  expect_one_line(tcptwin("sweep " + kScenario + " --vary /links/0/delay=1ms,2"),
                  "--vary /links/0/delay=2: /links/0/delay: expected a duration");
}
TEST_F(Cli, AMatrixIsOneTable) {
  const Ran ran = tcptwin("run " + kScenario + kShort + "--matrix /links/0/delay=1ms,2ms");
  EXPECT_THAT(ran.output, MatchesRegex("/links/0/delay  client.round.p50  client.round.max  held\n"
                                       "1ms [^\n]*[0-9]/[0-9]\n2ms [^\n]*[0-9]/[0-9]\n"));
}
TEST_F(Cli, AColumnOfAMatrixThatNobodyMeasuresIsWrongUsage) {
  const std::string run = "run " + kScenario + kShort;
  EXPECT_THAT(tcptwin(run + "--matrix /links/0/delay=1ms --metric client.rund").output,
              HasSubstr("nothing is measured as \"client.rund\" (did you mean \"client.round\"?)"));
  EXPECT_EQ(tcptwin(run + "--metric client.round").status, 2);
}
TEST_F(Cli, JsonOfAMatrixIsAnArray) {
  tcptwin("run " + kScenario + kShort + "--matrix /links/0/delay=1ms,2ms --json " + path("m.json"));
  EXPECT_THAT(content("m.json"), StartsWith("["));
}
TEST_F(Cli, OneCaptureNameForAMatrixIsWrongUsage) {
  EXPECT_EQ(tcptwin("run " + kScenario + " --matrix /links/0/delay=1ms,2ms --pcap x.pcapng").status,
            2);
}
TEST_F(Cli, ProfileListNamesBoth) {
  const Ran ran = tcptwin("profile list");
  EXPECT_THAT(ran.output, HasSubstr("linux-6.18"));
  EXPECT_THAT(ran.output, HasSubstr("rfc"));
}

TEST_F(Cli, AMisplacedOptionIsAWarningAndNoError) {
  const std::string wrong =
      changed(R"({"shutdown": "write"},)",
              R"({"setsockopt": {"level": "IPPROTO_TCP", "option": "SO_KEEPALIVE"}},
                 {"shutdown": "write"},)");
  const Ran check = tcptwin("check " + wrong);
  EXPECT_EQ(check.status, 0);
  EXPECT_THAT(check.output, HasSubstr(": warning: client names SO_KEEPALIVE, an option of "));
  EXPECT_THAT(check.output, ContainsRegex("on linux-[^\n]*: 9, which is TCP_DEFER_ACCEPT"));
  const Ran run =
      tcptwin("run " + wrong + " --variant baseline --set /processes/0/program/1/repeat=3");
  EXPECT_THAT(run.output, HasSubstr("tcptwin: warning: client names SO_KEEPALIVE"));
}
TEST_F(Cli, AViewShowsTheSocketsThatAreLeft) {
  const Ran ran = tcptwin("run " + kScenario + kShort + "--view netstat-all@server");
  EXPECT_EQ(ran.status, 1);  // three rounds are not what is expected
  EXPECT_THAT(ran.output, ContainsRegex("baseline, server at .*: netstat -tuan\n"));
  EXPECT_THAT(ran.output, ContainsRegex("tcp +0 +128 +0.0.0.0:5001 +0.0.0.0:\\* +LISTEN"));
}
TEST_F(Cli, AViewAtATimeShowsTheHostThenAndInTheJson) {
  const Ran ran = tcptwin("run " + kScenario + kShort + "--view netstat@client@50ms");
  EXPECT_THAT(ran.output, ContainsRegex("baseline, client at 50 ?ms: netstat -tn\n"));
  EXPECT_THAT(ran.output, ContainsRegex("10.77.0.2:5001 +ESTABLISHED"));
  const Ran json = tcptwin("run " + kScenario + kShort + "--json - --view ss@client@50ms");
  json::Diagnostic error;
  const auto result = json::parse("result", json.output, &error);
  ASSERT_TRUE(result) << json::to_string(error);
  const json::Node* views =
      json::resolve(*result, *json::Pointer::parse("/variants/baseline/views"));
  ASSERT_NE(views, nullptr);
  EXPECT_EQ(views->items()[0].find("at_ns")->as_integer(), 50'000'000);
  EXPECT_GE(views->items()[0].find("lines")->items().size(), 3U);
}
TEST_F(Cli, AViewThatDoesNotExistIsRejected) {
  const Ran ran = tcptwin("run " + kScenario + " --view netsat");
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.output, HasSubstr("--view netsat: there is no view \"netsat\" (did you mean "
                                    "\"netstat\"?)"));
}
TEST_F(Cli, AViewOfNoHostIsRejected) {
  const Ran ran = tcptwin("run " + kScenario + " --variant baseline --view netstat@clint");
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.output, HasSubstr("--view netstat@clint: there is no host \"clint\""));
}
TEST_F(Cli, AViewAfterTheEndIsRejected) {
  const Ran ran = tcptwin("run " + kScenario + kShort + "--view netstat@client@30h");
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.output, ContainsRegex("--view netstat@client@30h: the run ended before, at "));
}

}  // namespace
}  // namespace tcptwin

// Threads, mutexes, limits and the end of a process in programs of scenario files, and sockets with
// an index.
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

support::Simulation run_client(const std::string& program, const std::string& server = kAccepts,
                               const std::string& process_extra = "",
                               const std::string& host = kLinux) {
  std::string text = two_hosts(host, "[" + program + "]", server);
  text.insert(text.find("\"program\""), process_extra);
  return simulate(text);
}
std::string complaint_about(const std::string& program) {
  const auto loaded = scenario::load("test", two_hosts(kLinux, "[" + program + "]", kAccepts), {});
  return loaded.diagnostics.empty() ? "" : json::to_string(loaded.diagnostics.front());
}

// ---- sockets with an index

TEST(ProgramThreads, ARepeatOpensManySocketsAndClosesThem) {
  const auto s = run_client(R"({"repeat": 300, "index": "i", "do": [
        {"connect": {"to": "b", "port": 80, "as": "conn[i]", "record": "connected"}}]},
      {"write": {"bytes": 7, "socket": "conn[299]"}},
      {"repeat": 300, "index": "k", "do": [{"close": {"socket": "conn[k]", "record": "closed"}}]})",
                            R"([{"listen": {"port": 80, "backlog": 400}}])");
  EXPECT_EQ(s.result.processes[0].outcome.failure, "");
  EXPECT_EQ(s.measure("client.connected").values.size(), 300U);
  EXPECT_EQ(s.measure("client.closed").values.size(), 300U);
}
TEST(ProgramThreads, EmptyBracketsAreAllOfThem) {
  const auto s = run_client(R"({"repeat": 3, "index": "i", "do": [
        {"connect": {"to": "b", "port": 80, "as": "conn[i]"}}]},
      {"poll": {"sockets": ["conn[]"], "for": "POLLOUT", "record": "ready"}})",
                            R"([{"listen": {"port": 80}}])");
  EXPECT_EQ(s.measure("client.ready").values, std::vector<int64_t>{3});
}
TEST(ProgramThreads, AnIndexThatNoRepeatHasIsAnErrorWithASuggestion) {
  EXPECT_THAT(complaint_about(R"({"repeat": 3, "index": "round", "do": [
                {"connect": {"to": "b", "port": 80, "as": "conn[rond]"}}]})"),
              HasSubstr("no repeat around this has the index \"rond\" (did you mean \"round\"?)"));
}
TEST(ProgramThreads, AllOfThemWhereOneIsMeantIsAnError) {
  EXPECT_THAT(complaint_about(R"({"repeat": 3, "index": "i", "do": [
                {"connect": {"to": "b", "port": 80, "as": "conn[i]"}}]}, {"close": "conn[]"})"),
              HasSubstr("this takes one"));
}
TEST(ProgramThreads, ANameThatWasGivenWithAnIndexNeedsOne) {
  EXPECT_THAT(complaint_about(R"({"connect": {"to": "b", "port": 80, "as": "conn[0]"}},
                {"close": "conn"})"),
              HasSubstr("no operation before this one makes a socket called \"conn\""));
}
TEST(ProgramThreads, ARepeatIsForeverOrANumber) {
  EXPECT_THAT(complaint_about(R"({"repeat": "always", "do": []})"),
              HasSubstr("a number of rounds, or \"forever\""));
}

TEST(ProgramThreads, ARepeatForeverNeedsACallInEveryRound) {
  for (const char* body : {"[]", R"([{"lock": "m"}, {"unlock": "m"}])",
                           R"([{"if_ready": "s", "do": [{"sleep": "1s"}]}])"}) {
    EXPECT_THAT(complaint_about(R"({"socket": {"as": "s"}}, {"repeat": "forever", "do": )" +
                                std::string(body) + "}"),
                HasSubstr("nothing in it takes time in every round"))
        << body;
  }
}

// ---- threads

TEST(ProgramThreads, ThreadsSleepAtTheSameTimeAndJoinWaitsForAll) {
  const auto s = run_client(R"({"measure": "both", "do": [
      {"repeat": 2, "do": [{"spawn": "sleeper", "do": [{"sleep": "100ms"}]}]},
      {"join": "sleeper"}]})");
  EXPECT_GE(s.measure("client.both").values.front(), 100'000'000);
  EXPECT_LT(s.measure("client.both").values.front(), 150'000'000);
}
TEST(ProgramThreads, AThreadHasTheSocketThatItsMakerNamed) {
  const char* server = R"([{"listen": {"port": 80}}, {"repeat": 2, "do": [
      {"accept": {"as": "conn"}},
      {"spawn": "worker", "do": [
        {"loop": [{"recv": {"bytes": 10, "socket": "conn", "record": "got"}}]},
        {"close": "conn"}]}]}, {"join": "worker"}])";
  const auto s = run_client(R"({"connect": {"to": "b", "port": 80, "as": "one"}},
      {"connect": {"to": "b", "port": 80, "as": "two"}},
      {"write": {"bytes": 3, "socket": "one"}}, {"write": {"bytes": 4, "socket": "two"}},
      {"close": "one"}, {"close": "two"})",
                            server);
  EXPECT_THAT(s.measure("server.got").values, testing::UnorderedElementsAre(3, 4));
  EXPECT_EQ(s.result.processes[1].outcome.end, app::ProcessOutcome::End::kFinished);
}
TEST(ProgramThreads, AThreadMayEndALoopOfItsOwnOnly) {
  const char* server = R"([{"listen": {"port": 80}}, {"accept": {}},
      {"loop": [{"spawn": "reader", "do": [{"recv": 10}, {"send": {"bytes": 1,
          "record": "after"}}]}, {"sleep": "50ms"}, {"recv": 10}]}])";
  const auto s =
      run_client(R"({"connect": {"to": "b", "port": 80}}, {"shutdown": "write"})", server);
  EXPECT_EQ(s.measure("server.after").values.size(), 1U);
}
TEST(ProgramThreads, AThreadThatFailsEndsTheProgramAtItsNextOperation) {
  const auto s = run_client(R"({"spawn": "bad", "do": [
        {"connect": {"to": "b", "port": 81}}]}, {"join": "bad"},
      {"socket": {"as": "late", "record": "after"}})");
  EXPECT_EQ(s.result.processes[0].outcome.failure, "connect: ECONNREFUSED");
  EXPECT_EQ(s.result.metrics.count("client.after"), 0U);
}
TEST(ProgramThreads, AMutexKeepsThreadsApart) {
  const auto s = run_client(R"({"measure": "both", "do": [
      {"repeat": 2, "do": [{"spawn": "holder", "do": [
        {"lock": "m"}, {"sleep": "100ms"}, {"unlock": "m"}]}]},
      {"join": "holder"}]})");
  EXPECT_GE(s.measure("client.both").values.front(), 200'000'000);
}
TEST(ProgramThreads, UnlockingAMutexOfSomebodyElseFailsWithEperm) {
  EXPECT_EQ(run_client(R"({"unlock": {"mutex": "m", "expect_error": "EPERM"}})")
                .result.processes[0]
                .outcome.failure,
            "");
}
TEST(ProgramThreads, JoinNeedsAName) {
  EXPECT_THAT(complaint_about(R"({"join": {}})"), HasSubstr("missing key \"thread\""));
}
TEST(ProgramThreads, JoinOfAThreadThatNothingSpawnsIsAnErrorWithASuggestion) {
  EXPECT_THAT(complaint_about(R"({"spawn": "worker", "do": []}, {"join": "woker"})"),
              HasSubstr("did you mean \"worker\"?"));
}

// ---- limits and the end

TEST(ProgramThreads, SetrlimitMakesTheNextDescriptorFailWithEmfile) {
  const auto s = run_client(R"({"setrlimit": 5}, {"socket": {"as": "a"}}, {"socket": {"as": "b"}},
      {"socket": {"as": "c", "expect_error": "EMFILE"}})");
  EXPECT_EQ(s.result.processes[0].outcome.failure, "");
}
TEST(ProgramThreads, TheHardLimitOnlyFalls) {
  const auto s = run_client(R"({"setrlimit": {"descriptors": 5, "hard": 10}},
      {"setrlimit": 10}, {"setrlimit": {"descriptors": 11, "expect_error": "EPERM"}},
      {"setrlimit": {"descriptors": 5, "hard": 11, "expect_error": "EPERM"}},
      {"setrlimit": {"descriptors": 9, "hard": 8, "expect_error": "EINVAL"}})");
  EXPECT_EQ(s.result.processes[0].outcome.failure, "");
}
TEST(ProgramThreads, AListenerOnPortZeroGetsAnEphemeralPort) {
  const auto s = run_client(R"({"listen": {"port": 0}}, {"snapshot": "there"})");
  ASSERT_EQ(s.result.snapshots.size(), 1U);
  EXPECT_GE(static_cast<int>(s.result.snapshots[0].sockets[0].row.local.port), 32768);
}
TEST(ProgramThreads, ExitProcessClosesEverythingAndEndsAllThreads) {
  const char* server = R"([{"listen": {"port": 80}}, {"accept": {}}, {"recv": {"bytes": 1,
      "record": "got"}, "at_end": [{"close": {"record": "ended"}}]}])";
  const auto s = run_client(R"({"connect": {"to": "b", "port": 80}},
      {"spawn": "other", "do": [{"exit_process": {}}]}, {"recv": 1},
      {"send": {"bytes": 1, "record": "after"}})",
                            server);
  EXPECT_EQ(s.result.processes[0].outcome.end, app::ProcessOutcome::End::kFinished);
  EXPECT_EQ(s.result.metrics.count("client.after"), 0U);
  EXPECT_EQ(s.measure("server.ended").values.size(), 1U);
}
TEST(ProgramThreads, ExitProcessTakesNoArgument) {
  EXPECT_THAT(complaint_about(R"({"exit_process": 1})"), HasSubstr("it takes no argument"));
}

// ---- SIGPIPE

constexpr const char* kBreaks = R"([{"listen": {"port": 80}}, {"accept": {}}, {"close": {}},
    {"sleep": "1s"}])";
constexpr const char* kSendsTwice = R"({"connect": {"to": "b", "port": 80}}, {"sleep": "10ms"},
    {"send": 1}, {"sleep": "10ms"}, {"send": {"bytes": 1, "may_fail": true}},
    {"send": {"bytes": 1, "may_fail": true}}, {"sleep": {"for": "1ms"}})";

TEST(ProgramThreads, SigpipeIsIgnoredUnlessTheProcessSaysOtherwise) {
  const auto s = run_client(kSendsTwice, kBreaks);
  EXPECT_EQ(s.result.processes[0].outcome.failure, "");
  EXPECT_GE(s.measure("client.EPIPE").values.size(), 1U);
}
TEST(ProgramThreads, SigpipeEndsAProcessThatDoesNotIgnoreIt) {
  const auto s = run_client(kSendsTwice, kBreaks, R"("sigpipe": "ends", )");
  EXPECT_EQ(s.result.processes[0].outcome.failure, "send: EPIPE, killed by SIGPIPE");
}
TEST(ProgramThreads, MsgNosignalKeepsSigpipeAway) {
  std::string program = kSendsTwice;
  for (size_t at = 0; (at = program.find("\"may_fail\": true", at)) != std::string::npos;
       at += 40) {
    program.insert(at, "\"flags\": [\"MSG_NOSIGNAL\"], ");
  }
  const auto s = run_client(program, kBreaks, R"("sigpipe": "ends", )");
  EXPECT_EQ(s.result.processes[0].outcome.failure, "");
}
TEST(ProgramThreads, SoNosigpipeKeepsSigpipeAwayOnMacos) {
  const std::string program = std::string(kSendsTwice)
                                  .insert(std::string(kSendsTwice).find("{\"sleep\""),
                                          R"({"setsockopt": "SO_NOSIGPIPE"}, )");
  for (const auto& [text, ends] : {std::pair{std::string(kSendsTwice), true}, {program, false}}) {
    const auto s =
        run_client(text, kBreaks, R"("sigpipe": "ends", )", R"({"profile": "macos-14"})");
    EXPECT_EQ(s.result.processes[0].outcome.failure.empty(), !ends);
  }
}

}  // namespace
}  // namespace tcptwin

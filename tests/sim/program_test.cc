// What the operations of scenario programs do, and what is said about those that make no sense.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "sim/expect/evaluate.h"
#include "sim/scenario/operations.h"
#include "tests/support/simulation.h"

namespace tcptwin {
namespace {

using support::simulate;
using support::two_hosts;
using testing::HasSubstr;

constexpr const char* kLinux = R"({"profile": "linux-6.18"})";
constexpr const char* kAccepts = R"([{"listen": {"port": 80}}, {"accept": {}}])";

// The first complaint about a client program.
std::string complaint(const std::string& client) {
  const auto loaded = scenario::load("test", two_hosts(kLinux, client, kAccepts), {});
  return loaded.diagnostics.empty() ? "" : json::to_string(loaded.diagnostics.front());
}

TEST(Program, AFlagThatTheHostLacksIsAnErrorWithASuggestion) {
  EXPECT_THAT(complaint(R"([{"connect": {"to": "b", "port": 80}},
                            {"send": {"bytes": 1, "flags": ["MSG_MORRE"]}}])"),
              HasSubstr("did you mean \"MSG_MORE\"?"));
}
TEST(Program, AnErrorThatDoesNotExistIsAnErrorWithASuggestion) {
  EXPECT_THAT(complaint(R"([{"connect": {"to": "b", "port": 80, "expect_error": "ECONREFUSED"}}])"),
              HasSubstr("did you mean \"ECONNREFUSED\"?"));
}
TEST(Program, ListenWithoutAPortNeedsABindBefore) {
  EXPECT_THAT(complaint(R"([{"listen": {}}])"), HasSubstr("missing \"port\""));
}

// Every complaint about a client program of one operation on a system that has all of them.
std::string complaints_about(const scenario::Operation& op, const std::string& arguments) {
  const std::string key = op.key;
  const bool kqueue = key.find("kq") == 0 || key.find("kev") == 0;
  const auto loaded = scenario::load("test",
                                     two_hosts(kqueue ? R"({"profile": "freebsd-14"})" : kLinux,
                                               "[{\"" + key + "\": " + arguments + "}]", kAccepts),
                                     {});
  std::string all;
  for (const auto& d : loaded.diagnostics) all += json::to_string(d) + "\n";
  return all;
}
TEST(Program, EveryOperationRejectsAnUnknownKey) {
  for (const scenario::Operation& op : scenario::operations()) {
    EXPECT_THAT(complaints_about(op, R"({"nonsense": 1})"), HasSubstr("unknown key \"nonsense\""))
        << op.key;
  }
}
TEST(Program, EveryOperationRejectsAnArgumentOfTheWrongType) {
  for (const scenario::Operation& op : scenario::operations()) {
    const std::string bare = op.bare == nullptr ? "nothing" : op.bare;
    EXPECT_THAT(complaints_about(op, "{\"" + bare + R"(": [[1]]})"),
                testing::AnyOf(HasSubstr("expected"), HasSubstr("unknown key")))
        << op.key;
  }
}

TEST(Program, AnExpectedErrorDoesNotEndIt) {
  const auto s = simulate(two_hosts(
      kLinux,
      R"([{"connect": {"to": "b", "port": 81, "expect_error": "ECONNREFUSED"}}, {"close": {}}])",
      kAccepts));
  EXPECT_EQ(s.result.processes[0].outcome.end, app::ProcessOutcome::End::kFinished);
  EXPECT_EQ(s.measure("client.ECONNREFUSED").values.size(), 1U);
}
TEST(Program, AnotherErrorThanTheExpectedOneEndsIt) {
  const auto s = simulate(two_hosts(
      kLinux, R"([{"connect": {"to": "b", "port": 81, "expect_error": "ETIMEDOUT"}}])", kAccepts));
  EXPECT_EQ(s.result.processes[0].outcome.failure, "connect: ECONNREFUSED, expected ETIMEDOUT");
}
TEST(Program, SuccessWhereAnErrorWasExpectedEndsIt) {
  const auto s = simulate(two_hosts(
      kLinux, R"([{"connect": {"to": "b", "port": 80, "expect_error": "ETIMEDOUT"}}])", kAccepts));
  EXPECT_EQ(s.result.processes[0].outcome.failure, "connect: succeeded, expected ETIMEDOUT");
}

TEST(Program, ConnectBindsThePortItIsToComeFrom) {
  const auto s = simulate(
      two_hosts(kLinux, R"([{"connect": {"to": "b", "port": 80, "from_port": 4711}}])", kAccepts));
  const auto& first = std::get<trace::PacketSent>(
      std::find_if(
          s.result.journal->records().begin(), s.result.journal->records().end(),
          [](const trace::Record& r) { return std::holds_alternative<trace::PacketSent>(r.event); })
          ->event);
  EXPECT_EQ(first.packet.tcp.source, wire::Port{4711});
}
TEST(Program, AnOptionSetOnASocketBeforeItConnectsShowsInTheSyn) {
  const auto s =
      simulate(two_hosts(kLinux,
                         R"([{"socket": {}}, {"setsockopt": {"option": "SO_RCVBUF", "value": 4000}},
                              {"connect": {"to": "b", "port": 80}}])",
                         kAccepts));
  const auto usual =
      simulate(two_hosts(kLinux, R"([{"connect": {"to": "b", "port": 80}}])", kAccepts));
  EXPECT_NE(s.packets().front(), usual.packets().front());
}
TEST(Program, FillRecordsHowMuchWasTakenBeforeEagain) {
  const auto s = simulate(two_hosts(kLinux,
                                    R"([{"connect": {"to": "b", "port": 80}},
                                        {"fill": {"bytes": 4096, "record": "taken"}}])",
                                    kAccepts));
  EXPECT_EQ(s.result.processes[0].outcome.failure, "");
  EXPECT_GT(s.measure("client.taken").values.front(), 4096);
}
TEST(Program, PollSleepsUntilItsTimeIsOver) {
  const auto s = simulate(two_hosts(kLinux,
                                    R"([{"connect": {"to": "b", "port": 80}},
        {"measure": "wait", "do": [
          {"poll": {"for": "POLLIN", "timeout": "100ms", "record": "ready"}}]}])",
                                    kAccepts));
  EXPECT_EQ(s.measure("client.ready").values.front(), 0);
  EXPECT_GE(s.measure("client.wait").values.front(), 100'000'000);
}
TEST(Program, APeekedByteIsReadAgain) {
  const auto s = simulate(two_hosts(kLinux,
                                    R"([{"connect": {"to": "b", "port": 80}},
        {"recv": {"bytes": 9, "flags": ["MSG_PEEK"], "record": "got"}},
        {"recv": {"bytes": 9, "record": "got"}}])",
                                    R"([{"listen": {"port": 80}}, {"accept": {}}, {"send": 5}])"));
  EXPECT_EQ(s.measure("client.got").values, (std::vector<int64_t>{5, 5}));
}
TEST(Program, AnErrorEndsALoopOfAProgramThatGoesOn) {
  std::string text = two_hosts(
      kLinux, R"([{"connect": {"to": "b", "port": 81}}, {"loop": [{"recv": 10}]}])", kAccepts);
  text.insert(text.find("\"program\""), R"("goes_on": true, )");
  const auto s = simulate(text);
  EXPECT_EQ(s.result.processes[0].outcome.end, app::ProcessOutcome::End::kFinished);
}

}  // namespace
}  // namespace tcptwin

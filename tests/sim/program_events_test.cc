// The operations that wait for several sockets, and the blocks that look at what was ready.
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
constexpr const char* kQueue = R"({"connect": {"to": "b", "port": 80}}, {"epoll_create": {}}, )";

support::Simulation run_client(const std::string& program, const std::string& server,
                               const std::string& host = kLinux) {
  return simulate(two_hosts(host, "[" + program + "]", server));
}
std::string complaint_about(const std::string& program, const std::string& host = kLinux) {
  const auto loaded = scenario::load("test", two_hosts(host, "[" + program + "]", kAccepts), {});
  return loaded.diagnostics.empty() ? "" : json::to_string(loaded.diagnostics.front());
}

// ---- select

TEST(ProgramEvents, SelectRecordsHowManyBitsAreSet) {
  const auto s = run_client(R"({"connect": {"to": "b", "port": 80}}, {"sleep": "10ms"},
      {"select": {"read": ["socket"], "write": ["socket"], "record": "bits"}})",
                            kSaysHello);
  EXPECT_EQ(s.measure("client.bits").values, std::vector<int64_t>{2});
}
TEST(ProgramEvents, SelectWithoutASetIsAnError) {
  EXPECT_THAT(complaint_about(R"({"connect": {"to": "b", "port": 80}}, {"select": {}})"),
              HasSubstr("missing \"read\", \"write\" or \"except\""));
}
TEST(ProgramEvents, SelectSleepsUntilItsTimeIsOver) {
  const auto s = run_client(R"({"connect": {"to": "b", "port": 80}}, {"measure": "wait", "do": [
      {"select": {"read": ["socket"], "timeout": "100ms", "record": "bits"}}]})",
                            kAccepts);
  EXPECT_EQ(s.measure("client.bits").values, std::vector<int64_t>{0});
  EXPECT_GE(s.measure("client.wait").values.front(), 100'000'000);
}

// ---- epoll

// How many answers two epoll_wait in a row give, with nothing read between them.
std::vector<int64_t> two_waits(const std::string& events) {
  const auto s = run_client(kQueue + (R"({"epoll_ctl": {"add": "socket", "for": )" + events +
                                      R"(}}, {"sleep": "10ms"},
      {"epoll_wait": {"timeout": "1ms", "record": "ready"}},
      {"epoll_wait": {"timeout": "1ms", "record": "ready"}})"),
                            kSaysHello);
  return s.measure("client.ready").values;
}
TEST(ProgramEvents, ALevelTriggeredEpollTellsAgain) {
  EXPECT_EQ(two_waits(R"("EPOLLIN")"), (std::vector<int64_t>{1, 1}));
}
TEST(ProgramEvents, AnEdgeTriggeredEpollTellsOnce) {
  EXPECT_EQ(two_waits(R"(["EPOLLIN", "EPOLLET"])"), (std::vector<int64_t>{1, 0}));
}
TEST(ProgramEvents, AOneShotEpollIsSilentUntilItIsModified) {
  const auto s =
      run_client(std::string(kQueue) +
                     R"({"epoll_ctl": {"add": "socket", "for": ["EPOLLIN", "EPOLLONESHOT"]}},
      {"sleep": "10ms"},
      {"epoll_wait": {"timeout": "1ms", "record": "ready"}},
      {"epoll_wait": {"timeout": "1ms", "record": "ready"}},
      {"epoll_ctl": {"modify": "socket", "for": ["EPOLLIN", "EPOLLONESHOT"]}},
      {"epoll_wait": {"timeout": "1ms", "record": "ready"}})",
                 kSaysHello);
  EXPECT_EQ(s.measure("client.ready").values, (std::vector<int64_t>{1, 0, 1}));
}
TEST(ProgramEvents, ASocketThatWasRemovedTellsNothing) {
  const auto s = run_client(std::string(kQueue) +
                                R"({"epoll_ctl": {"add": "socket"}}, {"sleep": "10ms"},
      {"epoll_ctl": {"remove": "socket"}}, {"epoll_wait": {"timeout": "1ms", "record": "ready"}},
      {"epoll_ctl": {"remove": "socket", "expect_error": "ENOENT"}})",
                            kSaysHello);
  EXPECT_EQ(s.measure("client.ready").values, std::vector<int64_t>{0});
  EXPECT_EQ(s.result.processes[0].outcome.failure, "");
}
TEST(ProgramEvents, EpollOnASystemWithoutItIsAnErrorThatNamesWhatItHas) {
  EXPECT_THAT(complaint_about(R"({"epoll_create": {}})", R"({"profile": "macos-14"})"),
              HasSubstr("this host has no epoll; it has kqueue, poll and select"));
  EXPECT_THAT(complaint_about(R"({"epoll_create": {}})", R"({"profile": "windows-11"})"),
              HasSubstr("it has poll and select"));
}
TEST(ProgramEvents, AChangeWithoutASocketIsAnError) {
  EXPECT_THAT(complaint_about(R"({"epoll_create": {}}, {"epoll_ctl": {}})"),
              HasSubstr("expected one of \"add\", \"modify\", \"remove\""));
}
TEST(ProgramEvents, AnEventThatDoesNotExistIsAnErrorWithASuggestion) {
  EXPECT_THAT(complaint_about(std::string(kQueue) +
                              R"({"epoll_ctl": {"add": "socket", "for": "EPOLLINN"}})"),
              HasSubstr("did you mean \"EPOLLIN\"?"));
}

// ---- kqueue

TEST(ProgramEvents, AKqueueKeepsReadingAndWritingApart) {
  const auto s = run_client(R"({"connect": {"to": "b", "port": 80}}, {"kqueue": {}},
      {"kevent": {"add": "socket", "filter": "EVFILT_READ"}},
      {"kevent": {"add": "socket", "filter": "EVFILT_WRITE", "flags": "EV_CLEAR"}},
      {"sleep": "10ms"},
      {"kevent": {"timeout": "1ms", "record": "ready"}},
      {"kevent": {"timeout": "1ms", "record": "ready"}})",
                            kSaysHello, R"({"profile": "freebsd-14"})");
  EXPECT_EQ(s.measure("client.ready").values, (std::vector<int64_t>{2, 1}));
}
TEST(ProgramEvents, KqueueOnLinuxIsAnError) {
  EXPECT_THAT(complaint_about(R"({"kqueue": {}})"),
              HasSubstr("this host has no kqueue; it has epoll, poll and select"));
}
TEST(ProgramEvents, TwoFiltersInOneChangeAreAnError) {
  EXPECT_THAT(complaint_about(R"({"connect": {"to": "b", "port": 80}}, {"kqueue": {}},
      {"kevent": {"add": "socket", "filter": ["EVFILT_READ", "EVFILT_WRITE"]}})",
                              R"({"profile": "macos-14"})"),
              HasSubstr("one \"filter\" a change"));
}

// ---- each_ready, if_ready, at_end

// A server that takes two connections in one event loop and reads what comes until both have ended.
constexpr const char* kEventLoop = R"([{"listen": {"port": 80}}, {"epoll_create": {}},
    {"epoll_ctl": {"add": "listener"}},
    {"repeat": "forever", "do": [
      {"epoll_wait": {}},
      {"if_ready": "listener", "do": [{"accept": {"as": "conn"}}, {"epoll_ctl": {"add": "conn"}}]},
      {"each_ready": "conn", "except": ["listener"], "do": [
        {"recv": {"bytes": 1000, "socket": "conn", "record": "got"}, "at_end": [{"close": {"socket": "conn",
          "record": "closed"}}]}]}]}])";

TEST(ProgramEvents, AnEventLoopServesWhatIsReady) {
  const auto s = run_client(R"({"connect": {"to": "b", "port": 80, "as": "one"}},
      {"connect": {"to": "b", "port": 80, "as": "two"}}, {"sleep": "10ms"},
      {"write": {"bytes": 10, "socket": "two"}}, {"sleep": "10ms"},
      {"write": {"bytes": 20, "socket": "one"}}, {"sleep": "10ms"},
      {"close": "one"}, {"close": "two"})",
                            kEventLoop);
  EXPECT_EQ(s.measure("server.got").values, (std::vector<int64_t>{10, 20}));
  EXPECT_EQ(s.measure("server.closed").values.size(), 2U);
}
TEST(ProgramEvents, TheEndOfAStreamEndsTheTurnOfItsSocketOnly) {
  const auto s = run_client(R"({"connect": {"to": "b", "port": 80, "as": "one"}},
      {"connect": {"to": "b", "port": 80, "as": "two"}}, {"sleep": "10ms"},
      {"shutdown": {"socket": "one"}}, {"write": {"bytes": 4, "socket": "two"}})",
                            R"([{"listen": {"port": 80}}, {"accept": {"as": "a"}},
      {"accept": {"as": "b"}}, {"sleep": "100ms"}, {"poll": {"sockets": ["a", "b"]}},
      {"each_ready": "conn", "do": [{"recv": {"bytes": 9, "socket": "conn", "record": "got"}},
        {"send": {"bytes": 1, "socket": "conn", "record": "answered"}}]}])");
  EXPECT_EQ(s.measure("server.got").values, std::vector<int64_t>{4});
  EXPECT_EQ(s.measure("server.answered").values.size(), 1U);
}
TEST(ProgramEvents, IfReadyOfAnEventThatDidNotHappenDoesNothing) {
  const auto s = run_client(R"({"connect": {"to": "b", "port": 80}},
      {"poll": {"for": ["POLLIN", "POLLOUT"]}},
      {"if_ready": "socket", "for": "POLLIN", "do": [{"send": {"bytes": 1, "record": "in"}}]},
      {"if_ready": "socket", "for": "POLLOUT", "do": [{"send": {"bytes": 1, "record": "out"}}]})",
                            kAccepts);
  EXPECT_EQ(s.result.metrics.count("client.in"), 0U);
  EXPECT_EQ(s.result.metrics.count("client.out"), 1U);
}
TEST(ProgramEvents, AtEndBelongsToAReadOnly) {
  EXPECT_THAT(complaint_about(R"({"connect": {"to": "b", "port": 80}}, {"send": 1, "at_end": []})"),
              HasSubstr("one operation an object"));
}

}  // namespace
}  // namespace tcptwin

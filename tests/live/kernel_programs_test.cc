// Programs of scenarios over this machine's own kernel.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "tests/live/kernel_lab.h"
#include "tests/support/paths.h"
#include "tun/failure.h"

namespace tcptwin::live {
namespace {

using app::ProcessOutcome;
using testing::Contains;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

constexpr auto kLong = std::chrono::seconds(10);

class KernelPrograms : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto why = lacking()) GTEST_SKIP() << *why;
  }
};

std::string process(const std::string& name, const std::string& program,
                    const std::string& extra = "") {
  return R"({"name": ")" + name + R"(", "host": "a", )" + extra + R"("program": [)" + program +
         "]}";
}
std::string client_and_server(const std::string& client, const std::string& server,
                              const std::string& extra = "") {
  return "[" + process("client", client, R"("start": "200ms", )" + extra) + ", " +
         process("server", server, extra) + "]";
}

TEST_F(KernelPrograms, WhatIsWrittenIsRead) {
  const LabRun run = run_programs(
      client_and_server(R"({"connect": {"to": "a", "port": 7}}, {"write": 100000}, {"read": 5},
                           {"close": {}})",
                        R"({"listen": 7}, {"accept": {}}, {"read": 100000},
                           {"write": {"text": "hello"}}, {"close": {}})"),
      kLong);
  EXPECT_EQ(run.processes.at("client").outcome.end, ProcessOutcome::End::kFinished);
  EXPECT_EQ(run.processes.at("server").outcome.end, ProcessOutcome::End::kFinished);
  EXPECT_THAT(run.processes.at("client").calls,
              ElementsAre("socket = 3", "connect = 0", "send(100000) = 100000", "recv(5) = 5",
                          "close = 0"));
  EXPECT_EQ(run.metrics.at("client.elapsed").values.size(), 1U);
}

TEST_F(KernelPrograms, AClosedPortRefuses) {
  const LabRun run =
      run_programs("[" + process("client", R"({"connect": {"to": "a", "port": 7}})") + "]", kLong);
  EXPECT_EQ(run.processes.at("client").outcome.failure, "connect: ECONNREFUSED");
}

TEST_F(KernelPrograms, WritingToAReaderThatIsGoneIsABrokenPipeAndKillsNobody) {
  const LabRun run = run_programs(
      client_and_server(R"({"connect": {"to": "a", "port": 7}}, {"write": 10}, {"sleep": "50ms"},
                           {"write": 10}, {"sleep": "50ms"}, {"write": 10})",
                        R"({"listen": 7}, {"accept": {}}, {"close": {}})", R"("goes_on": true, )"),
      kLong);
  EXPECT_EQ(run.metrics.count("client.EPIPE"), 1U);
  EXPECT_EQ(run.processes.at("client").outcome.end, ProcessOutcome::End::kFinished);
}

TEST_F(KernelPrograms, ANonBlockingWriterFillsTheBuffersOfThisKernel) {
  const LabRun run =
      run_programs(client_and_server(R"({"connect": {"to": "a", "port": 7}}, {"nonblocking": true},
                           {"fill": {"bytes": 4096, "record": "accepted"}}, {"recv": {"bytes": 1, "may_fail": true}})",
                                     R"({"listen": 7}, {"accept": {}}, {"sleep": "300ms"})"),
                   kLong);
  EXPECT_GT(run.metrics.at("client.accepted").values.front(), 100'000);
  EXPECT_EQ(run.metrics.count("client.EAGAIN"), 1U);
}

TEST_F(KernelPrograms, EpollPollAndSelectTellOfAClient) {
  const LabRun run = run_programs(
      client_and_server(R"({"connect": {"to": "a", "port": 7}}, {"write": 10}, {"read": 10},
                           {"close": {}})",
                        R"({"listen": 7}, {"epoll_create": {}}, {"epoll_ctl": {"add": "listener"}},
                           {"epoll_wait": {}},
                           {"if_ready": "listener", "do": [{"accept": {}}]},
                           {"poll": {"for": "POLLIN"}}, {"select": {"read": ["socket"]}},
                           {"read": 10}, {"write": 10}, {"close": {}})"),
      kLong);
  EXPECT_EQ(run.processes.at("server").outcome.end, ProcessOutcome::End::kFinished)
      << run.processes.at("server").outcome.failure;
  EXPECT_THAT(run.processes.at("server").calls, Contains("epoll_wait = 1"));
  EXPECT_THAT(run.processes.at("server").calls, Contains(EndsWith("POLLIN) = 1")).Times(2));
}

TEST_F(KernelPrograms, ThreadsShareDescriptorsAndAreJoined) {
  const LabRun run = run_programs(
      client_and_server(
          R"({"repeat": 3, "index": "i", "do": [{"connect": {"to": "a", "port": 7, "as": "c[i]"}}]},
             {"repeat": 3, "index": "i", "do": [{"write": {"bytes": 10, "socket": "c[i]"}},
                                  {"read": {"bytes": 100, "socket": "c[i]"}}, {"close": "c[i]"}]})",
          R"({"listen": 7}, {"repeat": 3, "do": [{"accept": {"as": "conn"}},
             {"spawn": "worker", "do": [{"read": {"bytes": 10, "socket": "conn"}}, {"lock": "m"},
                {"write": {"bytes": 100, "socket": "conn"}}, {"unlock": "m"}, {"close": "conn"}]}]},
             {"join": "worker"})"),
      kLong);
  EXPECT_EQ(run.processes.at("client").outcome.end, ProcessOutcome::End::kFinished);
  EXPECT_EQ(run.processes.at("server").outcome.end, ProcessOutcome::End::kFinished);
}

TEST_F(KernelPrograms, OptionsReachTheKernelInTheirOwnTypes) {
  const LabRun run = run_programs(
      client_and_server(R"({"connect": {"to": "a", "port": 7}}, {"setsockopt": "TCP_NODELAY"},
        {"getsockopt": {"option": "TCP_NODELAY", "equals": 1}},
        {"setsockopt": {"level": "SOL_SOCKET", "option": "SO_LINGER", "value": 3}},
        {"getsockopt": {"level": "SOL_SOCKET", "option": "SO_LINGER", "equals": 3}},
        {"setsockopt": {"level": "SOL_SOCKET", "option": "SO_RCVTIMEO", "value": "50ms"}},
        {"tcp_info": {"field": "tcpi_snd_cwnd", "record": "cwnd"}},
        {"recv": {"bytes": 1, "expect_error": "EAGAIN"}},
        {"ioctl": {"request": "FIONREAD", "equals": 0}})",
                        R"({"listen": 7}, {"accept": {}}, {"sleep": "300ms"})"),
      kLong);
  const Ran& client = run.processes.at("client");
  EXPECT_EQ(client.outcome.end, ProcessOutcome::End::kFinished) << client.outcome.failure;
  EXPECT_EQ(run.metrics.at("client.cwnd").values, std::vector<int64_t>{10});
}

TEST_F(KernelPrograms, WhoSleepsAtTheEndIsLeftNowhere) {
  const LabRun run = run_programs("[" + process("server", R"({"listen": 7}, {"accept": {}})") + "]",
                                  std::chrono::milliseconds(50));
  EXPECT_EQ(run.processes.at("server").outcome.end, ProcessOutcome::End::kRunning);
  EXPECT_THAT(run.processes.at("server").calls, Contains("accept = ?"));
}

TEST_F(KernelPrograms, TheEndOfAProcessEndsItsThreadsAndClosesItsSockets) {
  const LabRun run =
      run_programs(client_and_server(R"({"connect": {"to": "a", "port": 7}}, {"recv": 10})",
                                     R"({"listen": 7}, {"accept": {}},
                           {"spawn": "t", "do": [{"read": 10}]}, {"sleep": "50ms"},
                           {"exit_process": {}})"),
                   kLong);
  EXPECT_THAT(run.processes.at("client").calls, Contains("recv(10) = 0"));
  EXPECT_THAT(run.processes.at("server").calls, Contains("recv(10) = ?"));
}

TEST_F(KernelPrograms, WhatThisKernelHasNotIsSaidBeforeTheRun) {
  try {
    run_scenario(R"({"schema": "tcptwin/scenario/1", "name": "lab",
                     "hosts": {"a": {"profile": "macos-14"}},
                     "processes": [{"name": "loop", "host": "a", "program": [{"kqueue": {}}]}]})",
                 "baseline", {}, kLong);
    FAIL() << "it ran";
  } catch (const tun::Failure& failure) {
    EXPECT_STREQ(failure.what(), "process loop uses kqueue, which this kernel has not");
  }
}

TEST_F(KernelPrograms, WriteWriteReadStallsOnTheKernelsLoopback) {
  std::ifstream file(support::source_path("traces/documents/write-write-read/scenario.json"));
  std::stringstream text;
  text << file.rdbuf();
  const LabRun run = run_scenario(
      text.str(), "loopback",
      {{"/processes/0/program/1/repeat", "5"}, {"/processes/0/start", "200ms"}}, kLong);
  const auto& rounds = run.metrics.at("client.round").values;
  ASSERT_EQ(rounds.size(), 5U);
  EXPECT_LT(rounds[0], 20'000'000);
  EXPECT_GT(rounds[3], 39'000'000);
}

}  // namespace
}  // namespace tcptwin::live

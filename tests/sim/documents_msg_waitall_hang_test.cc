// traces/documents/msg-waitall-hang: what its expectations do not say: the probes, the queues that
// netstat shows, and why the window is closed.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/simulation.h"

namespace tcptwin {
namespace {

using support::simulate_document;

constexpr const char* kScenario = "msg-waitall-hang";

// The times at which the sender probed, as the capture has them, and how each was answered.
struct Probes {
  std::vector<Duration> at;
  size_t answered = 0;  // with a window of 0
};
Probes probes_of(const support::Simulation& run) {
  Probes probes;
  std::istringstream text(run.view());
  for (std::string line; std::getline(text, line);) {
    const bool empty = line.find("(0) ack ") != std::string::npos;
    if (empty && line.find(" < . ") != std::string::npos) {
      probes.at.push_back(std::chrono::microseconds(std::llround(std::stod(line) * 1e6)));
    }
    const bool closed = empty && line.find(" > . ") != std::string::npos &&
                        line.find(" win 0 ") != std::string::npos;
    if (closed && !probes.at.empty()) ++probes.answered;
  }
  return probes;
}

TEST(MsgWaitallHang, TheSenderProbesAtTheRtoDoubledUpToTwoMinutesForAnHour) {
  const Probes probes = probes_of(simulate_document(kScenario));
  ASSERT_EQ(probes.at.size(), 38u);  // 10 while it doubles, then one every two minutes
  EXPECT_EQ(probes.answered, probes.at.size());
  Duration wish = 200ms;
  for (size_t i = 1; i < probes.at.size(); ++i) {
    wish = std::min<Duration>(2 * wish, 120s);
    const Duration gap = probes.at[i] - probes.at[i - 1];
    EXPECT_GE(gap, wish - 1ms) << i;          // its tick may be early
    EXPECT_LE(gap, wish + wish / 500 + 2ms);  // and the RTO a little above 200 ms
  }
  EXPECT_GT(probes.at.back(), 59min);
}

TEST(MsgWaitallHang, NetstatShowsAnEmptyReceiverAndAFullSender) {
  const auto run = simulate_document(kScenario);
  ASSERT_EQ(run.result.last_sockets.size(), 1u);
  int64_t unread = -1;
  int64_t unsent = -1;
  for (const scenario::SocketLine& line : run.result.last_sockets[0].sockets) {
    if (line.row.listening) continue;
    if (line.program == "client") unread = line.row.receive_queue;
    if (line.program == "server") unsent = line.row.send_queue;
  }
  EXPECT_EQ(unread, 0);
  EXPECT_GT(unsent, 200'000);
  for (const scenario::ProcessResult& p : run.result.processes) {
    EXPECT_EQ(p.sleeps_in, p.name == "client" ? "recv" : "send");
  }
}

// The chain that leads to the last thing that happened.
TEST(MsgWaitallHang, TheChainNamesThePinnedMemoryAndTheProbes) {
  const auto run = simulate_document(kScenario);
  const trace::Journal& journal = *run.result.journal;
  const trace::Chain chain =
      trace::trace_back(journal, {Instant(), run.result.ended, journal.records().back().id});
  const auto* pins = support::find_reason<tcp::BufferPinned>(chain);
  ASSERT_NE(pins, nullptr);
  EXPECT_LE(pins->charged, pins->buffer);
  EXPECT_GT(pins->charged, pins->buffer * 9 / 10);
  const auto* timer = support::find_reason<tcp::TimerFired>(chain);
  ASSERT_NE(timer, nullptr);
  EXPECT_EQ(timer->which, tcp::TimerKind::kPersist);
}

bool buffer_was_pinned(const support::Simulation& run) {
  const auto& records = run.result.journal->records();
  return std::any_of(records.begin(), records.end(), [](const trace::Record& record) {
    const auto* note = std::get_if<tcp::Note>(&record.event);
    return note != nullptr && std::holds_alternative<tcp::BufferPinned>(note->reason);
  });
}

TEST(MsgWaitallHang, WithoutTheEngineNothingIsPinned) {
  EXPECT_TRUE(buffer_was_pinned(simulate_document(kScenario)));
  EXPECT_FALSE(buffer_was_pinned(simulate_document(kScenario, "net-dma-off")));
}

TEST(MsgWaitallHang, WhatMeetsASleepingReaderIsNotCharged) {
  const auto run = simulate_document(kScenario, "slow-sender");
  EXPECT_FALSE(buffer_was_pinned(run));
  EXPECT_EQ(run.measure("client.message").values.size(), 1u);
}

}  // namespace
}  // namespace tcptwin

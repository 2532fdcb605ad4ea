// traces/documents/partial-write: what its expectations do not say: what the server's calls
// returned, and by which call of its host it waits.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "sim/trace/calls.h"
#include "stack/base/check.h"
#include "tests/support/simulation.h"

namespace tcptwin {
namespace {

using support::find_reason;
using support::simulate_document;
using support::Simulation;
using trace::CallKind;

constexpr const char* kScenario = "partial-write";

// The calls of the server, as "send(10000000) = 44888".
std::vector<std::string> calls_of_server(const Simulation& run, CallKind kind) {
  std::vector<std::string> found;
  for (const trace::CallSpan& span : trace::calls_of(*run.result.journal)) {
    const auto& call = std::get<trace::CallStarted>(span.started->event);
    if (call.process != 0 || call.kind != kind || span.returned == nullptr) continue;
    const auto& result = std::get<trace::CallReturned>(span.returned->event);
    found.push_back(trace::call_text(call) + " = " + trace::result_text(result));
  }
  return found;
}

const wire::Packet& last_sent(const trace::Chain& chain) {
  const trace::PacketSent* last = nullptr;
  for (const trace::Step& step : chain.steps) {
    if (const auto* sent = std::get_if<trace::PacketSent>(&step.record->event)) last = sent;
  }
  CHECK(last != nullptr);
  return last->packet;
}

size_t again(const std::vector<std::string>& calls) {
  return static_cast<size_t>(std::count_if(calls.begin(), calls.end(), [](const std::string& c) {
    return c.find("EAGAIN") != std::string::npos;
  }));
}

TEST(PartialWrite, WhoDoesNotLookWritesOnceAndClosesInTheMiddleOfTheFile) {
  const auto run = simulate_document(kScenario);
  EXPECT_EQ(calls_of_server(run, CallKind::kSend),
            (std::vector<std::string>{"send(64) = 64", "send(10000000) = 44888"}));
  // What wakes the client for the last time carries the FIN of that close.
  EXPECT_TRUE(last_sent(run.chain("client.download")).tcp.flags.fin);
}

TEST(PartialWrite, WhoLooksWritesUntilEagainAndWaitsForItsQueueEachTime) {
  const auto run = simulate_document(kScenario, "small-chunks");
  const size_t full = again(calls_of_server(run, CallKind::kSend));
  EXPECT_GT(full, 10u);
  EXPECT_GE(calls_of_server(run, CallKind::kEpollWait).size(), full);
  EXPECT_EQ(calls_of_server(run, CallKind::kEpollCtl).size(), 3u);  // listener, to read, to write
}

TEST(PartialWrite, EachHostWaitsWithWhatItHas) {
  const auto queue = [](const std::string& os) {
    const auto run = simulate_document(kScenario, os);
    std::vector<bool> used;
    for (const CallKind kind : {CallKind::kEpollWait, CallKind::kKevent, CallKind::kPoll}) {
      used.push_back(!calls_of_server(run, kind).empty());
    }
    return used;
  };
  EXPECT_EQ(queue("linux-2.6.32"), (std::vector<bool>{true, false, false}));
  EXPECT_EQ(queue("macos-14"), (std::vector<bool>{false, true, false}));
  EXPECT_EQ(queue("freebsd-14"), (std::vector<bool>{false, true, false}));
}

TEST(PartialWrite, TheReportsServerClosesByItsTimerAndNotBecauseItIsDone) {
  const auto run = simulate_document(kScenario, "report");
  const trace::Chain chain = run.chain("client.download");
  EXPECT_NE(find_reason<tcp::FinSegment>(chain), nullptr);
  EXPECT_GT(run.measure("client.download").values[0], 5'000'000'000);
  EXPECT_EQ(run.measure("server.expired").values, (std::vector<int64_t>{0}));
}

}  // namespace
}  // namespace tcptwin

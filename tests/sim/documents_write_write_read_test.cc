// traces/documents/write-write-read: what its expectations do not say: which rules meet. Twenty
// rounds instead of 4000 show it.
#include <gtest/gtest.h>

#include <string>
#include <variant>

#include "models/lwip/builds.h"
#include "tests/support/simulation.h"

namespace tcptwin {
namespace {

using support::find_reason;
using support::Simulation;

Simulation rounds(const std::string& variant = "baseline") {
  return support::simulate_document("write-write-read", variant, 0,
                                    {{"/processes/0/program/1/repeat", "20"}});
}

// The timer of the slowest round's chain; fails the test when Nagle held nothing.
Duration delayed_ack_of(const std::string& variant) {
  const Simulation s = rounds(variant);
  const trace::Chain chain = s.chain("client.round");
  EXPECT_TRUE(chain.complete());
  const auto* timer = find_reason<tcp::TimerFired>(chain);
  const auto* released = find_reason<tcp::DataReleased>(chain);
  if (timer == nullptr || released == nullptr) {
    ADD_FAILURE() << variant << ": no timer, or nothing was held";
    return Duration();
  }
  EXPECT_EQ(timer->which, tcp::TimerKind::kDelayedAck);
  EXPECT_EQ(released->held_by, tcp::DataReleased::By::kNagle);
  return timer->wish;
}

TEST(WriteWriteRead, ASlowRoundWaitsForTheDelayedAckOfThePeerAndNagle) {
  EXPECT_EQ(delayed_ack_of("baseline"), 40ms);
  EXPECT_EQ(delayed_ack_of("loopback"), 40ms);
  EXPECT_EQ(delayed_ack_of("windows-7"), 200ms);
  EXPECT_EQ(delayed_ack_of("rfc"), 500ms);
}

TEST(WriteWriteRead, ACureLeavesNoTimerInTheChain) {
  for (const char* cure : {"single-write", "client-nodelay", "server-quickack-each"}) {
    EXPECT_EQ(find_reason<tcp::TimerFired>(rounds(cure).chain("client.round")), nullptr) << cure;
  }
}

TEST(WriteWriteRead, MacosAcknowledgesWhatItsReaderHasTaken) {
  const Simulation s = rounds("macos-14");
  EXPECT_EQ(find_reason<tcp::TimerFired>(s.chain("client.round")), nullptr);
}

TEST(WriteWriteRead, OnLwipTheTickOfTheHostEndsTheDelayAndTheReasonIsInferred) {
  if (lwip::builds().empty()) GTEST_SKIP() << lwip::absence();
  EXPECT_GT(delayed_ack_of("lwip"), 249ms);
  EXPECT_LE(delayed_ack_of("lwip"), 250ms);
  EXPECT_EQ(delayed_ack_of("lwip-to-linux-6.18"), 40ms);
  const Simulation s = rounds("lwip");
  const trace::Chain chain = s.chain("client.round");
  int timers = 0;
  for (const trace::Step& step : chain.steps) {
    const auto* note = std::get_if<tcp::Note>(&step.record->event);
    if (note == nullptr || !std::holds_alternative<tcp::TimerFired>(note->reason)) continue;
    EXPECT_TRUE(note->inferred);
    ++timers;
  }
  EXPECT_EQ(timers, 1);
}

}  // namespace
}  // namespace tcptwin

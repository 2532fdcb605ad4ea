// traces/documents/write-write-read: what its expectations do not say: which rules meet. Twenty
// rounds instead of 4000 show it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

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

// The tick is the same for all connections of a host; lwIP keeps the reason to itself.
TEST(WriteWriteRead, OnLwipATickOfTheHostEndsTheDelayAndTheReasonIsInferred) {
  if (lwip::builds().empty()) GTEST_SKIP() << lwip::absence();
  EXPECT_EQ(delayed_ack_of("lwip"), 250ms);
  EXPECT_EQ(delayed_ack_of("lwip-to-linux-6.18"), 40ms);
  const Simulation s = rounds("lwip");
  EXPECT_THAT(s.view(1), testing::HasSubstr("250 ms tick of all connections"));
  EXPECT_THAT(s.view(1), testing::HasSubstr("(inferred)"));
}

}  // namespace
}  // namespace tcptwin

// traces/documents/two-small-messages: why a turn of the game takes as long as it does.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/simulation.h"

namespace tcptwin {
namespace {

using support::find_reason;
using support::simulate_document;

constexpr const char* kScenario = "two-small-messages";

TEST(TwoSmallMessages, TheChainIsTheDelayedAckOfThePeerThatFreesWhatNagleHeld) {
  const std::pair<const char*, Duration> cases[] = {
      {"baseline", 200ms}, {"windows-11", 40ms}, {"linux-6.18", 40ms}, {"freebsd-14", 40ms}};
  for (const auto& [variant, wish] : cases) {
    const auto run = simulate_document(kScenario, variant);
    const trace::Chain chain = run.chain("player.turn");
    EXPECT_TRUE(chain.complete()) << variant;
    const auto* timer = find_reason<tcp::TimerFired>(chain);
    ASSERT_NE(timer, nullptr) << variant;
    EXPECT_EQ(timer->which, tcp::TimerKind::kDelayedAck) << variant;
    EXPECT_EQ(timer->wish, wish) << variant;
    const auto* released = find_reason<tcp::DataReleased>(chain);
    ASSERT_NE(released, nullptr) << variant;
    EXPECT_EQ(released->held_by, tcp::DataReleased::By::kNagle) << variant;
  }
}

TEST(TwoSmallMessages, MacosHoldsTheSecondMessageButNotTheAck) {
  const auto run = simulate_document(kScenario, "macos-14");
  const trace::Chain chain = run.chain("player.turn");
  EXPECT_NE(find_reason<tcp::DataReleased>(chain), nullptr);
  EXPECT_EQ(find_reason<tcp::TimerFired>(chain), nullptr);
}

TEST(TwoSmallMessages, NothingIsHeldWithACure) {
  for (const char* variant : {"combined", "nodelay", "udp"}) {
    const auto run = simulate_document(kScenario, variant);
    const trace::Chain chain = run.chain("player.turn");
    EXPECT_EQ(find_reason<tcp::DataReleased>(chain), nullptr) << variant;
    EXPECT_EQ(find_reason<tcp::TimerFired>(chain), nullptr) << variant;
  }
}

TEST(TwoSmallMessages, OverUdpEachTurnIsThreeDatagrams) {
  const auto run = simulate_document(kScenario, "udp");
  const std::vector<std::string> packets = run.packets();
  EXPECT_EQ(packets.size(), 150U);
}

// What the player sees is a multiple of the tick away from the server's start, give or take the
// way.
TEST(TwoSmallMessages, AServerWithATickAnswersAtItsTicks) {
  const auto run = simulate_document(kScenario, "tick-combined");
  std::vector<int64_t> phases;
  for (const trace::Record& record : run.result.journal->records()) {
    const auto* call = std::get_if<trace::CallStarted>(&record.event);
    if (call == nullptr || call->process != 1 || call->kind != trace::CallKind::kSend) continue;
    phases.push_back((record.at - Instant()).count() % Duration(50ms).count());
  }
  ASSERT_EQ(phases.size(), 50U);
  const auto [low, high] = std::minmax_element(phases.begin(), phases.end());
  EXPECT_LT(*high - *low, Duration(1ms).count());
}

}  // namespace
}  // namespace tcptwin

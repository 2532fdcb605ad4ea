// traces/documents/http-proxy-40ms: what its expectations do not say: which rule held what.
#include <gtest/gtest.h>

#include "tests/support/simulation.h"

namespace tcptwin {
namespace {

using support::find_reason;
using support::simulate_document;

TEST(HttpProxy40ms, TheSlowestAnswerWaitsForADelayedAckAndNagle) {
  const auto s = simulate_document("http-proxy-40ms");
  const trace::Chain chain = s.chain("client.request");
  EXPECT_TRUE(chain.complete());
  const auto* timer = find_reason<tcp::TimerFired>(chain);
  ASSERT_NE(timer, nullptr);
  EXPECT_EQ(timer->which, tcp::TimerKind::kDelayedAck);
  EXPECT_EQ(timer->wish, 40ms);
  const auto* released = find_reason<tcp::DataReleased>(chain);
  ASSERT_NE(released, nullptr);
  EXPECT_EQ(released->held_by, tcp::DataReleased::By::kNagle);
}

TEST(HttpProxy40ms, TheSameBetweenThreeHosts) {
  const auto s = simulate_document("http-proxy-40ms", "lan");
  const trace::Chain chain = s.chain("client.request");
  const auto* released = find_reason<tcp::DataReleased>(chain);
  ASSERT_NE(released, nullptr);
  EXPECT_EQ(released->held_by, tcp::DataReleased::By::kNagle);
}

TEST(HttpProxy40ms, ACureLeavesNoTimerInTheChain) {
  for (const char* cure : {"proxy-nodelay", "one-send", "corked", "msg-more", "client-quickack"}) {
    const auto s = simulate_document("http-proxy-40ms", cure);
    EXPECT_EQ(find_reason<tcp::TimerFired>(s.chain("client.request")), nullptr) << cure;
  }
}

// The quick ACKs of a young connection.
TEST(HttpProxy40ms, AnAnswerThatIsTheFirstOfItsConnectionWaitsForNoTimer) {
  const auto s = simulate_document("http-proxy-40ms", "connection-per-request");
  EXPECT_EQ(find_reason<tcp::TimerFired>(s.chain("client.request")), nullptr);
}

}  // namespace
}  // namespace tcptwin

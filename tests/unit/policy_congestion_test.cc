// Congestion: how many segments may be in flight (RFC 5681 3.1, RFC 6928 2).
#include <gtest/gtest.h>

#include "stack/policy/congestion.h"

namespace tcptwin::policy {
namespace {

constexpr CongestionConfig kReno{CongestionConfig::Behaviour::kReno, 10};
constexpr CongestionConfig kNone{CongestionConfig::Behaviour::kNone, 10};

TEST(CongestionReno, BeginsWithTenSegments) {
  const Congestion c(kReno);
  EXPECT_EQ(c.window(), 10);
  EXPECT_EQ(c.allowance(0), 10);
  EXPECT_EQ(c.allowance(7), 3);
  EXPECT_EQ(c.allowance(12), 0);
}

TEST(CongestionReno, SlowStartAddsWhatWasAcknowledged) {
  Congestion c(kReno);
  c.on_ack(2, true);
  EXPECT_EQ(c.window(), 12);
}

TEST(CongestionReno, DoesNotGrowWhenItWasNotTheLimit) {  // RFC 7661
  Congestion c(kReno);
  c.on_ack(10, false);
  EXPECT_EQ(c.window(), 10);
}

TEST(CongestionReno, ATimeoutLeavesOneSegmentAndHalfOfTheFlight) {  // RFC 5681 3.1, equation 4
  Congestion c(kReno);
  c.on_timeout(10, false);
  EXPECT_EQ(c.window(), 1);
  EXPECT_EQ(c.slow_start_threshold(), 5);
}

TEST(CongestionReno, TheThresholdIsNeverBelowTwoSegments) {
  Congestion c(kReno);
  c.on_timeout(1, false);
  EXPECT_EQ(c.slow_start_threshold(), 2);
}

TEST(CongestionReno, ATimeoutOfTheSameSegmentKeepsTheThreshold) {
  Congestion c(kReno);
  c.on_timeout(10, false);
  c.on_timeout(1, true);
  EXPECT_EQ(c.window(), 1);
  EXPECT_EQ(c.slow_start_threshold(), 5);
}

TEST(CongestionReno, AboveTheThresholdAWindowAddsOneSegment) {  // RFC 5681 3.1, equation 3
  Congestion c(kReno);
  c.on_timeout(8, false);
  c.on_ack(3, true);
  EXPECT_EQ(c.window(), 4);
  for (int i = 0; i < 3; ++i) c.on_ack(1, true);
  EXPECT_EQ(c.window(), 4);
  c.on_ack(1, true);
  EXPECT_EQ(c.window(), 5);
}

TEST(CongestionReno, SlowStartStopsAtTheThreshold) {
  Congestion c(kReno);
  c.on_timeout(8, false);
  c.on_ack(100, true);
  EXPECT_EQ(c.window(), 4);
}

TEST(CongestionNone, AllowsAnything) {
  Congestion c(kNone);
  c.on_timeout(10, false);
  EXPECT_GE(c.allowance(1'000'000), 1'000'000);
}

}  // namespace
}  // namespace tcptwin::policy

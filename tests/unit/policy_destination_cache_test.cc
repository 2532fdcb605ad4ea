// What is remembered of a path: facts/linux.md D8, facts/freebsd.md D8, facts/darwin.md 5.
#include <gtest/gtest.h>

#include "stack/policy/destination_cache.h"

namespace tcptwin::policy {
namespace {

using Config = DestinationCacheConfig;

constexpr AddressKey kPeer(0x0a000002);

PathReport measured(Duration srtt, Duration variation = 5ms) {
  return {.srtt = srtt, .variation = variation, .samples = 20};
}

TEST(DestinationCache, KnowsNothingAtFirst) {
  const Config config{.enabled = true};
  EXPECT_EQ(DestinationCache(config).find(Instant(), kPeer), nullptr);
}

TEST(DestinationCache, RemembersNothingWhenItIsOff) {
  const Config config{.enabled = false};
  DestinationCache cache(config);
  cache.learn(Instant(), kPeer, measured(100ms));
  EXPECT_EQ(cache.find(Instant(), kPeer), nullptr);
}

TEST(DestinationCache, MeanOfTheOldAndTheNew) {
  const Config config{.enabled = true};
  DestinationCache cache(config);
  cache.learn(Instant(), kPeer, measured(100ms, 10ms));
  cache.learn(Instant(), kPeer, measured(200ms, 30ms));
  EXPECT_EQ(cache.find(Instant(), kPeer)->srtt, 150ms);
  EXPECT_EQ(cache.find(Instant(), kPeer)->variation, 20ms);
}

TEST(DestinationCache, DampedBelievesALargerTimeAtOnce) {
  const Config config{.enabled = true, .renewal = Config::Renewal::kDamped};
  DestinationCache cache(config);
  cache.learn(Instant(), kPeer, measured(100ms));
  cache.learn(Instant(), kPeer, measured(200ms));
  EXPECT_EQ(cache.find(Instant(), kPeer)->srtt, 200ms);
  cache.learn(Instant(), kPeer, measured(120ms));
  EXPECT_EQ(cache.find(Instant(), kPeer)->srtt, 190ms);
}

TEST(DestinationCache, DampedForgetsTheTimeOfAPeerThatDidNotAnswer) {
  const Config config{.enabled = true, .renewal = Config::Renewal::kDamped};
  DestinationCache cache(config);
  cache.learn(Instant(), kPeer, measured(100ms));
  cache.learn(Instant(), kPeer, {.srtt = 100ms, .samples = 3, .backed_off = true});
  EXPECT_EQ(cache.find(Instant(), kPeer)->srtt, Duration{});
}

TEST(DestinationCache, TooFewSamplesAreNotRemembered) {
  const Config config{.enabled = true, .least_samples = 16};
  DestinationCache cache(config);
  cache.learn(Instant(), kPeer, {.srtt = 100ms, .samples = 15});
  EXPECT_EQ(cache.find(Instant(), kPeer), nullptr);
  cache.learn(Instant(), kPeer, {.srtt = 100ms, .samples = 16});
  EXPECT_NE(cache.find(Instant(), kPeer), nullptr);
}

TEST(DestinationCache, ForgetsWhatWasNotRenewed) {
  const Config config{.enabled = true, .lifetime = 1h};
  DestinationCache cache(config);
  cache.learn(Instant(), kPeer, measured(100ms));
  EXPECT_NE(cache.find(Instant() + 1h, kPeer), nullptr);
  EXPECT_EQ(cache.find(Instant() + 1h + 1ns, kPeer), nullptr);
  cache.learn(Instant() + 2h, kPeer, measured(200ms));
  EXPECT_EQ(cache.find(Instant() + 2h, kPeer)->srtt, 200ms);
}

TEST(DestinationCache, TheOldestEntryMakesRoom) {
  const Config config{.enabled = true, .entries = 2};
  DestinationCache cache(config);
  for (const uint32_t peer : {1u, 2u, 3u}) cache.learn(Instant(), AddressKey(peer), measured(1ms));
  EXPECT_EQ(cache.find(Instant(), AddressKey(1)), nullptr);
  EXPECT_NE(cache.find(Instant(), AddressKey(2)), nullptr);
  EXPECT_NE(cache.find(Instant(), AddressKey(3)), nullptr);
}

TEST(DestinationCache, AThresholdCountsOnceItIsBelowHalfOfTheBuffer) {
  const Config config{.enabled = true, .threshold = Config::Threshold::kWhenLow};
  DestinationCache cache(config);
  PathReport report = measured(1ms);
  report.send_buffer = 32768;
  report.threshold = 16384;
  cache.learn(Instant(), kPeer, report);
  EXPECT_EQ(cache.find(Instant(), kPeer)->threshold, 0);
  report.threshold = 16383;
  cache.learn(Instant(), kPeer, report);
  EXPECT_EQ(cache.find(Instant(), kPeer)->threshold, 16383);
}

TEST(DestinationCache, CongestionAvoidanceLeavesHalfOfItsWindowOrTheThreshold) {
  const Config config{.enabled = true,
                      .renewal = Config::Renewal::kDamped,
                      .threshold = Config::Threshold::kByPhase};
  DestinationCache cache(config);
  PathReport report = measured(1ms);
  report.window = 100;
  report.threshold = 20;
  cache.learn(Instant(), kPeer, report);
  EXPECT_EQ(cache.find(Instant(), kPeer)->threshold, 50);
  report.window = 30;
  cache.learn(Instant(), kPeer, report);
  EXPECT_EQ(cache.find(Instant(), kPeer)->threshold, 20);
}

TEST(DestinationCache, AFirstSlowStartOnlyRaisesTheThreshold) {
  const Config config{.enabled = true,
                      .renewal = Config::Renewal::kDamped,
                      .threshold = Config::Threshold::kByPhase};
  DestinationCache cache(config);
  PathReport report = measured(1ms);
  report.window = 200;
  cache.learn(Instant(), kPeer, report);
  EXPECT_EQ(cache.find(Instant(), kPeer)->threshold, 0);
  report.threshold = 10;
  report.window = 12;
  cache.learn(Instant(), kPeer, report);
  report.threshold = kNoThreshold;
  report.window = 200;
  cache.learn(Instant(), kPeer, report);
  EXPECT_EQ(cache.find(Instant(), kPeer)->threshold, 100);
}

}  // namespace
}  // namespace tcptwin::policy

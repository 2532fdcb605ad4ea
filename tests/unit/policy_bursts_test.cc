// Bursts: how many segments leave at once, when a burst waits, which segments are pushed
// (facts/linux.md B5, B7, D11; facts/freebsd.md B6).
#include <gtest/gtest.h>

#include "stack/policy/bursts.h"

namespace tcptwin::policy {
namespace {

constexpr BurstConfig kByRate{.size = BurstConfig::Size::kByRate,
                              .push_half_window = true,
                              .push_bursts = true,
                              .push_forced = true,
                              .defer_within = 1ms};
constexpr BurstConfig kPlain{};
constexpr BurstConfig kEmptyBuffer{.push = BurstConfig::Push::kEmptyBuffer};

Bursts after_rtt(const BurstConfig& config, Duration rtt) {
  Bursts bursts(config);
  bursts.on_sample(Instant(), rtt);
  return bursts;
}

BurstView slow_start(int64_t window, Duration srtt) {
  return {.mss = 1448, .window_segments = window, .threshold_segments = INT32_MAX, .srtt = srtt};
}

TEST(BurstsByRate, ADistantPeerGetsTwoSegmentsAtFirst) {  // 1.448 MB/s, a millisecond of it
  EXPECT_EQ(after_rtt(kByRate, 20ms).most_segments(slow_start(10, 20ms)), 2);
}

TEST(BurstsByRate, TheySwellWithTheWindow) {
  const Bursts bursts = after_rtt(kByRate, 20ms);
  EXPECT_EQ(bursts.most_segments(slow_start(30, 20ms)), 2);
  EXPECT_EQ(bursts.most_segments(slow_start(31, 20ms)), 3);
  EXPECT_EQ(bursts.most_segments(slow_start(41, 20ms)), 4);
}

TEST(BurstsByRate, ANearPeerGetsLargerOnes) {  // half of 64 KiB more at 1 ms
  EXPECT_EQ(after_rtt(kByRate, 1ms).most_segments(slow_start(10, 1ms)), 42);
}

TEST(BurstsByRate, TheyAreSmallerFromHalfOfTheThresholdOn) {
  BurstView view = slow_start(100, 20ms);
  const Bursts bursts = after_rtt(kByRate, 20ms);
  EXPECT_EQ(bursts.most_segments(view), 9);
  view.threshold_segments = 200;
  EXPECT_EQ(bursts.most_segments(view), 5);
}

TEST(BurstsByRate, NoneExceedsHalfOfTheCongestionWindow) {
  EXPECT_EQ(after_rtt(kByRate, 1ms).quota_segments(slow_start(10, 1ms)), 5);
  EXPECT_EQ(after_rtt(kByRate, 1ms).quota_segments(slow_start(1, 1ms)), 1);
}

TEST(BurstsByRate, TheLeastRoundTripIsForgottenAfterFiveMinutes) {
  Bursts bursts = after_rtt(kByRate, 1ms);
  bursts.on_sample(Instant() + 1min, 20ms);
  EXPECT_EQ(bursts.most_segments(slow_start(10, 20ms)), 23);
  bursts.on_sample(Instant() + 6min, 20ms);
  EXPECT_EQ(bursts.most_segments(slow_start(10, 20ms)), 2);
}

TEST(BurstsAllowed, OnlyTheLargestPacketLimitsThem) {
  EXPECT_EQ(Bursts(kPlain).quota_segments(slow_start(2, 20ms)), 65536 / 1448);
}

// ---- waiting for more

// One segment of a window of 60 is free; the next ACK is due at once.
BurstView little_room() {
  BurstView view = slow_start(60, 20ms);
  view.length = 20 * 1448;
  view.last_buffer = true;
  view.send_window = 60 * 1448;
  view.congestion_free = 1448;
  view.peer_window = 60 * 1448;
  view.since_last_sent = 100us;
  view.since_head_sent = 20ms;
  return view;
}

TEST(BurstsWait, ForTheNextAckWhenItIsDueSoon) {
  EXPECT_TRUE(after_rtt(kByRate, 20ms).waits(little_room()));
}

TEST(BurstsWait, NotWhenNothingLeftForAMillisecond) {
  BurstView view = little_room();
  view.since_last_sent = 1001us;
  EXPECT_FALSE(after_rtt(kByRate, 20ms).waits(view));
}

TEST(BurstsWait, NotWhenTheAckIsFarOff) {
  BurstView view = little_room();
  view.since_head_sent = 18ms;
  EXPECT_FALSE(after_rtt(kByRate, 20ms).waits(view));
}

TEST(BurstsWait, NotForAWholeBurst) {
  BurstView view = little_room();
  view.congestion_free = 5 * 1448;
  EXPECT_FALSE(after_rtt(kByRate, 20ms).waits(view));
}

TEST(BurstsWait, NotForAThirdOfTheWindow) {
  BurstView view = little_room();
  view.peer_window = 3 * 1448;
  EXPECT_FALSE(after_rtt(kByRate, 20ms).waits(view));
}

TEST(BurstsWait, NotDuringRecovery) {
  BurstView view = little_room();
  view.recovering = true;
  EXPECT_FALSE(after_rtt(kByRate, 20ms).waits(view));
}

TEST(BurstsWait, NotWhenNothingIsInFlight) {
  BurstView view = little_room();
  view.since_head_sent.reset();
  EXPECT_FALSE(after_rtt(kByRate, 20ms).waits(view));
}

TEST(BurstsWait, NotForTheEndOfTheStream) {
  BurstView view = little_room();
  view.length = 2 * 1448 - 10;
  view.congestion_free = 2 * 1448;
  EXPECT_TRUE(after_rtt(kByRate, 20ms).waits(view));
  view.fin = true;
  EXPECT_FALSE(after_rtt(kByRate, 20ms).waits(view));
}

TEST(BurstsWait, NeverWhereTheHostDoesNot) { EXPECT_FALSE(Bursts(kPlain).waits(little_room())); }

// ---- PSH

TEST(BurstsPush, WhereAWriteEnds) {
  EXPECT_TRUE(Bursts(kPlain).pushed({.write_ends = true}));
  EXPECT_FALSE(Bursts(kPlain).pushed({.empties_buffer = true, .forced = true, .segments = 2}));
}

TEST(BurstsPush, WhereNothingIsLeftToSend) {
  EXPECT_TRUE(Bursts(kEmptyBuffer).pushed({.empties_buffer = true}));
  EXPECT_FALSE(Bursts(kEmptyBuffer).pushed({.write_ends = true}));
}

TEST(BurstsPush, AtTheEndOfSeveralSegmentsAndByTimers) {
  EXPECT_TRUE(Bursts(kByRate).pushed({.segments = 2}));
  EXPECT_FALSE(Bursts(kByRate).pushed({.segments = 1}));
  EXPECT_TRUE(Bursts(kByRate).pushed({.forced = true}));
}

TEST(BurstsPush, AfterMoreThanHalfAWindowWithoutOne) {
  EXPECT_TRUE(Bursts(kByRate).push_is_overdue(32581, 65160));
  EXPECT_FALSE(Bursts(kByRate).push_is_overdue(32580, 65160));
  EXPECT_FALSE(Bursts(kPlain).push_is_overdue(65160, 65160));
}

}  // namespace
}  // namespace tcptwin::policy

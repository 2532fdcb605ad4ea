// The rules of delayed acknowledgment that count: facts/freebsd.md A, facts/darwin.md 2,
// facts/windows.md A; and what 2.6.32 does otherwise (facts/linux.md A).
#include <gtest/gtest.h>

#include "stack/policy/delayed_ack.h"

namespace tcptwin::policy {
namespace {

using Kind = AckDecision::Kind;

const TimerGrainConfig kExact{};
constexpr uint32_t kMss = 1448;

AckView view(int64_t unacked = 10) {
  AckView v;
  v.unacked = unacked;
  v.window = v.next_window = 131072;
  v.unread = 5000;
  v.mss = kMss;
  v.rto = 1s;
  v.rto_min = 200ms;
  return v;
}

template <class Rule, class Config>
struct Receiver {
  Config config;
  TimerGrain grain{kExact, {}};
  Rule rule{config, grain};
  Instant now{};

  AckDecision data(const AckView& v = view(), bool push = false, uint32_t length = 10) {
    return rule.on_data(now, {.length = length, .header_size = 20, .push = push}, v, {});
  }
};

// ---- alternate_segment

using Alternate = Receiver<AlternateSegment, AlternateSegmentConfig>;

TEST(AlternateSegment, TheFirstSegmentWaitsFortyMilliseconds) {  // facts/freebsd.md A1
  Alternate r{{40ms}};
  EXPECT_EQ(r.data().kind, Kind::kLater);
  EXPECT_EQ(r.rule.timer().deadline(), Instant() + 40ms);
}

TEST(AlternateSegment, TheSecondOfAnySizeIsAcknowledgedAtOnce) {  // A2
  Alternate r{{40ms}};
  r.data();
  EXPECT_EQ(r.data(view(11), false, 1).why, AckNowReason::kSecondSegment);
}

TEST(AlternateSegment, AfterAWindowOfZeroItIsAcknowledgedAtOnce) {  // A2
  Alternate r{{40ms}};
  AckView v = view();
  v.window = 0;
  EXPECT_EQ(r.data(v).why, AckNowReason::kZeroWindow);
}

TEST(AlternateSegment, AFinIsAcknowledgedAtOnce) {  // A3
  Alternate r{{40ms}};
  EXPECT_EQ(r.rule.on_fin({}, view(), {}).kind, Kind::kNow);
}

TEST(AlternateSegment, AnAckStopsTheTimer) {  // A4
  Alternate r{{40ms}};
  r.data();
  r.rule.on_ack_sent();
  EXPECT_EQ(r.data().kind, Kind::kLater);
}

// ---- forced_credits

using Forced = Receiver<ForcedCredits, ForcedCreditsConfig>;

Forced spent(ForcedCreditsConfig config = {100ms, 0, 131072, 256}) { return Forced{config}; }

TEST(ForcedCredits, TheFirstSixteenAcksAreImmediate) {
  Forced r{{.delay = 100ms}};
  for (int i = 0; i < 16; ++i) {
    ASSERT_EQ(r.data().why, AckNowReason::kQuickAck) << i;
    r.rule.on_ack_sent(true);
  }
  EXPECT_EQ(r.data().kind, Kind::kLater);
  EXPECT_EQ(r.rule.timer().wish(), 100ms);
}

TEST(ForcedCredits, AnAckOnDataUsesNone) {
  Forced r{{.delay = 100ms}};
  r.data();
  r.rule.on_ack_sent(false);
  EXPECT_EQ(r.rule.quick_acks_left(), 16);
}

TEST(ForcedCredits, ADrainedBufferIsAcknowledgedAtOnce) {  // condition 3
  Forced r = spent();
  AckView v = view();
  v.unread = 1;
  EXPECT_EQ(r.data(v).why, AckNowReason::kBufferDrained);
}

TEST(ForcedCredits, OffTheFastPathTheNewDataIsNotInTheBuffer) {  // condition 3
  ForcedCreditsConfig config{100ms, 0, 131072, 0};
  TimerGrain grain(kExact, {});
  ForcedCredits rule(config, grain);
  AckView v = view();
  v.unread = 10;
  EXPECT_EQ(rule.on_data({}, {.length = 10, .predicted = false}, v, {}).why,
            AckNowReason::kBufferDrained);
  EXPECT_EQ(rule.on_data({}, {.length = 10, .predicted = true}, v, {}).kind, Kind::kLater);
}

TEST(ForcedCredits, AWindowThatGrewIsToldAtOnce) {  // condition 4
  Forced r = spent();
  AckView v = view();
  v.next_window = v.window + 1;
  EXPECT_EQ(r.data(v).why, AckNowReason::kWindowGrew);
}

TEST(ForcedCredits, MoreThanASegmentWaitsOnlyBeyondOneAndAHalfBuffers) {  // condition 5
  Forced r = spent();
  AckView v = view(kMss + 1);
  EXPECT_EQ(r.data(v).why, AckNowReason::kFullSegments);
  v.window = v.next_window = 196609;
  EXPECT_EQ(r.data(v).kind, Kind::kLater);
}

TEST(ForcedCredits, AQuarterOfTheWindowIsAcknowledgedAtOnce) {  // condition 6
  Forced r = spent();
  AckView v = view(1000);
  v.window = v.next_window = 4000;
  EXPECT_EQ(r.data(v).why, AckNowReason::kWindowShare);
}

TEST(ForcedCredits, TwoHundredFiftySixSegmentsNeverWait) {  // condition 7
  Forced r = spent();
  AckView v = view(256 * kMss);
  v.window = v.next_window = 4'000'000;
  EXPECT_EQ(r.data(v).why, AckNowReason::kFullSegments);
}

TEST(ForcedCredits, TheTimerAndGapsAndIdleTimesGrantThemAgain) {
  Forced r{{.delay = 100ms, .credits = 1}};
  r.rule.on_ack_sent(true);
  r.data();
  EXPECT_EQ(r.rule.on_timer(Instant() + 100ms, view()).why, AckNowReason::kTimer);
  EXPECT_EQ(r.rule.quick_acks_left(), 1);
  r.rule.on_ack_sent(true);
  r.rule.on_gap({}, view(), {});
  EXPECT_EQ(r.rule.quick_acks_left(), 1);
  r.rule.on_ack_sent(true);
  r.rule.on_idle_restart();
  EXPECT_EQ(r.rule.quick_acks_left(), 1);
}

TEST(ForcedCredits, DrainingPushedDataSendsTheHeldAck) {
  Forced r = spent();
  r.data(view(), true);
  EXPECT_EQ(r.rule.on_read({}, {.copied = 10, .buffer_empty = true}, view()).why,
            AckNowReason::kReadDrainedPushed);
}

TEST(ForcedCredits, AReaderThatWaitsForAllForcesAnAck) {
  Forced r = spent();
  EXPECT_EQ(r.rule.on_read({}, {.copied = 10, .wait_all = true}, view()).why,
            AckNowReason::kReadWaitAll);
}

// ---- stretch_acks

using Stretch = Receiver<StretchAcks, StretchAcksConfig>;

TEST(StretchAcks, OneSegmentWaitsAndThePushedOneDoesNot) {
  Stretch r{{.delay = 100ms}};
  EXPECT_EQ(r.data().kind, Kind::kLater);
  EXPECT_EQ(r.data(view(20)).why, AckNowReason::kSecondSegment);
  r.rule.on_ack_sent();
  EXPECT_EQ(r.data(view(), true).why, AckNowReason::kPushed);
}

TEST(StretchAcks, AStreamIsAcknowledgedEveryEighthSegment) {
  Stretch r{{.delay = 100ms, .packets_before = 8}};
  for (int i = 0; i < 8; ++i) {
    r.data(view(kMss), false, kMss);
    r.rule.on_ack_sent();
  }
  ASSERT_TRUE(r.rule.stretching());
  for (int i = 0; i < 7; ++i) ASSERT_EQ(r.data(view(kMss), false, kMss).kind, Kind::kLater) << i;
  EXPECT_EQ(r.data(view(kMss), false, kMss).kind, Kind::kNow);
}

TEST(StretchAcks, APauseEndsTheStream) {
  Stretch r{{.delay = 100ms, .packets_before = 8}};
  for (int i = 0; i < 8; ++i) r.data(view(kMss), false, kMss);
  r.now = r.now + 201ms;
  r.data();
  EXPECT_FALSE(r.rule.stretching());
}

// ---- every_second_segment, counted by segments: facts/windows.md A2, A5

using EverySecond = Receiver<EverySecondSegment, EverySecondSegmentConfig>;

TEST(EverySecondByCount, TheSecondSegmentOfAnySizeIsAcknowledged) {
  EverySecond r{{.delay = 40ms, .count = EverySecondSegmentConfig::Count::kSegments}};
  EXPECT_EQ(r.data().kind, Kind::kLater);
  EXPECT_EQ(r.data(view(11)).why, AckNowReason::kSecondSegment);
}

TEST(EverySecondByCount, TwoGlobalTicksLastBetweenOneAndTwo) {
  EverySecond r{{.delay = 200ms, .global_tick = 100ms}};
  r.now = Instant() + 30ms;
  r.data();
  EXPECT_EQ(r.rule.timer().deadline(), Instant() + 200ms);
}

// ---- quickack_pingpong: the keys in which eras differ

struct Adaptive {
  explicit Adaptive(const QuickackPingpongConfig& c) : config(c) {}
  QuickackPingpongConfig config;
  TimerGrain grain{kExact, {}};
  QuickackPingpong rule{config, grain, kMss};
};

QuickackPingpongConfig adaptive() {
  QuickackPingpongConfig config;
  config.min = 40ms;
  config.max = 200ms;
  config.quick_acks = 0;
  return config;
}

TEST(QuickackPingpong, AfterThreeDuplicatesAcksPauseForATwentiethOfTheRoundTrip) {  // A5
  QuickackPingpongConfig config = adaptive();
  config.compressed_acks = 44;
  Adaptive r(config);
  AckView v = view(0);
  v.sack = v.rtt_known = true;
  v.srtt = v.receive_rtt = 10ms;
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(r.rule.on_gap({}, v, {}).why, AckNowReason::kDuplicate) << i;
    r.rule.on_ack_sent();
  }
  EXPECT_EQ(r.rule.on_gap({}, v, {}).kind, Kind::kLater);
  EXPECT_EQ(r.rule.pause_timer()->deadline(), Instant() + 500us);
  EXPECT_EQ(r.rule.on_pause_over(Instant() + 500us, v).why, AckNowReason::kCompressed);
}

TEST(QuickackPingpong, WithoutSackEveryDuplicateIsAcknowledged) {  // A5
  QuickackPingpongConfig config = adaptive();
  config.compressed_acks = 44;
  Adaptive r(config);
  for (int i = 0; i < 9; ++i) ASSERT_EQ(r.rule.on_gap({}, view(0), {}).kind, Kind::kNow);
}

TEST(QuickackPingpong, TheOlderEraGrantsQuickAcksForAGap) {  // A10
  QuickackPingpongConfig config = adaptive();
  config.quick_acks = 16;
  config.gap_grants_quick_acks = true;
  Adaptive r(config);
  r.rule.on_gap({}, view(0), {});
  EXPECT_EQ(r.rule.quick_acks_left(), 16);
}

TEST(QuickackPingpong, TheHandshakeAckWaitsTwoHundredMillisecondsForData) {  // A13
  QuickackPingpongConfig config = adaptive();
  config.handshake_ack_may_wait = true;
  Adaptive r(config);
  EXPECT_EQ(r.rule.on_handshake({}, false, view(0), {}).kind, Kind::kNow);
  EXPECT_EQ(r.rule.on_handshake({}, true, view(0), {}).kind, Kind::kLater);
  EXPECT_EQ(r.rule.timer().deadline(), Instant() + 200ms);
}

TEST(QuickackPingpong, AWindowThatGrowsGrantsOneQuickAck) {  // A3
  QuickackPingpongConfig config = adaptive();
  config.growth_grants_quick_ack = true;
  Adaptive r(config);
  r.rule.on_window_grown();
  EXPECT_EQ(r.rule.quick_acks_left(), 1);
}

TEST(QuickackPingpong, LittleSpaceEndsTheQuickAcks) {  // C8
  QuickackPingpongConfig config = adaptive();
  config.growth_grants_quick_ack = config.low_space_ends_quick_acks = true;
  Adaptive r(config);
  r.rule.on_window_grown();
  r.rule.on_space_low();
  EXPECT_EQ(r.rule.quick_acks_left(), 0);
}

TEST(QuickackPingpong, ASleepingReaderIsGuardedFor150Milliseconds) {  // A15
  QuickackPingpongConfig config = adaptive();
  config.sleeping_reader_guard = 150ms;
  Adaptive r(config);
  r.rule.on_prequeued({}, {});
  EXPECT_EQ(r.rule.timer().deadline(), Instant() + 150ms);
}

TEST(QuickackPingpong, TheOlderEraDelaysUpToHalfASecond) {  // A6
  QuickackPingpongConfig config = adaptive();
  config.max_limits_all = false;
  Adaptive r(config);
  AckView v = view(kMss);
  Instant now;
  for (const Duration wish : {40ms, 80ms, 160ms, 320ms, 500ms}) {
    r.rule.on_data(now, {.length = kMss}, v, {});
    EXPECT_EQ(r.rule.timer().wish(), wish);
    now = r.rule.timer().deadline();
    r.rule.on_timer(now, v);
    r.rule.on_ack_sent();
    now = now + 900ms;
  }
}

}  // namespace
}  // namespace tcptwin::policy

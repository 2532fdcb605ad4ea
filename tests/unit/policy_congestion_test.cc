// Congestion: how much may be in flight (RFC 5681 3.1, RFC 6928 2, RFC 6582, facts/linux.md D7-D9).
#include <gtest/gtest.h>

#include "stack/policy/congestion.h"

namespace tcptwin::policy {
namespace {

using Config = CongestionConfig;

constexpr TimerGrainConfig kExact{};
const TimerGrain& exact() {
  static const TimerGrain grain(kExact, {});
  return grain;
}

constexpr uint32_t kMss = 1460;
constexpr Instant kStart;

Flight flight(int64_t segments, uint32_t mss = kMss) { return {segments, segments * mss, mss}; }

// ACKs `segments` full segments.
Acknowledged acked(int64_t segments, bool limited = true) {
  return {.segments = segments,
          .bytes = segments * kMss,
          .before = flight(segments),
          .limited = limited};
}

Config reno() { return {.behaviour = Config::Behaviour::kReno}; }

Config bytes() {
  Config config = reno();
  config.unit = Config::Unit::kBytes;
  config.initial_window = Config::InitialWindow::kBytes;
  return config;
}

// ---- reno, by segments

TEST(CongestionReno, BeginsWithTenSegments) {
  const Config config = reno();
  const Congestion c(config, exact());
  EXPECT_EQ(c.window(), 10);
  EXPECT_EQ(c.allowance(flight(0)), 10 * kMss);
  EXPECT_EQ(c.allowance(flight(7)), 3 * kMss);
  EXPECT_EQ(c.allowance(flight(12)), 0);
}

TEST(CongestionReno, ASmallSegmentTakesAsMuchAsAFullOne) {
  const Config config = reno();
  const Congestion c(config, exact());
  EXPECT_EQ(c.allowance({.segments = 9, .bytes = 9, .mss = kMss}), kMss);
}

TEST(CongestionReno, SlowStartAddsWhatWasAcknowledged) {
  const Config config = reno();
  Congestion c(config, exact());
  c.on_ack(kStart, acked(2));
  EXPECT_EQ(c.window(), 12);
}

TEST(CongestionReno, DoesNotGrowWhenItWasNotTheLimit) {  // RFC 7661
  const Config config = reno();
  Congestion c(config, exact());
  c.on_ack(kStart, acked(10, false));
  EXPECT_EQ(c.window(), 10);
}

TEST(CongestionReno, ATimeoutLeavesOneSegmentAndHalfOfTheFlight) {  // RFC 5681 3.1, equation 4
  const Config config = reno();
  Congestion c(config, exact());
  c.on_timeout(kStart, flight(10), false);
  EXPECT_EQ(c.window(), 1);
  EXPECT_EQ(c.slow_start_threshold(), 5);
}

TEST(CongestionReno, TheThresholdIsNeverBelowTwoSegments) {
  const Config config = reno();
  Congestion c(config, exact());
  c.on_timeout(kStart, flight(1), false);
  EXPECT_EQ(c.slow_start_threshold(), 2);
}

TEST(CongestionReno, ATimeoutOfTheSameSegmentKeepsTheThreshold) {
  const Config config = reno();
  Congestion c(config, exact());
  c.on_timeout(kStart, flight(10), false);
  c.on_timeout(kStart, flight(1), true);
  EXPECT_EQ(c.window(), 1);
  EXPECT_EQ(c.slow_start_threshold(), 5);
}

TEST(CongestionReno, AboveTheThresholdAWindowAddsOneSegment) {  // RFC 5681 3.1, equation 3
  const Config config = reno();
  Congestion c(config, exact());
  c.on_timeout(kStart, flight(8), false);
  c.on_ack(kStart, acked(3));
  EXPECT_EQ(c.window(), 4);
  for (int i = 0; i < 3; ++i) c.on_ack(kStart, acked(1));
  EXPECT_EQ(c.window(), 4);
  c.on_ack(kStart, acked(1));
  EXPECT_EQ(c.window(), 5);
}

TEST(CongestionReno, SlowStartStopsAtTheThreshold) {
  const Config config = reno();
  Congestion c(config, exact());
  c.on_timeout(kStart, flight(8), false);
  c.on_ack(kStart, acked(100));
  EXPECT_EQ(c.window(), 4);
}

TEST(CongestionReno, ALossHalvesTheFlightOrTheWindow) {
  Config config = reno();
  Congestion by_flight(config, exact());
  by_flight.on_loss(kStart, flight(8));
  EXPECT_EQ(by_flight.slow_start_threshold(), 4);
  config.reduction = Config::Reduction::kWindow;
  Congestion by_window(config, exact());
  by_window.on_loss(kStart, flight(8));
  EXPECT_EQ(by_window.slow_start_threshold(), 5);
  EXPECT_EQ(by_window.window(), 5);
}

TEST(CongestionReno, AMistakenReductionIsUndone) {  // RFC 5682
  const Config config = reno();
  Congestion c(config, exact());
  c.on_timeout(kStart, flight(10), false);
  c.undo();
  EXPECT_EQ(c.window(), 10);
  EXPECT_TRUE(c.in_slow_start());
  c.on_timeout(kStart, flight(10), false);
  c.on_timeout(kStart, flight(1), true);  // the first of them counts
  c.undo();
  EXPECT_EQ(c.window(), 10);
}

TEST(CongestionReno, AnEchoedMarkIsALossWithoutRetransmission) {  // RFC 3168 6.1.2
  const Config config = reno();
  Congestion c(config, exact());
  c.on_ecn_echo(kStart, flight(10));
  EXPECT_EQ(c.window(), 5);
}

TEST(CongestionReno, TheCacheOfThePeerSetsTheThreshold) {  // facts/freebsd.md D8
  const Config config = reno();
  Congestion c(config, exact());
  c.seed(0, 1);
  EXPECT_EQ(c.window(), 10);
  EXPECT_EQ(c.slow_start_threshold(), 2);
}

// ---- fast recovery

TEST(CongestionInflate, ADuplicateOpensAndAPartialAckDeflates) {  // RFC 6582 3.2
  Config config = reno();
  config.recovery = Config::Recovery::kInflate;
  Congestion c(config, exact());
  c.on_loss(kStart, flight(10));
  EXPECT_EQ(c.window(), 5 + 3);
  c.on_recovery_progress(kStart, {.duplicate = true});
  EXPECT_EQ(c.window(), 9);
  c.on_recovery_progress(kStart, {.segments = 4, .bytes = 4 * kMss});
  EXPECT_EQ(c.window(), 9 - 4 + 1);
  c.on_recovery_end(kStart, flight(2));
  EXPECT_EQ(c.window(), 3);  // the flight and one more
  EXPECT_EQ(c.slow_start_threshold(), 5);
}

TEST(CongestionPipe, StaysAtTheThreshold) {  // RFC 6675 5
  const Config config = reno();
  Congestion c(config, exact());
  c.on_loss(kStart, flight(10));
  c.on_recovery_progress(kStart, {.duplicate = true});
  c.on_recovery_progress(kStart, {.segments = 4, .bytes = 4 * kMss});
  EXPECT_EQ(c.window(), 5);
  c.on_recovery_end(kStart, flight(0));
  EXPECT_EQ(c.window(), 5);
}

// ---- by bytes

TEST(CongestionBytes, OneAckOpensItByTwoSegmentsAtMost) {  // RFC 3465 2.2, facts/freebsd.md D7
  Config config = bytes();
  config.slow_start_limit = 2;
  Congestion c(config, exact());
  c.on_established(kMss, 0);
  EXPECT_EQ(c.window(), 14600);
  c.on_ack(kStart, acked(1));
  EXPECT_EQ(c.window(), 11 * kMss);
  c.on_ack(kStart, acked(8));
  EXPECT_EQ(c.window(), 13 * kMss);
}

TEST(CongestionBytes, CountsThePayload) {
  const Config config = bytes();
  Congestion c(config, exact());
  c.on_established(kMss, 0);
  EXPECT_EQ(c.allowance({.segments = 100, .bytes = 1000, .mss = kMss}), 13600);
  EXPECT_EQ(c.window_segments(kMss), 10);
}

TEST(CongestionBytes, TheThresholdIsWholeSegments) {
  const Config config = bytes();
  Congestion c(config, exact());
  c.on_established(kMss, 0);
  c.on_loss(kStart, {.segments = 10, .bytes = 10 * kMss - 2, .mss = kMss});
  EXPECT_EQ(c.slow_start_threshold(), 4 * kMss);
}

TEST(CongestionBytes, AWindowOfBytesAddsOneSegment) {
  const Config config = bytes();
  Congestion c(config, exact());
  c.on_established(kMss, 0);
  c.on_loss(kStart, flight(8));
  c.on_ack(kStart, acked(3));
  EXPECT_EQ(c.window(), 4 * kMss);
  c.on_ack(kStart, acked(1));
  EXPECT_EQ(c.window(), 5 * kMss);
}

TEST(CongestionPerAck, AnAckCountsForOneSegment) {  // Linux 2.6.32, tcp_abc = 0
  Config config = reno();
  config.slow_start_limit = 1;
  config.avoidance_limit = 1;
  Congestion c(config, exact());
  c.on_ack(kStart, acked(2));
  EXPECT_EQ(c.window(), 11);
  c.on_loss(kStart, flight(4));
  c.on_ack(kStart, acked(2));
  EXPECT_EQ(c.window(), 2);
  c.on_ack(kStart, acked(2));
  EXPECT_EQ(c.window(), 3);
}

// ---- the initial window

TEST(CongestionInitialWindow, ByMssItIsFourThreeOrTwoSegments) {  // facts/linux.md D7
  Config config = reno();
  config.initial_window = Config::InitialWindow::kByMss;
  Congestion c(config, exact());
  c.on_established(1095, 0);
  EXPECT_EQ(c.window(), 4);
  c.on_established(1096, 0);
  EXPECT_EQ(c.window(), 3);
  c.on_established(1460, 0);
  EXPECT_EQ(c.window(), 3);
  c.on_established(1461, 0);
  EXPECT_EQ(c.window(), 2);
}

TEST(CongestionInitialWindow, TenSegmentsAreAtMost14600BytesButTwoSegments) {  // RFC 6928 2
  const Config config = bytes();
  Congestion c(config, exact());
  c.on_established(536, 0);
  EXPECT_EQ(c.window(), 5360);
  c.on_established(1460, 0);
  EXPECT_EQ(c.window(), 14600);
  c.on_established(2000, 0);
  EXPECT_EQ(c.window(), 14600);
  c.on_established(9000, 0);
  EXPECT_EQ(c.window(), 18000);
}

TEST(CongestionInitialWindow, FourSegmentsAreAtMost4380BytesButTwoSegments) {  // RFC 3390 1
  Config config = bytes();
  config.initial_segments = 4;
  config.initial_bytes = 4380;
  Congestion c(config, exact());
  c.on_established(1000, 0);
  EXPECT_EQ(c.window(), 4000);
  c.on_established(1448, 0);
  EXPECT_EQ(c.window(), 4380);
  c.on_established(4000, 0);
  EXPECT_EQ(c.window(), 8000);
}

TEST(CongestionInitialWindow, ASecondLostSynMakesItOneSegment) {  // RFC 6928 2
  const Config config = reno();
  Congestion c(config, exact());
  c.on_established(kMss, 1);
  EXPECT_EQ(c.window(), 10);
  c.on_established(kMss, 2);
  EXPECT_EQ(c.window(), 1);
}

TEST(CongestionInitialWindow, WithNoneAllowedTheFirstDoes) {  // facts/freebsd.md D5
  Config config = bytes();
  config.syn_losses_allowed = 0;
  Congestion c(config, exact());
  c.on_established(kMss, 1);
  EXPECT_EQ(c.window(), kMss);
}

// ---- when it may grow

TEST(CongestionGrowth, InSlowStartHalfOfTheWindowIsEnough) {  // facts/linux.md D9
  Config config = reno();
  config.growth = Config::Growth::kHalfInSlowStart;
  Congestion c(config, exact());
  Acknowledged ack = acked(1, false);
  ack.largest_flight = 5;
  c.on_ack(kStart, ack);
  EXPECT_EQ(c.window(), 10);
  ack.largest_flight = 6;
  c.on_ack(kStart, ack);
  EXPECT_EQ(c.window(), 11);
}

TEST(CongestionGrowth, NearlyFullLeavesThreeSegments) {  // Linux 2.6.32, tcp_is_cwnd_limited
  Config config = reno();
  config.growth = Config::Growth::kNearlyFull;
  Congestion c(config, exact());
  Acknowledged ack = acked(1, false);
  ack.before = flight(6);
  c.on_ack(kStart, ack);
  EXPECT_EQ(c.window(), 10);
  ack.before = flight(7);
  c.on_ack(kStart, ack);
  EXPECT_EQ(c.window(), 11);
}

TEST(CongestionGrowth, BelowThePeersWindowItAlwaysGrows) {
  Config config = bytes();
  config.growth = Config::Growth::kBelowPeerWindow;
  Congestion c(config, exact());
  c.on_established(kMss, 0);
  Acknowledged ack = acked(1, false);
  ack.peer_window = 14599;
  c.on_ack(kStart, ack);
  EXPECT_EQ(c.window(), 14600);
  ack.peer_window = 14600;
  c.on_ack(kStart, ack);
  EXPECT_EQ(c.window(), 16060);
}

// ---- after a pause

// Slow start to 149 segments, then 3 s of silence.
int64_t after_three_seconds(const Config& config, Duration rto) {
  Congestion c(config, exact());
  c.on_ack(kStart, acked(139));
  EXPECT_EQ(c.window(), 149);
  c.on_idle(kStart + 3s, 3s, rto);
  EXPECT_TRUE(c.in_slow_start());
  return c.window();
}

TEST(CongestionIdle, HalvesForEachRtoDownToTheInitialWindow) {  // facts/linux.md D9; a captured
  Config config = reno();                                       // connection went from 149 to 10
  config.idle_restart = Config::IdleRestart::kHalves;
  EXPECT_EQ(after_three_seconds(config, 232ms), 10);
  EXPECT_EQ(after_three_seconds(config, 1s), 37);
  EXPECT_EQ(after_three_seconds(config, 3s), 149);
}

TEST(CongestionIdle, GoesBackToTheInitialWindowAtOnce) {  // RFC 5681 4.1
  const Config config = reno();
  EXPECT_EQ(after_three_seconds(config, 1s), 10);
  EXPECT_EQ(after_three_seconds(config, 3s), 149);
}

TEST(CongestionIdle, MayNotMatter) {  // facts/windows.md D5
  Config config = reno();
  config.idle_restart = Config::IdleRestart::kNone;
  EXPECT_EQ(after_three_seconds(config, 300ms), 149);
}

TEST(CongestionIdle, MayNeedAFixedTime) {  // facts/darwin.md 5: three minutes
  Config config = reno();
  config.idle_restart_after = 3min;
  EXPECT_EQ(after_three_seconds(config, 300ms), 149);
}

TEST(CongestionIdle, LeavesThreeQuartersAsThreshold) {  // RFC 2861 2
  const Config config = reno();
  Congestion c(config, exact());
  c.on_loss(kStart, flight(4));
  c.seed(100, 0);
  c.on_idle(kStart + 2s, 2s, 1s);
  EXPECT_EQ(c.window(), 10);
  EXPECT_EQ(c.slow_start_threshold(), 75);
}

TEST(CongestionUnused, AWindowThatIsNotUsedMeetsWhatIs) {  // facts/linux.md D9
  Config config = reno();
  config.unused = Config::Unused::kMeets;
  Congestion c(config, exact());
  c.seed(100, 0);
  c.on_sent(kStart + 100ms, flight(100), true, 200ms);
  c.on_sent(kStart + 200ms, flight(40), false, 200ms);
  EXPECT_EQ(c.window(), 100);
  c.on_sent(kStart + 300ms, flight(20), false, 200ms);
  EXPECT_EQ(c.window(), 70);
  c.on_sent(kStart + 500ms, flight(1), false, 200ms);  // not below the initial window
  EXPECT_EQ(c.window(), 40);
}

TEST(CongestionUnused, IsKeptUnlessTheProfileSaysSo) {
  const Config config = reno();
  Congestion c(config, exact());
  c.seed(100, 0);
  c.on_sent(kStart + 10s, flight(1), false, 200ms);
  EXPECT_EQ(c.window(), 100);
}

TEST(CongestionNone, AllowsAnything) {
  const Config config{.behaviour = Config::Behaviour::kNone};
  Congestion c(config, exact());
  c.on_timeout(kStart, flight(10), false);
  EXPECT_GE(c.allowance(flight(1'000'000)), 1'000'000 * int64_t{kMss});
}

}  // namespace
}  // namespace tcptwin::policy

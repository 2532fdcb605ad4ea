// ReceiveWindow: how the share of memory, the buffer and its limits move (facts/linux.md C2-C10,
// facts/freebsd.md C5-C7, facts/darwin.md 3.2-3.4).
#include <gtest/gtest.h>

#include <utility>

#include "stack/policy/receive_window.h"
#include "tests/unit/policy_samples.h"

namespace tcptwin::policy {
namespace {

constexpr uint32_t kMss = 1448;

// A window of an established connection with a scale of 7, whose reader is prompt.
class Established {
 public:
  explicit Established(const ReceiveWindowConfig& config, uint32_t mss = kMss, bool own = false)
      : mss_(mss), window_(config) {
    if (own) window_.set_own_host();
    told_ = window_.initial_window(mss);
    window_.on_established(Instant(), mss, told_, true);
  }
  // A segment comes and is read; what is told then.
  int64_t after(uint32_t length) {
    WindowView view{.remaining = told_ - length,
                    .charged = window_.charge(length),
                    .mss = mss_,
                    .segment_estimate = estimate_,
                    .shift = 7,
                    .advertised = told_};
    window_.on_data(now_, {.length = length, .next = StreamPos(1) + (received_ += length)}, view);
    estimate_ = std::max(estimate_, length);
    view.segment_estimate = estimate_;
    view.charged = 0;
    return told_ = window_.select(view);
  }
  ReceiveWindow& operator*() { return window_; }
  ReceiveWindow* operator->() { return &window_; }
  Instant now_;

 private:
  uint32_t mss_;
  ReceiveWindow window_;
  int64_t told_ = 0;
  int64_t received_ = 0;
  uint32_t estimate_ = 536;
};

const ReceiveWindowConfig& newer() { return linux_sample().receive_window; }
const ReceiveWindowConfig& older() {
  static const Profile profile = sample_profile("linux-2.6.32");
  return profile.receive_window;
}
const ReceiveWindowConfig& freebsd() {
  static const Profile profile = sample_profile("freebsd-14");
  return profile.receive_window;
}
const ReceiveWindowConfig& macos() {
  static const Profile profile = sample_profile("macos-14");
  return profile.receive_window;
}

// ---- the share of memory: C3

TEST(ReceiveBuffer, FullSegmentsOpenItAsCaptured) {  // traces/kernel-6.18/k_window
  Established window(newer());
  for (const int64_t told : {68096, 71040, 73856, 76800, 79744, 80512, 80512}) {
    EXPECT_EQ(window.after(kMss), told);
  }
}

TEST(ReceiveBuffer, ASegmentOf1000BytesClosesItsEdge) {  // traces/kernel-6.18/d_close/half
  Established window(newer(), 1460);
  EXPECT_EQ(window.after(1000), 63360);
}

TEST(ReceiveBuffer, TheOlderShareStaysThreeQuarters) {
  Established window(older());
  window.after(kMss);
  EXPECT_EQ(window->initial_window(kMss), 5792);
  EXPECT_FALSE(window->space_below_half({.charged = 87380 / 2}));
}

TEST(ReceiveBuffer, ASegmentOfTheHostItselfIsChargedAsItWasSent) {  // C4
  Established window(newer(), 65483, /*own=*/true);
  EXPECT_EQ(window->charge(32741), 32741 + 832);
}

// ---- what a program sets: C2, C5, C19

TEST(ReceiveBuffer, ABufferThatAProgramSetsDecidesTheScale) {  // traces/kernel-6.18/k_window/rcv*
  ReceiveWindow window(newer());
  window.set_buffer(131072);
  EXPECT_EQ(window.scale_to_offer(), 1);
  window.set_buffer(2097152);
  EXPECT_EQ(window.scale_to_offer(), 5);
  EXPECT_EQ(window.initial_window(kMss), 1048352);
}

TEST(ReceiveBuffer, AClampLimitsScaleAndWindow) {
  ReceiveWindow window(newer());
  window.set_clamp(20000);
  EXPECT_EQ(window.scale_to_offer(), 0);
  EXPECT_EQ(window.initial_window(1460), 13 * 1460);
  window.on_established(Instant(), kMss, 13 * 1460, true);
  EXPECT_LE(window.select({.mss = kMss, .segment_estimate = kMss, .shift = 7}), 20096);
}

TEST(ReceiveBuffer, ALowWaterMarkBeyondItRaisesIt) {
  Established window(newer());
  window->set_low_water(100'000);
  EXPECT_EQ(window->buffer(), 200'000);
  window->set_low_water(100);
  EXPECT_EQ(window->buffer(), 200'000);
  window->set_low_water(1 << 30);  // half of what it may ever be
  EXPECT_EQ(window->buffer(), 6291456);
}

// ---- growth with the pace: C7

void brings(Established& window, int64_t bytes) {
  window.now_ = window.now_ + 20ms;
  window->on_data(window.now_,
                  {.length = kMss, .answers_ours = true, .echo = 20ms, .drained = true},
                  {.mss = kMss, .segment_estimate = kMss, .shift = 7});
  window->on_read(window.now_, bytes, 0, kMss);
}

TEST(ReceiveBuffer, GrowsWithThePace) {
  Established window(newer());
  window.after(kMss);
  brings(window, 15928);
  brings(window, 28960);
  EXPECT_EQ(window->buffer(), 244316);  // traces/kernel-6.18/b_bulk/10MB_nodrop_r1
  brings(window, 57920);
  EXPECT_EQ(window->buffer(), 556032);
}

TEST(ReceiveBuffer, StaysAsAProgramHasSetIt) {
  Established window(newer());
  window->set_buffer(131072);
  brings(window, 15928);
  brings(window, 200'000);
  EXPECT_EQ(window->buffer(), 131072);
}

TEST(ReceiveBuffer, TheOlderOneGrowsToTwiceTheMostInWholeSegments) {
  Established window(older());
  brings(window, 100 * kMss);
  const int64_t grown = window->buffer();
  EXPECT_EQ(grown % 200, 0);  // of 200 segments with what each takes besides
  EXPECT_GT(grown, 200 * kMss * 4 / 3);
  brings(window, 50 * kMss);
  EXPECT_EQ(window->buffer(), grown);
}

TEST(ReceiveBuffer, DataBehindAGapCallsForRoomAhead) {
  Established window(newer());
  window.after(kMss);
  window->on_gap(500'000);
  EXPECT_EQ(window->buffer(), (2 * 14480 + 500'000) * 256 / 160);
}

TEST(ReceiveBuffer, ReportedDataBehindAGapOpensTheWindowInTheNewerEra) {
  for (const bool newer_era : {true, false}) {
    Established window(newer_era ? newer() : older());
    window.after(kMss);
    const int64_t opened = window->opened();
    window->on_reported_gap(
        kMss, {.charged = window->charge(kMss), .mss = kMss, .segment_estimate = kMss, .shift = 7});
    EXPECT_EQ(window->opened() - opened, newer_era ? 2 * kMss : 0);
  }
}

// ---- a full buffer: C10

TEST(ReceiveBuffer, TheLastSegmentMayGoBeyond) {
  Established window(newer());
  EXPECT_TRUE(window->take_in(131072, kMss));
  EXPECT_EQ(window->buffer(), 131072);
}

TEST(ReceiveBuffer, AFullOneGrowsToWhatIsTaken) {
  Established window(newer());
  EXPECT_TRUE(window->take_in(140'000, kMss));
  EXPECT_EQ(window->buffer(), 140'000);
}

TEST(ReceiveBuffer, OneThatAProgramHasSetDoesNot) {
  Established window(newer());
  window->set_buffer(131072);
  EXPECT_FALSE(window->take_in(131073, kMss));
  EXPECT_LE(window->select({.mss = kMss, .segment_estimate = kMss, .shift = 7}), 2 * kMss + 128);
}

// ---- FreeBSD

TEST(ReceiveBufferHalfAgain, GrowsWhenHalfARoundTripFilledThreeEighths) {  // C5
  Established window(freebsd());
  const WindowView view{.mss = kMss, .segment_estimate = 0, .shift = 6};
  const auto segment = [&](Duration after) {
    window.now_ = window.now_ + after;
    window->on_data(window.now_, {.length = kMss, .own_rtt = 20ms}, view);
  };
  window->on_sent(window.now_);
  for (int i = 0; i < 17; ++i) segment(100us);  // 24616 bytes: 24576 would not do
  EXPECT_EQ(window->buffer(), 65536);
  segment(10ms);
  EXPECT_EQ(window->buffer(), 98304);
}

TEST(ReceiveBufferQuarter, NoWindowBelowAQuarterAndASegment) {  // C6
  const ReceiveWindow window(freebsd());
  EXPECT_EQ(window.select({.charged = 65536 - 1447, .mss = kMss, .shift = 6}), 0);
  EXPECT_EQ(window.select({.charged = 65536 - 1448, .mss = kMss, .shift = 6}), 1472);  // upwards
}

TEST(ReceiveBufferQuarter, AReadIsToldAtTwoSegmentsAndAQuarter) {  // C7
  const ReceiveWindow window(freebsd());
  WindowView view{.remaining = 65536 - 16383, .mss = kMss, .shift = 6};
  EXPECT_FALSE(window.update_is_due(view));
  view.remaining = 65536 - 16384;
  EXPECT_TRUE(window.update_is_due(view));
  view.ack_waits = true;
  EXPECT_FALSE(window.update_is_due(view));
}

// ---- macOS

TEST(ReceiveBufferStep, GrowsAtOnceOnLoopback) {  // facts/darwin.md 3.3
  Established window(macos(), 16332);
  EXPECT_EQ(window->buffer(), 408300);
  EXPECT_EQ(window->scale_to_offer(), 6);
  EXPECT_EQ(window->select({.mss = 16332, .shift = 6}) >> 6, 6379);  // as seen in captures
}

TEST(ReceiveBufferStep, AReaderThatSleepsGetsOneStep) {  // facts/darwin.md 3.3: sb_idealsize
  Established window(macos());
  const WindowView full{.charged = 131768, .mss = kMss, .shift = 6};
  for (int i = 0; i < 100; ++i) window->on_data(window.now_, {.length = kMss}, full);
  EXPECT_EQ(window->buffer(), 131768 + 16 * int64_t{kMss});
}

TEST(ReceiveBufferStep, IsWholeSegmentsOnEthernet) {
  EXPECT_EQ(Established(macos())->buffer(), 131768);
}

TEST(ReceiveBufferBestRoundTrip, GrowsToFourTimesAJumpAndTwiceARise) {
  Established window(macos());
  uint32_t clock = 0;
  const auto round_trip = [&](uint32_t bytes) {
    const uint32_t left = std::exchange(clock, clock + 20);
    window.now_ = window.now_ + 20ms;
    window->on_data(
        window.now_,
        {.length = bytes, .echo = 20ms, .echoes = true, .echoed_clock = left, .clock = clock},
        {.mss = kMss, .shift = 6});
    return window->buffer();
  };
  EXPECT_EQ(round_trip(5'120), 131768);  // not more than an initial window
  EXPECT_EQ(round_trip(40'000), 160'000 - 160'000 % kMss);
  EXPECT_EQ(round_trip(100'000), 400'000 - 400'000 % kMss);
  EXPECT_EQ(round_trip(200'000), 800'000 - 800'000 % kMss);
  EXPECT_EQ(round_trip(210'000), 800'000 - 800'000 % kMss);
  EXPECT_EQ(round_trip(420'000), 1'680'000 - 1'680'000 % kMss);
  EXPECT_EQ(round_trip(500'000), 1'680'000 - 1'680'000 % kMss);
  EXPECT_EQ(round_trip(2'000'000), 4194240 - 4194240 % kMss);
}

TEST(ReceiveBufferBestRoundTrip, WhatLeftInTheTickOfTheCountEndsIt) {  // facts/darwin.md 3.3
  Established window(macos());
  const auto arrives = [&](uint32_t bytes, uint32_t echoed, uint32_t clock) {
    window->on_data(window.now_,
                    {.length = bytes, .echoes = true, .echoed_clock = echoed, .clock = clock},
                    {.mss = kMss, .shift = 6});
    return window->buffer();
  };
  arrives(1'000, 100, 200);
  EXPECT_EQ(arrives(60'000, 199, 299), 131768);
  EXPECT_EQ(arrives(1'000, 200, 300), 244'000 - 244'000 % kMss);
}

TEST(ReceiveBufferBestRoundTrip, WithoutTimestampsAWindowTakesARoundTrip) {  // 3.3
  Established window(macos());
  int64_t next = 0;
  const auto arrives = [&](uint32_t bytes, Duration after) {
    window.now_ = window.now_ + after;
    next += bytes;
    window->on_data(window.now_, {.length = bytes, .next = StreamPos(next)},
                    {.mss = kMss, .advertised = 60'000});
    return window->buffer();
  };
  arrives(1'000, 1ms);
  EXPECT_EQ(arrives(30'000, 10ms), 131768);  // no whole window yet: no measure
  EXPECT_EQ(arrives(60'000, 10ms), 360'000 - 360'000 % kMss);
}

}  // namespace
}  // namespace tcptwin::policy

// ReceiveWindow and SendBuffer: the numbers of RFC 9293 3.8.6.2.2 and facts/linux.md C3-C9,
// C13-C14.
#include <gtest/gtest.h>

#include <algorithm>

#include "stack/base/rng.h"
#include "stack/policy/receive_window.h"
#include "stack/policy/send_buffer.h"
#include "tests/unit/policy_samples.h"

namespace tcptwin::policy {
namespace {

const ReceiveWindowConfig& memory_charged() { return linux_sample().receive_window; }
const ReceiveWindowConfig& fixed_buffer() { return rfc_sample().receive_window; }

void establish(ReceiveWindow& window, uint32_t mss) {
  window.on_established(Instant(), mss, window.initial_window(mss), /*scaling=*/true);
}

// ---- memory_charged

TEST(ReceiveWindowMemoryCharged, TheFirstWindowIsWholeSegments) {  // facts/linux.md C5
  const ReceiveWindow window(memory_charged());
  EXPECT_EQ(window.initial_window(1460), 64240);   // a SYN on Ethernet
  EXPECT_EQ(window.initial_window(1448), 65160);   // a SYN-ACK with timestamps
  EXPECT_EQ(window.initial_window(65495), 65495);  // loopback
  EXPECT_EQ(window.initial_window(65483), 65483);
}

TEST(ReceiveWindowMemoryCharged, OffersAScaleOfSeven) {  // C5
  EXPECT_EQ(ReceiveWindow(memory_charged()).scale_to_offer(), 7);
}

TEST(ReceiveWindowMemoryCharged, WhatTheSynPromisedIsRoundedUpToTheScale) {
  ReceiveWindow window(memory_charged());
  establish(window, 1460);
  EXPECT_EQ(window.select({.remaining = 64240, .mss = 1460, .segment_estimate = 536, .shift = 7}),
            64256);
}

TEST(ReceiveWindowMemoryCharged, TenBytesReadLaterTheServerAdvertises65152) {
  ReceiveWindow window(memory_charged());
  establish(window, 1448);
  EXPECT_EQ(window.select({.remaining = 65150, .mss = 1448, .segment_estimate = 536, .shift = 7}),
            65152);
}

TEST(ReceiveWindowMemoryCharged, LoopbackAdvertises65536) {
  ReceiveWindow window(memory_charged());
  establish(window, 65483);
  EXPECT_EQ(window.select({.remaining = 65483, .mss = 65483, .segment_estimate = 536, .shift = 7}),
            65536);
}

TEST(ReceiveWindowMemoryCharged, AFullSegmentIsCharged2304Bytes) {  // C4
  const ReceiveWindow window(memory_charged());
  EXPECT_EQ(window.charge(1448), 2304);
  EXPECT_EQ(window.charge(10), 768);
}

TEST(ReceiveWindowMemoryCharged, SmallSegmentsDoNotOpenIt) {  // C6
  ReceiveWindow window(memory_charged());
  establish(window, 1448);
  const WindowView view{.mss = 1448, .segment_estimate = 1448, .shift = 7};
  const int64_t before = window.select(view);
  for (int i = 0; i < 100; ++i) window.on_data(Instant(), {.length = 127}, view);
  EXPECT_EQ(window.select(view), before);
}

TEST(ReceiveWindowMemoryCharged, NeverOpensBeyondTheBuffersWorth) {
  ReceiveWindow window(memory_charged());
  establish(window, 1448);
  const WindowView view{.mss = 1448, .segment_estimate = 1448, .shift = 7};
  for (int i = 0; i < 1000; ++i) window.on_data(Instant(), {.length = 1448}, view);
  EXPECT_LE(window.select(view), 65536);
}

TEST(ReceiveWindowMemoryCharged, WithoutAScaleTheHostReckonsWithMoreThanTheFieldCanSay) {  // C5
  ReceiveWindow window(memory_charged());
  window.on_established(Instant(), 1448, window.initial_window(1448), /*scaling=*/false);
  WindowView view{.charged = 2304, .mss = 1448, .segment_estimate = 536, .advertised = 65160};
  window.on_data(Instant(), {.length = 1448}, view);
  view.segment_estimate = 1448;
  EXPECT_EQ(window.select(view), 47 * 1448);
}

TEST(ReceiveWindowMemoryCharged, BuffersAreSharedOnTheHostItselfOnly) {  // C4
  ReceiveWindow window(memory_charged());
  EXPECT_FALSE(window.shares_buffer(2));
  window.set_own_host();
  EXPECT_TRUE(window.shares_buffer(17));
  EXPECT_FALSE(window.shares_buffer(18));
}

TEST(ReceiveWindowMemoryCharged, AWriterFillsBlocksOf32768Bytes) {  // C4
  const ReceiveWindow window(memory_charged());
  EXPECT_EQ(window.blocks(StreamPos(1), 32768), 1);
  EXPECT_EQ(window.blocks(StreamPos(1), 32769), 2);
  EXPECT_EQ(window.blocks(StreamPos(32769), 1), 1);
  EXPECT_EQ(window.blocks(StreamPos(18001), 35136), 2);
}

TEST(ReceiveWindowMemoryCharged, AFullBufferClosesIt) {  // C8
  ReceiveWindow window(memory_charged());
  establish(window, 1448);
  WindowView view{.charged = 131072, .mss = 1448, .segment_estimate = 1448, .shift = 7};
  EXPECT_EQ(window.select(view), 0);
  view.charged = 131072 - 2 * 4095;  // a window of 4095: below a sixteenth of 65536
  EXPECT_EQ(window.select(view), 0);
  view.charged = 131072 - 2 * 4096;
  EXPECT_EQ(window.select(view), 4096);
}

TEST(ReceiveWindowMemoryCharged, StaysClosedBelowASegment) {  // C8
  ReceiveWindow window(memory_charged());
  establish(window, 65483);
  const WindowView view{
      .charged = 131072 - 2 * 30000, .mss = 65483, .segment_estimate = 32741, .shift = 7};
  EXPECT_EQ(window.select(view), 0);
}

TEST(ReceiveWindowMemoryCharged, AReadIsToldOnlyWhenTheWindowDoubles) {  // C9
  ReceiveWindow window(memory_charged());
  establish(window, 1448);
  WindowView view{.mss = 1448, .segment_estimate = 1448, .shift = 7};
  view.remaining = 32000;
  EXPECT_TRUE(window.update_is_due(view));
  view.remaining = 33000;  // more than half of the largest window
  EXPECT_FALSE(window.update_is_due(view));
  view.remaining = 16384;
  view.charged = 131072 - 2 * 30000;  // free 30000: not twice as much
  EXPECT_FALSE(window.update_is_due(view));
}

TEST(ReceiveWindowMemoryCharged, WithoutScalingTheEdgeMovesInWholeSegments) {  // C8
  ReceiveWindow window(memory_charged());
  establish(window, 1460);
  WindowView view{.remaining = 60000, .mss = 1460, .segment_estimate = 1460};
  view.charged = 2 * 5000;  // free 60536: less than a segment more
  EXPECT_EQ(window.select(view), 60000);
  view.charged = 2 * 3000;  // free 62536
  EXPECT_EQ(window.select(view), 62536 - 62536 % 1460);
}

// ---- fixed_buffer

TEST(ReceiveWindowFixedBuffer, BeginsWithTheWholeBuffer) {
  EXPECT_EQ(ReceiveWindow(fixed_buffer()).initial_window(1460), 65535);
}

TEST(ReceiveWindowFixedBuffer, NeedsNoScaleFor65535Bytes) {
  EXPECT_EQ(ReceiveWindow(fixed_buffer()).scale_to_offer(), 0);
}

TEST(ReceiveWindowFixedBuffer, TheScaleIsTheSmallestThatFits) {
  ReceiveWindowConfig config = fixed_buffer();
  config.max_buffer = 65536;
  EXPECT_EQ(ReceiveWindow(config).scale_to_offer(), 1);
  config.max_buffer = 1 << 30;
  EXPECT_EQ(ReceiveWindow(config).scale_to_offer(), 14);  // RFC 7323 2.3
}

TEST(ReceiveWindowFixedBuffer, UnreadBytesReduceIt) {
  const ReceiveWindow window(fixed_buffer());
  EXPECT_EQ(window.charge(1000), 1000);
  EXPECT_EQ(window.select({.remaining = 64535, .charged = 1000, .mss = 1460}), 64535);
}

// RFC 9293 3.8.6.2.2: the edge moves when min(half the buffer, one segment) has become free.
TEST(ReceiveWindowFixedBuffer, TheEdgeMovesByASegmentAtLeast) {
  const ReceiveWindow window(fixed_buffer());
  EXPECT_EQ(window.select({.remaining = 60000, .charged = 4076, .mss = 1460}), 60000);
  EXPECT_EQ(window.select({.remaining = 60000, .charged = 4075, .mss = 1460}), 61460);
}

TEST(ReceiveWindowFixedBuffer, ATinyBufferMovesByHalfOfItself) {
  ReceiveWindowConfig config = fixed_buffer();
  config.buffer = 1000;
  const ReceiveWindow window(config);
  EXPECT_EQ(window.select({.remaining = 0, .charged = 501, .mss = 1460}), 0);
  EXPECT_EQ(window.select({.remaining = 0, .charged = 500, .mss = 1460}), 500);
}

TEST(ReceiveWindowFixedBuffer, AnUpdateIsDueWhenTheEdgeMoves) {
  const ReceiveWindow window(fixed_buffer());
  EXPECT_FALSE(window.update_is_due({.remaining = 60000, .charged = 4076, .mss = 1460}));
  EXPECT_TRUE(window.update_is_due({.remaining = 60000, .charged = 4075, .mss = 1460}));
}

// ---- both

// RFC 9293 SHLD-14: whatever is queued, the right edge does not move left.
TEST(ReceiveWindow, NeverShrinks) {
  Rng rng = Rng::stream(1, "window");
  for (const ReceiveWindowConfig& config : {memory_charged(), fixed_buffer()}) {
    ReceiveWindow window(config);
    establish(window, 1448);
    for (int i = 0; i < 20000; ++i) {
      WindowView view;
      view.remaining = static_cast<int64_t>(rng.below(65536));
      view.charged = static_cast<int64_t>(rng.below(200000));
      view.mss = 1448;
      view.segment_estimate = static_cast<uint32_t>(88 + rng.below(1400));
      view.shift = rng.below(2) == 0 ? 0 : 7;
      if (view.shift == 0) view.remaining = std::min<int64_t>(view.remaining, 65535);
      ASSERT_GE(window.select(view), view.remaining);
      ASSERT_EQ(window.select(view) % (int64_t{1} << view.shift), 0);
      if (config.behaviour == ReceiveWindowConfig::Behaviour::kFixedBuffer) {
        ASSERT_LE(window.select(view) >> view.shift, 65535);
      }
      window.on_data(Instant(), {.length = static_cast<uint32_t>(rng.below(1449))}, view);
    }
  }
}

// ---- send buffer

SendBuffer established(const SendBufferConfig& config, uint32_t mss) {
  SendBuffer buffer(config);
  buffer.on_established(mss, 10);
  return buffer;
}

TEST(SendBufferChunkCharged, HoldsTwentySegmentsOnceEstablished) {  // facts/linux.md C13
  const SendBufferConfig& config = linux_sample().send_buffer;
  EXPECT_EQ(SendBuffer(config).size(), 16384);
  EXPECT_EQ(established(config, 1448).size(), 46080);
  EXPECT_EQ(established(config, 65483).size(), 2626560);
}

TEST(SendBufferChunkCharged, AChunkIsHalfTheLargestWindowInWholeSegments) {  // facts/linux.md B9
  const SendBuffer buffer = established(linux_sample().send_buffer, 1448);
  EXPECT_EQ(buffer.chunk_goal(1448, 65160), 31856);
  EXPECT_EQ(buffer.chunk_goal(1448, 1'000'000), 65160);
  EXPECT_EQ(buffer.chunk_goal(1448, 500), 1448);
  EXPECT_EQ(buffer.chunk_goal(1448, 1000), 1448);
}

TEST(SendBufferChunkCharged, ANewChunkNeedsRoomForOneByteOnly) {  // C14: it overshoots
  const SendBuffer buffer = established(linux_sample().send_buffer, 1448);
  EXPECT_EQ(buffer.room({.queued = 46079}, 31856), 31856);
  EXPECT_EQ(buffer.room({.queued = 46080}, 31856), 0);
  EXPECT_EQ(buffer.room({.queued = 46079 - 832, .chunks = 1}, 31856), 31856);
  EXPECT_EQ(buffer.room({.queued = 46080 - 832, .chunks = 1}, 31856), 0);
}

TEST(SendBufferBytes, TakesWhatFits) {
  const SendBuffer buffer = established(rfc_sample().send_buffer, 1460);
  EXPECT_EQ(buffer.size(), 65536);
  EXPECT_EQ(buffer.room({}, 100), 100);
  EXPECT_EQ(buffer.room({.queued = 65500}, 100), 36);
  EXPECT_EQ(buffer.room({.queued = 65536}, 100), 0);
  EXPECT_EQ(buffer.room_in_chunk({.queued = 65500}, 100, 100), 36);
}

}  // namespace
}  // namespace tcptwin::policy

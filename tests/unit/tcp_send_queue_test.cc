// SendQueue: chunks, what is in flight, what was lost.
#include <gtest/gtest.h>

#include "stack/base/rng.h"
#include "stack/tcp/send_queue.h"

namespace tcptwin::tcp {
namespace {

constexpr uint32_t kMss = 100;

Payload bytes(int64_t from, int64_t count) {
  return Payload::synthetic(0, static_cast<uint64_t>(from), static_cast<size_t>(count));
}
Instant at(Duration d) { return Instant() + d; }

TEST(SendQueue, BeginsEmptyAtTheFirstByte) {
  const SendQueue queue;
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.begin(), StreamPos(1));
  EXPECT_EQ(queue.end(), StreamPos(1));
  EXPECT_EQ(queue.next_unsent(), nullptr);
  EXPECT_EQ(queue.next_lost(), nullptr);
}

TEST(SendQueue, ChunksAreAdjacent) {
  SendQueue queue;
  queue.append_chunk(bytes(1, 30));
  queue.append_chunk(bytes(31, 20));
  EXPECT_EQ(queue.chunk_count(), 2);
  EXPECT_EQ(queue.unsent_bytes(), 50);
  EXPECT_EQ(queue.next_unsent()->begin, StreamPos(1));
  queue.mark_sent(at(0ms), 30, kMss);
  EXPECT_EQ(queue.next_unsent()->begin, StreamPos(31));
}

TEST(SendQueue, TheTailTakesBytesUpToItsGoal) {
  SendQueue queue;
  EXPECT_EQ(queue.tail_room(100), 0);
  queue.append_chunk(bytes(1, 30));
  EXPECT_EQ(queue.tail_room(100), 70);
  queue.append_to_tail(bytes(31, 70));
  EXPECT_EQ(queue.tail_room(100), 0);
  EXPECT_EQ(queue.chunk_count(), 1);
  EXPECT_EQ(queue.end(), StreamPos(101));
}

TEST(SendQueue, ATailThatHasLeftTakesNothing) {
  SendQueue queue;
  queue.append_chunk(bytes(1, 30));
  queue.mark_sent(at(0ms), 30, kMss);
  EXPECT_EQ(queue.tail_room(100), 0);
}

TEST(SendQueue, SendingAPartSplitsTheChunk) {
  SendQueue queue;
  queue.append_chunk(bytes(1, 250));
  queue.mark_push();
  queue.mark_sent(at(0ms), 200, kMss);
  EXPECT_EQ(queue.in_flight(), 2);
  EXPECT_EQ(queue.next_unsent()->begin, StreamPos(201));
  EXPECT_EQ(queue.next_unsent()->size(), 50);
  EXPECT_TRUE(queue.next_unsent()->push);  // the mark stays with the end
  EXPECT_EQ(queue.next_unsent()->data.bytes()[0], Payload::pattern_byte(0, 201));
}

TEST(SendQueue, InFlightCountsSegmentsNotBytes) {
  SendQueue queue;
  queue.append_chunk(bytes(1, 101));
  queue.mark_sent(at(0ms), 101, kMss);
  EXPECT_EQ(queue.in_flight(), 2);
}

TEST(SendQueue, AnAckRemovesWholeChunks) {
  SendQueue queue;
  for (int64_t i = 0; i < 3; ++i) queue.append_chunk(bytes(1 + 100 * i, 100));
  for (int i = 0; i < 3; ++i) queue.mark_sent(at(i * 1ms), 100, kMss);
  const SendQueue::Acked acked = queue.acknowledge(StreamPos(201), kMss);
  EXPECT_EQ(acked.bytes, 200);
  EXPECT_EQ(acked.segments, 2);
  EXPECT_EQ(acked.sampled_at, at(0ms));
  EXPECT_EQ(queue.begin(), StreamPos(201));
  EXPECT_EQ(queue.in_flight(), 1);
}

TEST(SendQueue, AnAckInsideAChunkRemovesThatPart) {
  SendQueue queue;
  queue.append_chunk(bytes(1, 200));
  queue.mark_sent(at(0ms), 200, kMss);
  EXPECT_EQ(queue.acknowledge(StreamPos(101), kMss).bytes, 100);
  EXPECT_EQ(queue.begin(), StreamPos(101));
  EXPECT_EQ(queue.in_flight(), 1);
  EXPECT_EQ(queue.acknowledge(StreamPos(201), kMss).bytes, 100);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.in_flight(), 0);
}

TEST(SendQueue, WhatIsLostIsNotInFlight) {
  SendQueue queue;
  for (int64_t i = 0; i < 3; ++i) queue.append_chunk(bytes(1 + 100 * i, 100));
  for (int i = 0; i < 2; ++i) queue.mark_sent(at(0ms), 100, kMss);
  queue.mark_all_lost();
  EXPECT_EQ(queue.in_flight(), 0);
  EXPECT_EQ(queue.next_lost()->begin, StreamPos(1));
  EXPECT_EQ(queue.next_unsent()->begin, StreamPos(201));  // it never left, so it cannot be lost
}

TEST(SendQueue, ResendingTakesTheFirstLostChunk) {
  SendQueue queue;
  for (int64_t i = 0; i < 2; ++i) queue.append_chunk(bytes(1 + 100 * i, 100));
  for (int i = 0; i < 2; ++i) queue.mark_sent(at(0ms), 100, kMss);
  queue.mark_all_lost();
  queue.mark_resent(at(5ms), 100, kMss);
  EXPECT_EQ(queue.in_flight(), 1);
  EXPECT_EQ(queue.next_lost()->begin, StreamPos(101));
}

TEST(SendQueue, APartOfALostChunkCanBeResent) {
  SendQueue queue;
  queue.append_chunk(bytes(1, 300));
  queue.mark_sent(at(0ms), 300, kMss);
  queue.mark_all_lost();
  queue.mark_resent(at(5ms), 100, kMss);
  EXPECT_EQ(queue.in_flight(), 1);
  EXPECT_EQ(queue.next_lost()->begin, StreamPos(101));
  EXPECT_EQ(queue.next_lost()->size(), 200);
  queue.acknowledge(StreamPos(301), kMss);
  EXPECT_EQ(queue.next_lost(), nullptr);
  EXPECT_EQ(queue.in_flight(), 0);
}

TEST(SendQueue, WhatWasResentGivesNoSample) {  // Karn
  SendQueue queue;
  for (int64_t i = 0; i < 2; ++i) queue.append_chunk(bytes(1 + 100 * i, 100));
  for (int i = 0; i < 2; ++i) queue.mark_sent(at(0ms), 100, kMss);
  queue.mark_all_lost();
  queue.mark_resent(at(5ms), 100, kMss);
  EXPECT_EQ(queue.acknowledge(StreamPos(201), kMss).sampled_at, std::nullopt);
}

TEST(SendQueue, SackedNeighboursBecomeOneChunk) {
  SendQueue queue;
  queue.append_chunk(bytes(1, 1000));
  queue.mark_sent(at(0ms), 1000, kMss);
  EXPECT_EQ(queue.mark_sacked(StreamPos(101), StreamPos(201), kMss), 1);
  EXPECT_EQ(queue.chunk_count(), 3);
  EXPECT_EQ(queue.mark_sacked(StreamPos(101), StreamPos(501), kMss), 3);
  EXPECT_EQ(queue.chunk_count(), 3);
  EXPECT_EQ(queue.sacked_segments(), 4);
  EXPECT_EQ(queue.in_flight(), 6);
}

// A part of a segment could not be counted again.
TEST(SendQueue, ASackedChunkThatEndsInsideASegmentStaysApart) {
  SendQueue queue;
  queue.append_chunk(bytes(1, 300));
  queue.mark_sent(at(0ms), 300, kMss);
  queue.mark_sacked(StreamPos(101), StreamPos(151), kMss);
  queue.mark_sacked(StreamPos(151), StreamPos(301), kMss);
  EXPECT_EQ(queue.chunk_count(), 3);
}

TEST(SendQueue, TheFirstLostChunkIsFoundAfterOthersWereRepairedOrSacked) {
  SendQueue queue;
  for (int64_t i = 0; i < 6; ++i) queue.append_chunk(bytes(1 + i * 100, 100));
  for (int64_t i = 0; i < 6; ++i) queue.mark_sent(at(0ms), 100, kMss);
  queue.mark_all_lost();
  queue.mark_resent(at(1ms), 100, kMss);
  queue.mark_sacked(StreamPos(101), StreamPos(301), kMss);
  ASSERT_NE(queue.next_lost(), nullptr);
  EXPECT_EQ(queue.next_lost()->begin, StreamPos(301));
  queue.acknowledge(StreamPos(401), kMss);
  EXPECT_EQ(queue.next_lost()->begin, StreamPos(401));
}

TEST(SendQueue, CountsStayTrueThroughAnyHistory) {
  Rng rng = Rng::stream(1, "send queue");
  SendQueue queue;
  int64_t written = 0;
  for (int i = 0; i < 4000; ++i) {
    const int64_t before_end = queue.end().value();
    switch (rng.below(6)) {
      case 0: {
        const auto count = static_cast<int64_t>(1 + rng.below(400));
        queue.append_chunk(bytes(1 + written, count));
        written += count;
        ASSERT_EQ(queue.end().value(), before_end + count);
        break;
      }
      case 1:
      case 2:
        if (const Chunk* lost = queue.next_lost()) {
          ASSERT_TRUE(lost->lost);
          queue.mark_resent(at(i * 1us), static_cast<int64_t>(1 + rng.below(lost->data.size())),
                            kMss);
        } else if (const Chunk* chunk = queue.next_unsent()) {
          ASSERT_EQ(chunk->data.bytes()[0],
                    Payload::pattern_byte(0, static_cast<uint64_t>(chunk->begin.value())));
          queue.mark_sent(at(i * 1us), static_cast<int64_t>(1 + rng.below(chunk->data.size())),
                          kMss);
        }
        break;
      case 3:
        if (rng.below(10) == 0) queue.mark_all_lost(rng.below(2) == 0);
        break;
      case 5: {
        const StreamPos from = queue.begin() + static_cast<int64_t>(1 + rng.below(2000));
        queue.mark_sacked(from, from + static_cast<int64_t>(1 + rng.below(500)), kMss);
        ASSERT_TRUE(queue.next_lost() == nullptr || queue.next_lost()->lost);
        break;
      }
      case 4: {
        const int64_t sent = written - queue.unsent_bytes() - (queue.begin().value() - 1);
        if (sent == 0) break;
        const StreamPos upto =
            queue.begin() + static_cast<int64_t>(1 + rng.below(static_cast<uint64_t>(sent)));
        queue.acknowledge(upto, kMss);
        ASSERT_EQ(queue.begin(), upto);
        break;
      }
    }
    ASSERT_EQ(queue.end().value() - 1, written);
    ASSERT_GE(queue.in_flight(), 0);
    if (queue.empty()) {
      ASSERT_EQ(queue.in_flight(), 0);
      ASSERT_EQ(queue.next_lost(), nullptr);
    }
  }
}

}  // namespace
}  // namespace tcptwin::tcp

// ReceiveQueue: reassembly against a model, and what is charged for.
#include <gtest/gtest.h>

#include <set>

#include "stack/base/rng.h"
#include "stack/tcp/receive_queue.h"

namespace tcptwin::tcp {
namespace {

Payload bytes(int64_t from, int64_t count) {
  return Payload::synthetic(0, static_cast<uint64_t>(from), static_cast<size_t>(count));
}

// Whether `data` is the stream from byte `from` on.
bool is_stream(const Payload& data, int64_t from) {
  for (const uint8_t byte : data.bytes()) {
    if (byte != Payload::pattern_byte(0, static_cast<uint64_t>(from++))) return false;
  }
  return true;
}

TEST(ReceiveQueue, GivesBackWhatWasPushed) {
  ReceiveQueue queue;
  queue.push(bytes(1, 10), {.charge = 100});
  queue.push(bytes(11, 10), {.charge = 100});
  EXPECT_EQ(queue.unread(), 20);
  const Payload read = queue.read(15);
  EXPECT_EQ(read.size(), 15u);
  EXPECT_TRUE(is_stream(read, 1));
  EXPECT_TRUE(is_stream(queue.read(100), 16));
  EXPECT_EQ(queue.unread(), 0);
}

TEST(ReceiveQueue, ASegmentIsChargedUntilItsLastByteIsRead) {
  ReceiveQueue queue;
  queue.push(bytes(1, 10), {.charge = 768});
  queue.read(9);
  EXPECT_EQ(queue.charged(), 768);
  queue.read(1);
  EXPECT_EQ(queue.charged(), 0);
}

TEST(ReceiveQueue, JoinedSegmentsAreChargedUntilTheLastByteOfAllIsRead) {
  ReceiveQueue queue;
  queue.push(bytes(1, 10), {.charge = 842, .first_end = StreamPos(11)});
  queue.push_joined(bytes(11, 10), {.charge = 10, .first_end = StreamPos(21)});
  EXPECT_EQ(queue.last()->first_end, StreamPos(11));
  EXPECT_EQ(queue.last()->pieces, 2);
  EXPECT_EQ(queue.front_size(), 20);
  queue.read(19);
  EXPECT_EQ(queue.charged(), 852);
  EXPECT_TRUE(is_stream(queue.read(1), 20));
  EXPECT_EQ(queue.charged(), 0);
  EXPECT_EQ(queue.last(), nullptr);
}

TEST(ReceiveQueue, EarlyDataCannotBeRead) {
  ReceiveQueue queue;
  queue.keep_early(StreamPos(11), bytes(11, 10), 100);
  EXPECT_TRUE(queue.has_gap());
  EXPECT_EQ(queue.unread(), 0);
  EXPECT_EQ(queue.charged(), 100);
  EXPECT_EQ(queue.join(StreamPos(1)), StreamPos(1));
}

TEST(ReceiveQueue, FillingTheGapJoinsWhatFollows) {
  ReceiveQueue queue;
  queue.keep_early(StreamPos(21), bytes(21, 10), 100);
  queue.keep_early(StreamPos(11), bytes(11, 10), 100);
  queue.push(bytes(1, 10), {.charge = 100});
  EXPECT_EQ(queue.join(StreamPos(11)), StreamPos(31));
  EXPECT_FALSE(queue.has_gap());
  EXPECT_EQ(queue.charged(), 300);
  EXPECT_TRUE(is_stream(queue.read(100), 1));
}

TEST(ReceiveQueue, ARepetitionOfEarlyDataIsKeptOnce) {
  ReceiveQueue queue;
  queue.keep_early(StreamPos(11), bytes(11, 10), 100);
  queue.keep_early(StreamPos(11), bytes(11, 10), 100);
  queue.keep_early(StreamPos(13), bytes(13, 5), 100);
  EXPECT_EQ(queue.charged(), 100);
}

TEST(ReceiveQueue, ALargerSegmentReplacesTheOnesInside) {
  ReceiveQueue queue;
  queue.keep_early(StreamPos(13), bytes(13, 2), 100);
  queue.keep_early(StreamPos(16), bytes(16, 2), 100);
  queue.keep_early(StreamPos(11), bytes(11, 10), 100);
  EXPECT_EQ(queue.charged(), 100);
  EXPECT_EQ(queue.join(StreamPos(11)), StreamPos(21));
}

TEST(ReceiveQueue, DataThatOverlapsBothNeighboursFillsTheRest) {
  ReceiveQueue queue;
  queue.keep_early(StreamPos(11), bytes(11, 10), 1);
  queue.keep_early(StreamPos(31), bytes(31, 10), 1);
  queue.keep_early(StreamPos(16), bytes(16, 20), 1);
  EXPECT_EQ(queue.join(StreamPos(11)), StreamPos(41));
  EXPECT_TRUE(is_stream(queue.read(100), 11));
}

TEST(ReceiveQueue, AnySegmentsInAnyOrderAreReassembled) {
  Rng rng = Rng::stream(1, "reassembly");
  for (int round = 0; round < 50; ++round) {
    constexpr int64_t kEnd = 301;
    ReceiveQueue queue;
    StreamPos next(1);
    std::set<int64_t> have;  // the model: positions that have arrived
    int64_t read = 0;
    for (int step = 0; next < StreamPos(kEnd); ++step) {
      ASSERT_LT(step, 20000);
      const auto begin = static_cast<int64_t>(1 + rng.below(kEnd - 1));
      const int64_t size = std::min<int64_t>(static_cast<int64_t>(1 + rng.below(40)), kEnd - begin);
      for (int64_t i = begin; i < begin + size; ++i) have.insert(i);
      if (StreamPos(begin) > next) {
        queue.keep_early(StreamPos(begin), bytes(begin, size), size);
      } else if (StreamPos(begin + size) > next) {
        const int64_t known = next - StreamPos(begin);
        queue.push(bytes(next.value(), size - known), {.charge = size - known});
        next = queue.join(StreamPos(begin + size));
      }
      int64_t expected = next.value();
      while (have.count(expected) > 0) ++expected;
      ASSERT_EQ(next.value(), expected);
      ASSERT_EQ(queue.unread(), next.value() - 1 - read);
      const Payload some = queue.read(static_cast<int64_t>(rng.below(30)));
      ASSERT_TRUE(is_stream(some, read + 1));
      read += static_cast<int64_t>(some.size());
    }
    ASSERT_TRUE(is_stream(queue.read(kEnd), read + 1));
    ASSERT_EQ(queue.charged(), 0);
    ASSERT_FALSE(queue.has_gap());
  }
}

}  // namespace
}  // namespace tcptwin::tcp

// Payloads: slices of real or synthetic bytes behave like the bytes themselves.
#include <gtest/gtest.h>

#include <string>
#include <type_traits>
#include <utility>

#include "stack/base/payload.h"
#include "stack/base/rng.h"

namespace tcptwin {
namespace {

std::string string_of(const Payload& payload) {
  const auto bytes = payload.bytes();
  return {bytes.begin(), bytes.end()};
}

static_assert(!std::is_copy_constructible_v<Payload> && !std::is_copy_assignable_v<Payload>);
static_assert(std::is_nothrow_move_constructible_v<Payload>);

TEST(Payload, ANewOneIsEmpty) {
  const Payload payload;
  EXPECT_TRUE(payload.empty());
  EXPECT_EQ(payload.size(), 0u);
  EXPECT_TRUE(payload.bytes().empty());
}

TEST(Payload, TextIsItsBytes) {
  EXPECT_EQ(string_of(Payload::text("hello")), "hello");
  EXPECT_EQ(Payload::text("hello").size(), 5u);
}

TEST(Payload, RealBytesAreCopied) {
  std::vector<uint8_t> bytes{1, 2, 3};
  const Payload payload = Payload::real(bytes);
  bytes[0] = 9;
  EXPECT_EQ(payload.bytes(), (std::vector<uint8_t>{1, 2, 3}));
}

TEST(Payload, NoBytesAreEmptyWhateverTheirSource) {
  EXPECT_TRUE(Payload::real({}).empty());
  EXPECT_TRUE(Payload::text("").empty());
  EXPECT_TRUE(Payload::synthetic(1, 2, 0).empty());
}

TEST(Payload, SyntheticBytesAreThePatternFromTheirOffset) {
  for (const uint64_t offset : {0u, 1u, 7u, 8u, 9u, 1000u}) {
    const auto bytes = Payload::synthetic(5, offset, 50).bytes();
    ASSERT_EQ(bytes.size(), 50u);
    for (size_t i = 0; i < 50; ++i) {
      ASSERT_EQ(bytes[i], Payload::pattern_byte(5, offset + i)) << offset << ' ' << i;
    }
  }
}

TEST(Payload, ThePatternIsTheSameForEver) {  // digests and traces depend on it
  EXPECT_EQ(Payload::synthetic(3, 5, 12).bytes(),
            (std::vector<uint8_t>{0x48, 0x92, 0x0b, 0x4b, 0x96, 0xab, 0x06, 0xa8, 0x27, 0xce, 0x78,
                                  0xbf}));
}

TEST(Payload, PatternsOfDifferentNumbersDiffer) {
  EXPECT_NE(Payload::synthetic(1, 0, 64).bytes(), Payload::synthetic(2, 0, 64).bytes());
}

TEST(Payload, ThePatternDoesNotRepeatAtPowersOfTwo) {
  for (int shift = 3; shift < 40; ++shift) {
    EXPECT_NE(Payload::synthetic(1, 0, 64).bytes(),
              Payload::synthetic(1, uint64_t{1} << shift, 64).bytes())
        << shift;
  }
}

TEST(Payload, AppendJoinsInOrder) {
  Payload payload = Payload::text("ab");
  payload.append(Payload::text("cd"));
  payload.append(Payload());
  payload.append(Payload::text("e"));
  EXPECT_EQ(string_of(payload), "abcde");
  EXPECT_EQ(payload.size(), 5u);
}

TEST(Payload, AppendToAnEmptyOneIsTheTail) {
  Payload payload;
  payload.append(Payload::text("ab"));
  EXPECT_EQ(string_of(payload), "ab");
}

TEST(Payload, AContinuedRangeReadsAsOne) {
  Payload payload = Payload::synthetic(1, 10, 5);
  payload.append(Payload::synthetic(1, 15, 5));
  EXPECT_EQ(payload.bytes(), Payload::synthetic(1, 10, 10).bytes());
}

TEST(Payload, RangesThatDoNotContinueStayApart) {
  Payload payload = Payload::synthetic(1, 10, 5);
  payload.append(Payload::synthetic(1, 16, 5));
  payload.append(Payload::synthetic(2, 21, 5));
  auto expected = Payload::synthetic(1, 10, 5).bytes();
  Payload::synthetic(1, 16, 5).materialize(expected);
  Payload::synthetic(2, 21, 5).materialize(expected);
  EXPECT_EQ(payload.bytes(), expected);
}

TEST(Payload, ARangeBehindRealBytesIsNotMergedIntoThem) {
  Payload payload = Payload::text("abc");
  payload.append(Payload::synthetic(0, 3, 2));
  auto expected = Payload::text("abc").bytes();
  Payload::synthetic(0, 3, 2).materialize(expected);
  EXPECT_EQ(payload.bytes(), expected);
}

TEST(Payload, AppendingToItselfKeepsTheBytes) {
  Payload payload = Payload::text("ab");
  payload.append(std::move(payload));
  EXPECT_EQ(string_of(payload), "ab");
}

TEST(Payload, SubIsACopyOfTheRange) {
  Payload payload = Payload::text("abc");
  payload.append(Payload::text("def"));
  EXPECT_EQ(string_of(payload.sub(1, 4)), "bcde");
  EXPECT_EQ(string_of(payload.sub(3, 3)), "def");
  EXPECT_EQ(string_of(payload.sub(6, 0)), "");
  EXPECT_EQ(string_of(payload), "abcdef");
}

TEST(Payload, TakeFrontCutsOff) {
  Payload payload = Payload::text("abc");
  payload.append(Payload::text("def"));
  EXPECT_EQ(string_of(payload.take_front(2)), "ab");
  EXPECT_EQ(string_of(payload), "cdef");
  EXPECT_EQ(string_of(payload.take_front(1)), "c");
  EXPECT_EQ(string_of(payload.take_front(0)), "");
  EXPECT_EQ(string_of(payload.take_front(3)), "def");
  EXPECT_TRUE(payload.empty());
}

TEST(Payload, WhatWasMovedFromIsEmptyAndUsable) {
  Payload payload = Payload::text("abc");
  payload.append(Payload::text("def"));
  const Payload other = std::move(payload);
  EXPECT_EQ(string_of(other), "abcdef");
  EXPECT_TRUE(payload.empty());
  EXPECT_TRUE(payload.bytes().empty());
  payload.append(Payload::text("x"));
  EXPECT_EQ(string_of(payload), "x");
}

TEST(Payload, WhatWasTakenWholeIsEmptyAndUsable) {
  Payload payload = Payload::text("abc");
  payload.append(Payload::text("def"));
  payload.take_front(6);
  payload.append(Payload::text("x"));
  EXPECT_EQ(string_of(payload), "x");
}

TEST(Payload, MaterializeAppends) {
  std::vector<uint8_t> out{'x'};
  Payload::text("yz").materialize(out);
  EXPECT_EQ(out, (std::vector<uint8_t>{'x', 'y', 'z'}));
}

TEST(Payload, AHugeRangeTakesNoMemory) {
  Payload payload = Payload::synthetic(1, 0, size_t{1} << 50);
  EXPECT_EQ(payload.take_front(size_t{1} << 49).size(), size_t{1} << 49);
  EXPECT_EQ(payload.take_front(4).bytes(), Payload::synthetic(1, uint64_t{1} << 49, 4).bytes());
}

TEST(Payload, AnySequenceOfChangesKeepsTheBytes) {
  Rng rng = Rng::stream(1, "payload");
  Payload payload;
  std::vector<uint8_t> model;
  for (int i = 0; i < 20000; ++i) {
    if (rng.below(2) == 0 && model.size() < 500) {
      const size_t size = rng.below(20);
      std::vector<uint8_t> bytes(size, static_cast<uint8_t>(i));
      Payload tail = rng.below(2) == 0 ? Payload::real(bytes)
                                       : Payload::synthetic(rng.below(2), rng.below(30), size);
      if (rng.below(4) == 0) tail.append(Payload::text("tail"));
      tail.materialize(model);
      payload.append(std::move(tail));
    } else {
      const size_t size = rng.below(model.size() + 1);
      const auto cut = model.begin() + static_cast<ptrdiff_t>(size);
      ASSERT_EQ(payload.take_front(size).bytes(), std::vector<uint8_t>(model.begin(), cut));
      model.erase(model.begin(), cut);
    }
    ASSERT_EQ(payload.size(), model.size());
    ASSERT_EQ(payload.bytes(), model);
    const size_t from = rng.below(model.size() + 1);
    const size_t count = rng.below(model.size() - from + 1);
    const auto begin = model.begin() + static_cast<ptrdiff_t>(from);
    ASSERT_EQ(payload.sub(from, count).bytes(),
              std::vector<uint8_t>(begin, begin + static_cast<ptrdiff_t>(count)));
  }
}

TEST(PayloadDeathTest, ARangeOutsideIsABug) {
  Payload payload = Payload::text("abc");
  EXPECT_DEATH(payload.sub(2, 2), "CHECK failed");
  EXPECT_DEATH(payload.sub(4, 0), "CHECK failed");
  EXPECT_DEATH(payload.take_front(4), "CHECK failed");
}

}  // namespace
}  // namespace tcptwin

// Random streams: the same everywhere, apart from each other, fair.
#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>

#include "stack/base/rng.h"

namespace tcptwin {
namespace {

TEST(Rng, TheSameSeedAndNameGiveTheSameNumbers) {
  Rng a = Rng::stream(7, "client/isn");
  Rng b = Rng::stream(7, "client/isn");
  for (int i = 0; i < 100; ++i) EXPECT_EQ(a.next(), b.next());
}

TEST(Rng, TheNumbersAreTheSameForEver) {  // every stored digest depends on them
  Rng rng = Rng::stream(1, "client/isn");
  EXPECT_EQ(rng.next(), 0x99dd825779bf2185u);
  EXPECT_EQ(rng.next(), 0x426b3f21e031bce3u);
  EXPECT_EQ(rng.next(), 0x16b6bbf0e699d1dfu);
}

TEST(Rng, SeedsAndNamesGiveStreamsOfTheirOwn) {
  std::set<uint64_t> first;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    for (const char* name : {"", "a", "b", "ab", "ba", "aa", "client/isn", "server/isn"}) {
      first.insert(Rng::stream(seed, name).next());
    }
  }
  EXPECT_EQ(first.size(), 800u);
}

TEST(Rng, NeighbouringStreamsDoNotRunIntoEachOther) {
  std::set<uint64_t> seen;
  for (int host = 0; host < 50; ++host) {
    Rng rng = Rng::stream(1, "host" + std::to_string(host));
    for (int i = 0; i < 200; ++i) seen.insert(rng.next());
  }
  EXPECT_EQ(seen.size(), 50u * 200u);
}

TEST(Rng, NamesAreReadByteByByteWhateverTheSignOfChar) {
  EXPECT_EQ(Rng::stream(1, "\xff").next(), 0x34ba297e46b19a4eu);
}

TEST(Rng, BelowStaysBelowItsBound) {
  Rng rng = Rng::stream(2, "bound");
  for (const uint64_t bound : {1ull, 2ull, 3ull, 7ull, 1000ull, 1ull << 63, ~0ull}) {
    for (int i = 0; i < 200; ++i) ASSERT_LT(rng.below(bound), bound);
  }
}

TEST(Rng, BelowReachesEveryValueFairly) {
  Rng rng = Rng::stream(3, "fair");
  std::array<int, 6> seen{};
  for (int i = 0; i < 60000; ++i) ++seen[rng.below(6)];
  for (const int count : seen) {
    EXPECT_GT(count, 9500);  // five standard deviations of 91
    EXPECT_LT(count, 10500);
  }
}

TEST(Rng, BelowIsFairForBoundsThatDoNotDivideTheRange) {
  Rng rng = Rng::stream(6, "fair");
  int low = 0;
  for (int i = 0; i < 3000; ++i) low += rng.below(uint64_t{3} << 62) < uint64_t{1} << 62 ? 1 : 0;
  EXPECT_GT(low, 850);  // a third; plain modulo would give half
  EXPECT_LT(low, 1150);
}

TEST(Rng, EveryBitIsSetHalfTheTime) {
  Rng rng = Rng::stream(4, "bits");
  std::array<int, 64> ones{};
  for (int i = 0; i < 10000; ++i) {
    const uint64_t draw = rng.next();
    for (size_t bit = 0; bit < 64; ++bit) ones[bit] += (draw >> bit & 1) != 0 ? 1 : 0;
  }
  for (const int count : ones) {
    EXPECT_GT(count, 4700);
    EXPECT_LT(count, 5300);
  }
}

TEST(Rng, Next32IsTheHighHalf) {
  Rng a = Rng::stream(5, "half");
  Rng b = Rng::stream(5, "half");
  for (int i = 0; i < 10; ++i) EXPECT_EQ(a.next32(), b.next() >> 32);
}

TEST(RngDeathTest, NothingIsBelowZero) {
  Rng rng = Rng::stream(1, "zero");
  EXPECT_DEATH(rng.below(0), "CHECK failed");
}

}  // namespace
}  // namespace tcptwin

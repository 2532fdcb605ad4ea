// Sequence numbers on the wire and positions inside: RFC 9293 3.4.
#include <gtest/gtest.h>

#include "stack/base/rng.h"
#include "stack/base/seq.h"

namespace tcptwin {
namespace {

template <class T>
concept Ordered = requires(T a, T b) {
  a < b;
};
template <class T>
concept Subtractable = requires(T a, T b) {
  a - b;
};
static_assert(!Ordered<SeqNum>, "wire numbers wrap: there is no order");
static_assert(!Subtractable<SeqNum>, "the distance of wire numbers is ambiguous");
static_assert(Ordered<StreamPos> && Subtractable<StreamPos>);

TEST(SeqNum, AdditionWraps) {
  EXPECT_EQ(SeqNum(0xffffffff) + 1, SeqNum(0));
  EXPECT_EQ(SeqNum(0) - 1, SeqNum(0xffffffff));
}

TEST(StreamPos, ArithmeticIsOf64Bits) {
  StreamPos pos(5'000'000'000);
  pos += 10;
  EXPECT_EQ(pos - StreamPos(5'000'000'000), 10);
  EXPECT_LT(StreamPos(-1), StreamPos(0));
  EXPECT_EQ(StreamPos(3) - 5, StreamPos(-2));
}

TEST(StreamPos, TheSynIsZero) { EXPECT_EQ(to_wire(StreamPos(0), SeqNum(77)), SeqNum(77)); }

TEST(StreamPos, WireNumbersWrapBehindTheIsn) {
  EXPECT_EQ(to_wire(StreamPos(1), SeqNum(0xffffffff)), SeqNum(0));
  EXPECT_EQ(to_wire(StreamPos(int64_t{1} << 32), SeqNum(5)), SeqNum(5));
}

TEST(StreamPos, BeforeTheSynIsOneBelowTheIsn) {
  EXPECT_EQ(to_wire(StreamPos(-1), SeqNum(0)), SeqNum(0xffffffff));
  EXPECT_EQ(from_wire(SeqNum(0xffffffff), SeqNum(0), StreamPos(0)), StreamPos(-1));
}

TEST(StreamPos, TheNearestPositionIsMeant) {
  const StreamPos near(10'000'000'000);
  const SeqNum isn(123);
  const int64_t half = int64_t{1} << 31;
  for (const int64_t distance : {-half, -half + 1, int64_t{-1}, int64_t{0}, int64_t{1}, half - 1}) {
    const StreamPos pos = near + distance;
    EXPECT_EQ(from_wire(to_wire(pos, isn), isn, near), pos) << distance;
  }
}

TEST(StreamPos, FartherThanHalfTheSpaceIsAmbiguous) {
  const StreamPos near(0);
  const StreamPos pos(int64_t{1} << 31);
  EXPECT_EQ(from_wire(to_wire(pos, SeqNum(9)), SeqNum(9), near), pos - (int64_t{1} << 32));
}

TEST(StreamPos, EveryPositionNearItsHintComesBack) {
  Rng rng = Rng::stream(1, "seq");
  for (int i = 0; i < 20000; ++i) {
    const SeqNum isn(rng.next32());
    const StreamPos near(static_cast<int64_t>(rng.next() >> (2 + rng.below(60))));
    const StreamPos pos = near + static_cast<int32_t>(rng.next32());
    ASSERT_EQ(from_wire(to_wire(pos, isn), isn, near), pos);
  }
}

TEST(StreamPos, WireNumbersAreConstantExpressions) {
  constexpr StreamPos kPos = from_wire(SeqNum(2), SeqNum(0xfffffffe), StreamPos(0));
  static_assert(kPos == StreamPos(4));
  EXPECT_EQ(kPos.value(), 4);
}

}  // namespace
}  // namespace tcptwin

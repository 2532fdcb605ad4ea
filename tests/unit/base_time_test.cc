// Virtual time: it saturates, and never() is after everything.
#include <gtest/gtest.h>

#include <limits>

#include "stack/base/time.h"

namespace tcptwin {
namespace {

constexpr Instant kStart = Instant::from_ns(0);
constexpr int64_t kMaxNs = std::numeric_limits<int64_t>::max();

TEST(Instant, ANewOneIsTheStart) {
  EXPECT_EQ(Instant(), kStart);
  EXPECT_EQ(Instant().since_start(), 0ns);
}

TEST(Instant, DurationsAddAndSubtract) {
  const Instant t = kStart + 40ms;
  EXPECT_EQ(t.ns(), 40'000'000);
  EXPECT_EQ((t - 15ms).since_start(), 25ms);
  EXPECT_EQ(t - kStart, 40ms);
  EXPECT_EQ(kStart - t, -40ms);
  EXPECT_EQ((t + -40ms), kStart);
}

TEST(Instant, OrderIsThatOfTime) {
  EXPECT_LT(kStart, kStart + 1ns);
  EXPECT_GT(kStart + 1s, kStart + 999ms);
}

TEST(Instant, NeverIsAfterEverything) {
  EXPECT_TRUE(Instant::never().is_never());
  EXPECT_LT(Instant::from_ns(kMaxNs - 1), Instant::never());
  EXPECT_FALSE(Instant::from_ns(kMaxNs - 1).is_never());
}

TEST(Instant, ADeadlineTooFarAwayIsNever) {
  const Instant late = Instant::from_ns(kMaxNs - 10);
  EXPECT_EQ((late + 9ns).ns(), kMaxNs - 1);
  EXPECT_TRUE((late + 10ns).is_never());
  EXPECT_TRUE((late + 11ns).is_never());
  EXPECT_TRUE((late + Duration::max()).is_never());
  EXPECT_TRUE((late - Duration::min()).is_never());
  EXPECT_TRUE((late - -11ns).is_never());
}

TEST(Instant, NeverStaysNever) {
  EXPECT_TRUE((Instant::never() + 1s).is_never());
  EXPECT_TRUE((Instant::never() + -1s).is_never());
  EXPECT_TRUE((Instant::never() - 1s).is_never());
  EXPECT_TRUE((Instant::never() - -1s).is_never());
}

}  // namespace
}  // namespace tcptwin

// Clocks: initial sequence numbers and timestamps (RFC 9293 3.4.1, RFC 6528 3, RFC 7323 5.4).
#include <gtest/gtest.h>

#include "stack/policy/clocks.h"

namespace tcptwin::policy {
namespace {

constexpr IsnConfig kIsn{};
constexpr TimestampConfig kTimestamps{};
constexpr ConnectionKey kKey{0x0a000001, 0x0a000002, 40000, 80};

Clocks clocks(uint64_t seed = 1) { return {kIsn, kTimestamps, Rng::stream(seed, "clocks")}; }

TEST(ClocksIsn, RisesByOneInFourMicroseconds) {
  Clocks c = clocks();
  const SeqNum first = c.initial_sequence(1s, kKey);
  EXPECT_EQ(c.initial_sequence(1s + 4us, kKey), first + 1);
  EXPECT_EQ(c.initial_sequence(1s + 3999ns, kKey), first);
  EXPECT_EQ(c.initial_sequence(2s, kKey), first + 250'000);
}

TEST(ClocksIsn, EveryPartOfTheKeyCounts) {  // RFC 6528 3
  Clocks c = clocks();
  const SeqNum first = c.initial_sequence(1s, kKey);
  for (int part = 0; part < 4; ++part) {
    ConnectionKey other = kKey;
    if (part == 0) ++other.local_address.low;
    if (part == 1) ++other.remote_address.low;
    if (part == 2) ++other.local_port;
    if (part == 3) ++other.remote_port;
    EXPECT_FALSE(c.initial_sequence(1s, other) == first) << part;
  }
}

TEST(ClocksIsn, TwoSeedsHaveTwoSecrets) {
  EXPECT_FALSE(clocks(1).initial_sequence(1s, kKey) == clocks(2).initial_sequence(1s, kKey));
}

TEST(ClocksIsn, TheSameSeedGivesTheSameNumbers) {
  EXPECT_EQ(clocks(1).initial_sequence(1s, kKey), clocks(1).initial_sequence(1s, kKey));
  EXPECT_EQ(clocks(1).timestamp_offset(kKey), clocks(1).timestamp_offset(kKey));
}

TEST(ClocksTimestamp, CountsTicksOfUptime) {
  Clocks c = clocks();
  EXPECT_EQ(c.timestamp(5ms, 100), 105u);
  EXPECT_EQ(c.timestamp(5999us, 100), 105u);
}

TEST(ClocksTimestamp, WrapsAfterFortyNineDays) {
  EXPECT_EQ(clocks().timestamp(std::chrono::milliseconds(int64_t{1} << 32) + 7ms, 0), 7u);
}

TEST(ClocksTimestamp, TheOffsetIsZeroWithoutRandomOffset) {
  const TimestampConfig plain{.offset = TimestampConfig::Offset::kNone};
  Clocks c(kIsn, plain, Rng::stream(1, "clocks"));
  EXPECT_EQ(c.timestamp_offset(kKey), 0u);
  EXPECT_NE(clocks().timestamp_offset(kKey), 0u);
}

}  // namespace
}  // namespace tcptwin::policy

// Timer grains beside the wheel, and the modes of the clocks: facts/linux.md T4, F3,
// facts/darwin.md 2, 4.1, 4.3, facts/freebsd.md F3, facts/windows.md B3.
#include <gtest/gtest.h>

#include "stack/policy/clocks.h"
#include "stack/policy/timer_grain.h"

namespace tcptwin::policy {
namespace {

constexpr Instant at(Duration d) { return Instant() + d; }

TEST(TimerGrainTick, FiresAtTheTickUpToOneTickEarly) {  // facts/linux.md T4
  const TimerGrainConfig config{.behaviour = TimerGrainConfig::Behaviour::kTick, .hz = 250};
  const TimerGrain grain(config, {});
  EXPECT_EQ(grain.fires_after(at(0ms), 40ms), at(40ms));
  EXPECT_EQ(grain.fires_after(at(3ms), 40ms), at(40ms));
}

TEST(TimerGrainNextTick, FiresAtTheFirstTickThatIsNotEarly) {  // facts/windows.md B3
  const TimerGrainConfig config{.behaviour = TimerGrainConfig::Behaviour::kNextTick, .hz = 64};
  const TimerGrain grain(config, {});
  EXPECT_EQ(grain.fires_after(at(0ms), 40ms), at(46875us));
  EXPECT_EQ(grain.fires_after(at(10ms), 40ms), at(62500us));
}

const TimerGrainConfig kLists{.behaviour = TimerGrainConfig::Behaviour::kSharedList,
                              .quantum_fast = 100ms,
                              .quantum_slow = 500ms,
                              .time_wait_sweep = 1s};

TEST(TimerGrainSharedList, ATimerAloneIsOnTime) {  // facts/darwin.md 2
  const TimerGrain grain(kLists, {});
  EXPECT_EQ(grain.fires_after(at(7ms), 100ms, TimerClass::kDelayedAck), at(107ms));
}

TEST(TimerGrainSharedList, ATimerRunsAlongWithALaterOneWithinItsQuantum) {  // facts/darwin.md 2
  const TimerGrain grain(kLists, {});
  grain.fires_after(at(0ms), 190ms, TimerClass::kRetransmission);
  EXPECT_EQ(grain.fires_after(at(0ms), 100ms, TimerClass::kDelayedAck), at(190ms));
}

TEST(TimerGrainSharedList, TimeWaitEndsWithASweep) {  // facts/darwin.md 4.1
  const TimerGrain grain(kLists, 300ms);
  EXPECT_EQ(grain.fires_after(at(0ms), 30s, TimerClass::kTimeWait), at(30700ms));
}

const ConnectionKey kKey{0x0a000001, 0x0a000002, 40000, 80};

Clocks clocks(const IsnConfig& isn, const TimestampConfig& stamps) {
  return {isn, stamps, Rng::stream(1, "clocks")};
}

TEST(ClocksIsn, RandomNumbersRepeatForNoConnection) {  // facts/darwin.md 4.3
  const IsnConfig isn{.behaviour = IsnConfig::Behaviour::kRandom};
  const TimestampConfig stamps;
  Clocks c = clocks(isn, stamps);
  EXPECT_FALSE(c.initial_sequence(1s, kKey) == c.initial_sequence(1s, kKey));
}

TEST(ClocksIsn, StepsRiseWithConnectionsAndWithTime) {  // facts/freebsd.md F3
  const IsnConfig isn{.behaviour = IsnConfig::Behaviour::kHashAndSteps, .tick = 954ns};
  const TimestampConfig stamps;
  Clocks c = clocks(isn, stamps);
  const uint32_t first = c.initial_sequence(1s, kKey).value();
  const uint32_t rise = c.initial_sequence(1s, kKey).value() - first;
  EXPECT_GE(rise, 4096u);
  EXPECT_LT(rise, 8192u);
  const uint32_t later = c.initial_sequence(2s, kKey).value() - first;
  EXPECT_GE(later, 1'048'000u);
  EXPECT_LT(later, 1'070'000u);
}

TEST(ClocksTimestamp, AnAddressPairHasOneOffsetForAllPorts) {  // facts/linux.md F3
  const IsnConfig isn;
  const TimestampConfig stamps{.offset = TimestampConfig::Offset::kPerAddressPair};
  Clocks c = clocks(isn, stamps);
  ConnectionKey other = kKey;
  other.local_port = 1;
  EXPECT_EQ(c.timestamp_offset(kKey), c.timestamp_offset(other));
}

TEST(ClocksTimestamp, ARandomOffsetIsFreshForEachConnection) {  // facts/darwin.md 3.4
  const IsnConfig isn;
  const TimestampConfig stamps{.offset = TimestampConfig::Offset::kPerConnection};
  Clocks c = clocks(isn, stamps);
  EXPECT_NE(c.timestamp_offset(kKey), c.timestamp_offset(kKey));
}

TEST(ClocksTimestamp, MayBeginBelowZero) {  // facts/linux.md F3: -300 s
  const IsnConfig isn;
  const TimestampConfig stamps{.tick = 4ms, .at_boot = -300s};
  EXPECT_EQ(clocks(isn, stamps).timestamp(300s, 0), 0u);
  EXPECT_EQ(clocks(isn, stamps).timestamp(299s, 0), static_cast<uint32_t>(-250));
}

TEST(KeyedHash, EveryPartOfAnIpv6AddressCounts) {
  ConnectionKey key{{1, 2}, {3, 4}, 5, 6};
  const uint64_t hash = keyed_hash(key, 7);
  key.remote_address.high = 9;
  EXPECT_NE(keyed_hash(key, 7), hash);
}

}  // namespace
}  // namespace tcptwin::policy

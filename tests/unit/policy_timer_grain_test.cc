// TimerGrain: when a timer that wishes for an instant really fires (facts/linux.md T1-T3).
#include <gtest/gtest.h>

#include <vector>

#include "stack/base/rng.h"
#include "stack/policy/timer_grain.h"

namespace tcptwin::policy {
namespace {

constexpr TimerGrainConfig kWheel250{TimerGrainConfig::Behaviour::kHierarchicalWheel, 250, 0};
constexpr TimerGrainConfig kWheel1000{TimerGrainConfig::Behaviour::kHierarchicalWheel, 1000, 0};
constexpr TimerGrainConfig kExact{};
constexpr TimerGrainConfig kFromThree{TimerGrainConfig::Behaviour::kHierarchicalWheel, 250, 3};
constexpr TimerGrainConfig kFromBelow{TimerGrainConfig::Behaviour::kHierarchicalWheel, 250, -75000};

constexpr Instant at(Duration d) { return Instant() + d; }

// How long a timer of `span` lasts that is set at `now` after boot.
Duration lasts(const TimerGrainConfig& config, Duration now, Duration span) {
  return TimerGrain(config, {}).fires_after(at(now), span) - at(now);
}

TEST(TimerGrainExact, FiresAtTheWishedNanosecond) {
  EXPECT_EQ(lasts(kExact, 12345ns, 40ms), 40ms);
  EXPECT_EQ(lasts(kExact, 0ns, 1ns), 1ns);
}

TEST(TimerGrainExact, ATickIsANanosecond) {
  const TimerGrain grain(kExact, 5s);
  EXPECT_EQ(grain.tick(), 1ns);
  EXPECT_EQ(grain.ticks(at(7ns)), 5'000'000'007);
}

TEST(TimerGrainExact, AnOverdueTimerFiresNow) {
  const TimerGrain grain(kExact, {});
  EXPECT_EQ(grain.fires_at(at(10ms), 5), at(10ms));
}

TEST(TimerGrainWheel, ATickLastsOneHertz) {
  EXPECT_EQ(TimerGrain(kWheel250, {}).tick(), 4ms);
  EXPECT_EQ(TimerGrain(kWheel1000, {}).tick(), 1ms);
}

TEST(TimerGrainWheel, SpansAreRoundedUpToTicks) {
  const TimerGrain grain(kWheel250, {});
  EXPECT_EQ(grain.to_ticks(0ms), 0);
  EXPECT_EQ(grain.to_ticks(1ns), 1);
  EXPECT_EQ(grain.to_ticks(4ms), 1);
  EXPECT_EQ(grain.to_ticks(4ms + 1ns), 2);
  EXPECT_EQ(grain.to_ticks(200ms + 20us), 51);  // "rto:204" of facts/linux.md D2
}

TEST(TimerGrainWheel, FortyMillisecondsSetOnATickLastFortyFour) {
  EXPECT_EQ(lasts(kWheel250, 0ms, 40ms), 44ms);
  EXPECT_EQ(lasts(kWheel250, 400ms, 40ms), 44ms);
}

TEST(TimerGrainWheel, FortyMillisecondsSetLateInATickLastHardlyMoreThanForty) {
  EXPECT_EQ(lasts(kWheel250, 3999us, 40ms), 40001us);
}

TEST(TimerGrainWheel, AThousandHertzRoundsToAMillisecond) {
  EXPECT_EQ(lasts(kWheel1000, 0ms, 40ms), 41ms);
  EXPECT_EQ(lasts(kWheel1000, 900us, 40ms), 40100us);
}

// facts/linux.md T3: "RTO 204 -> gaps 208, 432, 832, 1664, 3520, 6656".
TEST(TimerGrainWheel, DoublingRtosFireAtTheMeasuredGaps) {
  const TimerGrain grain(kWheel250, {});
  std::vector<Duration> gaps;
  Instant now;
  for (Duration rto = 204ms; rto < 8s; rto *= 2) {
    const Instant next = grain.fires_after(now, rto);
    gaps.push_back(next - now);
    now = next;
  }
  EXPECT_EQ(gaps, (std::vector<Duration>{208ms, 432ms, 832ms, 1664ms, 3520ms, 6656ms}));
}

TEST(TimerGrainWheel, ASynTimerOfOneSecondFiresAtTheMeasuredTimes) {  // T3: 1.008, 1.024
  EXPECT_EQ(lasts(kWheel250, 0ms, 1s), 1024ms);
  EXPECT_EQ(lasts(kWheel250, 16ms, 1s), 1008ms);
}

struct LevelCase {
  int64_t expiry;
  int64_t fires;
};

// The last tick of a level and the first of the next, set at tick 0.
TEST(TimerGrainWheel, EachLevelOf64SlotsIsEightTimesCoarser) {
  const TimerGrain grain(kWheel250, {});
  const std::vector<LevelCase> cases = {{0, 1},         {1, 2},        {62, 63},     {63, 64},
                                        {64, 72},       {503, 504},    {504, 512},   {511, 512},
                                        {512, 576},     {4031, 4032},  {4032, 4096}, {4096, 4608},
                                        {32255, 32256}, {32256, 32768}};
  for (const LevelCase& c : cases) {
    EXPECT_EQ(grain.fires_at(Instant(), c.expiry), at(4ms * c.fires)) << "expiry " << c.expiry;
  }
}

TEST(TimerGrainWheel, LevelsCountTicksNotMilliseconds) {  // facts/linux.md T2, HZ 1000
  EXPECT_EQ(lasts(kWheel1000, 0ms, 62ms), 63ms);
  EXPECT_EQ(lasts(kWheel1000, 0ms, 200ms), 208ms);
  EXPECT_EQ(lasts(kWheel1000, 0ms, 1s), 1024ms);
  EXPECT_EQ(lasts(kWheel1000, 0ms, 10s), 10240ms);
}

TEST(TimerGrainWheel, CoarseSlotsLieOnTheGridOfTheTickCounter) {
  const TimerGrain shifted(kFromThree, {});
  // Tick 3 now; expiry 103 belongs to the slot that ends at 104.
  EXPECT_EQ(shifted.fires_after(Instant(), 400ms), at(4ms * (104 - 3)));
}

TEST(TimerGrainWheel, UptimeMovesTheTickBoundaries) {
  const TimerGrain grain(kWheel250, 1ms);
  EXPECT_EQ(grain.ticks(at(2ms)), 0);
  EXPECT_EQ(grain.ticks(at(3ms)), 1);
  EXPECT_EQ(grain.fires_after(Instant(), 40ms), at(43ms));
  EXPECT_EQ(grain.uptime(at(2ms)), 3ms);
}

TEST(TimerGrainWheel, ATickCounterMayBeginBelowZero) {
  const TimerGrain grain(kFromBelow, {});
  EXPECT_EQ(grain.ticks(Instant()), -75000);
  EXPECT_EQ(grain.fires_after(Instant(), 40ms), at(44ms));
}

TEST(TimerGrainWheel, TheNextTickCollectsAnOverdueTimer) {
  const TimerGrain grain(kWheel250, {});
  EXPECT_EQ(grain.fires_at(at(101ms), 3), at(104ms));
}

TEST(TimerGrainWheel, IsNeverEarlyAndAtMostOneGrainLate) {
  Rng rng = Rng::stream(1, "grain");
  for (int i = 0; i < 20000; ++i) {
    const TimerGrainConfig config{TimerGrainConfig::Behaviour::kHierarchicalWheel,
                                  rng.below(2) == 0 ? 250 : 1000,
                                  static_cast<int64_t>(rng.below(1000))};
    const TimerGrain grain(config, Duration(rng.below(1'000'000'000)));
    const Instant now = at(Duration(rng.below(100'000'000'000)));
    const auto span = static_cast<int64_t>(rng.below(uint64_t{1} << (1 + rng.below(15))));
    const Instant wish = now + grain.from_ticks(span);
    int64_t grain_ticks = 1;
    for (int64_t first = 63; span >= first; first *= 8) grain_ticks *= 8;
    const Instant fires = grain.fires_at(now, grain.ticks(now) + span);
    ASSERT_GT(fires, now);
    ASSERT_GE(fires, wish);
    ASSERT_LE(fires - wish, grain.from_ticks(grain_ticks)) << span << " ticks";
  }
}

}  // namespace
}  // namespace tcptwin::policy

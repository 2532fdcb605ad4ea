// HyStart: when slow start ends by itself (facts/linux.md D10).
#include <gtest/gtest.h>

#include "stack/policy/congestion.h"

namespace tcptwin::policy {
namespace {

constexpr HyStartConfig kBoth{.ack_train = true, .delay_rise = true};
constexpr HyStartConfig kOff{};
constexpr HyStartConfig kTrain{.ack_train = true};
constexpr HyStartConfig kRise{.delay_rise = true};
constexpr Duration kRtt = 20ms;

Instant at(Duration time) { return Instant() + time; }

// ACKs of a flow whose round holds `round` bytes.
class Flow {
 public:
  explicit Flow(const HyStartConfig& config, int64_t round = 1'000'000)
      : hystart_(config), round_(round) {}
  // The next 1000 bytes are acknowledged.
  bool acked_at(Duration time, Duration rtt = kRtt, int64_t window = 100, Duration burst = 10ms) {
    una_ = una_ + 1000;
    return hystart_.ends_slow_start(at(time), {.una = una_,
                                               .nxt = una_ + round_,
                                               .window = window,
                                               .rtt = rtt,
                                               .shortest_rtt = kRtt,
                                               .burst_time = burst});
  }
  // ACKs in a row from `begin` on; when slow start ended, 0 when it did not.
  Duration train(Duration begin, Duration gap, int count, int64_t window = 100) {
    for (int i = 0; i < count; ++i) {
      if (acked_at(begin + i * gap, kRtt, window)) return begin + i * gap;
    }
    return {};
  }
  HyStart& operator*() { return hystart_; }
  StreamPos una() const { return una_; }

 private:
  HyStart hystart_;
  int64_t round_;
  StreamPos una_{1};
};

TEST(HyStart, ATrainLongerThanHalfOfTheRoundTripAndTheCushionEndsSlowStart) {
  Flow flow(kTrain);
  EXPECT_EQ(flow.train(1s, 100us, 200), 1s + 10600us);  // the first after (20 + 1) / 2 ms
}

TEST(HyStart, TheCushionIsNoLongerThanTheBurstsTake) {
  Flow flow(kTrain);
  Duration ended{};
  for (int i = 0; i < 200 && ended.count() == 0; ++i) {
    if (flow.acked_at(i * 100us, kRtt, 100, 400us)) ended = i * 100us;
  }
  EXPECT_EQ(ended, 10300us);
}

TEST(HyStart, AGapEndsTheTrainForTheRestOfTheRound) {
  Flow flow(kTrain);
  EXPECT_EQ(flow.train(1s, 100us, 50), Duration{});
  EXPECT_EQ(flow.train(1s + 8ms, 100us, 200), Duration{});
}

TEST(HyStart, ATrainIsOfOneRound) {
  Flow flow(kTrain, 50'000);  // 50 ACKs, 5 ms
  EXPECT_EQ(flow.train(1s, 100us, 1000), Duration{});
}

TEST(HyStart, SlowStartGoesOnBelowTheLowWindow) {
  Flow flow(kTrain);
  EXPECT_EQ(flow.train(1s, 100us, 200, 15), Duration{});
}

TEST(HyStart, RoundsAreCountedBelowTheLowWindow) {
  Flow flow(kTrain);
  EXPECT_EQ(flow.train(1s, 1ms, 2, 10), Duration{});  // does not keep the train together
  EXPECT_EQ(flow.train(1s + 1ms + 900us, 100us, 200, 16), 1s + 10600us);
}

TEST(HyStart, ARoundTripThatHasGrownByAnEighthEndsSlowStart) {
  Flow flow(kRise);
  for (int i = 0; i < 8; ++i) ASSERT_FALSE(flow.acked_at(1s, 25ms)) << i;
  EXPECT_TRUE(flow.acked_at(1s, 25ms));  // an eighth is 2.5 ms, but 4 ms at least
}

TEST(HyStart, TheShortestOfTheRoundCounts) {
  Flow flow(kRise);
  ASSERT_FALSE(flow.acked_at(1s, 24ms));
  for (int i = 0; i < 20; ++i) ASSERT_FALSE(flow.acked_at(1s, 40ms)) << i;
}

TEST(HyStart, TheRiseHasAnUpperBound) {
  HyStart hystart(kRise);
  const HyStartView view{.una = StreamPos(2),
                         .nxt = StreamPos(1'000'000),
                         .window = 100,
                         .rtt = 416'001us,
                         .shortest_rtt = 400ms};
  for (int i = 0; i < 8; ++i) ASSERT_FALSE(hystart.ends_slow_start(at(1s), view)) << i;
  EXPECT_TRUE(hystart.ends_slow_start(at(1s), view));
}

TEST(HyStart, ItSaysSoOnce) {
  Flow flow(kBoth);
  ASSERT_NE(flow.train(1s, 100us, 200), Duration{});
  EXPECT_EQ(flow.train(2s, 100us, 1000), Duration{});
}

TEST(HyStart, ATimeoutBeginsAnew) {
  Flow flow(kBoth);
  ASSERT_NE(flow.train(1s, 100us, 200), Duration{});
  (*flow).start_over(at(2s), flow.una());
  EXPECT_NE(flow.train(2s + 1ms, 100us, 200), Duration{});
}

TEST(HyStart, OffItNeverEndsSlowStart) {
  Flow flow(kOff);
  EXPECT_EQ(flow.train(1s, 100us, 1000), Duration{});
}

TEST(HyStart, TheThresholdBecomesTheWindow) {
  CongestionConfig config;
  config.behaviour = CongestionConfig::Behaviour::kCubic;
  config.cubic.hystart = kTrain;
  const TimerGrainConfig ticks{TimerGrainConfig::Behaviour::kHierarchicalWheel, 250, 0};
  const TimerGrain grain(ticks, Duration{});
  Congestion congestion(config, grain);
  congestion.on_established(1448, 0);
  StreamPos una(1);
  for (int i = 0; i < 200; ++i) {
    una = una + 1448;
    congestion.on_ack(at(1s + i * 100us), {.segments = 1,
                                           .bytes = 1448,
                                           .before = {200, 200 * 1448, 1448},
                                           .limited = true,
                                           .rtt = kRtt,
                                           .una = una,
                                           .nxt = una + 1'000'000,
                                           .burst_time = 10ms});
  }
  EXPECT_EQ(congestion.slow_start_threshold(), 10 + 106);  // 106 ACKs before that train was long
}

}  // namespace
}  // namespace tcptwin::policy

// What chance does to the packets of a link: how often, in which order, and that no kind of chance
// shifts another.
#include "sim/net/impairments.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "sim/net/link.h"

namespace tcptwin::net {
namespace {

using Set = std::function<void(ImpairmentConfig&)>;
using Arrival = std::pair<int64_t, uint32_t>;  // microseconds and number

constexpr int64_t kPercent = 10'000'000;

WayConfig impaired(const Set& set) {
  WayConfig way{.delay = 1ms};
  set(way.impairments);
  return way;
}

class Receiver final : public engine::Node {
 public:
  void on_packet(Instant now, engine::Transit&& transit, uint32_t) override {
    arrivals.emplace_back(now.ns() / 1000, transit.packet.tcp.seq.value());
    damaged += transit.flipped_bit > 0;
    doubled += transit.doubled;
  }
  engine::Due next() const override { return {}; }
  void run(Instant, engine::Phase) override {}

  std::vector<Arrival> arrivals;
  int64_t damaged = 0, doubled = 0;
};

// A link over which both ends send a packet every 10 us, numbered from 1.
struct Traffic {
  Receiver a, b;  // b receives what the impaired direction carries
  Traffic(const WayConfig& there, const WayConfig& back, uint32_t packets, uint64_t seed = 7) {
    trace::Journal journal(trace::Detail::kDigest);
    RecordIds ids(0);
    Link link({{there, back}, "a-b", seed}, 0, {{{&a, 0}, {&b, 0}}}, journal);
    engine::Engine engine;
    engine.add(link);
    for (uint32_t n = 1; n <= packets; ++n) {
      for (uint32_t from = 0; from < 2; ++from) {
        engine::Transit transit;
        transit.packet.tcp.seq = SeqNum(n);
        transit.sent = ids.next();
        transit.sender_ids = &ids;
        link.on_packet(Instant::from_ns((n - 1) * int64_t{10'000}), std::move(transit), from);
      }
    }
    engine.run_until(Instant::never());
  }
  std::vector<uint32_t> lost(uint32_t packets) const {
    std::vector<uint32_t> numbers;
    for (uint32_t n = 1; n <= packets; ++n) {
      const auto is_it = [&](const Arrival& arrival) { return arrival.second == n; };
      if (std::none_of(b.arrivals.begin(), b.arrivals.end(), is_it)) numbers.push_back(n);
    }
    return numbers;
  }
};

TEST(Impairments, LoseByChanceAsOftenAsAsked) {
  const Traffic traffic(impaired([](auto& c) { c.loss = 10 * kPercent; }), {}, 10'000);
  EXPECT_GT(traffic.b.arrivals.size(), 8'900u);
  EXPECT_LT(traffic.b.arrivals.size(), 9'100u);
  EXPECT_EQ(traffic.a.arrivals.size(), 10'000u);
}

TEST(Impairments, BurstsLoseRunsOfPackets) {
  const auto way = impaired([](auto& c) { c.bursts = BurstLoss{kPercent, 20 * kPercent}; });
  const auto lost = Traffic(way, {}, 5'000).lost(5'000);
  size_t runs = 0;
  for (size_t i = 0; i < lost.size(); ++i) runs += i == 0 || lost[i] != lost[i - 1] + 1;
  EXPECT_GT(lost.size(), 130u);  // ill once in 100 packets, for 5 of them: 240
  EXPECT_LT(lost.size(), 400u);
  EXPECT_GT(lost.size(), 3 * runs);  // single losses would be as many as their runs
}

TEST(Impairments, DoublePackets) {
  const Traffic traffic(impaired([](auto& c) { c.duplication = 100 * kPercent; }), {}, 3);
  EXPECT_EQ(
      traffic.b.arrivals,
      (std::vector<Arrival>{{1000, 1}, {1000, 1}, {1010, 2}, {1010, 2}, {1020, 3}, {1020, 3}}));
  EXPECT_EQ(traffic.b.doubled, 3);
}

TEST(Impairments, DamagePackets) {
  const Traffic traffic(impaired([](auto& c) { c.corruption = 50 * kPercent; }), {}, 1000);
  EXPECT_GT(traffic.b.damaged, 400);
  EXPECT_LT(traffic.b.damaged, 600);
}

TEST(Impairments, JitterKeepsTheOrderAndItsBound) {
  const Traffic traffic(impaired([](auto& c) { c.jitter = 500us; }), {}, 1000);
  int64_t most = 0;
  for (size_t i = 0; i < 1000; ++i) {
    EXPECT_EQ(traffic.b.arrivals[i].second, i + 1);
    most = std::max(most, traffic.b.arrivals[i].first - static_cast<int64_t>(i) * 10 - 1000);
  }
  EXPECT_GT(most, 450);
  EXPECT_LE(most, 500);
}

WayConfig reordering(int64_t probability, int64_t distance, Duration delay) {
  return impaired([&](auto& c) {
    c.reordering = probability;
    c.reorder_distance = distance;
    c.reorder_delay = delay;
  });
}

TEST(Impairments, ALatePacketThatNobodyOvertakesArrivesAfterItsDelay) {
  const Traffic traffic(reordering(100 * kPercent, 2, 5ms), {}, 1);
  EXPECT_EQ(traffic.b.arrivals, (std::vector<Arrival>{{6000, 1}}));
}

TEST(Impairments, SoManyPacketsOvertakeALateOne) {
  const Traffic traffic(reordering(kPercent, 2, 50ms), {}, 5000);
  ASSERT_EQ(traffic.b.arrivals.size(), 5000u);
  int64_t late = 0;
  for (size_t i = 2; i < 5000; ++i) {
    const uint32_t number = traffic.b.arrivals[i].second;
    const uint32_t before = traffic.b.arrivals[i - 1].second;
    if (number > before) continue;
    ++late;
    EXPECT_EQ(number + 2, before) << i;
  }
  EXPECT_GT(late, 25);
  EXPECT_LT(late, 100);
}

TEST(Impairments, WithoutADistanceTheDelayDecidesHowManyOvertake) {
  const Traffic traffic(reordering(kPercent, 0, 55us), {}, 2000);
  int64_t late = 0;
  for (size_t i = 1; i < 2000; ++i) {
    const uint32_t number = traffic.b.arrivals[i].second;
    const uint32_t before = traffic.b.arrivals[i - 1].second;
    if (number > before) continue;
    ++late;
    EXPECT_EQ(number + 5, before) << i;
  }
  EXPECT_GT(late, 5);
}

TEST(Impairments, AnotherKindOfChanceShiftsNoLoss) {
  const auto loss_and = [](const Set& more) {
    return impaired([&](auto& c) {
      c.loss = 5 * kPercent;
      more(c);
    });
  };
  const auto plain = Traffic(loss_and([](auto&) {}), {}, 500).lost(500);
  EXPECT_GT(plain.size(), 10u);
  const auto busy = loss_and([](auto& c) {
    c.duplication = 20 * kPercent;
    c.corruption = 20 * kPercent;
    c.reordering = 10 * kPercent;
    c.jitter = 1ms;
  });
  EXPECT_EQ(plain, Traffic(busy, {}, 500).lost(500));
}

TEST(Impairments, TheOtherDirectionShiftsNoLoss) {
  const auto way = impaired([](auto& c) { c.loss = 5 * kPercent; });
  const auto back = impaired([](auto& c) { c.loss = 30 * kPercent; });
  EXPECT_EQ(Traffic(way, {}, 500).lost(500), Traffic(way, back, 500).lost(500));
}

TEST(Impairments, TheSeedDecides) {
  const auto way = impaired([](auto& c) { c.loss = 50 * kPercent; });
  EXPECT_EQ(Traffic(way, {}, 64, 1).lost(64), Traffic(way, {}, 64, 1).lost(64));
  EXPECT_NE(Traffic(way, {}, 64, 1).lost(64), Traffic(way, {}, 64, 2).lost(64));
}

}  // namespace
}  // namespace tcptwin::net

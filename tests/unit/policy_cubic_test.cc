// Cubic: the curve of RFC 9438, by hand and against a captured kernel.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "stack/policy/congestion.h"
#include "tests/support/paths.h"

namespace tcptwin::policy {
namespace {

using Config = CongestionConfig;

constexpr TimerGrainConfig kMilliseconds{TimerGrainConfig::Behaviour::kHierarchicalWheel, 1000, 0};
constexpr TimerGrainConfig kTicksOf4Ms{TimerGrainConfig::Behaviour::kHierarchicalWheel, 250, 0};
constexpr Instant kStart;
constexpr uint32_t kMss = 1448;

Config segments() {
  Config config;
  config.behaviour = Config::Behaviour::kCubic;
  config.reduction = Config::Reduction::kWindow;
  return config;
}

Config bytes() {
  Config config = segments();
  config.unit = Config::Unit::kBytes;
  return config;
}

Flight flight(int64_t segments) { return {segments, segments * kMss, kMss}; }

Acknowledged acked(int64_t segments, Duration rtt) {
  return {.segments = segments,
          .bytes = segments * kMss,
          .before = flight(segments),
          .limited = true,
          .rtt = rtt};
}

// A window of `segments` that lost something.
Congestion after_loss(const Config& config, const TimerGrain& grain, int64_t segments) {
  Congestion c(config, grain);
  c.on_established(kMss, 0);
  const int64_t unit = config.unit == Config::Unit::kBytes ? kMss : 1;
  c.seed(segments * unit, 0);
  c.on_loss(kStart, flight(segments));
  c.on_recovery_end(kStart, flight(0));
  return c;
}

// Windows, one after each round trip, of a connection that sends all it may.
std::vector<int64_t> rounds(Congestion& c, Duration rtt, int count) {
  std::vector<int64_t> windows;
  Instant now = kStart;
  for (int i = 0; i < count; ++i) {
    const int64_t out = c.window_segments(kMss);
    for (int64_t k = 0; k < out; ++k) c.on_ack(now + k * (rtt / out), acked(1, rtt));
    now = now + rtt;
    windows.push_back(c.window_segments(kMss));
  }
  return windows;
}

TEST(CongestionCubic, ALossLeavesSevenTenths) {  // RFC 9438 4.6
  const TimerGrain grain(kMilliseconds, {});
  const Config config = segments();
  EXPECT_EQ(after_loss(config, grain, 100).window(), 70);
  EXPECT_EQ(after_loss(config, grain, 29).window(), 20);
  EXPECT_EQ(after_loss(config, grain, 2).window(), 2);
}

TEST(CongestionCubic, IsBackAtTheOldMaximumAfterK) {  // RFC 9438 4.2: cbrt(300 / 0.4) = 9.1 s
  const TimerGrain grain(kMilliseconds, {});
  const Config config = segments();
  Congestion c = after_loss(config, grain, 1000);
  const std::vector<int64_t> windows = rounds(c, 100ms, 150);
  EXPECT_NEAR(static_cast<double>(windows[44]), 1000 - 0.4 * 4.5 * 4.5 * 4.5, 10);
  EXPECT_NEAR(static_cast<double>(windows[90]), 1000, 5);
  EXPECT_NEAR(static_cast<double>(windows[135]), 1000 + 0.4 * 4.5 * 4.5 * 4.5, 10);
}

TEST(CongestionCubic, BytesGrowAsSegmentsDo) {
  const TimerGrain grain(kMilliseconds, {});
  const Config by_segments = segments();
  const Config by_bytes = bytes();
  Congestion one = after_loss(by_segments, grain, 200);
  Congestion other = after_loss(by_bytes, grain, 200);
  const std::vector<int64_t> expected = rounds(one, 50ms, 200);
  const std::vector<int64_t> seen = rounds(other, 50ms, 200);
  for (size_t i = 0; i < seen.size(); ++i) {
    EXPECT_LE(std::abs(seen[i] - expected[i]), 2) << "round " << i;
  }
}

TEST(CongestionCubic, ASmallWindowGrowsAsRenoWould) {  // RFC 9438 4.3: 0.53 segments a round trip
  const TimerGrain grain(kMilliseconds, {});
  const Config config = segments();
  Congestion c = after_loss(config, grain, 20);
  EXPECT_NEAR(static_cast<double>(rounds(c, 10ms, 40).back()), 14 + 0.53 * 40, 3);
}

TEST(CongestionCubic, ASecondLossBelowTheMaximumGivesWay) {  // RFC 9438 4.7
  const TimerGrain grain(kMilliseconds, {});
  Config config = segments();
  Congestion gives_way = after_loss(config, grain, 1000);
  gives_way.on_loss(kStart, flight(700));
  EXPECT_EQ(gives_way.window(), 490);
  EXPECT_NEAR(static_cast<double>(rounds(gives_way, 100ms, 70).back()), 595, 10);
  config.cubic.fast_convergence = false;
  Congestion stays(config, grain);
  stays.seed(1000, 0);
  stays.on_loss(kStart, flight(1000));
  stays.on_loss(kStart, flight(700));
  EXPECT_NEAR(static_cast<double>(rounds(stays, 100ms, 80).back()), 700, 10);
}

TEST(CongestionCubic, ATimeoutForgetsTheMaximum) {
  const TimerGrain grain(kMilliseconds, {});
  const Config config = segments();
  Congestion c = after_loss(config, grain, 1000);
  c.on_timeout(kStart, flight(700), false);
  EXPECT_EQ(c.window(), 1);
  EXPECT_EQ(c.slow_start_threshold(), 490);
}

struct Ack {
  int64_t us = 0;
  int64_t acked = 0;
  int64_t window = 0;
  int64_t srtt = 0;
};

std::vector<Ack> captured(const std::string& name) {
  std::ifstream file(support::source_path("traces/kernel-6.18/" + name));
  std::vector<Ack> acks;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    Ack ack;
    std::istringstream(line) >> ack.us >> ack.acked >> ack.window >> ack.srtt;
    acks.push_back(ack);
  }
  return acks;
}

// traces/kernel-6.18/b_bulk/10MB_drop20_r1: the window was 29 when the loss was seen.
TEST(CongestionCubic, FollowsTheCapturedKernelWithinASegment) {
  const std::vector<Ack> acks = captured("b_bulk/10MB_drop20_r1.cwnd.txt");
  ASSERT_GT(acks.size(), 3000u);
  const TimerGrain grain(kTicksOf4Ms, 3661us);
  const Config config = segments();
  Congestion c(config, grain);
  c.seed(29, 0);
  c.on_ack(kStart, acked(0, std::chrono::microseconds(20110)));
  const Instant recovered = Instant::from_ns(acks[0].us * 1000);
  c.on_loss(recovered, flight(28));
  c.on_recovery_end(recovered, flight(0));
  for (size_t i = 0; i + 1 < acks.size(); ++i) {
    const int64_t rtt_us = 8 * acks[i + 1].srtt - 7 * acks[i].srtt;  // SRTT = 7/8 SRTT + 1/8 R
    // Most of what the first acknowledges had been selectively acknowledged before.
    const int64_t news = i == 0 ? 1 : acks[i + 1].acked - acks[i].acked;
    if (news == 0) continue;
    c.on_ack(Instant::from_ns(acks[i].us * 1000), acked(news, std::chrono::microseconds(rtt_us)));
    ASSERT_LE(std::abs(c.window() - acks[i + 1].window), 1)
        << "ACK " << i << " at " << acks[i].us << " us: " << c.window() << ", the kernel "
        << acks[i + 1].window;
  }
}

}  // namespace
}  // namespace tcptwin::policy

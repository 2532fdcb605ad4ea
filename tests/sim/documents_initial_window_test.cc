// traces/documents/initial-window: what its expectations do not say: what each flight waited for,
// and what the handshakes offer.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "tests/support/simulation.h"

namespace tcptwin {
namespace {

using support::find_reason;
using support::simulate_document;
using support::Simulation;
using By = tcp::DataReleased::By;

constexpr const char* kScenario = "initial-window";

// How often the chain of causes waited for that.
int64_t waits(const trace::Chain& chain, By by) {
  return std::count_if(chain.steps.begin(), chain.steps.end(), [by](const trace::Step& step) {
    const auto* sent = std::get_if<trace::PacketSent>(&step.record->event);
    const auto* released = sent ? std::get_if<tcp::DataReleased>(&sent->reason) : nullptr;
    return released != nullptr && released->held_by == by;
  });
}

// Segments a round trip of 100 ms of the direct answer of 64 KiB.
std::vector<int> flights(const std::string& variant) {
  const Simulation run = simulate_document(kScenario, variant);
  const app::Measure& answer = run.measure("client.64KiB");
  const std::string text = run.view();
  const double start =
      static_cast<double>((answer.longest_start - run.first_packet()).count()) / 1e9;
  std::vector<int> found;
  for (size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    double seconds = 0;
    unsigned port = 0, begin = 0, end = 0;
    char flags[8] = "";
    if (std::sscanf(text.c_str() + at, "%lf <%u %7s %u:%u(", &seconds, &port, flags, &begin,
                    &end) != 5 ||
        begin == end || seconds < start || seconds > start + 1) {
      continue;
    }
    const auto round = static_cast<size_t>((seconds - start) * 10 - 0.99);  // the first after 1
    if (found.size() <= round) found.resize(round + 1);
    ++found[round];
  }
  return found;
}
using Flights = std::vector<int>;

TEST(InitialWindow, EachFurtherFlightWaitsForTheCongestionWindow) {
  EXPECT_EQ(waits(simulate_document(kScenario, "iw3").chain("client.64KiB"), By::kCongestion), 4);
  EXPECT_EQ(waits(simulate_document(kScenario).chain("client.64KiB"), By::kCongestion), 2);
}
TEST(InitialWindow, WhatFitsIntoTheInitialWindowWaitsForNothing) {
  EXPECT_EQ(find_reason<tcp::DataReleased>(simulate_document(kScenario).chain("client.8KiB")),
            nullptr);
}
TEST(InitialWindow, ASmallFirstWindowHoldsWhatTheCongestionWindowWouldLetGo) {
  const auto run = simulate_document(kScenario, "small-first-window");
  EXPECT_EQ(waits(run.chain("client.8KiB"), By::kWindow), 1);
  EXPECT_NE(run.packets().at(0).find("win 5840 "), std::string::npos);
  EXPECT_NE(simulate_document(kScenario).packets().at(0).find("win 64240 "), std::string::npos);
}
TEST(InitialWindow, FlightsDouble) {
  EXPECT_EQ(flights("baseline"), (Flights{10, 20, 16}));
  EXPECT_EQ(flights("iw3"), (Flights{3, 6, 12, 24, 1}));
}
// net/ipv4/tcp_cong.c of 2.6.32: with every second segment acknowledged, growth is by half.
TEST(InitialWindow, TheOldKernelGrowsByOneSegmentAnAck) {
  EXPECT_EQ(flights("small-first-window-iw3"), (Flights{3, 6, 9, 14, 14}));
}
TEST(InitialWindow, AnOldReceiverHoldsTheAckOfAnOddSegment) {
  const auto run = simulate_document(kScenario, "small-first-window-iw3");
  const auto* timer = find_reason<tcp::TimerFired>(run.chain("client.64KiB"));
  ASSERT_NE(timer, nullptr);
  EXPECT_EQ(timer->which, tcp::TimerKind::kDelayedAck);
}

}  // namespace
}  // namespace tcptwin

// traces/documents/udp: what its expectations do not say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/simulation.h"

namespace tcptwin {
namespace {

using support::find_reason;
using support::simulate_document;
using support::Simulation;

constexpr const char* kScenario = "udp";

const scenario::ProcessResult& process(const Simulation& run, const std::string& name) {
  const auto& all = run.result.processes;
  return *std::find_if(all.begin(), all.end(), [&](const auto& p) { return p.name == name; });
}

TEST(UdpExchange, NothingIsHeldAndNoTimerIsPartOfIt) {
  const Simulation run = simulate_document(kScenario);
  const trace::Chain chain = run.chain("client.exchange");
  EXPECT_TRUE(chain.complete());
  EXPECT_NE(find_reason<tcp::DatagramSent>(chain), nullptr);
  EXPECT_EQ(find_reason<tcp::TimerFired>(chain), nullptr);
}

TEST(UdpExchange, OverTcpTheDelayedAckIs) {
  const Simulation run = simulate_document(kScenario, "tcp");
  const trace::Chain chain = run.chain("client.exchange");
  const auto* timer = find_reason<tcp::TimerFired>(chain);
  ASSERT_NE(timer, nullptr);
  EXPECT_EQ(timer->which, tcp::TimerKind::kDelayedAck);
}

TEST(UdpExchange, ALostDatagramLeavesBothSleeping) {
  const Simulation run = simulate_document(kScenario, "lost");
  EXPECT_EQ(process(run, "client").sleeps_in, "recv");
  EXPECT_EQ(process(run, "service").sleeps_in, "recvfrom");
}

TEST(UdpExchange, TcpRepeatsALostSegmentByItsTimer) {
  const Simulation run = simulate_document(kScenario, "lost-tcp");
  const trace::Chain chain = run.chain("client.exchange");
  const auto* repeated = find_reason<tcp::Retransmission>(chain);
  ASSERT_NE(repeated, nullptr);
  EXPECT_EQ(repeated->why, tcp::Retransmission::Why::kTimeout);
}

TEST(UdpExchange, WhatFindsNoRoomIsDroppedWithAReason) {
  const Simulation run = simulate_document(kScenario, "linux-6.18-burst");
  int64_t dropped = 0;
  for (const trace::Record& record : run.result.journal->records()) {
    const auto* note = std::get_if<tcp::Note>(&record.event);
    if (note != nullptr && std::holds_alternative<tcp::DatagramDropped>(note->reason)) ++dropped;
  }
  EXPECT_EQ(dropped, 200 - 93);
}

TEST(UdpExchange, ADatagramIsGoneWithAnyOfItsPieces) {
  EXPECT_TRUE(process(simulate_document(kScenario, "large"), "service").sleeps_in.empty());
  EXPECT_EQ(process(simulate_document(kScenario, "large-lost-piece"), "service").sleeps_in,
            "recvfrom");
}

}  // namespace
}  // namespace tcptwin

// traces/documents/ephemeral-ports: what its expectations do not say: what the SYNs met, and who
// holds the TIME-WAIT entries. With 200 ports instead of 16,384, which is as well for a test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/simulation.h"

namespace tcptwin {
namespace {

using support::find_reason;
using support::Simulation;
using Verdict = tcp::SynInTimeWait::Verdict;

constexpr int kPorts = 200;

Simulation with_few_ports(const std::string& variant = "baseline", int ports = kPorts,
                          std::vector<scenario::Override> more = {}) {
  more.push_back(
      {"/hosts/mac/sysctl/net.inet.ip.portrange.last", std::to_string(49152 + ports - 1)});
  return support::simulate_document("ephemeral-ports", variant, 0, more);
}

// What became of the SYNs that met a TIME-WAIT, in their order.
std::vector<tcp::SynInTimeWait> met(const Simulation& s) {
  std::vector<tcp::SynInTimeWait> found;
  for (const trace::Record& record : s.result.journal->records()) {
    const auto* note = std::get_if<tcp::Note>(&record.event);
    const auto* syn = note == nullptr ? nullptr : std::get_if<tcp::SynInTimeWait>(&note->reason);
    if (syn != nullptr) found.push_back(*syn);
  }
  return found;
}
int64_t count(const std::vector<tcp::SynInTimeWait>& syns, Verdict verdict) {
  return std::count_if(syns.begin(), syns.end(),
                       [&](const tcp::SynInTimeWait& s) { return s.verdict == verdict; });
}
bool has_timestamps(const wire::TcpSegment& segment) {
  return wire::parse_options(segment.options).timestamps.has_value();
}

TEST(EphemeralPorts, TheSlowestRequestIsTenHandshakeTimers) {
  const Simulation s = with_few_ports();
  const trace::Chain chain = s.chain("oha.connect");
  EXPECT_TRUE(chain.complete());
  std::vector<Duration> wishes;
  for (const trace::Step& step : chain.steps) {
    const auto* note = std::get_if<tcp::Note>(&step.record->event);
    const auto* timer = note == nullptr ? nullptr : std::get_if<tcp::TimerFired>(&note->reason);
    if (timer == nullptr) continue;
    EXPECT_EQ(timer->which, tcp::TimerKind::kHandshake);
    wishes.push_back(timer->wish);
  }
  EXPECT_EQ(wishes, (std::vector<Duration>{100ms, 100ms, 100ms, 100ms, 100ms, 200ms, 400ms, 800ms,
                                           1600ms, 3200ms}));
}

TEST(EphemeralPorts, TheSynThatSucceedsIsTheTenthAgainAndHasNoTimestamps) {
  const Simulation s = with_few_ports();
  const trace::Chain chain = s.chain("oha.connect");
  const auto step = std::find_if(chain.steps.begin(), chain.steps.end(), [](const auto& candidate) {
    return std::holds_alternative<trace::PacketSent>(candidate.record->event);
  });
  ASSERT_NE(step, chain.steps.end());
  const auto& sent = std::get<trace::PacketSent>(step->record->event);
  const auto* why = std::get_if<tcp::HandshakeSegment>(&sent.reason);
  ASSERT_NE(why, nullptr);
  EXPECT_EQ(why->retransmission, 10);
  EXPECT_FALSE(has_timestamps(sent.packet.tcp));
}

TEST(EphemeralPorts, DroppedSynsHaveOlderTimestampsAndAnsweredOnesLowerNumbers) {
  const std::vector<tcp::SynInTimeWait> syns = met(with_few_ports());
  EXPECT_GT(count(syns, Verdict::kDropped), 10);
  EXPECT_GT(count(syns, Verdict::kAnswered), 10);
  EXPECT_GT(count(syns, Verdict::kReplaces), 10);
  for (const tcp::SynInTimeWait& syn : syns)
    EXPECT_EQ(syn.older_timestamp, syn.verdict == Verdict::kDropped);
}

// The number grows by 7.8 MB a second: after 71 ms it lies beyond a window of 408 kB.
TEST(EphemeralPorts, FromMacos15OnEverySynTakesThePlaceOfATimeWait) {
  const std::vector<tcp::SynInTimeWait> syns =
      met(with_few_ports("macos-15", 1500, {{"/until", "1200ms"}}));
  EXPECT_GT(syns.size(), 1500U);
  EXPECT_EQ(count(syns, Verdict::kReplaces), static_cast<int64_t>(syns.size()));
}

TEST(EphemeralPorts, ASynThatComesTooSoonLiesWithinTheOldWindow) {
  const std::vector<tcp::SynInTimeWait> syns = met(with_few_ports("macos-15"));
  EXPECT_GT(count(syns, Verdict::kAnswered), 100);
  for (const tcp::SynInTimeWait& syn : syns) EXPECT_FALSE(syn.older_timestamp);
}

// The local address of each TIME-WAIT entry at the end.
std::vector<uint16_t> local_ports_in_time_wait(const Simulation& s) {
  std::vector<uint16_t> ports;
  for (const scenario::SocketLine& line : s.result.last_sockets.at(0).sockets) {
    if (line.row.state == tcp::State::kTimeWait)
      ports.push_back(static_cast<uint16_t>(line.row.local.port));
  }
  return ports;
}

TEST(EphemeralPorts, TheTimeWaitEntriesAreTheServers) {
  std::vector<uint16_t> ports = local_ports_in_time_wait(with_few_ports());
  EXPECT_EQ(std::count(ports.begin(), ports.end(), 3779), kPorts);
  EXPECT_EQ(std::count(ports.begin(), ports.end(), 22), 1);  // the earlier connection
  EXPECT_EQ(ports.size(), kPorts + 1U);
}

TEST(EphemeralPorts, TheyAreTheClientsWhenItClosesFirst) {
  std::vector<uint16_t> ports = local_ports_in_time_wait(with_few_ports("client-closes-first"));
  EXPECT_EQ(std::count(ports.begin(), ports.end(), 3779), 0);
  EXPECT_EQ(std::count_if(ports.begin(), ports.end(), [](uint16_t p) { return p >= 49152; }),
            kPorts);
}

TEST(EphemeralPorts, OnFreebsdAConnectionWithinTheHostLeavesNoTimeWait) {
  const Simulation s = support::simulate_document("ephemeral-ports", "freebsd-14", 0,
                                                  {{"/processes/0/run/think", "10ms"}});
  EXPECT_TRUE(local_ports_in_time_wait(s).empty());
}

}  // namespace
}  // namespace tcptwin

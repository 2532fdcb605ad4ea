// traces/documents/parallel-connections: what its expectations do not say: what overlaps on the
// wire, and what messages wait for.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "tests/support/simulation.h"

namespace tcptwin {
namespace {

using support::find_reason;
using support::simulate_document;

constexpr const char* kScenario = "parallel-connections";
constexpr uint16_t kClient = 0;

// What the client sent, seen on the wire.
struct Wire {
  size_t connections = 0;
  size_t at_once = 0;  // between SYN and FIN, at most
};

Wire wire_of(const support::Simulation& run) {
  Wire seen;
  std::set<wire::Port> open;
  for (const trace::Record& record : run.result.journal->records()) {
    const auto* sent = std::get_if<trace::PacketSent>(&record.event);
    if (sent == nullptr || record.host() != kClient) continue;
    const wire::TcpSegment& segment = sent->packet.tcp;
    if (segment.flags.syn) {
      open.insert(segment.source);
      ++seen.connections;
    }
    seen.at_once = std::max(seen.at_once, open.size());
    if (segment.flags.fin) open.erase(segment.source);
  }
  return seen;
}

TEST(ParallelConnections, TheMutexKeepsConnectionsApartOnTheWire) {
  const Wire seen = wire_of(simulate_document(kScenario));
  EXPECT_EQ(seen.connections, 100U);
  EXPECT_EQ(seen.at_once, 1U);
}

TEST(ParallelConnections, WithoutTheMutexFiveOverlapOnTheWire) {
  const Wire seen = wire_of(simulate_document(kScenario, "no-mutex"));
  EXPECT_EQ(seen.connections, 100U);
  EXPECT_EQ(seen.at_once, 5U);
}

TEST(ParallelConnections, OneThreadWithEpollDoesTheSame) {
  EXPECT_EQ(wire_of(simulate_document(kScenario, "epoll")).at_once, 5U);
}

TEST(ParallelConnections, AMessageWaitsForItsHandshake) {
  const auto run = simulate_document(kScenario);
  const trace::Chain chain = run.chain("client.message");
  EXPECT_NE(find_reason<tcp::HandshakeSegment>(chain), nullptr);
  EXPECT_EQ(find_reason<tcp::DataReleased>(chain), nullptr);
}

TEST(ParallelConnections, OverOneConnectionTheFileWaitsForTheCongestionWindow) {
  const auto run = simulate_document(kScenario, "one-connection");
  const auto* released = find_reason<tcp::DataReleased>(run.chain("server.stream"));
  ASSERT_NE(released, nullptr);
  EXPECT_EQ(released->held_by, tcp::DataReleased::By::kCongestion);
}

}  // namespace
}  // namespace tcptwin

// A port carries what a real machine sends into the simulated network, and hands out what it gets.
#include "sim/net/port.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "sim/scenario/load.h"
#include "sim/scenario/world.h"
#include "stack/wire/text.h"

namespace tcptwin::net {
namespace {

using Verdict = Port::Verdict;
using wire::Ipv4Address;

constexpr const char* kScenario = R"({
  "schema": "tcptwin/scenario/1", "name": "port",
  "hosts": {"me": {"kind": "real"}, "server": {"profile": "linux-6.18"}},
  "links": [{"between": ["me", "server"], "delay": "10ms", "mtu": 1400}],
  "processes": [{"name": "server", "host": "server", "program": [
      {"listen": {"port": 80}}, {"accept": {}}]}]})";
constexpr Ipv4Address kMe(0x0a4d0001), kServer(0x0a4d0002);

class PortTest : public testing::Test {
 protected:
  PortTest() : loaded_(scenario::load("port", kScenario, {})) {
    for (const json::Diagnostic& d : loaded_.diagnostics) ADD_FAILURE() << json::to_string(d);
    world_ = std::make_unique<scenario::World>(loaded_.variants.front().scenario, 0,
                                               trace::Detail::kRecords);
    port_ = world_->port("me");
  }
  static wire::Packet syn(wire::IpAddress from, wire::IpAddress to) {
    wire::Packet packet;
    packet.ip.source = from;
    packet.ip.destination = to;
    packet.tcp.source = wire::Port{4000};
    packet.tcp.destination = wire::Port{80};
    packet.tcp.flags.syn = true;
    packet.tcp.window = 1000;
    return packet;
  }
  std::vector<Port::Departure> departures() {
    std::vector<Port::Departure> all;
    Port::Departure one;
    while (port_->poll_packet(one)) all.push_back(std::move(one));
    return all;
  }

  scenario::Loaded loaded_;
  std::unique_ptr<scenario::World> world_;
  Port* port_ = nullptr;
};

TEST_F(PortTest, AServerAnswersTheMachineOverTheLink) {
  const Instant begin = Instant() + 1s;
  world_->run_until(begin);
  EXPECT_EQ(port_->enter(begin + 1us, syn(kMe, kServer)), Verdict::kEntered);
  world_->run_until(begin + 1s);
  const auto got = departures();
  ASSERT_FALSE(got.empty());
  EXPECT_TRUE(got[0].packet.tcp.flags.syn && got[0].packet.tcp.flags.ack);
  EXPECT_GE(got[0].at - begin, 20ms);
  EXPECT_LT(got[0].at - begin, 21ms);
}

TEST_F(PortTest, PacketsFromAddressesThatTheMachineHasNotGoNowhere) {
  EXPECT_EQ(port_->enter(Instant() + 1s, syn(Ipv4Address(0x0a4d0009), kServer)),
            Verdict::kForeignSource);
  EXPECT_EQ(port_->enter(Instant() + 1s, syn(kServer, kServer)), Verdict::kForeignSource);
  EXPECT_TRUE(port_->next().at.is_never());
}

TEST_F(PortTest, PacketsToAddressesOutsideTheScenarioGoNowhere) {
  EXPECT_EQ(port_->enter(Instant() + 1s, syn(kMe, Ipv4Address(0x08080808))), Verdict::kNoRoute);
}

TEST_F(PortTest, NobodyListensToGroups) {
  EXPECT_EQ(port_->enter(Instant() + 1s, syn(kMe, Ipv4Address(0xe0000016))), Verdict::kGroup);
}

TEST_F(PortTest, TheMtuOfTheLinkHoldsForTheMachine) {
  wire::Packet large = syn(kMe, kServer);
  large.tcp.payload = Payload::synthetic(1, 0, 1400);
  EXPECT_EQ(port_->enter(Instant() + 1s, std::move(large)), Verdict::kTooBig);
}

TEST_F(PortTest, MoreThanItsRoomIsRefused) {
  for (size_t i = 0; i < Port::kMostWaiting; ++i) {
    ASSERT_EQ(port_->enter(Instant() + 1s, syn(kMe, kServer)), Verdict::kEntered);
  }
  EXPECT_EQ(port_->enter(Instant() + 1s, syn(kMe, kServer)), Verdict::kNoRoom);
}

// What makes live sessions repeatable: entering early or just in time is the same.
TEST_F(PortTest, ArrivalsEnteredInAdvanceGiveTheSameRun) {
  scenario::World other(loaded_.variants.front().scenario, 0, trace::Detail::kDigest);
  Port& early = *other.port("me");
  for (int i = 1; i <= 3; ++i) early.enter(Instant() + i * 7ms, syn(kMe, kServer));
  const Instant end = Instant() + 10s;
  const std::string in_advance = other.finish(other.run_until(end)).digest;
  Instant last;
  for (int i = 1; i <= 3; ++i) {
    world_->run_until(Instant() + i * 7ms - 1us);
    port_->enter(Instant() + i * 7ms, syn(kMe, kServer));
  }
  last = world_->run_until(end);
  EXPECT_EQ(world_->finish(last).digest, in_advance);
}

}  // namespace
}  // namespace tcptwin::net

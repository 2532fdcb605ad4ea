// PortPicker: facts/linux.md E4, facts/darwin.md 4.4, facts/freebsd.md E6, facts/windows.md E2.
#include <gtest/gtest.h>

#include <set>

#include "stack/policy/ports.h"

namespace tcptwin::policy {
namespace {

using Behaviour = PortsConfig::Behaviour;

const ConnectionKey kPeer{0x0a000001, 0x0a000002, 0, 80};
bool any(uint16_t) { return true; }

PortsConfig range(Behaviour behaviour, int32_t first, int32_t last) {
  PortsConfig config;
  config.behaviour = behaviour;
  config.first = first;
  config.last = last;
  return config;
}

class EveryBehaviour : public testing::TestWithParam<Behaviour> {};

TEST_P(EveryBehaviour, GivesOutTheWholeRangeAndThenNothing) {
  const PortsConfig config = range(GetParam(), 40000, 40099);
  Rng rng = Rng::stream(1, "ports");
  PortPicker ports(config, rng);
  std::set<uint16_t> taken;
  const auto is_free = [&](uint16_t port) { return !taken.contains(port); };
  for (int i = 0; i < 100; ++i) {
    const auto port = ports.pick(kPeer, is_free);
    ASSERT_TRUE(port) << i;
    ASSERT_GE(*port, 40000);
    ASSERT_LE(*port, 40099);
    ASSERT_TRUE(taken.insert(*port).second);
  }
  EXPECT_FALSE(ports.pick(kPeer, is_free));
  EXPECT_FALSE(ports.pick_unconnected(is_free));
}

INSTANTIATE_TEST_SUITE_P(Ports, EveryBehaviour,
                         testing::Values(Behaviour::kSequential, Behaviour::kRandomStart,
                                         Behaviour::kHashedStart, Behaviour::kDoubleHash));

TEST(PortsSequential, AreConsecutiveAndWrap) {
  const PortsConfig config = range(Behaviour::kSequential, 49152, 49155);
  Rng rng = Rng::stream(1, "ports");
  PortPicker ports(config, rng);
  const int first = *ports.pick(kPeer, any) - 49152;
  for (int i = 1; i < 9; ++i) EXPECT_EQ(*ports.pick(kPeer, any), 49152 + (first + i) % 4);
}

TEST(PortsSequential, AWholePortIsTakenUntilItsLastConnectionIsGone) {  // facts/darwin.md 4.4
  PortsConfig config = range(Behaviour::kSequential, 50000, 50000);
  config.whole_port = true;
  Rng rng = Rng::stream(1, "ports");
  PortPicker ports(config, rng);
  ports.on_used(50000);
  ports.on_used(50000);
  ports.on_released(50000);
  EXPECT_FALSE(ports.pick(kPeer, any));
  ports.on_released(50000);
  EXPECT_EQ(ports.pick(kPeer, any), 50000);
}

TEST(PortsSequential, WholePortsRunOutAndOneThatIsReleasedIsGivenOutAgain) {
  PortsConfig config = range(Behaviour::kSequential, 50000, 50003);
  config.whole_port = true;
  config.skipped = {50002};
  Rng rng = Rng::stream(1, "ports");
  PortPicker ports(config, rng);
  ports.on_used(80);     // a server's: not of the range
  ports.on_used(50002);  // somebody's choice
  for (int i = 0; i < 3; ++i) ports.on_used(*ports.pick(kPeer, any));
  EXPECT_FALSE(ports.pick(kPeer, any));
  ports.on_released(50002);
  EXPECT_FALSE(ports.pick(kPeer, any));
  ports.on_released(50001);
  EXPECT_EQ(ports.pick(kPeer, any), 50001);
}

TEST(PortsSequential, ASkippedPortIsNeverGivenOut) {  // facts/darwin.md 4.4: 55555
  PortsConfig config = range(Behaviour::kSequential, 55554, 55556);
  config.skipped = {55555};
  Rng rng = Rng::stream(1, "ports");
  PortPicker ports(config, rng);
  for (int i = 0; i < 9; ++i) EXPECT_NE(*ports.pick(kPeer, any), 55555);
}

TEST(PortsDoubleHash, SuccessivePortsToOnePeerRiseByTwoToSixteenInEvenSteps) {  // facts/linux.md E4
  const PortsConfig config = range(Behaviour::kDoubleHash, 32768, 60999);
  Rng rng = Rng::stream(3, "ports");
  PortPicker ports(config, rng);
  int last = *ports.pick(kPeer, any);
  for (int i = 0; i < 200; ++i) {
    const int port = *ports.pick(kPeer, any);
    const int rise = (port - last + 28232) % 28232;
    ASSERT_EQ(port % 2, 0);
    ASSERT_EQ(rise % 2, 0);
    ASSERT_GE(rise, 2);
    ASSERT_LE(rise, 16);
    last = port;
  }
}

TEST(PortsDoubleHash, BindPrefersTheOddOnes) {  // facts/linux.md E4
  const PortsConfig config = range(Behaviour::kDoubleHash, 32768, 60999);
  Rng rng = Rng::stream(3, "ports");
  PortPicker ports(config, rng);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(*ports.pick_unconnected(any) % 2, 1);
}

TEST(PortsHashedStart, SuccessivePortsRiseByOne) {  // facts/linux.md E4, V32
  const PortsConfig config = range(Behaviour::kHashedStart, 32768, 61000);
  Rng rng = Rng::stream(1, "ports");
  PortPicker ports(config, rng);
  const int first = *ports.pick(kPeer, any);
  EXPECT_EQ(*ports.pick(kPeer, any), 32768 + (first - 32768 + 1) % 28233);
}

}  // namespace
}  // namespace tcptwin::policy

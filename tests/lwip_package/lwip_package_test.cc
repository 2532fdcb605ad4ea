// Hosts with the profile lwip-debian do what Debian's liblwip does: the same packets, byte for
// byte, and the same results of calls.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>

#include "models/lwip/builds.h"
#include "tests/lwip_package/exchange.h"

namespace tcptwin::lwip_package {
namespace {

// What the work of a simulated host may add up to.
constexpr Duration kTolerance = 20us;

// "41703 us: id 2 ttl 255 seq 6510 ack 6511 flags 18 window 32767 options 40 bytes 0": as in the
// headers.
std::string described(const Sent& sent) {
  const auto number = [&sent](size_t at, size_t size) {
    uint32_t value = 0;
    for (size_t i = at; i < at + size; ++i) value = value << 8 | sent.packet.at(i);
    return value;
  };
  const size_t header = 20 + (number(32, 1) >> 4) * 4;
  return fmt::format("{} us: id {} ttl {} seq {} ack {} flags {:x} window {} options {} bytes {}",
                     sent.at / 1us, number(4, 2), number(8, 1), number(24, 4), number(28, 4),
                     number(33, 1), number(34, 2), header - 40, sent.packet.size() - header);
}

void expect_same_packets(const char* who, const std::vector<Sent>& simulated,
                         const std::vector<Sent>& packaged) {
  for (size_t i = 0; i < std::min(simulated.size(), packaged.size()); ++i) {
    const Duration apart = simulated[i].at - packaged[i].at;
    const bool same =
        simulated[i].packet == packaged[i].packet && (apart < kTolerance && apart > -kTolerance);
    ASSERT_TRUE(same) << who << ", packet " << i + 1 << "\n simulated " << described(simulated[i])
                      << "\n  packaged " << described(packaged[i]);
  }
  EXPECT_EQ(simulated.size(), packaged.size()) << who;
}

class LwipPackage : public testing::Test {
 protected:
  void SetUp() override {
    if (!lwip::absence().empty()) GTEST_SKIP() << "no profile lwip-debian: " << lwip::absence();
  }

  void expect_same(const Exchange& exchange, size_t least_packets) {
    const Outcome simulated = run_simulated(exchange);
    const Outcome packaged = run_packaged(exchange);
    expect_same_packets("client", simulated.client.sent, packaged.client.sent);
    expect_same_packets("server", simulated.server.sent, packaged.server.sent);
    EXPECT_EQ(simulated.client.results, packaged.client.results);
    EXPECT_EQ(simulated.server.results, packaged.server.results);
    EXPECT_GE(simulated.client.sent.size() + simulated.server.sent.size(), least_packets);
  }
};

Steps repeated(int times, const Steps& steps, const Steps& end = {close()}) {
  Steps all;
  for (int i = 0; i < times; ++i) all.insert(all.end(), steps.begin(), steps.end());
  all.insert(all.end(), end.begin(), end.end());
  return all;
}

std::set<int> all_from(int first) {
  std::set<int> numbers;
  for (int number = first; number < 100; ++number) numbers.insert(number);
  return numbers;
}

const Steps kReadAndClose = {receive_end(), close()};

TEST_F(LwipPackage, RequestAndResponseAreTheSame) {
  expect_same({.client = {send(100), receive(3000), close()},
               .server = {receive(100), send(3000), receive_end(), close()}},
              10);
}

TEST_F(LwipPackage, WriteWriteReadIsTheSame) {
  expect_same({.client = repeated(5, {send(100), send(400), receive(10)}),
               .server = repeated(5, {receive(500), send(10)}, kReadAndClose)},
              20);
}

TEST_F(LwipPackage, BulkIsTheSame) {
  expect_same({.client = {send(100'000), close()}, .server = kReadAndClose}, 100);
}

TEST_F(LwipPackage, BulkBothWaysIsTheSame) {
  expect_same({.client = {send(100'000), receive(60'000), close()},
               .server = {send(60'000), receive_end(), close()}},
              150);
}

TEST_F(LwipPackage, FastRetransmitIsTheSame) {
  expect_same({.client = {send(100'000), close()}, .server = kReadAndClose, .lost_of_client = {12}},
              100);
}

TEST_F(LwipPackage, TimeoutIsTheSame) {
  expect_same({.client = {send(100), receive(10), send(5000), close()},
               .server = {receive(100), send(10), receive_end(), close()},
               .lost_of_client = {3, 4, 5},
               .lost_of_server = {2}},
              12);
}

TEST_F(LwipPackage, LostSynIsTheSame) {
  expect_same({.client = {send(100), close()}, .server = kReadAndClose, .lost_of_client = {1, 2}},
              8);
}

TEST_F(LwipPackage, LostSynAckIsTheSame) {
  expect_same({.client = {send(100), close()}, .server = kReadAndClose, .lost_of_server = {1, 2}},
              8);
}

TEST_F(LwipPackage, SynsWithoutAnAnswerAreTheSame) {
  expect_same({.client = {close()}, .lost_of_client = {1, 2, 3, 4, 5, 6, 7}}, 7);
}

TEST_F(LwipPackage, ZeroWindowIsTheSame) {
  expect_same({.client = {send(200'000), close()},
               .server = {pause(10s), receive(150'000), pause(1s), receive_end(), close()}},
              150);
}

// 80 pieces are what the window moves by at once.
TEST_F(LwipPackage, ReadingInPiecesIsTheSame) {
  Steps server = {pause(1s)};
  server.insert(server.end(), 1000, receive(73));
  server.push_back(close());
  expect_same({.client = {send(73'000), receive_end(), close()}, .server = server}, 80);
}

TEST_F(LwipPackage, FullMailboxIsTheSame) {
  expect_same({.client = repeated(200, {no_delay(), send(1), pause(1ms)}),
               .server = {pause(3s), receive_end(), close()}},
              200);
}

TEST_F(LwipPackage, HalfCloseIsTheSame) {
  expect_same({.client = {send(100), shut_down(), receive_end(), close()},
               .server = {receive_end(), pause(1s), send(5000), close()}},
              10);
}

TEST_F(LwipPackage, SimultaneousCloseIsTheSame) {
  expect_same(
      {.client = {send(10), pause(1s), close()}, .server = {receive(10), pause(950ms), close()}},
      8);
}

TEST_F(LwipPackage, CloseWithUnreadDataIsTheSame) {
  expect_same({.client = {send(3000), pause(1s), send(10), pause(1s), send(10), close()},
               .server = {pause(500ms), close()}},
              8);
}

// Ports, initial numbers and identifiers go on where they were.
TEST_F(LwipPackage, ConnectionsInSuccessionAreTheSame) {
  expect_same({.client = {send(100), pause(700ms), receive(10), close()},
               .server = {receive(100), send(10), receive_end(), close()},
               .connections = 4},
              36);
}

TEST_F(LwipPackage, FullQueueIsTheSame) {
  Steps client = {no_delay()};
  client.insert(client.end(), 400, send(1));
  client.push_back(close());
  expect_same({.client = client, .server = kReadAndClose}, 400);
}

TEST_F(LwipPackage, DataWithoutAnAnswerIsGivenUpTheSameWay) {
  expect_same({.client = {send(10), pause(1s), send(20), receive_end(), close()},
               .server = kReadAndClose,
               .lost_of_client = all_from(4),
               .until = 3000s},
              14);
}

TEST_F(LwipPackage, TheLastAckIsAwaitedTheSameWay) {
  expect_same({.client = {send(10), close()},
               .server = kReadAndClose,
               .lost_of_client = all_from(5),
               .until = 1000s},
              10);
}

TEST_F(LwipPackage, KeepAliveIsTheSame) {
  expect_same({.client = {keep_alive(3), send(10), receive_end(), close()},
               .server = kReadAndClose,
               .lost_of_server = all_from(5),
               .until = 1000s},
              10);
}

TEST_F(LwipPackage, LossByChanceIsTheSame) {
  for (uint32_t seed = 1; seed <= 4; ++seed) {
    std::minstd_rand draw(seed);
    Exchange exchange{.client = {send(60'000), receive_end(), close()},
                      .server = {send(30'000), receive(60'000), close()},
                      .until = 600s};
    for (int number = 1; number <= 300; ++number) {
      if (draw() % 20 == 0) exchange.lost_of_client.insert(number);
      if (draw() % 20 == 0) exchange.lost_of_server.insert(number);
    }
    SCOPED_TRACE(seed);
    expect_same(exchange, 80);
  }
}

}  // namespace
}  // namespace tcptwin::lwip_package

// Routers pass packets on along the shortest way and say what they cannot pass on.
#include "sim/net/router.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sim/lab/lab.h"
#include "stack/wire/any_packet.h"
#include "stack/wire/checksum.h"

namespace tcptwin::net {
namespace {

using wire::IcmpKind;
using wire::IpAddress;

class Neighbour final : public engine::Node {
 public:
  void on_packet(Instant now, engine::Transit&& transit, uint32_t) override {
    at = now;
    got.push_back(std::move(transit));
  }
  engine::Due next() const override { return {}; }
  void run(Instant, engine::Phase) override {}
  std::vector<engine::Transit> got;
  Instant at;
};

// A router between 10.77.0.0 and 10.77.1.0 (fd77:: and fd77:1::), whose second link takes 1000
// bytes.
class RouterTest : public testing::Test {
 protected:
  static constexpr uint32_t kNarrow = 1000;
  RouterTest() : journal_(trace::Detail::kRecords), ids_(0) {
    journal_.add_host("a");
    journal_.add_host("r");
    journal_.add_host("b");
    RouterSetup setup;
    setup.name = "r";
    setup.number = 1;
    setup.forwarding = 10us;
    setup.interfaces = {{}, {near_, 1500, near_v6_}, {far_, kNarrow, far_v6_}};
    setup.routes = {{a_, 1}, {a_v6_, 1}, {b_, 2}, {b_v6_, 2}};
    router_ = std::make_unique<Router>(setup, journal_);
    router_->attach(1, left_, 0);
    router_->attach(2, right_, 0);
    engine_.add(*router_);
  }
  engine::Transit packet(const IpAddress& from, const IpAddress& to, size_t payload = 0) {
    engine::Transit transit;
    transit.packet.ip.source = from;
    transit.packet.ip.destination = to;
    transit.packet.ip.dont_fragment = true;
    transit.packet.tcp.payload = Payload::synthetic(1, 0, payload);
    transit.sent = ids_.next();
    transit.sender_ids = &ids_;
    return transit;
  }
  void arrives(engine::Transit&& transit) {
    router_->on_packet(Instant(), std::move(transit), 1);
    engine_.run_until(Instant::never());
  }
  // The error that the sender got; its kind.
  IcmpKind error() const {
    EXPECT_EQ(left_.got.size(), 1u);
    if (left_.got.empty()) return IcmpKind::kOther;
    const wire::Packet& got = left_.got[0].packet;
    return got.icmp() == nullptr ? IcmpKind::kOther : icmp_kind(got.ip, *got.icmp());
  }

  const IpAddress near_ = wire::Ipv4Address(0x0a4d0002), far_ = wire::Ipv4Address(0x0a4d0101);
  const IpAddress a_ = wire::Ipv4Address(0x0a4d0001), b_ = wire::Ipv4Address(0x0a4d0102);
  const IpAddress near_v6_ = IpAddress::v6(uint64_t{0xfd77} << 48, 2);
  const IpAddress far_v6_ = IpAddress::v6(uint64_t{0xfd77} << 48 | uint64_t{1} << 32, 1);
  const IpAddress a_v6_ = IpAddress::v6(uint64_t{0xfd77} << 48, 1);
  const IpAddress b_v6_ = IpAddress::v6(uint64_t{0xfd77} << 48 | uint64_t{1} << 32, 2);
  trace::Journal journal_;
  RecordIds ids_;
  Neighbour left_, right_;
  std::unique_ptr<Router> router_;
  engine::Engine engine_;
};

TEST_F(RouterTest, PassesAPacketOnWithOneLessToLive) {
  arrives(packet(a_, b_));
  ASSERT_EQ(right_.got.size(), 1u);
  EXPECT_EQ(right_.got[0].packet.ip.ttl, 63);
  EXPECT_EQ(right_.at, Instant() + 10us);
}

TEST_F(RouterTest, SaysThatTheTimeToLiveWasOver) {
  auto last = packet(a_, b_);
  last.packet.ip.ttl = 1;
  arrives(std::move(last));
  EXPECT_TRUE(right_.got.empty());
  EXPECT_EQ(error(), IcmpKind::kTimeExceeded);
  EXPECT_EQ(left_.got[0].packet.ip.source, near_);
}

TEST_F(RouterTest, SaysWhichMtuTheNextLinkHas) {  // RFC 1191 4
  arrives(packet(a_, b_, 1100));
  EXPECT_TRUE(right_.got.empty());
  EXPECT_EQ(error(), IcmpKind::kPacketTooBig);
  const wire::Packet& got = left_.got[0].packet;
  EXPECT_EQ(wire::next_hop_mtu(got.ip, *got.icmp()), kNarrow);
}

TEST_F(RouterTest, SaysSoOfIpv6Too) {  // RFC 4443 3.2
  arrives(packet(a_v6_, b_v6_, 1100));
  EXPECT_EQ(error(), IcmpKind::kPacketTooBig);
  const wire::Packet& got = left_.got[0].packet;
  EXPECT_EQ(wire::next_hop_mtu(got.ip, *got.icmp()), kNarrow);
}

TEST_F(RouterTest, SaysThatItKnowsNoWay) {
  arrives(packet(a_, wire::Ipv4Address(0x0b000001)));
  EXPECT_EQ(error(), IcmpKind::kNetworkUnreachable);
}

TEST_F(RouterTest, SaysNothingAboutErrors) {  // RFC 1812 4.3.2.7
  auto transit = packet(a_, b_);
  transit.packet = *wire::make_icmp_error(packet(b_, a_).packet, IcmpKind::kPortUnreachable, a_);
  transit.packet.ip.ttl = 1;
  arrives(std::move(transit));
  EXPECT_TRUE(left_.got.empty());
}

TEST_F(RouterTest, SaysOnlySoMuchAtOnce) {  // RFC 4443 2.4 f
  for (int i = 0; i < 100; ++i) {
    auto last = packet(a_, b_);
    last.packet.ip.ttl = 1;
    router_->on_packet(Instant() + 1s, std::move(last), 1);
  }
  engine_.run_until(Instant::never());
  EXPECT_EQ(left_.got.size(), 50u);
}

TEST_F(RouterTest, DoesNotLookAtTheTransportOfWhatItPassesOn) {
  auto damaged = packet(a_, b_);
  damaged.flipped_bit = 7;
  arrives(std::move(damaged));
  ASSERT_EQ(right_.got.size(), 1u);
  EXPECT_EQ(right_.got[0].flipped_bit, 7u);
}

// SCTP from a to b with two options.
wire::Packet unread_packet(size_t size) {
  std::vector<uint8_t> bytes{0x46, 0,    0, 0, 0,  0,    0, 0, 64,   132, 0, 0,
                             10,   0x4d, 0, 1, 10, 0x4d, 1, 2, 0x94, 4,   0, 0};
  bytes[2] = static_cast<uint8_t>(size >> 8);
  bytes[3] = static_cast<uint8_t>(size);
  const uint16_t checksum = wire::internet_checksum(bytes);
  bytes[10] = static_cast<uint8_t>(checksum >> 8);
  bytes[11] = static_cast<uint8_t>(checksum);
  bytes.resize(size);
  return *wire::parse_any(bytes);
}

TEST_F(RouterTest, PassesOnWhatItCannotRead) {
  auto unread = packet(a_, b_);
  unread.packet = unread_packet(100);
  arrives(std::move(unread));
  ASSERT_EQ(right_.got.size(), 1u);
  std::vector<uint8_t> bytes;
  wire::emit(right_.got[0].packet, bytes);
  EXPECT_EQ(bytes.size(), 100u);
  EXPECT_EQ(bytes[8], 63);
  EXPECT_EQ(wire::internet_checksum(std::span(bytes).first(24)), 0);
}

TEST_F(RouterTest, CutsWhatItCannotRead) {
  auto unread = packet(a_, b_);
  unread.packet = unread_packet(1200);
  arrives(std::move(unread));
  ASSERT_EQ(right_.got.size(), 2u);
  EXPECT_EQ(right_.got[0].packet.size() + right_.got[1].packet.size(), 1224u);
}

TEST_F(RouterTest, AnswersAnEchoRequest) {
  auto ping = packet(a_, near_);
  ping.packet = wire::Packet::of(ping.packet.ip, wire::IcmpMessage{8, 0, 0x00010002, {}});
  arrives(std::move(ping));
  EXPECT_EQ(error(), IcmpKind::kEchoReply);
}

// ---- pieces

TEST_F(RouterTest, APacketWithoutDfIsCutForTheNextLink) {  // RFC 1812 4.2.2.7
  engine::Transit large = packet(a_, b_, 1200);
  large.packet.ip.dont_fragment = false;
  const uint32_t size = large.packet.size();
  arrives(std::move(large));
  EXPECT_TRUE(left_.got.empty());
  ASSERT_EQ(right_.got.size(), 2u);
  EXPECT_LE(right_.got[0].packet.size(), kNarrow);
  EXPECT_EQ(right_.got[0].packet.size() + right_.got[1].packet.size(), size + 20);
  EXPECT_EQ(right_.got[0].packet.ip.ttl, 63);
  EXPECT_NE(right_.got[0].sent, right_.got[1].sent);
}
TEST_F(RouterTest, ADamagedBitStaysInItsPiece) {
  engine::Transit large = packet(a_, b_, 1200);
  large.packet.ip.dont_fragment = false;
  large.flipped_bit = 1000 * 8 + 3;
  arrives(std::move(large));
  ASSERT_EQ(right_.got.size(), 2u);
  EXPECT_EQ(right_.got[0].flipped_bit, 0u);
  EXPECT_EQ(right_.got[1].flipped_bit, (1000u - 976) * 8 + 3);
}
TEST_F(RouterTest, AnIpv6PacketIsNotCut) {  // RFC 8200 5
  engine::Transit large = packet(a_v6_, b_v6_, 1200);
  large.packet.ip.dont_fragment = false;
  arrives(std::move(large));
  EXPECT_EQ(error(), IcmpKind::kPacketTooBig);
}

// ---- whole worlds

using lab::Api;
using lab::Lab;
using lab::Task;

void echo_between(Lab& lab, const lab::HostName& client, const lab::HostName& server) {
  lab.program(server, "server", [](Api api) -> Task {
    const int listener = (co_await api.socket()).fd();
    co_await api.bind(listener, 7);
    co_await api.listen(listener, 1);
    const int fd = (co_await api.accept(listener)).fd();
    co_await api.recv(fd, 10);
    co_await api.send(fd, 10);
    co_await api.close(fd);
  });
  lab.program(
      client, "client",
      [name = server.text](Api api) -> Task {
        const int fd = (co_await api.socket()).fd();
        co_await api.connect(fd, name, 7);
        const Instant begin = api.now();
        co_await api.send(fd, 10);
        co_await api.recv(fd, 10);
        api.measured("echo", begin);
        co_await api.close(fd);
      },
      1ms);
}

TEST(Routers, HostsReachEachOtherOverSeveralLinks) {
  Lab lab;
  const auto a = lab.host("a", "linux-6.18"), b = lab.host("b", "linux-6.18");
  const auto r = lab.router("r"), s = lab.router("s");
  lab.link(a, r, 1ms);
  lab.link(r, s, 10ms);
  lab.link(s, b, 1ms);
  echo_between(lab, a, b);
  lab.run();
  EXPECT_EQ(lab.problems(), "");
  EXPECT_GT(lab.metric("client.echo"), 24ms) << lab.story();
  EXPECT_LT(lab.metric("client.echo"), 25ms) << lab.story();
}

TEST(Routers, TheWayWithFewestLinksIsTaken) {
  Lab lab;
  const auto a = lab.host("a", "linux-6.18"), b = lab.host("b", "linux-6.18");
  const auto r = lab.router("r"), s = lab.router("s"), t = lab.router("t");
  lab.link(a, r, 1ms);
  lab.link(r, s, 1ms);
  lab.link(s, t, 1ms);
  lab.link(t, b, 1ms);
  lab.link(r, b, 20ms);
  echo_between(lab, a, b);
  lab.run();
  EXPECT_GT(lab.metric("client.echo"), 42ms) << lab.story();
}

TEST(Routers, HostsForwardNothing) {
  Lab lab;
  const auto a = lab.host("a", "linux-6.18"), b = lab.host("b", "linux-6.18");
  const auto c = lab.host("c", "linux-6.18");
  lab.link(a, b, 1ms);
  lab.link(b, c, 1ms);
  echo_between(lab, a, c);
  lab.run();
  EXPECT_TRUE(lab.segments(c).empty()) << lab.story();
}

TEST(Routers, WhatIsDamagedOnTheWayIsDroppedByTheReceiver) {
  Lab lab;
  const auto a = lab.host("a", "linux-6.18"), b = lab.host("b", "linux-6.18");
  const auto r = lab.router("r");
  lab.link(a, r, 1ms, R"({"directions": [{"from": "a", "corruption": "100%"}]})");
  lab.link(r, b, 1ms);
  echo_between(lab, a, b);
  lab.until(5s);
  lab.run();
  EXPECT_NE(lab.story().find("dropped: its checksum was wrong"), std::string::npos) << lab.story();
}

}  // namespace
}  // namespace tcptwin::net

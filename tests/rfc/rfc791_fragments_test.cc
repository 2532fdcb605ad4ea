// RFC 791 2.3 and 3.2, RFC 8200 4.5, RFC 5722, RFC 1122 3.3.2: cutting packets and putting the
// pieces together.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/rfc/datagram_host.h"

namespace tcptwin::rfc {
namespace {

using wire::IcmpKind;

constexpr size_t kLarge = 4000;  // bytes, three pieces of an Ethernet

std::vector<wire::Packet> pieces_of(const wire::Packet& packet, uint32_t mtu = 1500) {
  return wire::cut(packet, mtu, 99);
}
wire::Packet piece(uint32_t offset, size_t bytes, bool more, uint16_t id = 7) {
  wire::Fragment fragment{.protocol = wire::kProtocolUdp, .offset = offset, .more = more};
  fragment.bytes = Payload::synthetic(1, 0, bytes);
  return wire::Packet::of(
      {.source = DatagramHost::kPeer, .destination = DatagramHost::kOwn, .id = id},
      std::move(fragment));
}

TEST(Rfc791_2_3, ALargeDatagramLeavesInPieces) {
  DatagramHost host("rfc");
  EXPECT_EQ(host.sends(host.opens(), kLarge).value, int64_t{kLarge});
  const auto pieces = host.all_that_leaves();
  ASSERT_EQ(pieces.size(), 3u);
  EXPECT_EQ(pieces[0].size(), 1500u);
  EXPECT_EQ(pieces[1].size(), 1500u);
  EXPECT_EQ(pieces[2].size(), 20u + 8 + kLarge - 2 * 1480);
  EXPECT_EQ(pieces[1].fragment()->offset, 1480u);
  EXPECT_TRUE(pieces[1].fragment()->more);
  EXPECT_FALSE(pieces[2].fragment()->more);
}

TEST(Rfc791_3_2, PiecesInAnyOrderMakeTheDatagram) {
  std::vector<size_t> order = {0, 1, 2};
  do {
    DatagramHost host("rfc");
    const auto fd = host.opens_at(53);
    auto pieces = pieces_of(DatagramHost::datagram(kLarge));
    for (const size_t i : order) {
      EXPECT_EQ(host.reads(fd).error, Errno::kEAGAIN);
      host.arrives(std::move(pieces[i]));
    }
    const socket::Outcome got = host.reads(fd);
    EXPECT_EQ(got.value, int64_t{kLarge});
    EXPECT_EQ(got.data.bytes(), Payload::synthetic(1, 0, kLarge).bytes());
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(Rfc791_3_2, APieceMayBeCutAgain) {
  DatagramHost host("rfc");
  const auto fd = host.opens_at(53);
  for (const wire::Packet& large : pieces_of(DatagramHost::datagram(kLarge))) {
    for (wire::Packet& small : pieces_of(large, 576)) host.arrives(std::move(small));
  }
  EXPECT_EQ(host.reads(fd).value, int64_t{kLarge});
}

TEST(Rfc791_3_2, PiecesOfTwoDatagramsAreNotMixed) {
  DatagramHost host("rfc");
  const auto fd = host.opens_at(53);
  auto one = pieces_of(DatagramHost::datagram(2000, 7));
  auto other = pieces_of(DatagramHost::datagram(2000, 8));
  host.arrives(std::move(one[0]));
  host.arrives(std::move(other[1]));
  EXPECT_EQ(host.reads(fd).error, Errno::kEAGAIN);
  host.arrives(std::move(one[1]));
  EXPECT_EQ(host.reads(fd).value, 2000);
}

TEST(Rfc791_3_2, ADoubledPieceDoesNoHarm) {
  DatagramHost host("rfc");
  const auto fd = host.opens_at(53);
  auto pieces = pieces_of(DatagramHost::datagram(2000));
  host.arrives(pieces[0].clone());
  host.arrives(std::move(pieces[0]));
  host.arrives(std::move(pieces[1]));
  EXPECT_EQ(host.reads(fd).value, 2000);
}

TEST(Rfc5722_4, AnOverlapEndsTheWholePacket) {
  for (const auto& [offset, bytes] : {std::pair(1472u, size_t{16}), std::pair(8u, size_t{16})}) {
    DatagramHost host("rfc");
    const auto fd = host.opens_at(53);
    auto pieces = pieces_of(DatagramHost::datagram(2000));
    host.arrives(std::move(pieces[0]));
    host.arrives(piece(offset, bytes, true));
    host.arrives(std::move(pieces[1]));
    EXPECT_EQ(host.reads(fd).error, Errno::kEAGAIN);
  }
}

TEST(Rfc791_3_2, APieceBehindTheEndEndsIt) {
  DatagramHost host("rfc");
  const auto fd = host.opens_at(53);
  auto pieces = pieces_of(DatagramHost::datagram(2000));
  host.arrives(std::move(pieces[1]));
  host.arrives(piece(4000, 8, true));
  host.arrives(std::move(pieces[0]));
  EXPECT_EQ(host.reads(fd).error, Errno::kEAGAIN);
}

TEST(Rfc3168_5_3, AMarkOnOnePieceIsAMarkOnThePacket) {
  DatagramHost host("rfc");
  auto pieces = pieces_of(DatagramHost::datagram(2000));
  pieces[1].ip.tos = 3;
  for (wire::Packet& one : pieces) host.arrives(std::move(one));
  const auto answer = host.leaves();  // nobody listens: the packet is quoted
  ASSERT_TRUE(answer && answer->icmp() != nullptr);
  EXPECT_EQ(wire::quoted_packet(answer->ip, *answer->icmp())->ip.tos, 3);
}

// ---- time and memory

// After so long the host gives up; nothing: it says so.
std::pair<Duration, bool> gives_up(const std::string& system, bool v6, size_t lacking) {
  DatagramHost host(system);
  auto pieces = pieces_of(v6 ? DatagramHost::datagram_v6(kLarge) : DatagramHost::datagram(kLarge));
  for (size_t i = 0; i < pieces.size(); ++i) {
    if (i != lacking) host.arrives(std::move(pieces[i]));
  }
  const Instant began = host.now;
  host.until_timer();
  const auto answer = host.leaves();
  const bool told = answer && answer->icmp() != nullptr &&
                    icmp_kind(answer->ip, *answer->icmp()) == IcmpKind::kReassemblyTimeExceeded;
  EXPECT_TRUE(host.stack.next_deadline().is_never());
  return {host.now - began, told};
}

TEST(Rfc1122_3_3_2, AfterAMinuteTheSenderIsToldThatPiecesLack) {
  const auto [time, told] = gives_up("rfc", false, 2);
  EXPECT_EQ(time, 60s);
  EXPECT_TRUE(told);
}
TEST(Rfc792_TimeExceeded, WithoutTheFirstPieceItIsNotTold) {
  EXPECT_FALSE(gives_up("rfc", false, 0).second);
}
TEST(Rfc8200_4_5, AfterAMinuteTheSenderOfAPacketIsTold) {
  for (const char* system : {"rfc", "linux-6.18", "freebsd-14", "macos-14"}) {
    const auto [time, told] = gives_up(system, true, 1);
    EXPECT_GE(time, 60s) << system;
    EXPECT_LT(time, 63s) << system;
    EXPECT_TRUE(told) << system;
  }
}
TEST(Rfc1122_3_3_2, SystemsDifferInPatienceAndInWhatTheySay) {
  for (const char* system : {"linux-6.18", "linux-2.6.32"}) {
    const auto [time, told] = gives_up(system, false, 1);
    EXPECT_GE(time, 30s) << system;
    EXPECT_LT(time, 32s) << system;
    EXPECT_TRUE(told) << system;
  }
  for (const char* system : {"freebsd-14", "macos-14"}) {
    const auto [time, told] = gives_up(system, false, 1);
    EXPECT_GE(time, 30s) << system;
    EXPECT_LT(time, 31s) << system;
    EXPECT_FALSE(told) << system;
  }
  EXPECT_GE(gives_up("windows-11", false, 1).first, 60s);
}

TEST(Fragments, FreebsdTakesNoPacketInMoreThanSixteenPieces) {
  for (const size_t pieces : {size_t{16}, size_t{17}}) {
    DatagramHost host("freebsd-14");
    const auto fd = host.opens_at(53);
    const size_t bytes = pieces * 1480 - 8;
    for (wire::Packet& one : pieces_of(DatagramHost::datagram(bytes))) {
      host.arrives(std::move(one));
    }
    EXPECT_EQ(host.reads(fd).value, pieces == 16 ? static_cast<int64_t>(bytes) : -1);
  }
}

// How many of 100 packets whose first pieces arrived in turn can still be ended.
int survivors(const std::string& system, int64_t memory, bool from_the_first) {
  DatagramHost host(system);
  host.profile.fragments.memory = memory;
  const auto fd = host.opens_at(53);
  std::vector<wire::Packet> ends;
  for (uint16_t id = 1; id <= 100; ++id) {
    auto pieces = pieces_of(DatagramHost::datagram(1600, id));
    host.arrives(std::move(pieces[0]));
    ends.push_back(std::move(pieces[1]));
  }
  if (!from_the_first) std::reverse(ends.begin(), ends.end());
  int count = 0;
  for (wire::Packet& end : ends) {
    host.arrives(std::move(end));
    if (host.reads(fd).value > 0)
      ++count;
    else
      break;
  }
  return count;
}

TEST(Fragments, TheirMemoryIsBounded) {
  EXPECT_EQ(survivors("linux-6.18", 100'000, true), 57);   // 1480 + 256 each; the later ones found
  EXPECT_EQ(survivors("linux-6.18", 100'000, false), 0);   // no room
  EXPECT_EQ(survivors("linux-2.6.32", 100'000, true), 0);  // they took it from the earlier ones
  EXPECT_GT(survivors("linux-2.6.32", 100'000, false), 50);
}

// ---- IPv6

TEST(Rfc8200_4_5, OnlyTheSenderCutsAndAllPiecesHaveTheSameNumber) {
  DatagramHost host("rfc");
  const auto fd = host.opens_at(1000, socket::Family::kIpv6);
  EXPECT_EQ(host.sends(fd, 2000, DatagramHost::kPeerV6).value, 2000);
  const auto pieces = host.all_that_leaves();
  ASSERT_EQ(pieces.size(), 2u);
  EXPECT_EQ(pieces[0].size(), 1496u);  // 40 + 8 + 1448
  EXPECT_EQ(pieces[0].fragment()->id, pieces[1].fragment()->id);
  EXPECT_EQ(pieces[1].fragment()->offset, 1448u);
}

TEST(Rfc8200_4_5, PiecesMakeTheDatagram) {
  DatagramHost host("rfc");
  const auto fd = host.opens_at(53, socket::Family::kIpv6);
  for (wire::Packet& one : pieces_of(DatagramHost::datagram_v6(kLarge))) {
    host.arrives(std::move(one));
  }
  EXPECT_EQ(host.reads(fd).value, int64_t{kLarge});
}

TEST(Rfc792_Echo, ALargeRequestIsAnsweredInPieces) {
  DatagramHost host("linux-6.18");
  wire::IcmpMessage request{8, 0, 0x00070001, Payload::synthetic(1, 0, kLarge)};
  const auto packet =
      wire::Packet::of({.source = DatagramHost::kPeer, .destination = DatagramHost::kOwn, .id = 3},
                       std::move(request));
  for (wire::Packet& one : pieces_of(packet)) host.arrives(std::move(one));
  const auto pieces = host.all_that_leaves();
  ASSERT_EQ(pieces.size(), 3u);
  EXPECT_EQ(pieces[2].protocol(), wire::kProtocolIcmp);
}

}  // namespace
}  // namespace tcptwin::rfc

// RFC 1122 4.1: what a host owes its UDP sockets besides the datagrams.
#include <gtest/gtest.h>

#include "tests/rfc/datagram_host.h"

namespace tcptwin::rfc {
namespace {

using wire::IcmpKind;

std::optional<Errno> so_error(DatagramHost& host, socket::Descriptor fd) {
  constexpr int32_t kSolSocket = 1, kSoError = 4;  // as Linux numbers them
  return host.stack.getsockopt(host.now, host.caller, fd, kSolSocket, kSoError).fetched_error;
}

TEST(Rfc1122_4_1_3_1, WhereNobodyListensTheSenderIsTold) {
  DatagramHost host("rfc");
  host.arrives(DatagramHost::datagram(4));
  const auto answer = host.leaves();
  ASSERT_TRUE(answer && answer->icmp() != nullptr);
  EXPECT_EQ(icmp_kind(answer->ip, *answer->icmp()), IcmpKind::kPortUnreachable);
  const auto quoted = wire::quoted_packet(answer->ip, *answer->icmp());
  ASSERT_TRUE(quoted);
  EXPECT_EQ(quoted->destination, wire::Port{53});
}

TEST(Rfc1122_4_1_3_1, AListenerSavesIt) {
  DatagramHost host("rfc");
  const auto fd = host.opens_at(53);
  host.arrives(DatagramHost::datagram(4));
  EXPECT_FALSE(host.leaves());
  EXPECT_EQ(host.reads(fd).value, 4);
}

TEST(Rfc1122_4_1_3_3, AllErrorsArePassedOn) {
  for (const auto& [kind, error] :
       {std::pair(IcmpKind::kPortUnreachable, Errno::kECONNREFUSED),
        std::pair(IcmpKind::kHostUnreachable, Errno::kEHOSTUNREACH),
        std::pair(IcmpKind::kNetworkUnreachable, Errno::kENETUNREACH)}) {
    DatagramHost host("rfc");
    const auto fd = host.opens();
    host.stack.connect(host.now, host.caller, fd, {DatagramHost::kPeer, wire::Port{9}});
    host.sends_to_its_peer(fd, 4);
    host.router_says(*host.leaves(), kind);
    EXPECT_EQ(host.reads(fd).error, error);
    EXPECT_EQ(host.reads(fd).error, Errno::kEAGAIN);
  }
}

TEST(Rfc1122_4_1_3_3, LinuxPassesOnOnlyThoseThatWillLast) {
  DatagramHost host("linux-6.18");
  const auto fd = host.opens();
  host.stack.connect(host.now, host.caller, fd, {DatagramHost::kPeer, wire::Port{9}});
  host.sends_to_its_peer(fd, 4);
  const auto sent = host.leaves();
  host.router_says(*sent, IcmpKind::kHostUnreachable);
  EXPECT_EQ(so_error(host, fd), std::nullopt);
  host.router_says(*sent, IcmpKind::kProhibited);
  EXPECT_EQ(so_error(host, fd), Errno::kEHOSTUNREACH);
  EXPECT_EQ(so_error(host, fd), std::nullopt);
}

TEST(Rfc1122_4_1_3_3, TheBsdsTellANetworkAsAHostAndAProtocolAsAPort) {
  for (const auto& [kind, error] :
       {std::pair(IcmpKind::kNetworkUnreachable, Errno::kEHOSTUNREACH),
        std::pair(IcmpKind::kProtocolUnreachable, Errno::kECONNREFUSED)}) {
    DatagramHost host("freebsd-14");
    const auto fd = host.opens();
    host.stack.connect(host.now, host.caller, fd, {DatagramHost::kPeer, wire::Port{9}});
    host.sends_to_its_peer(fd, 4);
    host.router_says(*host.leaves(), kind);
    EXPECT_EQ(host.reads(fd).error, error);
  }
}

TEST(Rfc1122_4_1_3_3, AnErrorAboutSomebodyElsesDatagramIsNobodys) {
  DatagramHost host("rfc");
  const auto fd = host.opens();
  host.stack.connect(host.now, host.caller, fd, {DatagramHost::kPeer, wire::Port{9}});
  host.sends_to_its_peer(fd, 4);
  wire::Packet other = host.leaves()->clone();
  other.udp()->destination = wire::Port{10};
  host.router_says(other, IcmpKind::kPortUnreachable);
  EXPECT_EQ(host.reads(fd).error, Errno::kEAGAIN);
}

TEST(Rfc1122_4_1_3_3, ErrorsComeBeforeDataExceptOnTheBsds) {
  for (const char* system : {"linux-6.18", "freebsd-14"}) {
    DatagramHost host(system);
    const auto fd = host.opens_at(53);
    host.stack.connect(host.now, host.caller, fd, {DatagramHost::kPeer, wire::Port{9}});
    host.sends_to_its_peer(fd, 4);
    host.router_says(*host.leaves(), IcmpKind::kPortUnreachable);
    host.arrives(DatagramHost::datagram(5));
    const bool bsd = std::string(system) == "freebsd-14";
    EXPECT_EQ(host.reads(fd).value, bsd ? 5 : -1);
    EXPECT_EQ(host.reads(fd).value, bsd ? -1 : 5);
  }
}

TEST(Rfc1122_4_1_3_4, DatagramsLeaveWithAChecksum) {
  DatagramHost host("rfc");
  host.sends(host.opens(), 4);
  EXPECT_TRUE(host.leaves()->udp()->checksum);
}

TEST(Rfc1122_4_1_3_5, TheSocketsAddressIsTheSource) {
  DatagramHost host("rfc");
  const auto fd = host.opens();
  EXPECT_EQ(host.sends(fd, 4).value, 4);
  EXPECT_EQ(host.leaves()->ip.source, DatagramHost::kOwn);
}

TEST(Rfc1122_4_1_3_6, ADatagramFromManyIsDropped) {
  DatagramHost host("rfc");
  const auto fd = host.opens_at(53);
  wire::Packet packet = DatagramHost::datagram(4);
  packet.ip.source = wire::Ipv4Address(0xe0000001);
  host.arrives(std::move(packet));
  EXPECT_EQ(host.reads(fd).error, Errno::kEAGAIN);
}

TEST(Rfc1122_4_1_4, TtlAndTosAreTheProgramsChoice) {
  DatagramHost host("linux-6.18");
  const auto fd = host.opens();
  constexpr int32_t kIpprotoIp = 0, kIpTos = 1, kIpTtl = 2;
  host.stack.setsockopt(host.now, host.caller, fd, kIpprotoIp, kIpTtl, 5);
  host.stack.setsockopt(host.now, host.caller, fd, kIpprotoIp, kIpTos, 0xb8);
  host.sends(fd, 4);
  const auto sent = host.leaves();
  EXPECT_EQ(sent->ip.ttl, 5);
  EXPECT_EQ(sent->ip.tos, 0xb8);
}

// ---- RFC 1191 for UDP: IP_PMTUDISC_WANT

TEST(Rfc1191_6_2, LinuxSetsDfOnWhatFitsThePath) {
  DatagramHost host("linux-6.18");
  const auto fd = host.opens();
  host.sends(fd, 1472);
  EXPECT_TRUE(host.leaves()->ip.dont_fragment);
  host.sends(fd, 1473);
  EXPECT_FALSE(host.leaves()->ip.dont_fragment);
}

TEST(Rfc1191_6_2, OthersNeverDo) {
  for (const char* system : {"freebsd-14", "macos-14", "windows-11", "rfc"}) {
    DatagramHost host(system);
    host.sends(host.opens(), 4);
    EXPECT_FALSE(host.leaves()->ip.dont_fragment) << system;
  }
}

TEST(Rfc1191_6_3, ARouterWithASmallerMtuIsAnErrorOnceAndThenDatagramsAreCut) {
  DatagramHost host("linux-6.18");
  const auto fd = host.opens();
  host.stack.connect(host.now, host.caller, fd, {DatagramHost::kPeer, wire::Port{9}});
  host.sends_to_its_peer(fd, 1400);
  host.router_says(*host.leaves(), IcmpKind::kPacketTooBig, 1000);
  EXPECT_EQ(host.sends_to_its_peer(fd, 1400).error, Errno::kEMSGSIZE);
  EXPECT_EQ(host.sends_to_its_peer(fd, 1400).value, 1400);
  const auto pieces = host.all_that_leaves();
  ASSERT_EQ(pieces.size(), 2u);
  EXPECT_EQ(pieces[0].size(), 996u);  // 20 + 976: a multiple of 8
}

TEST(Rfc6864_4, WhatMayBeCutHasANumberOfItsOwn) {
  DatagramHost host("linux-6.18");
  const auto fd = host.opens();
  host.sends(fd, 4);
  EXPECT_EQ(host.leaves()->ip.id, 0);  // DF, and no peer: ip_select_ident of Linux
  host.sends(fd, 2000);
  const auto first = host.all_that_leaves();
  host.sends(fd, 2000);
  const auto second = host.all_that_leaves();
  EXPECT_EQ(first.at(0).ip.id, first.at(1).ip.id);
  EXPECT_NE(first.at(0).ip.id, second.at(0).ip.id);
}

}  // namespace
}  // namespace tcptwin::rfc

// RFC 9293 3.9: the interfaces to the program and to the layer below: addresses, and what the IP
// header carries.
#include <gtest/gtest.h>

#include "tests/rfc/states.h"

namespace tcptwin::rfc {
namespace {

using tcp::State;

constexpr wire::Ipv4Address kEverybody(0xffffffff);
constexpr wire::Ipv4Address kGroup(0xe0000001);
constexpr wire::Ipv4Address kNobody(0);

// ---- 3.9.1.1: the addresses of a connection

TEST(Rfc9293_3_9_1_1, AConnectionKeepsTheAddressThatItsProgramChose) {  // MUST-43, MUST-45
  auto peer = ScriptedPeer::fresh(rfc_profile(), {}, kSecondAddress);
  peer.connect();
  const auto syn = peer.next_packet();
  ASSERT_TRUE(syn.has_value());
  EXPECT_EQ(syn->ip.source, kSecondAddress);
  peer.sends("S. 0:0(0) ack 1", {.destination = kSecondAddress});
  EXPECT_EQ(peer.next_packet()->ip.source, kSecondAddress);
  peer.write(10);
  EXPECT_EQ(peer.next_packet()->ip.source, kSecondAddress);
  peer.advance_to_deadline();
  EXPECT_EQ(peer.next_packet()->ip.source, kSecondAddress);
}

TEST(Rfc9293_3_9_1_1, AnAnswerComesFromTheAddressThatTheSynWentTo) {  // MUST-45
  auto peer = ScriptedPeer::listening(rfc_profile());
  peer.sends("S 0:0(0)", {.destination = kSecondAddress});
  EXPECT_EQ(peer.next_packet()->ip.source, kSecondAddress);
  peer.sends(". 1:1(0) ack 1", {.destination = kSecondAddress});
  peer.accept();
  peer.write(10);
  EXPECT_EQ(peer.next_packet()->ip.source, kSecondAddress);
}

TEST(Rfc9293_3_9_1_1, OfTheSameEndsOnlyTheAddressTellsConnectionsApart) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends("P. 1:11(10) ack 1", {.destination = kSecondAddress});
  peer.expects("R 1:1(0)");
  EXPECT_EQ(peer.connection()->unread(), 0);
}

TEST(Rfc9293_3_9_1_1, NothingIsOpenedToTheAddressOfMany) {  // MUST-46
  for (const wire::Ipv4Address address : {kEverybody, kGroup}) {
    auto peer = ScriptedPeer::fresh(rfc_profile());
    EXPECT_EQ(peer.connect(address), -1);
    EXPECT_EQ(peer.error(), Errno::kENETUNREACH);
    peer.expects_silence();
    EXPECT_EQ(peer.connect(), -1);
    EXPECT_EQ(peer.error(), Errno::kEINPROGRESS);  // the socket was none the worse
  }
}

// ---- 3.9.2.3: addresses that are no host's

TEST(Rfc9293_3_9_2_3, ASynToTheAddressOfManyIsDropped) {  // MUST-57
  for (const wire::Ipv4Address address : {kEverybody, kGroup}) {
    auto peer = ScriptedPeer::listening(rfc_profile());
    peer.sends("S 0:0(0)", {.destination = address});
    peer.expects_silence();
    EXPECT_FALSE(peer.has_deadline());
  }
}

TEST(Rfc9293_3_9_2_3, ASegmentFromSuchAnAddressIsIgnored) {  // MUST-63
  for (const wire::Ipv4Address address : {kEverybody, kGroup, kNobody}) {
    for (const char* line : {"S 0:0(0)", ". 1:1(0) ack 1", "P. 1:11(10) ack 1", "R 1:1(0)"}) {
      auto listening = ScriptedPeer::listening(rfc_profile());
      listening.sends(line, {.source = address});
      listening.expects_silence();
      EXPECT_FALSE(listening.has_deadline());
      auto closed = ScriptedPeer::closed(rfc_profile());
      closed.sends(line, {.source = address});
      closed.expects_silence();
    }
  }
}

// ---- 3.9.2: DSCP and TTL

TEST(Rfc9293_3_9_2, TheTtlIsTheProfiles) {
  auto peer = ScriptedPeer::established(rfc_profile(R"({"ip": {"ttl": 61}})"));
  peer.write(10);
  EXPECT_EQ(peer.next_packet()->ip.ttl, 61);
}

TEST(Rfc9293_3_9_2, AProgramCanSetTheTtl) {  // MUST-49
  auto peer = ScriptedPeer::established(rfc_profile());
  EXPECT_EQ(peer.getsockopt("IP_TTL"), 64);
  peer.setsockopt("IP_TTL", 5);
  EXPECT_EQ(peer.getsockopt("IP_TTL"), 5);
  peer.write(10);
  EXPECT_EQ(peer.next_packet()->ip.ttl, 5);
  EXPECT_EQ(peer.setsockopt("IP_TTL", 256), -1);
  EXPECT_EQ(peer.error(), Errno::kEINVAL);
}

TEST(Rfc9293_3_9_2, AProgramCanSetTheDscp) {  // MUST-48
  auto peer = ScriptedPeer::fresh(rfc_profile());
  peer.setsockopt("IP_TOS", 0xb8);
  EXPECT_EQ(peer.getsockopt("IP_TOS"), 0xb8);
  peer.connect();
  EXPECT_EQ(peer.next_packet()->ip.tos, 0xb8);
}

TEST(Rfc9293_3_9_2, TheDscpMayChangeDuringAConnection) {  // SHLD-21
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.write(10);
  EXPECT_EQ(peer.next_packet()->ip.tos, 0);
  peer.setsockopt("IP_TOS", 0x28);
  peer.advance_to_deadline();
  EXPECT_EQ(peer.next_packet()->ip.tos, 0x28);
}

TEST(Rfc9293_3_9_2, AnAcceptedConnectionHasTheDscpOfItsListener) {
  auto peer = ScriptedPeer::listening(rfc_profile());
  peer.setsockopt("IP_TOS", 0x28);
  peer.sends("S 0:0(0)");
  EXPECT_EQ(peer.next_packet()->ip.tos, 0x28);
  peer.sends(". 1:1(0) ack 1");
  peer.accept();
  peer.write(10);
  EXPECT_EQ(peer.next_packet()->ip.tos, 0x28);
}

TEST(Rfc9293_3_9_2, TheEcnBitsAreNotThePrograms) {  // SHLD-22, RFC 3168 6.1
  auto peer = ScriptedPeer::listening(rfc_profile());
  peer.setsockopt("IP_TOS", 0xbb);
  peer.sends("SEW 0:0(0)");
  EXPECT_EQ(peer.next_packet()->ip.tos, 0xb8);
  peer.sends(". 1:1(0) ack 1");
  peer.accept();
  peer.write(10);
  EXPECT_EQ(peer.next_packet()->ip.tos, 0xba);  // ECT(0)
}

}  // namespace
}  // namespace tcptwin::rfc

// RFC 9293 3.8.5 and RFC 6093: urgent data.
#include <gtest/gtest.h>

#include "tests/rfc/states.h"

namespace tcptwin::rfc {
namespace {

using tcp::State;

constexpr socket::MessageFlags kUrgent{.out_of_band = true};

// ---- sending

TEST(Rfc9293_3_8_5, ThePointerNamesTheByteBehindTheUrgentData) {  // MUST-62
  auto peer = ScriptedPeer::established(rfc_profile());
  EXPECT_EQ(peer.write(10, kUrgent), 10);
  const auto packet = peer.next_packet();
  ASSERT_TRUE(packet.has_value());
  EXPECT_TRUE(packet->tcp.flags.urg);
  EXPECT_EQ(packet->tcp.payload_size(), 10u);
  EXPECT_EQ(packet->tcp.urgent, 10);
}

TEST(Rfc9293_3_8_5, UrgentDataMayBeOfAnyLength) {  // MUST-31
  auto peer = ScriptedPeer::established(rfc_profile());
  EXPECT_EQ(peer.write(4000, kUrgent), 4000);
  for (const int left : {4000, 2540, 1080}) {
    const auto packet = peer.next_packet();
    ASSERT_TRUE(packet.has_value());
    EXPECT_TRUE(packet->tcp.flags.urg);
    EXPECT_EQ(packet->tcp.urgent, left);
  }
  peer.expects_silence();
}

TEST(Rfc9293_3_8_5, WhatStandsBeforeItInTheStreamCarriesThePointerToo) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends(". 1:1(0) ack 1 win 0");
  peer.write(2000);
  peer.write(1, kUrgent);
  peer.write(10);
  peer.sends(". 1:1(0) ack 1 win 65535");
  peer.expects("U. 1:1461(1460) ack 1");
  const auto packet = peer.next_packet();
  ASSERT_TRUE(packet.has_value());
  EXPECT_EQ(packet->tcp.urgent, 2001 - 1460);
}

TEST(Rfc9293_3_8_5, DataBehindItIsNotUrgent) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.write(1, kUrgent);
  peer.expects("PU. 1:2(1) ack 1");
  peer.sends(". 1:1(0) ack 2");
  peer.write(10);
  peer.expects("P. 2:12(10) ack 1");
}

TEST(Rfc9293_3_8_5, ItIsUrgentAgainWhenItIsRepeated) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.write(1, kUrgent);
  peer.expects("PU. 1:2(1) ack 1");
  peer.advance_to_deadline();
  peer.expects("PU. 1:2(1) ack 1");
}

// ---- receiving

// Ten bytes, of which the last is urgent.
ScriptedPeer told(const policy::Profile& profile = rfc_profile()) {
  auto peer = ScriptedPeer::established(profile);
  peer.sends("PU. 1:11(10) ack 1", {.urgent = 10});
  return peer;
}

TEST(Rfc9293_3_8_5, TheProgramIsToldWhenUrgentDataComes) {  // MUST-30, MUST-32
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends("P. 1:11(10) ack 1");
  EXPECT_FALSE(peer.polls().priority);
  peer.sends("PU. 11:21(10) ack 1", {.urgent = 10});
  EXPECT_TRUE(peer.polls().priority);
}

TEST(Rfc9293_3_8_5, ItIsToldAgainWhenThePointerAdvances) {  // MUST-32
  auto peer = told();
  EXPECT_TRUE(peer.reads_urgent_byte(10));
  EXPECT_FALSE(peer.polls().priority);
  peer.sends("PU. 11:21(10) ack 1", {.urgent = 10});
  EXPECT_TRUE(peer.polls().priority);
}

TEST(Rfc9293_3_8_5, ARepetitionIsNoNews) {
  auto peer = told();
  EXPECT_TRUE(peer.reads_urgent_byte(10));
  peer.sends("PU. 1:11(10) ack 1", {.urgent = 10});
  EXPECT_FALSE(peer.polls().priority);
  EXPECT_FALSE(peer.reads_urgent_byte(10));
}

TEST(Rfc9293_3_8_5, TheProgramLearnsWhereItEnds) {  // MUST-33
  auto peer = told();
  EXPECT_FALSE(peer.connection()->at_urgent_mark());
  EXPECT_EQ(peer.read(100), 9);  // a read does not cross the mark
  EXPECT_TRUE(peer.connection()->at_urgent_mark());
}

TEST(Rfc6093_3, TheLastUrgentByteLeavesTheStream) {
  auto peer = told();
  peer.sends("P. 11:21(10) ack 1");
  EXPECT_TRUE(peer.reads_urgent_byte(10));
  EXPECT_EQ(peer.read(100), 9);
  peer.passes_over(1);
  EXPECT_EQ(peer.read(100), 10);
}

TEST(Rfc6093_3, WithOobInlineItStaysThere) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.setsockopt("SO_OOBINLINE", 1);
  peer.sends("PU. 1:11(10) ack 1", {.urgent = 10});
  EXPECT_FALSE(peer.reads_urgent_byte(10));
  EXPECT_EQ(peer.error(), Errno::kEINVAL);
  EXPECT_EQ(peer.read(100), 9);
  EXPECT_TRUE(peer.connection()->at_urgent_mark());
  EXPECT_EQ(peer.read(100), 1);
  EXPECT_FALSE(peer.connection()->at_urgent_mark());
}

TEST(Rfc6093_3, TheByteAloneIsNothingToRead) {
  auto peer = told();
  EXPECT_EQ(peer.read(100), 9);
  EXPECT_FALSE(peer.polls().in);
  EXPECT_EQ(peer.read(100), -1);
  EXPECT_EQ(peer.error(), Errno::kEAGAIN);
  EXPECT_TRUE(peer.reads_urgent_byte(10));  // although the reading went past it
}

TEST(Rfc6093_3, AMarkAheadOfTheDataIsNotReadableYet) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends("U. 1:11(10) ack 1", {.urgent = 20});
  EXPECT_FALSE(peer.reads_urgent_byte(20));
  EXPECT_EQ(peer.error(), Errno::kEAGAIN);
  EXPECT_EQ(peer.read(100), 10);
  peer.sends("P. 11:31(20) ack 1");
  EXPECT_TRUE(peer.polls().priority);
  EXPECT_TRUE(peer.reads_urgent_byte(20));
  EXPECT_EQ(peer.read(100), 9);
  peer.passes_over(1);
  EXPECT_EQ(peer.read(100), 10);
}

TEST(Rfc6093_3, ANewMarkReplacesTheOldOne) {
  auto peer = told();
  peer.sends("PU. 11:21(10) ack 1", {.urgent = 10});
  EXPECT_TRUE(peer.reads_urgent_byte(20));
  EXPECT_EQ(peer.read(100), 19);  // the byte at the old mark is ordinary again
}

// ---- 3.10.7.4, sixth

TEST(Rfc9293_3_10_7_4_Urg, APointerOfZeroMeansNothing) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends("PU. 1:11(10) ack 1", {.urgent = 0});
  EXPECT_FALSE(peer.polls().priority);
  EXPECT_EQ(peer.read(100), 10);
}

TEST(Rfc9293_3_10_7_4_Urg, WhileThePeersStreamIsOpenItCounts) {
  for (const State state : {State::kEstablished, State::kFinWait1, State::kFinWait2}) {
    SCOPED_TRACE(tcp::state_name(state));
    auto peer = in_state(state);
    peer.sends("PU. 1:11(10) ack 1", {.urgent = 10});
    EXPECT_TRUE(peer.reads_urgent_byte(10));
  }
}

TEST(Rfc9293_3_10_7_4_Urg, BehindThePeersFinItIsIgnored) {
  for (const State state :
       {State::kCloseWait, State::kClosing, State::kLastAck, State::kTimeWait}) {
    SCOPED_TRACE(tcp::state_name(state));
    auto peer = in_state(state);
    peer.sends("PU. 2:12(10) ack 1", {.urgent = 10});
    EXPECT_FALSE(peer.polls().priority);
  }
}

}  // namespace
}  // namespace tcptwin::rfc

// RFC 9293 3.10.7.3: a segment arrives in SYN-SENT.
#include <gtest/gtest.h>

#include "tests/rfc/scripted_peer.h"

namespace tcptwin::rfc {
namespace {

using tcp::State;

TEST(Rfc9293_3_10_7_3, ASynAckIsAcknowledgedAndEstablishes) {
  auto peer = ScriptedPeer::connecting(rfc_profile());
  EXPECT_EQ(peer.state(), State::kSynSent);
  peer.sends("S. 0:0(0) ack 1 win 65535 <mss 1460>");
  peer.expects(". 1:1(0) ack 1 win 65535");
  EXPECT_EQ(peer.state(), State::kEstablished);
  EXPECT_EQ(peer.connect_result(), 0);
}

TEST(Rfc9293_3_10_7_3, AnAckOfNothingIsReset) {  // first: SEG.ACK =< ISS
  auto peer = ScriptedPeer::connecting(rfc_profile());
  peer.sends("S. 0:0(0) ack 0");
  peer.expects("R 0:0(0)");
  EXPECT_EQ(peer.state(), State::kSynSent);
}

TEST(Rfc9293_3_10_7_3, AnAckOfWhatWasNotSentIsReset) {  // first: SEG.ACK > SND.NXT
  auto peer = ScriptedPeer::connecting(rfc_profile());
  peer.sends("S. 0:0(0) ack 2");
  peer.expects("R 2:2(0)");
  peer.sends(". 1:1(0) ack 500");
  peer.expects("R 500:500(0)");
  EXPECT_EQ(peer.state(), State::kSynSent);
}

TEST(Rfc9293_3_10_7_3, AResetWithABadAckIsDropped) {
  auto peer = ScriptedPeer::connecting(rfc_profile());
  peer.sends("R. 0:0(0) ack 2");
  peer.expects_silence();
  EXPECT_EQ(peer.state(), State::kSynSent);
}

TEST(Rfc9293_3_10_7_3, AResetWithTheRightAckRefusesTheConnection) {  // second
  auto peer = ScriptedPeer::connecting(rfc_profile());
  peer.sends("R. 0:0(0) ack 1");
  peer.expects_silence();
  EXPECT_EQ(peer.connect_result(), -1);
  EXPECT_EQ(peer.error(), Errno::kECONNREFUSED);
  EXPECT_EQ(peer.state(), State::kClosed);
}

TEST(Rfc9293_3_10_7_3, AResetWithoutAckIsDropped) {
  auto peer = ScriptedPeer::connecting(rfc_profile());
  peer.sends("R 0:0(0)");
  EXPECT_EQ(peer.state(), State::kSynSent);
}

TEST(Rfc9293_3_10_7_3, ASegmentWithNeitherSynNorRstIsDropped) {  // fifth
  auto peer = ScriptedPeer::connecting(rfc_profile());
  peer.sends(". 1:1(0) ack 1");
  peer.sends("P 1:11(10)");
  peer.expects_silence();
  EXPECT_EQ(peer.state(), State::kSynSent);
}

TEST(Rfc9293_3_10_7_3, TheSynIsRepeatedWithDoublingGaps) {
  auto peer = ScriptedPeer::connecting(rfc_profile());
  for (const Duration gap : {1s, 2s, 4s, 8s}) {
    peer.advance(gap - 1ns);
    peer.expects_silence();
    peer.advance(1ns);
    peer.expects("S 0:0(0)");
  }
}

TEST(Rfc9293_3_10_7_3, TheSynIsGivenUpAfterThreeMinutesAtLeast) {  // 3.8.3, MUST-23
  auto peer = ScriptedPeer::connecting(rfc_profile());
  peer.advance(3min);
  EXPECT_EQ(peer.connect_result(), std::nullopt);
  peer.advance(10min);
  EXPECT_EQ(peer.connect_result(), -1);
  EXPECT_EQ(peer.error(), Errno::kETIMEDOUT);
  EXPECT_FALSE(peer.has_deadline());
}

// Simultaneous open: fourth, and figure 8.
TEST(Rfc9293_3_10_7_3, ASynWithoutAckIsAnsweredBySynAck) {
  auto peer = ScriptedPeer::connecting(rfc_profile());
  peer.sends("S 0:0(0)");
  peer.expects("S. 0:0(0) ack 1");
  EXPECT_EQ(peer.state(), State::kSynReceived);
}

TEST(Rfc9293_3_10_7_3, ASimultaneousOpenEndsWithTheAck) {
  auto peer = ScriptedPeer::connecting(rfc_profile());
  peer.sends("S 0:0(0)");
  peer.expects("S. 0:0(0) ack 1");
  peer.sends(". 1:1(0) ack 1");
  peer.expects_silence();
  EXPECT_EQ(peer.state(), State::kEstablished);
  EXPECT_EQ(peer.connect_result(), 0);
}

TEST(Rfc9293_3_10_7_3, ASimultaneousOpenEndsWithTheCrossingSynAck) {
  auto peer = ScriptedPeer::connecting(rfc_profile());
  peer.sends("S 0:0(0)");
  peer.expects("S. 0:0(0) ack 1");
  peer.sends("S. 0:0(0) ack 1");
  EXPECT_EQ(peer.state(), State::kEstablished);
  peer.expects_silence();  // a SYN-ACK here would be answered by one, for ever
}

}  // namespace
}  // namespace tcptwin::rfc

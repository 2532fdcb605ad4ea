// RFC 9293 3.10.7.2: a segment arrives in LISTEN.
#include <gtest/gtest.h>

#include "tests/rfc/scripted_peer.h"

namespace tcptwin::rfc {
namespace {

TEST(Rfc9293_3_10_7_2, ASynIsAnsweredBySynAck) {
  auto peer = ScriptedPeer::listening(rfc_profile());
  peer.sends("S 0:0(0) win 65535 <mss 1460>");
  peer.expects("S. 0:0(0) ack 1 win 65535 <mss 1460>");
  peer.expects_silence();
}

TEST(Rfc9293_3_10_7_2, TheAckOfTheSynAckEstablishes) {
  auto peer = ScriptedPeer::listening(rfc_profile());
  peer.sends("S 0:0(0)");
  peer.expects("S. 0:0(0) ack 1");
  peer.sends(". 1:1(0) ack 1");
  peer.expects_silence();
  peer.accept();
  EXPECT_EQ(peer.state(), tcp::State::kEstablished);
}

TEST(Rfc9293_3_10_7_2, AResetIsIgnored) {  // first
  auto peer = ScriptedPeer::listening(rfc_profile());
  peer.sends("R 0:0(0)");
  peer.sends("R. 0:0(0) ack 1");
  peer.expects_silence();
}

TEST(Rfc9293_3_10_7_2, AnAckIsReset) {  // second
  auto peer = ScriptedPeer::listening(rfc_profile());
  peer.sends(". 5:5(0) ack 77");
  peer.expects("R 77:77(0)");
}

TEST(Rfc9293_3_10_7_2, ASynAckIsReset) {
  auto peer = ScriptedPeer::listening(rfc_profile());
  peer.sends("S. 0:0(0) ack 77");
  peer.expects("R 77:77(0)");
}

TEST(Rfc9293_3_10_7_2, AnythingElseIsDropped) {  // fourth
  auto peer = ScriptedPeer::listening(rfc_profile());
  peer.sends("F 5:5(0)");
  peer.sends("none 5:15(10)");
  peer.expects_silence();
}

TEST(Rfc9293_3_10_7_2, ARepeatedSynIsAnsweredAgain) {
  auto peer = ScriptedPeer::listening(rfc_profile());
  peer.sends("S 0:0(0)");
  peer.expects("S. 0:0(0) ack 1");
  peer.sends("S 0:0(0)");
  peer.expects("S. 0:0(0) ack 1");
}

TEST(Rfc9293_3_10_7_2, AnUnansweredSynAckIsRepeated) {
  auto peer = ScriptedPeer::listening(rfc_profile());
  peer.sends("S 0:0(0)");
  peer.expects("S. 0:0(0) ack 1");
  peer.advance(999ms);
  peer.expects_silence();
  peer.advance(1ms);
  peer.expects("S. 0:0(0) ack 1");
  peer.advance(2s);
  peer.expects("S. 0:0(0) ack 1");
}

TEST(Rfc9293_3_10_7_2, ASynAckThatIsNeverAnsweredIsGivenUp) {
  auto peer = ScriptedPeer::listening(rfc_profile());
  peer.sends("S 0:0(0)");
  peer.advance(10min);
  EXPECT_EQ(peer.discard_segments(), 1 + 8);
  EXPECT_FALSE(peer.has_deadline());
}

TEST(Rfc9293_3_10_7_2, DataOnASynIsNotAcknowledgedByTheSynAck) {
  auto peer = ScriptedPeer::listening(rfc_profile());
  peer.sends("S 0:10(10)");
  peer.expects("S. 0:0(0) ack 1");
}

}  // namespace
}  // namespace tcptwin::rfc

// RFC 9293 3.6: closing a connection, by every path of figure 5.
#include <gtest/gtest.h>

#include "tests/rfc/scripted_peer.h"

namespace tcptwin::rfc {
namespace {

using tcp::State;

TEST(Rfc9293_3_6, AnActiveCloseGoesThroughBothFinWaits) {  // figure 12
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.shutdown();
  peer.expects("F. 1:1(0) ack 1");
  EXPECT_EQ(peer.state(), State::kFinWait1);
  peer.sends(". 1:1(0) ack 2");
  EXPECT_EQ(peer.state(), State::kFinWait2);
  peer.sends("F. 1:1(0) ack 2");
  peer.expects(". 2:2(0) ack 2");
  EXPECT_EQ(peer.state(), State::kTimeWait);
}

TEST(Rfc9293_3_6, AFinThatAcknowledgesOursLeadsToTimeWaitAtOnce) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.shutdown();
  peer.expects("F. 1:1(0) ack 1");
  peer.sends("F. 1:1(0) ack 2");
  peer.expects(". 2:2(0) ack 2");
  EXPECT_EQ(peer.state(), State::kTimeWait);
}

TEST(Rfc9293_3_6, ASimultaneousCloseGoesThroughClosing) {  // figure 13
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.shutdown();
  peer.expects("F. 1:1(0) ack 1");
  peer.sends("F. 1:1(0) ack 1");
  peer.expects(". 2:2(0) ack 2");
  EXPECT_EQ(peer.state(), State::kClosing);
  peer.sends(". 2:2(0) ack 2");
  EXPECT_EQ(peer.state(), State::kTimeWait);
}

TEST(Rfc9293_3_6, APassiveCloseGoesThroughCloseWaitAndLastAck) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends("F. 1:1(0) ack 1");
  peer.expects(". 1:1(0) ack 2");
  EXPECT_EQ(peer.state(), State::kCloseWait);
  peer.shutdown();
  peer.expects("F. 1:1(0) ack 2");
  EXPECT_EQ(peer.state(), State::kLastAck);
  peer.sends(". 2:2(0) ack 2");
  EXPECT_EQ(peer.state(), State::kClosed);
  EXPECT_FALSE(peer.has_deadline());
}

TEST(Rfc9293_3_6, AfterAHalfCloseDataStillComes) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.shutdown();
  peer.expects("F. 1:1(0) ack 1");
  peer.sends(". 1:1(0) ack 2");
  peer.sends("P. 1:11(10) ack 2");
  EXPECT_EQ(peer.read(100), 10);
  peer.advance(500ms);
  peer.expects(". 2:2(0) ack 11");
}

TEST(Rfc9293_3_6, AfterThePeersFinDataStillLeaves) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends("F. 1:1(0) ack 1");
  peer.expects(". 1:1(0) ack 2");
  EXPECT_EQ(peer.write(10), 10);
  peer.expects("P. 1:11(10) ack 2");
}

TEST(Rfc9293_3_6, TheFinGoesWithTheLastData) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.write(10);
  peer.expects("P. 1:11(10) ack 1");
  peer.write(10);
  peer.expects_silence();
  peer.shutdown();
  peer.expects("FP. 11:21(10) ack 1");
  peer.expects_silence();
}

TEST(Rfc9293_3_6, TheFinWaitsForDataThatTheWindowHoldsBack) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends(". 1:1(0) ack 1 win 0");
  peer.write(10);
  peer.shutdown();
  peer.expects_silence();
  EXPECT_EQ(peer.state(), State::kFinWait1);
  peer.sends(". 1:1(0) ack 1 win 65535");
  peer.expects("FP. 1:11(10) ack 1");
}

TEST(Rfc9293_3_6, AnUnacknowledgedFinIsRepeated) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.shutdown();
  peer.expects("F. 1:1(0) ack 1");
  peer.advance(1s);
  peer.expects("F. 1:1(0) ack 1");
  peer.advance(2s);
  peer.expects("F. 1:1(0) ack 1");
}

TEST(Rfc9293_3_6, AnAckOfTheDataAloneDoesNotEndFinWait1) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.write(10);
  peer.shutdown();
  peer.discard_segments();
  peer.sends(". 1:1(0) ack 11");
  EXPECT_EQ(peer.state(), State::kFinWait1);
  peer.sends(". 1:1(0) ack 12");
  EXPECT_EQ(peer.state(), State::kFinWait2);
}

TEST(Rfc9293_3_6, ACloseOfTheSocketEndsTheStreamLikeAShutdown) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.close();
  peer.expects("F. 1:1(0) ack 1");
  peer.sends("F. 1:1(0) ack 2");
  peer.expects(". 2:2(0) ack 2");
  peer.advance(4min);
  peer.sends(". 2:2(0) ack 2");
  peer.expects("R 2:2(0)");  // the connection is gone
}

TEST(Rfc9293_3_6, ASocketThatIsClosedInSynSentSendsNothingMore) {  // 3.10.4
  auto peer = ScriptedPeer::connecting(rfc_profile());
  peer.shutdown();
  peer.advance(10s);
  peer.expects_silence();
  EXPECT_EQ(peer.state(), State::kClosed);
}

TEST(Rfc9293_3_6_1, UnreadDataTurnsACloseIntoAReset) {  // SHLD-3
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends("P. 1:11(10) ack 1");
  peer.read(9);
  peer.close();
  peer.expects("R. 1:1(0) ack 11");
  peer.expects_silence();
  EXPECT_FALSE(peer.has_deadline());
}

TEST(Rfc9293_3_6_1, AfterAllWasReadACloseIsOrderly) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends("P. 1:11(10) ack 1");
  peer.read(10);
  peer.close();
  peer.expects("F. 1:1(0) ack 11");
}

TEST(Rfc9293_3_6_1, ACloseWithUnreadDataIsOrderlyWhereTheProfileSaysSo) {
  auto peer =
      ScriptedPeer::established(rfc_profile(R"({"close": {"reset_on_unread_data": false}})"));
  peer.sends("P. 1:11(10) ack 1");
  peer.close();
  peer.expects("F. 1:1(0) ack 11");
}

TEST(Rfc9293_3_6_1, DataAfterTheCloseIsReset) {  // SHLD-3
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.close();
  peer.expects("F. 1:1(0) ack 1");
  peer.sends("P. 1:11(10) ack 2");
  peer.expects("R 2:2(0) win 0");  // as where there is no connection: it is gone
  EXPECT_FALSE(peer.has_deadline());
}

TEST(Rfc9293_3_6_1, FinWait2HasNoLimitWithoutOne) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.close();
  peer.sends(". 1:1(0) ack 2");
  EXPECT_FALSE(peer.has_deadline());
}

}  // namespace
}  // namespace tcptwin::rfc

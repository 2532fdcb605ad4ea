// RFC 7323: window scale, timestamps, and protection against old duplicates (PAWS).
#include <gtest/gtest.h>

#include "tests/rfc/scripted_peer.h"

namespace tcptwin::rfc {
namespace {

constexpr const char* kStamped = "mss 1460,TS 100/-";

// A receive buffer that needs a scale of 3.
policy::Profile wide() {
  return rfc_profile(R"({"receive_window": {"buffer": "512000", "max_buffer": "512000"}})");
}
policy::Profile without(const char* patch) { return rfc_profile(patch); }

// ---- 2: window scale

TEST(Rfc7323_2_2, ASynOffersTheScaleThatTheBufferNeeds) {
  auto peer = ScriptedPeer::established(wide(), {.options = "mss 1460,nop,wscale 0"});
  EXPECT_NE(peer.story().find("wscale 3"), std::string::npos) << peer.story();
}

TEST(Rfc7323_2_2, ASynAckNamesNoScaleWithoutOneInTheSyn) {
  auto peer = ScriptedPeer::listening(wide());
  peer.sends("S 0:0(0) win 65535 <mss 1460>");
  peer.expects("S. 0:0(0) ack 1 win 65535 <mss 1460>");
}

TEST(Rfc7323_2_2, TheWindowOfASynIsNotScaled) {
  auto peer =
      ScriptedPeer::established(wide(), {.options = "mss 1460,nop,wscale 9", .window = 1000});
  peer.write(2920);
  peer.discard_segments();
  auto active =
      ScriptedPeer::connected(wide(), {.options = "mss 1460,nop,wscale 9", .window = 1000});
  active.write(1460);
  active.expects(". 1:1001(1000) ack 1");
  active.expects_silence();
}

TEST(Rfc7323_2_3, LaterWindowsOfThePeerAreScaled) {
  auto peer = ScriptedPeer::established(wide(), {.options = "mss 1460,nop,wscale 2"});
  peer.sends(". 1:1(0) ack 1 win 4000");  // 1000 in the header
  peer.write(4380);
  EXPECT_EQ(peer.discard_segments(), 2);
}

TEST(Rfc7323_2_3, OwnWindowsAreScaled) {
  auto peer = ScriptedPeer::established(wide(), {.options = "mss 1460,nop,wscale 0"});
  peer.sends(". 1:1461(1460) ack 1");
  peer.sends(". 1461:2921(1460) ack 1");
  peer.expects(". 1:1(0) ack 2921 win 509080");  // 512000 - 2920, a multiple of 8
}

TEST(Rfc7323_2_3, AScaleAboveFourteenCountsAsFourteen) {
  auto peer = ScriptedPeer::established(wide(), {.options = "mss 1460,nop,wscale 15"});
  peer.sends(". 1:1(0) ack 1 win 16384");  // 1 in the header
  peer.write(20000);
  EXPECT_EQ(peer.discard_segments(), 10);
  peer.sends(". 1:1(0) ack 14601 win 16384");
  peer.discard_segments();
}

TEST(Rfc7323_2_3, WithoutAgreementNothingIsScaled) {
  auto peer = ScriptedPeer::established(wide(), {.options = "mss 1460"});
  peer.sends(". 1:1461(1460) ack 1");
  peer.sends(". 1461:2921(1460) ack 1");
  peer.expects(". 1:1(0) ack 2921 win 65535");
}

TEST(Rfc7323_2_2, AProfileWithoutScalingOffersNone) {
  auto peer = ScriptedPeer::connecting(without(R"({"receive_window": {"scaling": false}})"));
  EXPECT_EQ(peer.story().find("wscale"), std::string::npos) << peer.story();
}

// ---- 3: timestamps

TEST(Rfc7323_3_2, ASynOffersTimestamps) {
  auto peer = ScriptedPeer::connecting(rfc_profile());
  EXPECT_NE(peer.story().find("TS 0/-"), std::string::npos) << peer.story();
}

TEST(Rfc7323_3_2, ASynAckEchoesTheSyn) {
  auto peer = ScriptedPeer::listening(rfc_profile());
  peer.sends("S 0:0(0) win 65535 <mss 1460,TS 100/->");
  peer.expects("S. 0:0(0) ack 1 win 65535 <mss 1460,nop,nop,TS 0/100>");
}

TEST(Rfc7323_3_2, ASynWithoutThemIsAnsweredWithoutThem) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.write(10);
  peer.expects("P. 1:11(10) ack 1 win 65535");
  EXPECT_EQ(peer.story().find("TS"), std::string::npos) << peer.story();
}

TEST(Rfc7323_3_2, EverySegmentCarriesThemOnceAgreed) {
  auto peer = ScriptedPeer::established(rfc_profile(), {.options = kStamped});
  peer.sends("P. 1:11(10) ack 1 <nop,nop,TS 200/0>");
  peer.advance(7ms);
  peer.write(10);
  peer.expects("P. 1:11(10) ack 11 win 65525 <TS 7/200>");
}

TEST(Rfc7323_3_2, AProfileWithoutThemOffersNone) {
  auto peer = ScriptedPeer::connecting(without(R"({"timestamps": {"offered": false}})"));
  EXPECT_EQ(peer.story().find("TS"), std::string::npos) << peer.story();
}

TEST(Rfc7323_5_4, TheClockCountsMilliseconds) {
  auto peer = ScriptedPeer::established(rfc_profile(), {.options = kStamped});
  peer.advance(1999us);
  peer.write(10);
  peer.expects("P. 1:11(10) ack 1 win 65535 <TS 1/100>");
}

// ---- 4.3: which value is echoed

// A peer whose handshake ended with TSval 100.
ScriptedPeer stamped() {
  auto peer = ScriptedPeer::listening(rfc_profile());
  peer.sends("S 0:0(0) win 65535 <mss 1460,TS 100/->");
  peer.expects("S. 0:0(0) ack 1");
  peer.sends(". 1:1(0) ack 1 <nop,nop,TS 100/0>");
  peer.accept();
  return peer;
}

TEST(Rfc7323_4_3, ADelayedAckEchoesTheFirstSegmentItAnswers) {
  auto peer = stamped();
  peer.sends("P. 1:11(10) ack 1 <nop,nop,TS 200/0>");
  peer.sends("P. 11:21(10) ack 1 <nop,nop,TS 300/0>");
  peer.advance(500ms);
  peer.expects(". 1:1(0) ack 21 win 65515 <TS 500/200>");
}

TEST(Rfc7323_4_3, AGapEchoesTheLastSegmentThatAdvancedTheWindow) {
  auto peer = stamped();
  peer.sends("P. 1:11(10) ack 1 <nop,nop,TS 200/0>");
  peer.sends("P. 21:31(10) ack 1 <nop,nop,TS 300/0>");
  peer.expects(". 1:1(0) ack 11 win 65525 <TS 0/200>");
}

TEST(Rfc7323_4_3, ASegmentOutsideTheWindowIsNotEchoed) {  // 5.3: R2 comes before R3
  auto peer = stamped();
  peer.sends(". -20000:-20000(0) ack 1 <nop,nop,TS 2000000/0>");
  peer.expects(". 1:1(0) ack 1 win 65535 <TS 0/100>");
  peer.sends("P. 1:11(10) ack 1 <nop,nop,TS 200/0>");  // else this would be too old
  EXPECT_EQ(peer.connection()->unread(), 10);
}

// ---- 5: PAWS

TEST(Rfc7323_5_3, AnOlderTimestampIsAnsweredByAnAckAndDropped) {  // R1
  auto peer = stamped();
  peer.sends("P. 1:11(10) ack 1 <nop,nop,TS 99/0>");
  peer.expects(". 1:1(0) ack 1");
  EXPECT_EQ(peer.connection()->unread(), 0);
}

TEST(Rfc7323_5_3, TheSameTimestampIsTaken) {
  auto peer = stamped();
  peer.sends("P. 1:11(10) ack 1 <nop,nop,TS 100/0>");
  EXPECT_EQ(peer.connection()->unread(), 10);
}

TEST(Rfc7323_5_2, TimestampsAreComparedModulo) {
  auto peer = ScriptedPeer::listening(rfc_profile());
  peer.sends("S 0:0(0) win 65535 <mss 1460,TS -1/->");
  peer.sends(". 1:1(0) ack 1 <nop,nop,TS -1/0>");
  peer.accept();
  peer.sends("P. 1:11(10) ack 1 <nop,nop,TS 5/0>");
  EXPECT_EQ(peer.connection()->unread(), 10);
  peer.sends("P. 11:21(10) ack 1 <nop,nop,TS -1/0>");
  EXPECT_EQ(peer.connection()->unread(), 10);
}

TEST(Rfc7323_5_5, ATimestampOfMoreThan24DaysAgoIsNotTrusted) {
  auto peer = stamped();
  peer.advance(std::chrono::hours(24 * 24));
  peer.sends("P. 1:11(10) ack 1 <nop,nop,TS 99/0>");
  peer.expects(". 1:1(0) ack 1");
  peer.advance(1ns);
  peer.sends("P. 1:11(10) ack 1 <nop,nop,TS 99/0>");
  EXPECT_EQ(peer.connection()->unread(), 10);
  peer.sends("P. 11:21(10) ack 1 <nop,nop,TS 98/0>");  // 99 is the recent one now
  EXPECT_EQ(peer.connection()->unread(), 10);
}

TEST(Rfc7323_3_2, OnceAgreedASegmentWithoutThemIsDropped) {
  auto peer = stamped();
  peer.sends("P. 1:11(10) ack 1");
  peer.expects_silence();
  EXPECT_EQ(peer.connection()->unread(), 0);
}

TEST(Rfc7323_5_3, ARstIsTakenWhateverItsTimestamp) {
  auto peer = stamped();
  peer.sends("R 1:1(0) <nop,nop,TS 99/0>");
  EXPECT_EQ(peer.state(), tcp::State::kClosed);
}

}  // namespace
}  // namespace tcptwin::rfc

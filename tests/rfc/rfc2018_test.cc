// RFC 2018: selective acknowledgments: the negotiation, what a receiver reports, what a sender
// believes.
#include <gtest/gtest.h>

#include "tests/rfc/flight.h"

namespace tcptwin::rfc {
namespace {

TEST(Rfc2018_2, ASynPermitsSack) {
  auto peer = ScriptedPeer::connecting(rfc_profile());
  EXPECT_NE(peer.story().find("sackOK"), std::string::npos) << peer.story();
}

TEST(Rfc2018_2, ASynAckPermitsItWhenTheSynDid) {
  auto peer = ScriptedPeer::listening(rfc_profile());
  peer.sends("S 0:0(0) win 65535 <mss 1460,sackOK>");
  peer.expects("S. 0:0(0) ack 1 win 65535 <mss 1460,sackOK,eol>");
}

TEST(Rfc2018_2, ASynAckDoesNotPermitItWhenTheSynDidNot) {
  auto peer = ScriptedPeer::listening(rfc_profile());
  peer.sends("S 0:0(0) win 65535 <mss 1460>");
  peer.expects("S. 0:0(0) ack 1 win 65535 <mss 1460>");
}

TEST(Rfc2018_2, AProfileWithoutTheOptionPermitsNothing) {
  auto peer = ScriptedPeer::listening(rfc_profile(R"({"syn": {"options": ["mss"]}})"));
  peer.sends("S 0:0(0) win 65535 <mss 1460,sackOK>");
  peer.expects("S. 0:0(0) ack 1 win 65535 <mss 1460>");
}

// ---- 3 and 4: what a receiver reports

ScriptedPeer receiver() { return with_sack(0); }

TEST(Rfc2018_4, TheFirstBlockHoldsTheSegmentThatCameLast) {
  auto peer = receiver();
  peer.sends("P. 11:21(10) ack 1");
  peer.expects(". 1:1(0) ack 1 win 65535 <sack 11:21>");
  peer.sends("P. 31:41(10) ack 1");
  peer.expects(". 1:1(0) ack 1 win 65535 <sack 31:41 11:21>");
  peer.sends("P. 21:25(4) ack 1");
  peer.expects(". 1:1(0) ack 1 win 65535 <sack 11:25 31:41>");
}

TEST(Rfc2018_3, NeighboursAreOneBlock) {
  auto peer = receiver();
  peer.sends("P. 11:21(10) ack 1");
  peer.sends("P. 31:41(10) ack 1");
  peer.discard_segments();
  peer.sends("P. 21:31(10) ack 1");
  peer.expects(". 1:1(0) ack 1 win 65535 <sack 11:41>");
}

TEST(Rfc2018_4, AsManyBlocksAsFitAreSent) {
  auto peer = receiver();
  for (int64_t at = 11; at <= 91; at += 20) {
    peer.sends("P. " + std::to_string(at) + ":" + std::to_string(at + 10) + "(10) ack 1");
  }
  for (int i = 0; i < 4; ++i) peer.next_segment();
  peer.expects(". 1:1(0) ack 1 win 65535 <sack 91:101 71:81 51:61 31:41>");
}

TEST(Rfc2018_3, TimestampsLeaveRoomForThree) {
  auto peer = ScriptedPeer::established(rfc_profile(), {.options = "mss 1460,sackOK,TS 100/-"});
  for (int64_t at = 11; at <= 91; at += 20) {
    peer.sends("P. " + std::to_string(at) + ":" + std::to_string(at + 10) +
               "(10) ack 1 <nop,nop,TS 100/0>");
  }
  for (int i = 0; i < 4; ++i) peer.next_segment();
  peer.expects(". 1:1(0) ack 1 win 65535 <TS 0/100,sack 91:101 71:81 51:61>");
}

TEST(Rfc2018_4, WhatIsAcknowledgedIsReportedNoMore) {
  auto peer = receiver();
  peer.sends("P. 11:21(10) ack 1");
  peer.sends("P. 31:41(10) ack 1");
  peer.discard_segments();
  peer.sends("P. 1:11(10) ack 1");
  peer.expects(". 1:1(0) ack 21 win 65515 <sack 31:41>");
  peer.sends("P. 21:31(10) ack 1");
  peer.expects(". 1:1(0) ack 41 win 65495");
}

TEST(Rfc2018_4, DataCarriesTheBlocksToo) {
  auto peer = receiver();
  peer.sends("P. 11:21(10) ack 1");
  peer.discard_segments();
  peer.write(10);
  peer.expects("P. 1:11(10) ack 1 win 65535 <sack 11:21>");
}

TEST(Rfc2018_2, WithoutPermissionNothingIsReported) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends("P. 11:21(10) ack 1");
  peer.expects(". 1:1(0) ack 1 win 65535");
}

// ---- 5 and 8: what a sender believes

TEST(Rfc2018_5, BlocksDoNotMakeDataAcknowledged) {  // the receiver may still drop it
  auto peer = with_sack(10);
  peer.sends(ack(1, sack(2, 10)));
  peer.discard_segments();
  EXPECT_EQ(peer.connection()->info().unacked_bytes, 10 * kMss);
}

TEST(Rfc2018_8, AProfileMayForgetTheBlocksAtATimeout) {
  auto peer = with_sack(4, {.sacks_survive_timeout = false});
  peer.sends(ack(1, sack(2, 3)));
  peer.advance_to_deadline();
  peer.expects(segment(1));
  peer.sends(ack(2));
  peer.expects(segment(2));
  peer.expects(segment(3));
}

TEST(Rfc2018_5, BlocksOfWhatWasNeverSentAreIgnored) {
  auto peer = with_sack(10);
  for (int i = 0; i < 5; ++i) peer.sends(ack(1, sack(12, 14 + i)));
  peer.expects_silence();
}

TEST(Rfc2018_5, WithoutPermissionBlocksAreIgnored) {
  auto peer = without_sack(10);
  peer.sends(ack(1, sack(2, 4)));  // a plain duplicate ACK, the first
  peer.expects_silence();
}

}  // namespace
}  // namespace tcptwin::rfc

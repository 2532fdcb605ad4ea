// RFC 9293 3.7.1: the maximum segment size option.
#include <gtest/gtest.h>

#include "tests/rfc/scripted_peer.h"

namespace tcptwin::rfc {
namespace {

TEST(Rfc9293_3_7_1, ASynNamesTheMtuLessFortyBytes) {  // MUST-14, MUST-67
  auto peer = ScriptedPeer::listening(rfc_profile());
  peer.sends("S 0:0(0) win 65535 <mss 536>");
  peer.expects("S. 0:0(0) ack 1 win 65535 <mss 1460>");
  auto jumbo = ScriptedPeer::listening(rfc_profile(), {.mtu = 9000});
  jumbo.sends("S 0:0(0) win 65535 <mss 536>");
  jumbo.expects("S. 0:0(0) ack 1 win 65535 <mss 8960>");
}

TEST(Rfc9293_3_7_1, WithoutTheOptionSegmentsCarry536Bytes) {  // MUST-15
  auto peer = ScriptedPeer::established(rfc_profile(), {.options = ""});
  peer.write(1072);
  peer.expects(". 1:537(536) ack 1");
  peer.expects("P. 537:1073(536) ack 1");
}

TEST(Rfc9293_3_7_1, SegmentsCarryWhatThePeerNamed) {  // MUST-16
  auto peer = ScriptedPeer::established(rfc_profile(), {.options = "mss 1000"});
  peer.write(2000);
  peer.expects(". 1:1001(1000) ack 1");
  peer.expects("P. 1001:2001(1000) ack 1");
}

TEST(Rfc9293_3_7_1, ALargerMssThanOurMtuAllowsIsNotUsed) {
  auto peer = ScriptedPeer::established(rfc_profile(), {.options = "mss 9000"});
  peer.write(2920);
  peer.expects(". 1:1461(1460) ack 1");
}

TEST(Rfc9293_3_7_1, TimestampsTakeTheirTwelveBytesFromTheSegment) {  // RFC 6691 2
  auto peer = ScriptedPeer::established(rfc_profile(), {.options = "mss 1460,TS 0/-"});
  peer.write(2896);
  peer.expects(". 1:1449(1448) ack 1");
}

TEST(Rfc9293_3_7_1, AnMssOfZeroStillLeavesOneByte) {
  auto plain = ScriptedPeer::established(rfc_profile(), {.options = "mss 0"});
  EXPECT_EQ(plain.connection()->mss(), 1u);
  auto stamped = ScriptedPeer::established(rfc_profile(), {.options = "mss 0,TS 0/-"});
  EXPECT_EQ(stamped.connection()->mss(), 1u);
}

TEST(Rfc9293_3_7_1, APeersSmallMssDoesNotMakeItsSegmentsFullSized) {
  auto peer = ScriptedPeer::established(rfc_profile(), {.options = "mss 100"});
  peer.sends(". 1:1461(1460) ack 1");
  peer.expects_silence();  // one full-sized segment: its ACK may wait
  peer.sends(". 1461:2921(1460) ack 1");
  peer.expects(". 1:1(0) ack 2921");
}

}  // namespace
}  // namespace tcptwin::rfc

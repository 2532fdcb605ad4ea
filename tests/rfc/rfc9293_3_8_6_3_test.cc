// RFC 9293 3.8.6.3: delayed acknowledgments at their limits.
#include <gtest/gtest.h>

#include "tests/rfc/scripted_peer.h"

namespace tcptwin::rfc {
namespace {

TEST(Rfc9293_3_8_6_3, AnAckWaitsHalfASecond) {  // MUST-40
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends("P. 1:11(10) ack 1");
  peer.advance(500ms - 1ns);
  peer.expects_silence();
  peer.advance(1ns);
  peer.expects(". 1:1(0) ack 11");
}

TEST(Rfc9293_3_8_6_3, EverySecondFullSegmentIsAcknowledgedAtOnce) {  // SHLD-19
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends(". 1:1461(1460) ack 1");
  peer.expects_silence();
  peer.sends(". 1461:2921(1460) ack 1");
  peer.expects(". 1:1(0) ack 2921");
  peer.sends(". 2921:4381(1460) ack 1");
  peer.expects_silence();
}

TEST(Rfc9293_3_8_6_3, SmallSegmentsCountByTheirBytes) {
  auto peer = ScriptedPeer::established(rfc_profile());
  for (int64_t i = 0; i < 20; ++i) {
    peer.sends("P. " + std::to_string(1 + 100 * i) + ":" + std::to_string(101 + 100 * i) +
               "(100) ack 1");
  }
  peer.expects_silence();
}

TEST(Rfc9293_3_8_6_3, DataTakesTheAckAlong) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends("P. 1:11(10) ack 1");
  peer.write(10);
  peer.expects("P. 1:11(10) ack 11");
  peer.advance(500ms);
  peer.expects_silence();
}

TEST(Rfc9293_3_8_6_3, LaterDataDoesNotProlongTheWait) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends("P. 1:11(10) ack 1");
  peer.advance(400ms);
  peer.sends("P. 11:21(10) ack 1");
  peer.advance(100ms);
  peer.expects(". 1:1(0) ack 21");
}

TEST(Rfc9293_3_8_6_3, TheNextWaitBeginsWithTheNextData) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends("P. 1:11(10) ack 1");
  peer.advance(500ms);
  peer.expects(". 1:1(0) ack 11");
  peer.advance(1s);
  peer.sends("P. 11:21(10) ack 1");
  peer.advance(499ms);
  peer.expects_silence();
  peer.advance(1ms);
  peer.expects(". 1:1(0) ack 21");
}

TEST(Rfc9293_3_8_6_3, ThereIsNoQuickackOption) {
  const auto profile = rfc_profile();
  for (const policy::SocketOption& option : profile.socket_options) {
    EXPECT_NE(option.name, "TCP_QUICKACK");
  }
}

}  // namespace
}  // namespace tcptwin::rfc

// RFC 9293 3.10.7.1: a segment arrives where there is no connection; the forms of the reset.
#include <gtest/gtest.h>

#include "tests/rfc/scripted_peer.h"

namespace tcptwin::rfc {
namespace {

TEST(Rfc9293_3_10_7_1, ASynIsResetWithItsAckAndSequenceZero) {
  auto peer = ScriptedPeer::closed(rfc_profile());
  peer.sends("S 0:0(0)");
  peer.expects("R. 0:0(0) ack 1 win 0");
  peer.expects_silence();
}

TEST(Rfc9293_3_10_7_1, TheResetAcknowledgesAllThatTheSegmentTook) {
  auto peer = ScriptedPeer::closed(rfc_profile());
  peer.sends("SF 0:10(10)");
  peer.expects("R. 0:0(0) ack 12");
}

TEST(Rfc9293_3_10_7_1, ASegmentWithAckIsResetAtItsAckNumber) {
  auto peer = ScriptedPeer::closed(rfc_profile());
  peer.sends("P. 5:15(10) ack 77");
  peer.expects("R 77:77(0) win 0");
  peer.expects_silence();
}

TEST(Rfc9293_3_10_7_1, ASynAckIsResetAtItsAckNumber) {
  auto peer = ScriptedPeer::closed(rfc_profile());
  peer.sends("S. 0:0(0) ack 77");
  peer.expects("R 77:77(0)");
}

TEST(Rfc9293_3_10_7_1, AResetIsNeverAnswered) {
  auto peer = ScriptedPeer::closed(rfc_profile());
  peer.sends("R 5:5(0)");
  peer.sends("R. 5:5(0) ack 77");
  peer.expects_silence();
}

TEST(Rfc9293_3_10_7_1, AConnectionThatHasEndedIsNoMore) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends("R 1:1(0)");
  peer.sends(". 1:1(0) ack 1");
  peer.expects("R 1:1(0)");
}

}  // namespace
}  // namespace tcptwin::rfc

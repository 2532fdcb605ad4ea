// RFC 5681 4.2: when a receiver acknowledges at once.
#include <gtest/gtest.h>

#include "tests/rfc/scripted_peer.h"

namespace tcptwin::rfc {
namespace {

TEST(Rfc5681_4_2, EveryOutOfOrderSegmentDrawsADuplicateAck) {
  auto peer = ScriptedPeer::established(rfc_profile());
  for (const char* line : {"P. 11:21(10) ack 1", "P. 21:31(10) ack 1", "P. 41:51(10) ack 1"}) {
    peer.sends(line);
    peer.expects(". 1:1(0) ack 1 win 65535");
  }
  peer.expects_silence();
}

TEST(Rfc5681_4_2, TheSegmentThatFillsTheGapIsAcknowledgedAtOnce) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends("P. 11:21(10) ack 1");
  peer.expects(". 1:1(0) ack 1");
  peer.sends("P. 1:11(10) ack 1");
  peer.expects(". 1:1(0) ack 21");
}

TEST(Rfc5681_4_2, TheSegmentThatFillsAPartOfTheGapToo) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends("P. 21:31(10) ack 1");
  peer.expects(". 1:1(0) ack 1");
  peer.sends("P. 1:11(10) ack 1");
  peer.expects(". 1:1(0) ack 11");
  peer.sends("P. 11:21(10) ack 1");
  peer.expects(". 1:1(0) ack 31");
}

TEST(Rfc5681_4_2, AfterTheGapDelayingGoesOn) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends("P. 11:21(10) ack 1");
  peer.sends("P. 1:11(10) ack 1");
  peer.discard_segments();
  peer.sends("P. 21:31(10) ack 1");
  peer.expects_silence();
}

}  // namespace
}  // namespace tcptwin::rfc

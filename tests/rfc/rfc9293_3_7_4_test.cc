// RFC 9293 3.7.4: the Nagle algorithm, and turning it off.
#include <gtest/gtest.h>

#include "tests/rfc/scripted_peer.h"

namespace tcptwin::rfc {
namespace {

TEST(Rfc9293_3_7_4, TheFirstSmallSegmentLeavesAtOnce) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.write(10);
  peer.expects("P. 1:11(10) ack 1");
}

TEST(Rfc9293_3_7_4, TheSecondWaitsWhileTheFirstIsUnacknowledged) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.write(10);
  peer.expects("P. 1:11(10) ack 1");
  peer.write(10);
  peer.expects_silence();
}

TEST(Rfc9293_3_7_4, TheAckReleasesAllThatWaitedInOneSegment) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.write(10);
  peer.expects("P. 1:11(10) ack 1");
  for (int i = 0; i < 3; ++i) peer.write(10);
  peer.sends(". 1:1(0) ack 11");
  peer.expects("P. 11:41(30) ack 1");
  peer.expects_silence();
}

TEST(Rfc9293_3_7_4, AnAckOfAPartReleasesNothing) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.write(10);
  peer.expects("P. 1:11(10) ack 1");
  peer.write(10);
  peer.sends(". 1:1(0) ack 6");
  peer.expects_silence();
}

TEST(Rfc9293_3_7_4, AFullSegmentNeverWaits) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.write(10);
  peer.expects("P. 1:11(10) ack 1");
  peer.write(1460);
  peer.expects("P. 11:1471(1460) ack 1");
}

TEST(Rfc9293_3_7_4, WhatWaitsLeavesWhenItFillsASegment) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.write(10);
  peer.expects("P. 1:11(10) ack 1");
  peer.write(1000);
  peer.expects_silence();
  peer.write(500);
  peer.expects(". 11:1471(1460) ack 1");  // no call ends with it
  peer.expects_silence();  // 40 bytes wait
}

TEST(Rfc9293_3_7_4, ASmallTailWaitsBehindItsOwnFullSegments) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.write(1470);
  peer.expects(". 1:1461(1460) ack 1");
  peer.expects_silence();
  peer.sends(". 1:1(0) ack 1461");
  peer.expects("P. 1461:1471(10) ack 1");
}

TEST(Rfc9293_3_7_4, NoDelaySendsEverySmallSegment) {  // MUST-17
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.setsockopt("TCP_NODELAY", 1);
  for (const char* line : {"P. 1:11(10) ack 1", "P. 11:21(10) ack 1", "P. 21:31(10) ack 1"}) {
    peer.write(10);
    peer.expects(line);
  }
}

TEST(Rfc9293_3_7_4, SettingNoDelayFlushesWhatWaits) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.write(10);
  peer.write(10);
  peer.expects("P. 1:11(10) ack 1");
  peer.setsockopt("TCP_NODELAY", 1);
  peer.expects("P. 11:21(10) ack 1");
}

TEST(Rfc9293_3_7_4, ClearingNoDelayHoldsAgain) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.setsockopt("TCP_NODELAY", 1);
  peer.write(10);
  peer.expects("P. 1:11(10) ack 1");
  peer.setsockopt("TCP_NODELAY", 0);
  peer.write(10);
  peer.expects_silence();
}

TEST(Rfc9293_3_7_4, AFinPasses) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.write(10);
  peer.write(10);
  peer.expects("P. 1:11(10) ack 1");
  peer.shutdown();
  peer.expects("FP. 11:21(10) ack 1");
}

TEST(Rfc9293_3_7_4, ARetransmissionDoesNotWait) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.write(10);
  peer.write(10);
  peer.expects("P. 1:11(10) ack 1");
  peer.advance(1s);
  peer.expects("P. 1:11(10) ack 1");
  peer.expects_silence();
}

}  // namespace
}  // namespace tcptwin::rfc

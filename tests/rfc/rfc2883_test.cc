// RFC 2883: the first block of a SACK option reports data that had arrived before.
#include <gtest/gtest.h>

#include "tests/rfc/flight.h"

namespace tcptwin::rfc {
namespace {

ScriptedPeer receiver(policy::RecoveryConfig rules = {}) { return with_sack(0, rules); }

TEST(Rfc2883_4, ARepeatedSegmentIsReportedBelowTheAck) {  // 4.1
  auto peer = receiver();
  peer.sends("P. 1:11(10) ack 1");
  peer.sends("P. 1:11(10) ack 1");
  peer.expects(". 1:1(0) ack 11 win 65525 <sack 1:11>");
}

TEST(Rfc2883_4, ItIsReportedOnce) {
  auto peer = receiver();
  peer.sends("P. 1:11(10) ack 1");
  peer.sends("P. 1:11(10) ack 1");
  peer.discard_segments();
  peer.sends("P. 21:31(10) ack 1");
  peer.expects(". 1:1(0) ack 11 win 65525 <sack 21:31>");
}

TEST(Rfc2883_4, BlocksOfWhatWaitsFollow) {
  auto peer = receiver();
  peer.sends("P. 1:11(10) ack 1");
  peer.sends("P. 21:31(10) ack 1");
  peer.discard_segments();
  peer.sends("P. 1:11(10) ack 1");
  peer.expects(". 1:1(0) ack 11 win 65525 <sack 1:11 21:31>");
}

TEST(Rfc2883_4, OnlyTheRepeatedPartIsReported) {  // 4.2
  auto peer = receiver();
  peer.sends("P. 1:11(10) ack 1");
  peer.sends("P. 21:31(10) ack 1");
  peer.discard_segments();
  peer.sends("P. 6:16(10) ack 1");
  peer.expects(". 1:1(0) ack 16 win 65520 <sack 6:11 21:31>");
}

TEST(Rfc2883_4, ARepetitionInsideALargerBlockIsFollowedByThatBlock) {
  auto peer = receiver();
  peer.sends("P. 11:21(10) ack 1");
  peer.sends("P. 21:31(10) ack 1");
  peer.discard_segments();
  peer.sends("P. 11:21(10) ack 1");
  peer.expects(". 1:1(0) ack 1 win 65535 <sack 11:21 11:31>");
}

TEST(Rfc2883_4, AProfileMayDoWithoutIt) {
  auto peer = receiver({.duplicate_sack = false});
  peer.sends("P. 1:11(10) ack 1");
  peer.sends("P. 1:11(10) ack 1");
  peer.expects(". 1:1(0) ack 11 win 65525");
}

TEST(Rfc2883_4, ASenderTakesADuplicateForNoLoss) {
  auto peer = with_sack(10);
  peer.sends(ack(5));
  for (int i = 0; i < 4; ++i) peer.sends(ack(5, sack(1, 2)));
  peer.expects_silence();
}

}  // namespace
}  // namespace tcptwin::rfc

// RFC 6675: loss recovery with SACK.
#include <gtest/gtest.h>

#include "tests/rfc/flight.h"

namespace tcptwin::rfc {
namespace {

// ---- 2: what a duplicate is, and what is lost

TEST(Rfc6675_2, OnlyAnAckWithNewsIsADuplicate) {
  auto peer = with_sack(10);
  for (int i = 0; i < 5; ++i) peer.sends(ack(1));
  peer.sends(ack(1, sack(2, 2)));
  for (int i = 0; i < 5; ++i) peer.sends(ack(1, sack(2, 2)));
  peer.expects_silence();
}

TEST(Rfc6675_4, ThreeSackedSegmentsAboveMakeASegmentLost) {  // IsLost
  auto peer = with_sack(10);
  peer.sends(ack(1, sack(2, 2)));
  peer.sends(ack(1, sack(2, 3)));
  peer.expects_silence();
  peer.sends(ack(1, sack(2, 4)));
  peer.expects(segment(1));
  peer.expects_silence();
}

TEST(Rfc6675_4, TheyNeedNotBeNeighbours) {  // IsLost: DupThresh discontiguous sequences
  auto peer = with_sack(10);
  peer.sends(ack(1, "sack " + block(3, 3)));
  peer.sends(ack(1, "sack " + block(5, 5) + " " + block(3, 3)));
  peer.expects_silence();
  peer.sends(ack(1, "sack " + block(7, 7) + " " + block(5, 5) + " " + block(3, 3)));
  peer.expects(segment(1));
}

TEST(Rfc6675_4, OneAckWithThreeSegmentsIsEnough) {
  auto peer = with_sack(10);
  peer.sends(ack(1, sack(2, 4)));
  peer.expects(segment(1));
}

TEST(Rfc6675_4, ASegmentWithFewerSackedAboveItIsNotLost) {
  auto peer = with_sack(10);
  peer.sends(ack(1, "sack " + block(4, 5) + " " + block(2, 2)));  // 3 has two above it
  peer.expects(segment(1));
  peer.expects_silence();
}

TEST(Rfc6675_4, AnOldAcknowledgmentsBlocksAreNoNews) {
  auto peer = with_sack(10);
  peer.sends(ack(5));
  peer.sends(ack(1, sack(2, 4)));
  peer.expects_silence();
}

// ---- 5: the recovery

ScriptedPeer recovering() {  // 1 is lost and repeated, 2 to 4 were sacked, ten were out
  auto peer = with_sack(10);
  peer.sends(ack(1, sack(2, 4)));
  peer.expects(segment(1));
  peer.expects_silence();
  return peer;
}

TEST(Rfc6675_5, TheThresholdAndTheWindowBecomeHalfOfTheFlight) {  // (4.2)
  auto peer = recovering();
  EXPECT_EQ(peer.connection()->info().slow_start_threshold, 5);
  EXPECT_EQ(peer.connection()->info().window_segments, 5);
}

TEST(Rfc6675_5, WhatWasSackedIsNotRepeated) {
  auto peer = recovering();
  for (int64_t last = 5; last <= 10; ++last) peer.sends(ack(1, sack(2, last)));
  peer.expects_silence();
}

TEST(Rfc6675_5, NewDataLeavesWhenThePipeAllows) {  // (C)
  auto peer = with_sack(20, no_limited_transmit());
  peer.sends(ack(1, sack(2, 4)));
  peer.expects(segment(1));  // pipe: 5 to 10 and the repeated 1, with a window of 5
  peer.expects_silence();
  peer.sends(ack(1, sack(2, 6)));  // pipe 5
  peer.expects_silence();
  peer.sends(ack(1, sack(2, 7)));  // pipe 4
  peer.expects(segment(11));
  peer.expects_silence();
}

TEST(Rfc6675_5, HolesAreRepeatedBeforeNewDataLeaves) {  // NextSeg (1) before (2)
  auto peer = with_sack(20, no_limited_transmit());
  peer.sends(ack(1, sack(2, 4)));
  peer.expects(segment(1));
  peer.sends(ack(1, "sack " + block(6, 10) + " " + block(2, 4)));  // 5 is lost too
  peer.expects(segment(5));
  peer.expects(segment(11));
}

TEST(Rfc6675_5, TheFirstRepetitionLeavesWhateverThePipe) {  // (4.3)
  auto peer = with_sack(10);
  peer.sends(ack(1, sack(2, 4)));
  EXPECT_EQ(peer.discard_segments(), 1);
}

TEST(Rfc6675_5, AnAckOfSomeOfTheFlightGoesOnWithTheNextHole) {  // (B)
  auto peer = recovering();
  peer.sends(ack(5, sack(6, 10)));
  peer.expects(segment(5));
  EXPECT_EQ(peer.connection()->info().slow_start_threshold, 5);
}

TEST(Rfc6675_5, TheAckOfTheRecoveryPointEndsIt) {  // (A)
  auto peer = recovering();
  peer.sends(ack(11));
  EXPECT_EQ(peer.connection()->info().window_segments, 5);
  peer.write(10 * kMss);
  EXPECT_EQ(peer.discard_segments(), 5);
}

TEST(Rfc6675_5, ASecondLossAfterTheRecoveryPointBeginsAnotherRecovery) {
  auto peer = recovering();
  peer.sends(ack(11));
  peer.write(10 * kMss);
  peer.discard_segments();  // 11 to 15
  peer.sends(ack(11, sack(12, 14)));
  peer.expects(segment(11));
  EXPECT_EQ(peer.connection()->info().slow_start_threshold, 2);
}

TEST(Rfc6675_5_1, ATimeoutRepeatsWhatIsNotSacked) {
  auto peer = with_sack(10);
  peer.sends(ack(1, sack(3, 4)));
  peer.advance_to_deadline();
  peer.expects(segment(1));
  peer.sends(ack(2, sack(3, 4)));
  peer.expects(segment(2));
  peer.expects(segment(5));  // 3 and 4 stay where they are
}

TEST(Rfc6675_4, AProfileMayCountDistanceInsteadOfSackedSegments) {
  auto peer = with_sack(10, {.loss_rule = policy::RecoveryConfig::LossRule::kDistance});
  peer.sends(ack(1, sack(4, 4)));  // three below it, one sacked
  peer.expects(segment(1));
}

}  // namespace
}  // namespace tcptwin::rfc

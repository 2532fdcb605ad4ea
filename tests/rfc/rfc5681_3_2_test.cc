// RFC 5681 3.2: fast retransmit and fast recovery, as seen without SACK.
#include <gtest/gtest.h>

#include "tests/rfc/flight.h"

namespace tcptwin::rfc {
namespace {

TEST(Rfc5681_3_2, TheThirdDuplicateAckRepeatsTheFirstSegmentAtOnce) {  // step 3
  auto peer = without_sack(10);
  peer.sends(ack(1));
  peer.sends(ack(1));
  peer.expects_silence();
  peer.sends(ack(1));
  peer.expects(segment(1));
  peer.expects_silence();
}

TEST(Rfc5681_3_2, TheThresholdIsAProfilesChoice) {
  auto peer = without_sack(10, {.duplicate_acks = 2});
  peer.sends(ack(1));
  peer.sends(ack(1));
  peer.expects(segment(1));
}

TEST(Rfc5681_3_2, ItIsRepeatedOnceHoweverManyFollow) {
  auto peer = without_sack(10);
  for (int i = 0; i < 9; ++i) peer.sends(ack(1));
  peer.expects(segment(1));
  peer.expects_silence();
}

// Section 2 says what a duplicate is.
TEST(Rfc5681_2, AnAckWithDataIsNoDuplicate) {
  auto peer = without_sack(10);
  for (const char* line :
       {"P. 1:11(10) ack 1", "P. 11:21(10) ack 1", "P. 21:31(10) ack 1", "P. 31:41(10) ack 1"}) {
    peer.sends(line);
  }
  peer.expects_silence();
}

TEST(Rfc5681_2, AnAckThatMovesTheWindowIsNoDuplicate) {
  auto peer = without_sack(10);
  for (const char* window : {"60000", "59000", "58000", "57000"}) {
    peer.sends(ack(1) + " win " + window);
  }
  peer.expects_silence();
}

TEST(Rfc5681_2, WithNothingOutThereIsNoDuplicate) {
  auto peer = ScriptedPeer::established(rfc_profile());
  for (int i = 0; i < 5; ++i) peer.sends(ack(1));
  peer.expects_silence();
  EXPECT_EQ(peer.connection()->info().slow_start_threshold, 0x7fffffff);
}

TEST(Rfc5681_2, AnOlderAckIsNoDuplicate) {
  auto peer = without_sack(10);
  peer.sends(ack(3));
  for (int i = 0; i < 4; ++i) peer.sends(ack(2));
  peer.expects_silence();
}

TEST(Rfc5681_3_2, AnAckOfNewDataStartsTheCountAgain) {
  auto peer = without_sack(10);
  peer.sends(ack(1));
  peer.sends(ack(1));
  peer.sends(ack(2));
  peer.sends(ack(2));
  peer.sends(ack(2));
  peer.expects_silence();
  peer.sends(ack(2));
  peer.expects(segment(2));
}

TEST(Rfc5681_3_2, TheSlowStartThresholdBecomesHalfOfTheFlight) {  // step 2, equation 4
  auto peer = without_sack(10);
  for (int i = 0; i < 3; ++i) peer.sends(ack(1));
  EXPECT_EQ(peer.connection()->info().slow_start_threshold, 5);
}

TEST(Rfc5681_3_2, WhatLimitedTransmitAddedDoesNotCountAsFlight) {  // step 2
  auto peer = without_sack(12);
  for (int i = 0; i < 3; ++i) peer.sends(ack(1));
  EXPECT_EQ(peer.connection()->info().slow_start_threshold, 5);
}

TEST(Rfc5681_3_2, TheSlowStartThresholdIsTwoSegmentsAtLeast) {
  auto peer = without_sack(3, {.duplicate_acks = 2});
  peer.sends(ack(1));
  peer.sends(ack(1));
  EXPECT_EQ(peer.connection()->info().slow_start_threshold, 2);
}

// Steps 3 and 4: the window is half of the flight and one segment for each duplicate ACK. With ten
// out it is 5 + 3 at the third, so three more make room for the first new one.
TEST(Rfc5681_3_2, FurtherDuplicatesLetNewDataLeave) {
  auto peer = without_sack(20, no_limited_transmit());
  for (int i = 0; i < 3; ++i) peer.sends(ack(1));
  peer.expects(segment(1));
  peer.sends(ack(1));
  peer.sends(ack(1));
  peer.expects_silence();
  peer.sends(ack(1));
  peer.expects(segment(11));
  peer.sends(ack(1));
  peer.expects(segment(12));
  peer.expects_silence();
}

TEST(Rfc5681_3_2, TheAckOfEverythingEndsRecoveryAtTheThreshold) {  // step 6
  auto peer = without_sack(10);
  for (int i = 0; i < 3; ++i) peer.sends(ack(1));
  peer.expects(segment(1));
  peer.sends(ack(11));
  EXPECT_EQ(peer.connection()->info().window_segments, 5);
  peer.write(10 * kMss);
  EXPECT_EQ(peer.discard_segments(), 5);
}

TEST(Rfc5681_3_2, ASegmentThatIsLostAgainIsLeftToTheTimer) {
  auto peer = without_sack(10);
  for (int i = 0; i < 9; ++i) peer.sends(ack(1));
  peer.expects(segment(1));
  peer.advance_to_deadline();
  peer.expects(segment(1));
}

}  // namespace
}  // namespace tcptwin::rfc

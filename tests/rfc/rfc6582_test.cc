// RFC 6582: NewReno: fast recovery without SACK lasts until all that was out is acknowledged.
#include <gtest/gtest.h>

#include "tests/rfc/flight.h"

namespace tcptwin::rfc {
namespace {

ScriptedPeer recovering() {  // segment 1 was repeated, ten are out
  auto peer = without_sack(10);
  for (int i = 0; i < 3; ++i) peer.sends(ack(1));
  peer.expects(segment(1));
  peer.expects_silence();
  return peer;
}

TEST(Rfc6582_3_2, APartialAckRepeatsTheNextHoleAtOnce) {  // step 3
  auto peer = recovering();
  peer.sends(ack(4));
  peer.expects(segment(4));
  peer.expects_silence();
}

TEST(Rfc6582_3_2, EveryPartialAckRepeatsOneSegment) {
  auto peer = recovering();
  for (const int64_t hole : {2, 5, 8}) {
    peer.sends(ack(hole));
    peer.expects(segment(hole));
    peer.expects_silence();
  }
}

TEST(Rfc6582_3_2, APartialAckDoesNotEndRecovery) {
  auto peer = recovering();
  peer.sends(ack(4));
  peer.expects(segment(4));
  for (int i = 0; i < 4; ++i) peer.sends(ack(4));  // else these would begin another
  peer.expects_silence();
  EXPECT_EQ(peer.connection()->info().slow_start_threshold, 5);
}

TEST(Rfc6582_3_2, TheAckOfAllThatWasOutEndsIt) {
  auto peer = recovering();
  peer.sends(ack(4));
  peer.expects(segment(4));
  peer.sends(ack(11));
  EXPECT_EQ(peer.connection()->info().window_segments, 5);
}

TEST(Rfc6582_3_2, DataSentDuringRecoveryIsNotPartOfIt) {  // "recover" is the highest sent before
  auto peer = without_sack(20);
  for (int i = 0; i < 3; ++i) peer.sends(ack(1));
  EXPECT_EQ(peer.discard_segments(), 3);  // 11 and 12 by limited transmit, 1 again
  for (int i = 0; i < 6; ++i) peer.sends(ack(1));
  const int64_t later = peer.discard_segments();
  EXPECT_GT(later, 0);
  peer.sends(ack(13));
  EXPECT_EQ(peer.connection()->info().window_segments, 5);
  peer.discard_segments();
  for (int i = 0; i < 3; ++i) peer.sends(ack(13));
  EXPECT_NE(peer.story().rfind("> " + segment(13)), std::string::npos) << peer.story();
}

// Step 2: duplicates of what was sent before a loss do not begin a second recovery.
TEST(Rfc6582_3_2, DuplicatesThatAcknowledgeNoMoreThanTheLastRecoveryBeginNone) {
  auto peer = recovering();
  peer.sends(ack(11));
  peer.write(10 * kMss);
  peer.discard_segments();
  for (int i = 0; i < 4; ++i) peer.sends(ack(11));
  EXPECT_EQ(peer.connection()->info().slow_start_threshold, 5);
}

TEST(Rfc6582_3_2, AfterATimeoutDuplicatesOfTheOldFlightBeginNoRecovery) {  // step 6 and step 2
  auto peer = without_sack(10);
  peer.advance_to_deadline();
  peer.expects(segment(1));
  for (int i = 0; i < 5; ++i) peer.sends(ack(1));
  peer.expects_silence();
  peer.sends(ack(2));
  peer.discard_segments();
  for (int i = 0; i < 5; ++i) peer.sends(ack(2));
  EXPECT_EQ(peer.connection()->info().slow_start_threshold, 5);
}

TEST(Rfc6582_3_2, ThePartialAckTakesItsSegmentsFromTheWindow) {  // deflation, step 3
  auto peer = without_sack(30);
  for (int i = 0; i < 3; ++i) peer.sends(ack(1));
  peer.discard_segments();                         // 11, 12 and 1 again: twelve out
  for (int i = 0; i < 9; ++i) peer.sends(ack(1));  // the rest of the twelve, less the lost one
  const int64_t during = peer.discard_segments();
  peer.sends(ack(3));  // two arrived; the second hole is repeated
  peer.expects(segment(3));
  EXPECT_LE(during + peer.discard_segments(), 7);
}

}  // namespace
}  // namespace tcptwin::rfc

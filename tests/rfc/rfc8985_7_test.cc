// RFC 8985 7: the tail loss probe, as Linux has it (facts/linux.md D4).
#include <gtest/gtest.h>

#include "tests/rfc/flight.h"

namespace tcptwin::rfc {
namespace {

// SRTT 100 ms, RTO 1 s.
ScriptedPeer probing(const char* options = "mss 1460,sackOK") {
  return ScriptedPeer::established(rfc_profile(R"({"recovery": {"tail_loss_probe": true}})"),
                                   {.options = options, .round_trip = 100ms});
}
int64_t window_of(const ScriptedPeer& peer) { return peer.connection()->info().window_segments; }

ScriptedPeer after_probe_of(int64_t segments) {
  auto peer = probing();
  peer.write(segments * kMss);
  peer.discard_segments();
  peer.advance(202ms);
  peer.expects(segment(segments, "P."));
  return peer;
}

TEST(Rfc8985_7_2, TheLastSegmentLeavesAgainAfterTwoRoundTrips) {
  auto peer = probing();
  peer.write(3 * kMss);
  EXPECT_EQ(peer.discard_segments(), 3);
  EXPECT_EQ(peer.advance_to_deadline(), 202ms);
  peer.expects(segment(3, "P."));
  peer.expects_silence();
}

TEST(Rfc8985_7_2, ALoneSegmentLeavesNoLaterThanTheTimeout) {
  auto peer = probing();
  peer.write(kMss);
  peer.discard_segments();
  EXPECT_EQ(peer.advance_to_deadline(), 1s);  // 2 SRTT and the least RTO would be 1.2 s
  peer.expects(segment(1, "P."));
  EXPECT_EQ(window_of(peer), 10);  // it was no timeout
}

TEST(Rfc8985_7_2, DataThatLeavesPutsItOff) {
  auto peer = probing();
  peer.write(2 * kMss);
  peer.discard_segments();
  peer.advance(150ms);
  peer.write(kMss);
  peer.discard_segments();
  EXPECT_EQ(peer.advance_to_deadline(), 202ms);
  peer.expects(segment(3, "P."));
}

TEST(Rfc8985_7_3, DataThatHasNotLeftIsTheBetterProbe) {
  auto peer = probing();
  peer.write(12 * kMss);
  EXPECT_EQ(peer.discard_segments(), 10);
  peer.advance(202ms);
  peer.expects(segment(11));  // beyond the congestion window
  peer.expects_silence();
}

TEST(Rfc8985_7_3, WithoutRoomInThePeersWindowTheLastSegmentLeaves) {
  auto peer = ScriptedPeer::established(
      rfc_profile(R"({"recovery": {"tail_loss_probe": true}})"),
      {.options = "mss 1460,sackOK", .window = 2920, .round_trip = 100ms});
  peer.write(4 * kMss);
  EXPECT_EQ(peer.discard_segments(), 2);
  peer.advance(202ms);
  peer.expects(segment(2));
}

TEST(Rfc8985_7_3, TheFinIsTheLastSegmentToo) {
  auto peer = probing();
  peer.write(2 * kMss);
  peer.shutdown();
  peer.discard_segments();
  peer.advance(202ms);
  peer.expects("F. 2921:2921(0) ack 1");
  peer.expects_silence();
}

TEST(Rfc8985_7_3, TheTimeoutFollowsTheProbe) {
  auto peer = after_probe_of(3);
  EXPECT_EQ(peer.advance_to_deadline(), 1s);
  peer.expects(segment(1));
  EXPECT_EQ(window_of(peer), 1);
}

TEST(Rfc8985_7_3, NoSecondProbeBeforeAnAck) {
  auto peer = after_probe_of(3);
  peer.advance(999ms);
  peer.expects_silence();
}

TEST(Rfc8985_7_4, AnAckOfMoreThanTheProbeTellsOfALoss) {
  auto peer = after_probe_of(3);
  peer.write(kMss);
  peer.discard_segments();
  peer.sends(ack(5));
  EXPECT_LT(window_of(peer), 10);
}

TEST(Rfc8985_7_4, AReportedDuplicateMeansThatNothingWasLost) {
  auto peer = after_probe_of(3);
  peer.sends(ack(4));
  peer.sends(ack(4, sack(3, 3)));
  const int64_t window = window_of(peer);
  peer.write(kMss);
  peer.discard_segments();
  peer.sends(ack(5));
  EXPECT_GE(window_of(peer), window);
}

TEST(Rfc8985_7_4, APlainDuplicateMeansTheSame) {
  auto peer = after_probe_of(3);
  peer.sends(ack(4));
  peer.sends(ack(4));
  const int64_t window = window_of(peer);
  peer.write(kMss);
  peer.discard_segments();
  peer.sends(ack(5));
  EXPECT_GE(window_of(peer), window);
}

TEST(Rfc8985_7_4, NewDataAsProbeCostsNothing) {
  auto peer = probing();
  peer.write(12 * kMss);
  peer.discard_segments();
  peer.advance(202ms);
  peer.discard_segments();
  peer.sends(ack(12));
  EXPECT_GE(window_of(peer), 10);
}

TEST(Rfc8985_7_2, NotWhileAHoleIsReported) {
  auto peer = probing();
  peer.write(4 * kMss);
  peer.discard_segments();
  peer.advance(100ms);
  peer.sends(ack(1, sack(2, 2)));
  peer.advance(850ms);
  peer.expects_silence();
}

TEST(Rfc8985_7_2, NotWithoutSack) {
  auto peer = probing("mss 1460");
  peer.write(3 * kMss);
  peer.discard_segments();
  EXPECT_EQ(peer.advance_to_deadline(), 1s);
}

TEST(Rfc8985_7_2, NotUnlessTheProfileSaysSo) {
  auto peer =
      ScriptedPeer::established(rfc_profile(), {.options = "mss 1460,sackOK", .round_trip = 100ms});
  peer.write(3 * kMss);
  peer.discard_segments();
  EXPECT_EQ(peer.advance_to_deadline(), 1s);
}

}  // namespace
}  // namespace tcptwin::rfc

// RFC 6298 (RFC 9293 3.8.1): samples, the retransmission timer, backoff.
#include <gtest/gtest.h>

#include "tests/rfc/scripted_peer.h"

namespace tcptwin::rfc {
namespace {

policy::Profile low_floor() { return rfc_profile(R"({"rto": {"min": "1ms"}})"); }

Duration rto(const ScriptedPeer& peer) { return peer.connection()->rto().rto(); }

// ---- 2: the estimate

TEST(Rfc6298_2, TheHandshakeIsTheFirstSample) {
  auto peer = ScriptedPeer::established(low_floor(), {.round_trip = 100ms});
  EXPECT_EQ(peer.connection()->rto().srtt(), 100ms);
  EXPECT_EQ(rto(peer), 300ms);
}

TEST(Rfc6298_2, AnActiveOpenSamplesItToo) {
  auto peer = ScriptedPeer::connected(low_floor(), {.round_trip = 40ms});
  EXPECT_EQ(rto(peer), 120ms);
}

TEST(Rfc6298_2, DataThatIsAcknowledgedIsTheNextSample) {
  auto peer = ScriptedPeer::established(low_floor(), {.round_trip = 100ms});
  peer.write(10);
  peer.advance(180ms);
  peer.sends(". 1:1(0) ack 11");
  EXPECT_EQ(peer.connection()->rto().srtt(), 110ms);
  EXPECT_EQ(rto(peer), 340ms);
}

TEST(Rfc6298_2, TheFloorIsOneSecond) {  // 2.4
  auto peer = ScriptedPeer::established(rfc_profile(), {.round_trip = 100ms});
  EXPECT_EQ(rto(peer), 1s);
}

// ---- 3: Karn

TEST(Rfc6298_3, RepeatedDataGivesNoSample) {
  auto peer = ScriptedPeer::established(low_floor(), {.round_trip = 100ms});
  peer.write(10);
  peer.advance(300ms);
  EXPECT_EQ(peer.discard_segments(), 2);
  peer.sends(". 1:1(0) ack 11");
  EXPECT_EQ(peer.connection()->rto().srtt(), 100ms);
}

TEST(Rfc6298_3, ARepeatedSynGivesNoSample) {
  auto peer = ScriptedPeer::connecting(low_floor());
  peer.advance(1s);
  peer.expects("S 0:0(0)");
  peer.sends("S. 0:0(0) ack 1");
  EXPECT_FALSE(peer.connection()->rto().rtt_known());
}

TEST(Rfc6298_3, ASynAckRepeatedForARepeatedSynGivesNoSample) {
  auto peer = ScriptedPeer::listening(low_floor());
  peer.sends("S 0:0(0)");
  peer.advance(500ms);
  peer.sends("S 0:0(0)");  // the timer has not fired, but two SYN-ACKs are out
  peer.advance(1ms);
  peer.sends(". 1:1(0) ack 1");
  peer.accept();
  EXPECT_FALSE(peer.connection()->rto().rtt_known());
}

// ---- 5: the timer

TEST(Rfc6298_5, SendingDataStartsTheTimer) {  // 5.1
  auto peer = ScriptedPeer::established(rfc_profile());
  EXPECT_FALSE(peer.has_deadline());
  peer.write(10);
  EXPECT_EQ(peer.advance_to_deadline(), 1s);
}

TEST(Rfc6298_5, MoreDataDoesNotRestartIt) {  // 5.1
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.write(1460);
  peer.advance(600ms);
  peer.write(1460);
  EXPECT_EQ(peer.advance_to_deadline(), 400ms);
}

TEST(Rfc6298_5, TheAckOfEverythingStopsIt) {  // 5.2
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.write(10);
  peer.sends(". 1:1(0) ack 11");
  EXPECT_FALSE(peer.has_deadline());
}

TEST(Rfc6298_5, AnAckOfSomeOfItRestartsIt) {  // 5.3
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.write(2920);
  peer.advance(600ms);
  peer.sends(". 1:1(0) ack 1461");
  EXPECT_EQ(peer.advance_to_deadline(), 1s);
}

TEST(Rfc6298_5, TheEarliestSegmentIsRepeated) {  // 5.4
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.write(4380);
  peer.discard_segments();
  peer.advance(1s);
  peer.expects(". 1:1461(1460) ack 1");
  peer.expects_silence();
}

TEST(Rfc6298_5, EveryExpiryDoublesTheWait) {  // 5.5
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.write(10);
  peer.expects("P. 1:11(10) ack 1");
  for (const Duration wait : {1s, 2s, 4s, 8s, 16s, 32s, 60s}) {
    EXPECT_EQ(peer.advance_to_deadline(), wait);
    peer.expects("P. 1:11(10) ack 1");
    peer.expects_silence();
  }
}

TEST(Rfc6298_5, TheBackedOffWaitStaysUntilNewDataGivesASample) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.write(10);
  peer.advance(1s);
  peer.sends(". 1:1(0) ack 11");
  EXPECT_EQ(rto(peer), 2s);
  peer.write(10);
  peer.sends(". 1:1(0) ack 21");
  EXPECT_EQ(rto(peer), 1s);
}

TEST(Rfc6298_5, WithTimestampsTheAckOfRepeatedDataEndsTheBackoff) {  // RFC 7323 4.1
  auto peer = ScriptedPeer::established(rfc_profile(), {.options = "mss 1460,TS 0/-"});
  peer.write(10);
  peer.advance(1s);
  peer.sends(". 1:1(0) ack 11 <nop,nop,TS 1/1000>");
  EXPECT_EQ(rto(peer), 1s);
}

TEST(Rfc6298_5, AfterALostSynTheFirstDataWaitsThreeSeconds) {  // 5.7
  auto peer = ScriptedPeer::connecting(rfc_profile());
  peer.advance(1s);
  peer.expects("S 0:0(0)");
  peer.sends("S. 0:0(0) ack 1");
  peer.expects(". 1:1(0) ack 1");
  peer.write(10);
  EXPECT_EQ(peer.advance_to_deadline(), 3s);
}

TEST(Rfc6298_5, DataIsGivenUpAfterAHundredSecondsAtLeast) {  // RFC 9293 3.8.3, MUST-20
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.write(10);
  peer.advance(100s);
  EXPECT_EQ(peer.state(), tcp::State::kEstablished);
  peer.advance(10min);
  EXPECT_EQ(peer.state(), tcp::State::kClosed);
  EXPECT_EQ(peer.read(1), -1);
  EXPECT_EQ(peer.error(), Errno::kETIMEDOUT);
}

// ---- recovery after an expiry

TEST(Rfc5681_3_1, AfterATimeoutSlowStartBeginsWithOneSegment) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.write(14600);
  EXPECT_EQ(peer.discard_segments(), 10);
  peer.advance(1s);
  EXPECT_EQ(peer.discard_segments(), 1);
  peer.sends(". 1:1(0) ack 1461");
  peer.expects(". 1461:2921(1460) ack 1");
  peer.expects(". 2921:4381(1460) ack 1");
  peer.expects_silence();
}

// "ssthresh is held constant" when the timer repeats a segment again: it stays 5, half of ten.
TEST(Rfc5681_3_1, ASecondTimeoutKeepsTheThreshold) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.write(14600);
  peer.advance(1s);
  peer.advance(2s);
  peer.discard_segments();
  peer.sends(". 1:1(0) ack 1461");
  EXPECT_EQ(peer.discard_segments(), 2);
  peer.sends(". 1:1(0) ack 4381");
  EXPECT_EQ(peer.discard_segments(), 4);
}

TEST(Rfc5681_3_1, AllThatWasLostIsRepeatedOnce) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.write(14600);
  peer.discard_segments();
  peer.advance(1s);
  int64_t acked = 1;
  int64_t repeated = peer.discard_segments();
  for (int round = 0; round < 10 && acked < 14601; ++round) {
    acked = 1 + 1460 * repeated;
    peer.sends(". 1:1(0) ack " + std::to_string(acked));
    repeated += peer.discard_segments();
  }
  EXPECT_EQ(repeated, 10);
  EXPECT_FALSE(peer.has_deadline());
}

}  // namespace
}  // namespace tcptwin::rfc

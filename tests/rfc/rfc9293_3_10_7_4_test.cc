// RFC 9293 3.10.7.4: a segment arrives in any other state; the eight checks in their order.
#include <gtest/gtest.h>

#include <string>

#include "tests/rfc/scripted_peer.h"

namespace tcptwin::rfc {
namespace {

using tcp::State;

// ---- first: is it acceptable? Table 6, with RCV.NXT 1.

// RCV.NXT becomes 1 + 65535 with a window of 0.
ScriptedPeer full() {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends_bytes(1, 65535);
  return peer;
}

std::string pure_ack(int64_t seq) {
  const std::string s = std::to_string(seq);
  return ". " + s + ":" + s + "(0) ack 1";
}
std::string data(int64_t seq, int64_t length) {
  return "P. " + std::to_string(seq) + ":" + std::to_string(seq + length) + "(" +
         std::to_string(length) + ") ack 1";
}

TEST(Rfc9293_3_10_7_4, AnEmptySegmentInsideTheWindowIsAcceptable) {
  for (const int64_t seq : {1, 2, 65535}) {
    auto peer = ScriptedPeer::established(rfc_profile());
    peer.sends(pure_ack(seq));
    peer.expects_silence();
  }
}

TEST(Rfc9293_3_10_7_4, AnEmptySegmentOutsideTheWindowIsAnsweredByAnAck) {
  for (const int64_t seq : {-100, 0, 65536, 100000}) {
    auto peer = ScriptedPeer::established(rfc_profile());
    peer.sends(pure_ack(seq));
    peer.expects(". 1:1(0) ack 1");
    peer.expects_silence();
  }
}

TEST(Rfc9293_3_10_7_4, DataIsAcceptableWhenItsFirstOrLastByteIsInside) {
  auto first_inside = ScriptedPeer::established(rfc_profile());
  first_inside.sends(data(65535, 10));  // one byte inside, early: kept
  first_inside.expects(". 1:1(0) ack 1");
  first_inside.sends_bytes(1, 65534);
  EXPECT_EQ(first_inside.connection()->unread(), 65535);
  auto last_inside = ScriptedPeer::established(rfc_profile());
  last_inside.sends(data(-8, 10));
  EXPECT_EQ(last_inside.connection()->unread(), 1);
}

TEST(Rfc9293_3_10_7_4, DataOutsideTheWindowIsAnsweredByAnAckAndDropped) {
  for (const int64_t seq : {-9, -20, 65536, 70000}) {
    auto peer = ScriptedPeer::established(rfc_profile());
    peer.sends(data(seq, 10));
    peer.expects(". 1:1(0) ack 1");
    EXPECT_EQ(peer.connection()->unread(), 0);
  }
}

TEST(Rfc9293_3_10_7_4, WithAWindowOfZeroOnlyAnEmptySegmentAtTheEdgeIsAcceptable) {
  auto peer = full();
  peer.sends(pure_ack(65536));
  peer.expects_silence();
  for (const int64_t seq : {65535, 65537}) {
    peer.sends(pure_ack(seq));
    peer.expects(". 1:1(0) ack 65536 win 0");
  }
}

TEST(Rfc9293_3_10_7_4, WithAWindowOfZeroNoDataIsAcceptable) {
  auto peer = full();
  peer.sends(data(65536, 1));
  peer.expects(". 1:1(0) ack 65536 win 0");
  EXPECT_EQ(peer.connection()->unread(), 65535);
}

TEST(Rfc9293_3_10_7_4, WithAWindowOfZeroAnAckOnDataCounts) {  // MUST-66
  auto peer = full();
  peer.write(10);
  peer.expects("P. 1:11(10) ack 65536");
  peer.sends("P. 65536:65546(10) ack 11");
  peer.expects(". 11:11(0) ack 65536");
  EXPECT_FALSE(peer.has_deadline());
}

// ---- second: RST, with RFC 5961 3.2

TEST(Rfc9293_3_10_7_4, ARstAtTheEdgeResetsTheConnection) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends("R 1:1(0)");
  peer.expects_silence();
  EXPECT_EQ(peer.state(), State::kClosed);
  EXPECT_EQ(peer.read(10), -1);
  EXPECT_EQ(peer.error(), Errno::kECONNRESET);
}

TEST(Rfc9293_3_10_7_4, InWindowRstOffTheEdgeDrawsChallengeAck) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends("R 2:2(0)");
  peer.expects(". 1:1(0) ack 1");
  peer.expects_silence();
  EXPECT_EQ(peer.state(), State::kEstablished);
}

TEST(Rfc9293_3_5_3, ARstMayCarryData) {  // SHLD-2
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends("R 1:31(30)");
  peer.expects_silence();
  EXPECT_EQ(peer.state(), State::kClosed);
  EXPECT_EQ(peer.read(100), -1);  // it is no part of the stream
  auto opening = ScriptedPeer::connecting(rfc_profile());
  opening.sends("R. 0:30(30) ack 1");
  EXPECT_EQ(opening.connect_result(), -1);
  auto nobody = ScriptedPeer::closed(rfc_profile());
  nobody.sends("R 1:31(30)");
  nobody.expects_silence();
}

TEST(Rfc9293_3_10_7_4, ARstOutsideTheWindowIsDropped) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends("R 0:0(0)");
  peer.sends("R 65536:65536(0)");
  peer.expects_silence();
  EXPECT_EQ(peer.state(), State::kEstablished);
}

TEST(Rfc9293_3_10_7_4, WithAWindowOfZeroARstAtTheEdgeIsTaken) {  // MUST-66
  auto peer = full();
  peer.sends("R 65536:65536(0)");
  EXPECT_EQ(peer.state(), State::kClosed);
}

TEST(Rfc9293_3_10_7_4, ARstInSynReceivedReturnsToListen) {
  auto peer = ScriptedPeer::listening(rfc_profile());
  peer.sends("S 0:0(0)");
  peer.expects("S. 0:0(0) ack 1");
  peer.sends("R 1:1(0)");
  peer.expects_silence();
  EXPECT_FALSE(peer.has_deadline());
  peer.sends("S 0:0(0)");
  peer.expects("S. 0:0(0) ack 1");
}

TEST(Rfc9293_3_10_7_4, AResetConnectionSendsNothingMore) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends_bytes(1, 40000);
  peer.sends("R 40001:40001(0)");
  EXPECT_EQ(peer.read(40000), 40000);  // what had come can still be read
  peer.expects_silence();              // but opens no window
  EXPECT_EQ(peer.write(10), -1);
  peer.expects_silence();
}

// ---- fourth: SYN, with RFC 5961 4.2

TEST(Rfc9293_3_10_7_4, ASynInTheWindowDrawsChallengeAck) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends("S 100:100(0)");
  peer.expects(". 1:1(0) ack 1");
  EXPECT_EQ(peer.state(), State::kEstablished);
}

TEST(Rfc9293_3_10_7_4, AnOldSynIsAnsweredByAnAck) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends("S 0:0(0)");
  peer.expects(". 1:1(0) ack 1");
  EXPECT_EQ(peer.state(), State::kEstablished);
}

// ---- fifth: ACK

TEST(Rfc9293_3_10_7_4, ASegmentWithoutAckIsDropped) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends("P 1:11(10)");
  peer.expects_silence();
  EXPECT_EQ(peer.connection()->unread(), 0);
}

TEST(Rfc9293_3_10_7_4, InSynReceivedABadAckIsReset) {
  auto peer = ScriptedPeer::listening(rfc_profile());
  peer.sends("S 0:0(0)");
  peer.expects("S. 0:0(0) ack 1");
  peer.sends(". 1:1(0) ack 2");
  peer.expects("R 2:2(0)");
  peer.sends(". 1:1(0) ack 0");
  peer.expects("R 0:0(0)");
  peer.sends(". 1:1(0) ack 1");  // the connection was none the worse
  peer.accept();
  EXPECT_EQ(peer.state(), State::kEstablished);
}

TEST(Rfc9293_3_10_7_4, AnAckOfWhatWasNotSentIsAnsweredAndItsTextDropped) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends("P. 1:11(10) ack 100");
  peer.expects(". 1:1(0) ack 1");
  EXPECT_EQ(peer.connection()->unread(), 0);
}

TEST(Rfc9293_3_10_7_4, ARepeatedAckIsIgnored) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.write(10);
  peer.expects("P. 1:11(10) ack 1");
  peer.sends(". 1:1(0) ack 1");
  peer.expects_silence();
  EXPECT_TRUE(peer.has_deadline());  // it still waits
}

TEST(Rfc9293_3_10_7_4, AnOldSegmentDoesNotChangeTheSendWindow) {  // SND.WL1
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends("P. 1:11(10) ack 1 win 30000");
  peer.read(10);
  peer.advance(500ms);
  peer.expects(". 1:1(0) ack 11");
  peer.sends("P. 1:12(11) ack 1 win 0");  // begins before SND.WL1 + 10, brings a byte
  peer.sends(". 11:11(0) ack 1 win 0");   // before the byte above
  peer.discard_segments();
  peer.write(10);
  peer.sends(". 12:12(0) ack 1 win 30000");
  peer.sends(". 11:12(1) ack 1 win 0");
  peer.discard_segments();
  peer.sends(". 12:12(0) ack 11 win 5");
  peer.write(10);
  peer.expects_silence();  // a later one does
}

TEST(Rfc9293_3_10_7_4, AReorderedOlderAckDoesNotShrinkTheSendWindow) {  // SND.WL2
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.write(10);
  peer.expects("P. 1:11(10) ack 1");
  peer.sends(". 1:1(0) ack 11 win 20000");
  peer.sends(". 1:1(0) ack 1 win 0");
  peer.write(10);
  peer.expects("P. 11:21(10) ack 1");
}

// ---- seventh: text

TEST(Rfc9293_3_10_7_4, TextIsDeliveredInOrder) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends("P. 1:11(10) ack 1");
  EXPECT_EQ(peer.read(100), 10);
}

TEST(Rfc9293_3_10_7_4, WhatIsKnownAlreadyIsTrimmed) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends("P. 1:11(10) ack 1");
  peer.sends("P. 6:21(15) ack 1");
  EXPECT_EQ(peer.read(100), 20);
}

TEST(Rfc9293_3_10_7_4, WhatIsBeyondTheWindowIsTrimmed) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends_bytes(1, 65000);
  peer.sends(data(65001, 600));
  EXPECT_EQ(peer.connection()->unread(), 65535);
}

TEST(Rfc9293_3_10_7_4, EarlyTextIsKeptAndAcknowledgedAtOnce) {  // SHLD-31
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends("P. 11:21(10) ack 1");
  peer.expects(". 1:1(0) ack 1");
  EXPECT_EQ(peer.connection()->unread(), 0);
  peer.sends("P. 1:11(10) ack 1");
  peer.expects(". 1:1(0) ack 21");
  EXPECT_EQ(peer.read(100), 20);
}

TEST(Rfc9293_3_10_7_4, AWholeRepetitionIsAcknowledgedAtOnce) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends("P. 1:11(10) ack 1");
  peer.advance(500ms);
  peer.expects(". 1:1(0) ack 11");
  peer.sends("P. 1:11(10) ack 1");
  peer.expects(". 1:1(0) ack 11");
  EXPECT_EQ(peer.read(100), 10);
}

TEST(Rfc9293_3_10_7_4, TextAfterTheFinIsIgnored) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends("F. 1:1(0) ack 1");
  peer.expects(". 1:1(0) ack 2");
  peer.sends("P. 2:12(10) ack 1");
  EXPECT_EQ(peer.connection()->unread(), 0);
  EXPECT_EQ(peer.state(), State::kCloseWait);
}

// ---- eighth: FIN

TEST(Rfc9293_3_10_7_4, AFinIsAcknowledgedAtOnceAndEndsTheStream) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends("F. 1:1(0) ack 1");
  peer.expects(". 1:1(0) ack 2");
  EXPECT_EQ(peer.state(), State::kCloseWait);
  EXPECT_EQ(peer.read(10), 0);
}

TEST(Rfc9293_3_10_7_4, AFinWithTextEndsTheStreamAfterIt) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends("FP. 1:11(10) ack 1");
  peer.expects(". 1:1(0) ack 12");
  EXPECT_EQ(peer.read(100), 10);
  EXPECT_EQ(peer.read(100), 0);
}

TEST(Rfc9293_3_10_7_4, AnEarlyFinWaitsForTheTextBeforeIt) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends("FP. 11:21(10) ack 1");
  peer.expects(". 1:1(0) ack 1");
  EXPECT_EQ(peer.state(), State::kEstablished);
  peer.sends("P. 1:11(10) ack 1");
  peer.expects(". 1:1(0) ack 22");
  EXPECT_EQ(peer.state(), State::kCloseWait);
}

TEST(Rfc9293_3_10_7_4, AnEarlyFinWithoutTextIsAcknowledgedAtOnce) {  // RFC 5681 4.2
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends("F. 11:11(0) ack 1");
  peer.expects(". 1:1(0) ack 1");
  EXPECT_EQ(peer.state(), State::kEstablished);
}

TEST(Rfc9293_3_10_7_4, ARepeatedFinIsAcknowledgedAgain) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends("F. 1:1(0) ack 1");
  peer.expects(". 1:1(0) ack 2");
  peer.sends("F. 1:1(0) ack 1");
  peer.expects(". 1:1(0) ack 2");
}

TEST(Rfc9293_3_10_7_4, AFinBeyondTheWindowIsNotTaken) {
  auto peer = full();
  peer.sends("F. 65537:65537(0) ack 1");
  peer.expects(". 1:1(0) ack 65536 win 0");
  EXPECT_EQ(peer.state(), State::kEstablished);
}

// ---- TIME-WAIT

ScriptedPeer time_wait() {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.shutdown();
  peer.expects("F. 1:1(0) ack 1");
  peer.sends("F. 1:1(0) ack 2");
  peer.expects(". 2:2(0) ack 2");
  EXPECT_EQ(peer.state(), State::kTimeWait);
  return peer;
}

TEST(Rfc9293_3_10_7_4, TimeWaitLastsTwoMaximumSegmentLifetimes) {
  auto peer = time_wait();
  peer.advance(4min - 1ns);
  EXPECT_EQ(peer.state(), State::kTimeWait);
  peer.advance(1ns);
  EXPECT_EQ(peer.state(), State::kClosed);
}

TEST(Rfc9293_3_10_7_4, ARepeatedFinRestartsTimeWait) {
  auto peer = time_wait();
  peer.advance(3min);
  peer.sends("F. 1:1(0) ack 2");
  peer.expects(". 2:2(0) ack 2");
  peer.advance(4min - 1ns);
  EXPECT_EQ(peer.state(), State::kTimeWait);
  peer.advance(1ns);
  EXPECT_EQ(peer.state(), State::kClosed);
}

TEST(Rfc9293_3_10_7_4, AnAckInTimeWaitIsNotAnswered) {
  auto peer = time_wait();
  peer.sends(". 2:2(0) ack 2");
  peer.expects_silence();
}

TEST(Rfc9293_3_10_7_4, AnOldSynInTimeWaitIsAnsweredByAnAck) {
  auto peer = time_wait();
  peer.sends("S 1:1(0)");
  peer.expects(". 2:2(0) ack 2");
  EXPECT_EQ(peer.state(), State::kTimeWait);
}

TEST(Rfc9293_3_10_7_4, ARstAtTheEdgeEndsTimeWait) {
  auto peer = time_wait();
  peer.sends("R 3:3(0)");
  EXPECT_EQ(peer.state(), State::kTimeWait);
  peer.sends("R 2:2(0)");
  EXPECT_EQ(peer.state(), State::kClosed);
}

}  // namespace
}  // namespace tcptwin::rfc

// The profile linux-6.18 on the wire: facts/linux.md A, B, C, D, where one connection is enough to
// see them.
#include <gtest/gtest.h>

#include "tests/rfc/scripted_peer.h"

namespace tcptwin::rfc {
namespace {

// The handshake of a kernel of the same version at the other end.
ScriptedPeer server(const char* patch = "{}") {
  return ScriptedPeer::established(
      linux_profile(patch), {.options = "mss 1460,sackOK,TS 0/-,nop,wscale 7", .window = 64240});
}
ScriptedPeer client(const char* patch = "{}") {
  return ScriptedPeer::connected(
      linux_profile(patch), {.options = "mss 1460,sackOK,TS 0/0,nop,wscale 7", .window = 65160});
}

// Segments of a remote end whose timestamp stands still.
void request(ScriptedPeer& peer, int64_t from, int64_t size, int64_t ack) {
  peer.sends("P. " + std::to_string(from) + ":" + std::to_string(from + size) + "(" +
             std::to_string(size) + ") ack " + std::to_string(ack) + " <nop,nop,TS 0/0>");
}
void acknowledges(ScriptedPeer& peer, int64_t seq, int64_t ack) {
  const std::string s = std::to_string(seq);
  peer.sends(". " + s + ":" + s + "(0) ack " + std::to_string(ack) + " <nop,nop,TS 0/0>");
}

// ---- F1, C5: the handshake

TEST(Linux618Handshake, TheSynIsThatOfTheCapture) {
  auto peer = ScriptedPeer::connecting(linux_profile());
  EXPECT_NE(peer.story().find("S 0:0(0) win 64240 <mss 1460,sackOK,TS 0/-,nop,wscale 7>"),
            std::string::npos)
      << peer.story();
}

TEST(Linux618Handshake, TheSynAckIsThatOfTheCapture) {
  auto peer = ScriptedPeer::listening(linux_profile());
  peer.sends("S 0:0(0) win 64240 <mss 1460,sackOK,TS 5/-,nop,wscale 7>");
  peer.expects("S. 0:0(0) ack 1 win 65160 <mss 1460,sackOK,TS 0/5,nop,wscale 7>");
}

// traces/kernel-6.18/k_window/nosack_10MB_r1
TEST(Linux618Handshake, TheSynAckWithoutSackAlignsItsTimestamp) {
  auto peer = ScriptedPeer::listening(linux_profile());
  peer.sends("S 0:0(0) win 64240 <mss 1460,nop,nop,TS 5/-,nop,wscale 7>");
  peer.expects("S. 0:0(0) ack 1 win 65160 <mss 1460,nop,nop,TS 0/5,nop,wscale 7>");
}

TEST(Linux618Handshake, TheClientsNextWindowIs64256) {
  auto peer = client();
  EXPECT_NE(peer.story().find(". 1:1(0) ack 1 win 64256 <TS 0/0>"), std::string::npos)
      << peer.story();
}

TEST(Linux618Handshake, TheServersWindowIs65152AfterTenBytes) {
  auto peer = server();
  request(peer, 1, 10, 1);
  peer.expects(". 1:1(0) ack 11 win 65152");
}

TEST(Linux618Handshake, TheSynIsRepeatedLinearlyFirstAndGivenUpAfter134Seconds) {  // D3
  auto peer = ScriptedPeer::connecting(linux_profile());
  int64_t repeated = 0;
  while (!peer.connect_result()) {
    peer.advance_to_deadline();
    repeated += peer.discard_segments();
  }
  EXPECT_EQ(repeated, 10);
  EXPECT_EQ(peer.error(), Errno::kETIMEDOUT);
  EXPECT_GT(peer.now(), 131s);
  EXPECT_LT(peer.now(), 136s);
}

// ---- A: delayed ACK

TEST(Linux618DelayedAck, SixteenSegmentsAreAcknowledgedAtOnce) {
  auto peer = server();
  int64_t position = 1;
  for (int i = 0; i < 16; ++i, position += 10) {
    request(peer, position, 10, 1);
    EXPECT_EQ(peer.discard_segments(), 1) << i;
  }
  request(peer, position, 10, 1);
  peer.expects_silence();
}

TEST(Linux618DelayedAck, InADialogueTheAckWaitsFortyMilliseconds) {  // A16
  auto peer = server();
  request(peer, 1, 10, 1);
  peer.read(10);
  peer.write(20);
  peer.discard_segments();
  acknowledges(peer, 11, 21);
  request(peer, 11, 10, 21);
  peer.read(10);
  peer.expects_silence();
  const Duration waited = peer.advance_to_deadline();
  EXPECT_GE(waited, 40ms);
  EXPECT_LE(waited, 44ms);
  peer.expects(". 21:21(0) ack 21");
}

TEST(Linux618DelayedAck, QuickackSendsThePendingAck) {  // A12
  auto peer = server();
  request(peer, 1, 10, 1);
  peer.write(20);
  peer.discard_segments();
  request(peer, 11, 10, 21);
  peer.expects_silence();
  peer.setsockopt("TCP_QUICKACK", 1);
  peer.expects(". 21:21(0) ack 21");
}

TEST(Linux618DelayedAck, AFinAloneIsAcknowledgedAfterFortyMilliseconds) {  // A13
  auto peer = server();
  request(peer, 1, 10, 1);
  peer.expects(". 1:1(0) ack 11");
  peer.sends("F. 11:11(0) ack 1 <nop,nop,TS 0/0>");
  peer.expects_silence();
  const Duration waited = peer.advance_to_deadline();
  EXPECT_GE(waited, 40ms);
  EXPECT_LE(waited, 44ms);
  peer.expects(". 1:1(0) ack 12");
}

// ---- B: Minshall

TEST(Linux618Minshall, ASmallTailPassesFullSegmentsInFlight) {  // B3
  auto peer = client();
  peer.write(1458);
  peer.expects(". 1:1449(1448) ack 1");
  peer.expects("P. 1449:1459(10) ack 1");
}

TEST(Linux618Minshall, ASmallSegmentWaitsForAnotherSmallOne) {
  auto peer = client();
  peer.write(10);
  peer.expects("P. 1:11(10) ack 1");
  peer.write(10);
  peer.expects_silence();
  acknowledges(peer, 1, 11);
  peer.expects("P. 11:21(10) ack 1");
}

TEST(Linux618Minshall, NoDelayFlushesWhatWaits) {  // B10
  auto peer = client();
  peer.write(10);
  peer.write(10);
  peer.expects("P. 1:11(10) ack 1");
  peer.expects_silence();
  peer.setsockopt("TCP_NODELAY", 1);
  peer.expects("P. 11:21(10) ack 1");
}

// ---- C: the send buffer

TEST(Linux618SendBuffer, AWriteThatDoesNotSleepTakes46336Bytes) {  // C14
  auto peer = client();
  EXPECT_EQ(peer.write(10'000'000), 46336);
  EXPECT_EQ(peer.discard_segments(), 10);
  EXPECT_EQ(peer.write(10'000'000), -1);
  EXPECT_EQ(peer.error(), Errno::kEAGAIN);
}

TEST(Linux618SendBuffer, ManyTinyWritesShareAChunk) {  // C14
  auto peer = client();
  int64_t taken = 0;
  for (int64_t n = 0; (n = peer.write(1)) == 1;) taken += n;
  EXPECT_GT(taken, 40000);  // 46080 / 833 would be 55
}

TEST(Linux618SendBuffer, OnlyTheLastSegmentOfAWriteIsPushed) {  // B7
  auto peer = client();
  peer.write(2896);
  peer.expects(". 1:1449(1448) ack 1");
  peer.expects("P. 1449:2897(1448) ack 1");
}

// ---- C11: the zero window

TEST(Linux618Persist, AZeroWindowIsProbedAfterTwoHundredMilliseconds) {
  auto peer = client();
  peer.sends(". 1:1(0) ack 1 win 0 <nop,nop,TS 0/0>");
  peer.write(10);
  const Duration first = peer.advance_to_deadline();
  EXPECT_GE(first, 200ms);
  EXPECT_LE(first, 240ms);
  peer.expects(". 0:0(0) ack 1");
  const Duration second = peer.advance_to_deadline();
  EXPECT_GE(second, 400ms);
  EXPECT_LE(second, 448ms);
}

TEST(Linux618Validation, AnAckOfWhatWasNeverSentIsDroppedInSilence) {  // tcp_ack
  auto peer = client();
  peer.sends(". 1:1(0) ack 100 <nop,nop,TS 0/0>");
  peer.expects_silence();
  peer.shutdown();
  peer.discard_segments();
  peer.sends(". 1:1(0) ack 100 <nop,nop,TS 0/0>");
  peer.expects(". 2:2(0) ack 1");
}

TEST(Linux618Validation, TheSecondProbeOfAClosedWindowIsNotAnswered) {  // C12
  auto peer = server();
  peer.sends(". 0:0(0) ack 1 <nop,nop,TS 0/0>");
  peer.expects(". 1:1(0) ack 1");
  peer.advance(440ms);
  peer.sends(". 0:0(0) ack 1 <nop,nop,TS 0/0>");
  peer.expects_silence();
}

// ---- D: retransmission

TEST(Linux618Rto, IsTwoHundredAndFourMillisecondsOnAFastPath) {  // D2
  auto peer = client();
  EXPECT_EQ(peer.connection()->rto().rto(), 200ms + 1us);
  peer.write(10);
  EXPECT_EQ(peer.advance_to_deadline(), 208ms);  // 51 ticks of 4 ms, and one for the wheel
}

TEST(Linux618Rto, GapsDoubleOnTheWheelAfterTheProbe) {  // D4, T3
  auto peer = client();
  peer.write(10);
  EXPECT_EQ(peer.advance_to_deadline(), 208ms);
  Duration rto = 204ms;
  for (int i = 0; i < 6; ++i, rto *= 2) {
    const Duration gap = peer.advance_to_deadline();
    EXPECT_GE(gap, rto - 4ms);
    EXPECT_LE(gap, rto + rto / 8 + 4ms);
  }
}

// ---- B, D9: the peer's window opens and closes

// The last segment of what a window of 8000 bytes lets out.
std::string last_into_window(const char* patch) {
  auto peer = ScriptedPeer::established(linux_profile(patch),
                                        {.options = "mss 1460,sackOK", .window = 8000});
  peer.write(20000);
  std::string last;
  for (std::string next = peer.next_segment(); next != "nothing"; next = peer.next_segment())
    last = next;
  return last;
}

TEST(Linux618Window, WhatFullSegmentsLeaveOfItIsFilled) {
  EXPECT_NE(last_into_window("{}").find("7301:8001(700)"), std::string::npos);
  EXPECT_NE(last_into_window(R"({"nagle": {"fills_window": false}})").find(":7301(1460)"),
            std::string::npos);
}

// Segments that a window which was closed for ten seconds lets out, after 20 were acknowledged.
int64_t into_reopened_window(const char* patch) {
  auto peer = ScriptedPeer::established(linux_profile(patch), {.options = "mss 1460,sackOK"});
  peer.write(20 * 1460);
  for (int i = 1; i <= 20; ++i) {
    peer.sends(". 1:1(0) ack " + std::to_string(1 + i * 1460) +
               (i == 20 ? " win 0" : " win 65535"));
  }
  peer.write(40 * 1460);
  peer.advance(10s);
  peer.discard_segments();
  peer.sends(". 1:1(0) ack 29201 win 65535");
  return peer.discard_segments();
}

TEST(Linux618Window, OneThatOpensAfterAnIdleTimeFindsTheInitialCongestionWindow) {
  EXPECT_EQ(into_reopened_window("{}"), 10);
  EXPECT_GT(into_reopened_window(R"({"congestion": {"window_update_restarts": false}})"), 10);
}

// ---- E: TIME-WAIT and FIN-WAIT-2

TEST(Linux618Close, TimeWaitLastsSixtySeconds) {
  auto peer = client();
  peer.shutdown();
  peer.sends("F. 1:1(0) ack 2 <nop,nop,TS 0/0>");
  EXPECT_EQ(peer.state(), tcp::State::kTimeWait);
  const Duration waited = peer.advance_to_deadline();
  EXPECT_EQ(peer.state(), tcp::State::kClosed);
  EXPECT_GE(waited, 60s);
  EXPECT_LE(waited, 60s + 2048ms);
}

TEST(Linux618Close, DataForAnOrphanIsResetAsTheCaptureHasIt) {  // d_close/close_then_data_r1
  auto peer = client();
  peer.close();
  peer.expects("F. 1:1(0) ack 1");
  acknowledges(peer, 1, 2);
  request(peer, 1, 100, 2);
  peer.expects("R 2:2(0) win 0");
  EXPECT_EQ(peer.state(), tcp::State::kClosed);
}

TEST(Linux618Close, AnOrphanLeavesFinWait2AfterSixtySeconds) {
  auto peer = client();
  peer.close();
  peer.expects("F. 1:1(0) ack 1");
  acknowledges(peer, 1, 2);
  const Duration waited = peer.advance_to_deadline();
  EXPECT_GE(waited, 60s);
  EXPECT_LE(waited, 60s + 2048ms);
  acknowledges(peer, 1, 2);
  peer.expects("R 2:2(0)");
}

}  // namespace
}  // namespace tcptwin::rfc

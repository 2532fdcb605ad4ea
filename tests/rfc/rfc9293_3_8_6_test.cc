// RFC 9293 3.8.6: managing the window: zero-window probes, and silly windows on either side.
#include <gtest/gtest.h>

#include "tests/rfc/scripted_peer.h"

namespace tcptwin::rfc {
namespace {

// ---- 3.8.6.1: probes

ScriptedPeer stopped() {  // ten bytes wait for a window
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends(". 1:1(0) ack 1 win 0");
  peer.write(10);
  peer.expects_silence();
  return peer;
}

TEST(Rfc9293_3_8_6_1, AZeroWindowIsProbedAfterOneRto) {  // SHLD-29
  auto peer = stopped();
  peer.advance(1s - 1ns);
  peer.expects_silence();
  peer.advance(1ns);
  peer.expects(". 0:0(0) ack 1");
}

TEST(Rfc9293_3_8_6_1, ProbesComeAtDoublingIntervals) {  // SHLD-30
  auto peer = stopped();
  for (const Duration wait : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
    EXPECT_EQ(peer.advance_to_deadline(), wait);
    peer.expects(". 0:0(0) ack 1");
    peer.sends(". 1:1(0) ack 1 win 0");
    peer.expects_silence();
  }
}

TEST(Rfc9293_3_8_6_1, ProbingNeverEndsWhileItIsAnswered) {  // MUST-37
  auto peer = stopped();
  for (int i = 0; i < 100; ++i) {
    peer.advance_to_deadline();
    peer.sends(". 1:1(0) ack 1 win 0");
  }
  EXPECT_EQ(peer.state(), tcp::State::kEstablished);
}

TEST(Rfc9293_3_8_6_1, AnOpenWindowReleasesTheData) {
  auto peer = stopped();
  peer.advance(1s);
  peer.expects(". 0:0(0) ack 1");
  peer.sends(". 1:1(0) ack 1 win 65535");
  peer.expects("P. 1:11(10) ack 1");
}

TEST(Rfc9293_3_8_6_1, TheBackoffOfTheProbesEndsWithThem) {
  auto peer = stopped();
  peer.advance(7s);
  EXPECT_EQ(peer.discard_segments(), 3);
  peer.sends(". 1:1(0) ack 1 win 65535");
  peer.expects("P. 1:11(10) ack 1");
  EXPECT_EQ(peer.advance_to_deadline(), 1s);
}

TEST(Rfc9293_3_8_6_1, AProbeMayCarryTheNextByte) {  // facts/freebsd.md C8
  auto peer = ScriptedPeer::established(rfc_profile(R"({"persist": {"probe": "next_byte"}})"));
  peer.sends(". 1:1(0) ack 1 win 0");
  peer.write(10);
  peer.advance(1s);
  peer.expects(". 1:2(1) ack 1");
}

TEST(Rfc9293_3_8_6_1, WithoutDataThereIsNothingToProbeFor) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends(". 1:1(0) ack 1 win 0");
  EXPECT_FALSE(peer.has_deadline());
}

TEST(Rfc9293_3_8_6_1, AProbeIsAnsweredWithTheWindow) {  // the receiver's side
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends_bytes(1, 65535);
  peer.sends(". 65535:65535(0) ack 1");
  peer.expects(". 1:1(0) ack 65536 win 0");
}

TEST(Rfc9293_3_8_6_1, AProbeWithAByteIsAnsweredWithTheWindow) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends_bytes(1, 65535);
  peer.sends(". 65536:65537(1) ack 1");
  peer.expects(". 1:1(0) ack 65536 win 0");
}

// ---- 3.8.6: the window itself

TEST(Rfc9293_3_8_6, NoMoreLeavesThanTheWindowAllows) {
  auto peer = ScriptedPeer::established(rfc_profile(), {.window = 2000});
  peer.sends(". 1:1(0) ack 1 win 2000");
  peer.write(4380);
  peer.expects(". 1:1461(1460) ack 1");
  peer.expects_silence();  // 540 are allowed: less than a segment and than half of the window
}

TEST(Rfc9293_3_8_6, AWindowThatShrinksBelowTheFlightIsTolerated) {  // MUST-34
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.write(4380);
  EXPECT_EQ(peer.discard_segments(), 3);
  peer.sends(". 1:1(0) ack 1 win 1000");
  peer.expects_silence();
  peer.sends(". 1:1(0) ack 4381 win 1000");
  EXPECT_FALSE(peer.has_deadline());
}

// Three segments are out, then the peer takes its window back.
ScriptedPeer shrunk(int64_t window) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.write(4380);
  EXPECT_EQ(peer.discard_segments(), 3);
  peer.sends(". 1:1(0) ack 1461 win " + std::to_string(window));
  return peer;
}

TEST(Rfc9293_3_8_6, AWindowThatShrankToZeroIsProbed) {  // MUST-35
  auto peer = shrunk(0);
  peer.advance_to_deadline();
  peer.expects(". 1461:2921(1460) ack 1");  // the old data is the probe
  peer.sends(". 1:1(0) ack 1461 win 65535");
  peer.sends(". 1:1(0) ack 2921 win 65535");
  peer.expects("P. 2921:4381(1460) ack 1");
}

TEST(Rfc9293_3_8_6, WhenAllIsAcknowledgedAShrunkWindowIsProbedAsAnyOther) {  // MUST-35
  auto peer = shrunk(0);
  peer.write(10);
  peer.sends(". 1:1(0) ack 4381 win 0");
  peer.expects_silence();
  peer.advance_to_deadline();
  peer.expects(". 4380:4380(0) ack 1");
}

TEST(Rfc9293_3_8_6, OldDataInsideAShrunkWindowIsRepeated) {  // SHLD-16
  auto peer = shrunk(1460);
  peer.advance_to_deadline();
  peer.expects(". 1461:2921(1460) ack 1");
}

TEST(Rfc9293_3_8_6, DataBeyondAShrunkWindowDoesNotEndTheConnection) {  // SHLD-17
  auto peer = shrunk(0);
  peer.expects_silence();
  for (int hours = 0; hours < 100; ++hours) {
    peer.advance_to_deadline();
    EXPECT_GE(peer.discard_segments(), 1);
    peer.sends(". 1:1(0) ack 1461 win 0");  // it is still there
  }
  EXPECT_EQ(peer.state(), tcp::State::kEstablished);
}

TEST(Rfc9293_3_8_6, APeerThatShrankItsWindowAndFellSilentIsGivenUp) {  // MUST-20
  auto peer = shrunk(0);
  peer.advance(2h);
  EXPECT_EQ(peer.state(), tcp::State::kClosed);
}

TEST(Rfc9293_3_8_6, OldDataBeyondAShrunkWindowMayBeRepeated) {  // MAY-7
  auto peer = shrunk(1000);
  peer.advance_to_deadline();
  peer.expects(". 1461:2921(1460) ack 1");
}

TEST(Rfc9293_3_8_6, TheRightEdgeDoesNotMoveLeft) {  // SHLD-14
  auto peer = ScriptedPeer::established(rfc_profile());
  int64_t edge = 1 + 65535;
  for (int64_t from = 1; from + 1460 <= 65536; from += 1460) {
    peer.sends(". " + std::to_string(from) + ":" + std::to_string(from + 1460) + "(1460) ack 1");
    const std::string answer = peer.next_segment();
    const size_t ack = answer.find(" ack ");
    if (ack == std::string::npos) continue;
    const int64_t now_edge =
        std::stoll(answer.substr(ack + 5)) + std::stoll(answer.substr(answer.find(" win ") + 5));
    EXPECT_GE(now_edge, edge) << peer.story();
    edge = now_edge;
  }
}

// ---- 3.8.6.2.1: the sender's silly windows

TEST(Rfc9293_3_8_6_2_1, LessThanASegmentOfAWideWindowWaits) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends(". 1:1(0) ack 1 win 1000");
  peer.write(1460);
  peer.expects_silence();
}

TEST(Rfc9293_3_8_6_2_1, HalfOfTheLargestWindowIsEnough) {  // (3)
  auto peer = ScriptedPeer::established(rfc_profile(), {.window = 2000});
  peer.sends(". 1:1(0) ack 1 win 1000");
  peer.write(1460);
  peer.expects(". 1:1001(1000) ack 1");
}

TEST(Rfc9293_3_8_6_2_1, AllThatIsWrittenLeavesWhenItFits) {  // (2)
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends(". 1:1(0) ack 1 win 1000");
  peer.write(1000);
  peer.expects("P. 1:1001(1000) ack 1");
}

TEST(Rfc9293_3_8_6_2_1, TheOverrideTimeoutFillsASmallWindow) {  // (4)
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends(". 1:1(0) ack 1 win 1000");
  peer.write(1460);
  peer.expects_silence();
  peer.advance_to_deadline();
  peer.expects(". 1:1001(1000) ack 1");
  peer.sends(". 1:1(0) ack 1001 win 1000");
  peer.expects("P. 1001:1461(460) ack 1");
}

// ---- 3.8.6.2.2: the receiver's silly windows

TEST(Rfc9293_3_8_6_2_2, AFullBufferOpensByASegmentAtLeast) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends_bytes(1, 65535);
  peer.read(1460 - 1);  // part of the first segment
  peer.expects_silence();
  peer.read(1);
  peer.expects(". 1:1(0) ack 65536 win 1460");
}

TEST(Rfc9293_3_8_6_2_2, SmallReadsAreNotReportedOneByOne) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends_bytes(1, 65535);
  for (int i = 0; i < 29; ++i) peer.read(100);
  peer.expects(". 1:1(0) ack 65536 win 1460");
  peer.expects_silence();
}

}  // namespace
}  // namespace tcptwin::rfc

// RFC 9293 3.8.4: keep-alive.
#include <gtest/gtest.h>

#include "tests/rfc/states.h"

namespace tcptwin::rfc {
namespace {

using tcp::State;

constexpr const char* kProbe = ". 0:0(0) ack 1";
constexpr const char* kAnswer = ". 1:1(0) ack 1";

ScriptedPeer kept_alive(const policy::Profile& profile = rfc_profile()) {
  auto peer = ScriptedPeer::established(profile);
  peer.setsockopt("SO_KEEPALIVE", 1);
  return peer;
}

TEST(Rfc9293_3_8_4, ItIsOffUnlessAskedFor) {  // MUST-25
  auto peer = ScriptedPeer::established(rfc_profile());
  EXPECT_FALSE(peer.has_deadline());
  EXPECT_EQ(peer.getsockopt("SO_KEEPALIVE"), 0);
}

TEST(Rfc9293_3_8_4, AnIdleConnectionIsProbedAfterTwoHours) {  // MUST-24, MUST-28
  auto peer = kept_alive();
  peer.advance(2h - 1ns);
  peer.expects_silence();
  peer.advance(1ns);
  peer.expects(kProbe);
}

TEST(Rfc9293_3_8_4, AProbeIsEmptyAndBeginsOneBeforeTheNext) {  // SHLD-12
  auto peer = kept_alive();
  peer.write(10);
  peer.sends(". 1:1(0) ack 11");
  peer.discard_segments();
  peer.advance_to_deadline();
  peer.expects(". 10:10(0) ack 1");
}

TEST(Rfc9293_3_8_4, ASegmentOfThePeerBeginsTheIntervalAfresh) {  // MUST-26
  auto peer = kept_alive();
  peer.advance(1h);
  peer.sends(kAnswer);
  peer.advance(2h - 1ns);
  peer.expects_silence();
  peer.advance(1ns);
  peer.expects(kProbe);
}

TEST(Rfc9293_3_8_4, WhileDataIsOutNothingIsProbed) {  // MUST-26
  auto peer = kept_alive(rfc_profile(R"({"rto": {"data_retries": 200}})"));
  peer.write(10);
  peer.discard_segments();
  for (int minute = 0; minute < 180; ++minute) {
    peer.advance(1min);
    for (std::string segment = peer.next_segment(); segment != "nothing";
         segment = peer.next_segment()) {
      EXPECT_TRUE(segment.starts_with("P. 1:11(10)")) << segment;
    }
  }
}

TEST(Rfc9293_3_8_4, WhileAClosedWindowIsProbedThereIsNoOtherProbe) {  // MUST-26
  auto peer = kept_alive();
  peer.sends(". 1:1(0) ack 1 win 0");
  peer.write(10);
  for (int probe = 0; probe < 130; ++probe) {  // one a minute, over more than two hours
    peer.advance_to_deadline();
    EXPECT_LE(peer.discard_segments(), 1) << peer.story();
    peer.sends(". 1:1(0) ack 1 win 0");
    peer.expects_silence();
  }
}

TEST(Rfc9293_3_8_4, TheIntervalCanBeSet) {  // MUST-27
  auto peer = kept_alive();
  peer.setsockopt("TCP_KEEPIDLE", 60);
  EXPECT_EQ(peer.advance_to_deadline(), 60s);
  peer.expects(kProbe);
}

TEST(Rfc9293_3_8_4, ItMayBeAskedForBeforeTheConnectionIsOpen) {  // MUST-24
  auto active = ScriptedPeer::connecting(rfc_profile());
  active.setsockopt("SO_KEEPALIVE", 1);
  active.sends("S. 0:0(0) ack 1");
  active.discard_segments();
  EXPECT_EQ(active.advance_to_deadline(), 2h);
  active.expects(kProbe);
  auto passive = ScriptedPeer::listening(rfc_profile());
  passive.setsockopt("SO_KEEPALIVE", 1);
  passive.sends("S 0:0(0)");
  passive.sends(kAnswer);
  passive.accept();
  passive.discard_segments();
  EXPECT_EQ(passive.advance_to_deadline(), 2h);
  passive.expects(kProbe);
}

TEST(Rfc9293_3_8_4, ItCanBeTurnedOffAgain) {  // MUST-24
  auto peer = kept_alive();
  peer.setsockopt("SO_KEEPALIVE", 0);
  EXPECT_FALSE(peer.has_deadline());
}

TEST(Rfc9293_3_8_4, OneUnansweredProbeEndsNothing) {  // MUST-29
  auto peer = kept_alive();
  peer.advance(2h);
  peer.expects(kProbe);
  EXPECT_EQ(peer.advance_to_deadline(), 75s);
  peer.expects(kProbe);
  EXPECT_EQ(peer.state(), State::kEstablished);
}

TEST(Rfc9293_3_8_4, AnAnsweredProbeBeginsTheIntervalAfresh) {
  auto peer = kept_alive();
  peer.advance(2h);
  peer.expects(kProbe);
  peer.sends(kAnswer);
  peer.advance(2h - 1ns);
  peer.expects_silence();
  peer.advance(1ns);
  peer.expects(kProbe);
}

TEST(Rfc9293_3_8_4, AfterTheLastProbeTheConnectionIsReset) {
  auto peer = kept_alive();
  peer.setsockopt("TCP_KEEPCNT", 3);
  peer.setsockopt("TCP_KEEPINTVL", 10);
  peer.advance(2h + 30s - 1ns);
  EXPECT_EQ(peer.discard_segments(), 3);
  EXPECT_EQ(peer.state(), State::kEstablished);
  peer.advance(1ns);
  peer.expects("R. 1:1(0) ack 1");
  EXPECT_EQ(peer.read(10), -1);
  EXPECT_EQ(peer.error(), Errno::kETIMEDOUT);
}

TEST(Rfc9293_3_8_4, AProbeOfThePeerIsAnswered) {  // the other side
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends(". 0:0(0) ack 1");
  peer.expects(kAnswer);
}

TEST(Rfc9293_3_8_4, AProbeWithAByteIsAnswered) {  // MAY-6
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends("P. 1:11(10) ack 1");
  peer.advance(500ms);
  peer.discard_segments();
  peer.sends(". 10:11(1) ack 1");
  peer.expects(". 1:1(0) ack 11");
  EXPECT_EQ(peer.read(100), 10);
}

TEST(Rfc9293_3_8_4, InTimeWaitNothingIsProbed) {
  auto peer = kept_alive(rfc_profile(R"({"close": {"msl": "3h"}})"));
  peer.shutdown();
  peer.sends("F. 1:1(0) ack 2");
  peer.discard_segments();
  EXPECT_EQ(peer.advance_to_deadline(), 6h);
  peer.expects_silence();
  EXPECT_EQ(peer.state(), State::kClosed);
}

}  // namespace
}  // namespace tcptwin::rfc

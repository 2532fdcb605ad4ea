// RFC 5961: robustness against segments that somebody else made up.
#include <gtest/gtest.h>

#include "tests/rfc/scripted_peer.h"

namespace tcptwin::rfc {
namespace {

using tcp::State;

constexpr const char* kChallenge = ". 100001:100001(0) ack 1";

// SND.UNA is 100001; the peer has offered 65535 at most.
ScriptedPeer far_on(const policy::Profile& profile = rfc_profile()) {
  auto peer = ScriptedPeer::established(profile);
  for (int64_t sent = 0; sent < 100000; sent += 1000) {
    peer.write(1000);
    peer.sends(". 1:1(0) ack " + std::to_string(sent + 1001));
  }
  peer.discard_segments();
  EXPECT_FALSE(peer.has_deadline());
  return peer;
}

// ---- 5: injected data

TEST(Rfc5961_5, AnAckOlderThanAnyWindowIsChallengedAndItsTextDropped) {  // MAY-12
  auto peer = far_on();
  peer.sends("P. 1:11(10) ack 34465");  // 100001 - 65535 - 1
  peer.expects(kChallenge);
  peer.expects_silence();
  EXPECT_EQ(peer.connection()->unread(), 0);
}

TEST(Rfc5961_5, AnOldAckInsideTheLargestWindowCarriesItsText) {
  auto peer = far_on();
  peer.sends("P. 1:11(10) ack 34466");
  EXPECT_EQ(peer.connection()->unread(), 10);
}

TEST(Rfc5961_5, AHostMayTakeAnyOldAck) {  // RFC 9293 3.10.7.4, fifth
  auto peer = far_on(rfc_profile(R"({"validation": {"check_old_acks": false}})"));
  peer.sends("P. 1:11(10) ack 100");
  EXPECT_EQ(peer.connection()->unread(), 10);
}

// ---- 7: throttling

TEST(Rfc5961_7, ChallengesAreLimitedToSomeASecond) {
  auto peer =
      ScriptedPeer::established(rfc_profile(R"({"validation": {"challenges_per_second": 3}})"));
  for (int second = 0; second < 2; ++second) {
    for (int i = 0; i < 10; ++i) peer.sends("R 2:2(0)");
    EXPECT_EQ(peer.discard_segments(), 3);
    peer.advance(999ms);
    peer.sends("R 2:2(0)");
    peer.expects_silence();
    peer.advance(1ms);
  }
}

TEST(Rfc5961_7, OrTheyAreKeptApart) {
  auto peer =
      ScriptedPeer::established(rfc_profile(R"({"validation": {"challenge_interval": "500ms"}})"));
  peer.sends("R 2:2(0)");
  peer.expects(". 1:1(0) ack 1");
  peer.advance(499ms);
  peer.sends("S 2:2(0)");
  peer.expects_silence();
  peer.advance(1ms);
  peer.sends("S 2:2(0)");
  peer.expects(". 1:1(0) ack 1");
}

TEST(Rfc5961_7, SoAreTheAnswersToStraySegmentsWithoutData) {  // facts/linux.md C12
  auto peer =
      ScriptedPeer::established(rfc_profile(R"({"validation": {"challenge_interval": "500ms"}})"));
  peer.sends(". 0:0(0) ack 1");  // a probe of a closed window has such a number
  peer.expects(". 1:1(0) ack 1");
  peer.advance(440ms);
  peer.sends(". 0:0(0) ack 1");
  peer.sends("R 2:2(0)");  // challenges share the distance
  peer.expects_silence();
  peer.advance(60ms);
  peer.sends(". 0:0(0) ack 1");
  peer.expects(". 1:1(0) ack 1");
}

TEST(Rfc5961_7, DataThatCameBeforeIsAlwaysAnswered) {
  auto peer =
      ScriptedPeer::established(rfc_profile(R"({"validation": {"challenge_interval": "500ms"}})"));
  peer.sends("P. 1:11(10) ack 1");
  peer.discard_segments();
  for (int i = 0; i < 5; ++i) {
    peer.sends("P. 1:11(10) ack 1");
    peer.expects(". 1:1(0) ack 11");
  }
}

TEST(Rfc5961_7, EndsAtOddsDoNotAcknowledgeWithoutEnd) {
  auto peer =
      ScriptedPeer::established(rfc_profile(R"({"validation": {"challenge_interval": "500ms"}})"));
  int64_t answers = 0;
  for (int i = 0; i < 1000; ++i) {
    peer.sends(". 70000:70000(0) ack 1");
    peer.advance(1ms);
    answers += peer.discard_segments();
  }
  EXPECT_EQ(answers, 2);
}

TEST(Rfc5961_7, WithoutALimitEverySegmentIsChallenged) {
  auto peer = ScriptedPeer::established(rfc_profile());
  for (int i = 0; i < 1000; ++i) peer.sends("R 2:2(0)");
  EXPECT_EQ(peer.discard_segments(), 1000);
}

// ---- 9: older rules

TEST(Rfc5961_9, AHostMayBelieveAnyRstInTheWindow) {
  auto peer = ScriptedPeer::established(rfc_profile(R"({"validation": {"reset": "in_window"}})"));
  peer.sends("R 65536:65536(0)");
  EXPECT_EQ(peer.state(), State::kEstablished);
  peer.sends("R 65535:65535(0)");
  EXPECT_EQ(peer.state(), State::kClosed);
  peer.expects_silence();
}

TEST(Rfc5961_9, AHostMayLetASynInTheWindowResetTheConnection) {
  auto peer = ScriptedPeer::established(rfc_profile(R"({"validation": {"syn": "reset"}})"));
  peer.sends("S 100:100(0)");
  peer.expects("R. 1:1(0) ack 1");
  EXPECT_EQ(peer.state(), State::kClosed);
  EXPECT_EQ(peer.read(10), -1);
  EXPECT_EQ(peer.error(), Errno::kECONNRESET);
}

TEST(Rfc5961_9, AHostMayTakeARstThatIsOffByThePeersFin) {
  for (const auto& [rule, state] :
       {std::pair{"exact", State::kCloseWait}, {"exact_or_edge", State::kClosed}}) {
    auto peer = ScriptedPeer::established(
        rfc_profile(std::string(R"({"validation": {"reset": ")") + rule + "\"}}"));
    peer.sends("F. 1:1(0) ack 1");
    peer.discard_segments();
    peer.sends("R 1:1(0)");
    EXPECT_EQ(peer.state(), state) << rule;
  }
}

}  // namespace
}  // namespace tcptwin::rfc

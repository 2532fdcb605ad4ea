// RFC 9293 3.10.7.4: the checks of an arriving segment in every state that they apply to.
#include <gtest/gtest.h>

#include <array>

#include "tests/rfc/states.h"

namespace tcptwin::rfc {
namespace {

using tcp::State;

constexpr std::array kOpen = {State::kEstablished, State::kFinWait1, State::kFinWait2,
                              State::kCloseWait,   State::kClosing,  State::kLastAck};
constexpr std::array kEnded = {State::kCloseWait, State::kClosing, State::kLastAck};

TEST(Rfc9293_3_10_7_4_States, ASegmentBehindTheWindowIsAnsweredByAnAck) {  // first
  for (const State state : kOpen) {
    SCOPED_TRACE(tcp::state_name(state));
    auto peer = in_state(state);
    peer.sends(empty_segment(".", 70000, 1));
    peer.expects(answer_in(state));
    EXPECT_EQ(peer.state(), state);
  }
}

TEST(Rfc9293_3_10_7_4_States, ARstAtTheEdgeEndsTheConnection) {  // second
  for (const State state : kOpen) {
    SCOPED_TRACE(tcp::state_name(state));
    auto peer = in_state(state);
    peer.sends(empty_segment("R", receive_next(state)));
    peer.expects_silence();
    EXPECT_EQ(peer.state(), State::kClosed);
    EXPECT_FALSE(peer.has_deadline());
  }
}

TEST(Rfc9293_3_10_7_4_States, ARstOffTheEdgeDrawsAChallenge) {  // second, RFC 5961 3.2
  for (const State state : kOpen) {
    SCOPED_TRACE(tcp::state_name(state));
    auto peer = in_state(state);
    peer.sends(empty_segment("R", receive_next(state) + 1));
    peer.expects(answer_in(state));
    EXPECT_EQ(peer.state(), state);
  }
}

TEST(Rfc9293_3_10_7_4_States, ARstInAnActiveSynReceivedEndsTheOpen) {  // MUST-11
  auto peer = in_state(State::kSynReceived);
  peer.sends("R 1:1(0)");
  EXPECT_EQ(peer.state(), State::kClosed);
  EXPECT_EQ(peer.connect_result(), -1);
}

TEST(Rfc9293_3_10_7_4_States, ASynDrawsAChallenge) {  // fourth, RFC 5961 4.2
  for (const State state : kOpen) {
    SCOPED_TRACE(tcp::state_name(state));
    auto peer = in_state(state);
    peer.sends(empty_segment("S", receive_next(state) + 5));
    peer.expects(answer_in(state));
    EXPECT_EQ(peer.state(), state);
  }
}

TEST(Rfc9293_3_10_7_4_States, WithoutAckNothingIsTaken) {  // fifth
  for (const State state : kOpen) {
    SCOPED_TRACE(tcp::state_name(state));
    auto peer = in_state(state);
    peer.sends(empty_segment("F", receive_next(state)));
    peer.expects_silence();
    EXPECT_EQ(peer.state(), state);
  }
}

TEST(Rfc9293_3_10_7_4_States, AnAckOfWhatWasNotSentIsAnswered) {  // fifth
  for (const State state : kOpen) {
    SCOPED_TRACE(tcp::state_name(state));
    auto peer = in_state(state);
    peer.sends(empty_segment(".", receive_next(state), 100));
    peer.expects(answer_in(state));
    EXPECT_EQ(peer.state(), state);
  }
}

TEST(Rfc9293_3_10_7_4_States, TheAckOfOurFinMovesOn) {  // fifth
  struct Move {
    State from;
    State to;
  };
  for (const Move move :
       {Move{State::kFinWait1, State::kFinWait2}, Move{State::kClosing, State::kTimeWait},
        Move{State::kLastAck, State::kClosed}}) {
    SCOPED_TRACE(tcp::state_name(move.from));
    auto peer = in_state(move.from);
    peer.sends(empty_segment(".", receive_next(move.from), 2));
    EXPECT_EQ(peer.state(), move.to);
  }
}

TEST(Rfc9293_3_10_7_4_States, TextBehindTheFinIsIgnored) {  // seventh
  for (const State state : kEnded) {
    SCOPED_TRACE(tcp::state_name(state));
    auto peer = in_state(state);
    peer.sends("P. 2:12(10) ack 1");
    EXPECT_EQ(peer.connection()->unread(), 0);
    EXPECT_EQ(peer.state(), state);
  }
}

TEST(Rfc9293_3_10_7_4_States, ARepeatedFinChangesNoState) {  // eighth
  for (const State state : kEnded) {
    SCOPED_TRACE(tcp::state_name(state));
    auto peer = in_state(state);
    peer.sends("F. 1:1(0) ack 1");
    peer.expects(answer_in(state));
    EXPECT_EQ(peer.state(), state);
  }
}

TEST(Rfc9293_3_10_7_4_States, AFinMovesOn) {  // eighth
  struct Move {
    State from;
    State to;
  };
  for (const Move move :
       {Move{State::kEstablished, State::kCloseWait}, Move{State::kFinWait1, State::kClosing},
        Move{State::kFinWait2, State::kTimeWait}}) {
    SCOPED_TRACE(tcp::state_name(move.from));
    auto peer = in_state(move.from);
    peer.sends("F. 1:1(0) ack 1");
    peer.expects(empty_segment(".", send_next(move.from), 2));
    EXPECT_EQ(peer.state(), move.to);
  }
}

TEST(Rfc9293_3_10_7_4_States, AFinInSynReceivedLeadsToCloseWait) {  // eighth
  auto peer = in_state(State::kSynReceived);
  peer.sends("F. 1:1(0) ack 1");
  EXPECT_EQ(peer.state(), State::kCloseWait);
}

// ---- 3.10.8: timeouts

TEST(Rfc9293_3_10_8, ASilentPeerIsGivenUpInEveryStateThatWaitsForIt) {
  for (const State state : {State::kSynSent, State::kSynReceived, State::kFinWait1, State::kClosing,
                            State::kLastAck, State::kTimeWait}) {
    SCOPED_TRACE(tcp::state_name(state));
    auto peer = in_state(state);
    peer.advance(1h);
    EXPECT_EQ(peer.state(), State::kClosed);
    EXPECT_FALSE(peer.has_deadline());
  }
}

TEST(Rfc9293_3_10_8, WhereThereIsDataItIsRepeatedAndGivenUp) {
  for (const State state : {State::kEstablished, State::kCloseWait}) {
    SCOPED_TRACE(tcp::state_name(state));
    auto peer = in_state(state);
    peer.write(10);
    peer.discard_segments();
    peer.advance_to_deadline();
    peer.expects("P. 1:11(10) ack " + std::to_string(receive_next(state)));
    peer.advance(1h);
    EXPECT_EQ(peer.state(), State::kClosed);
    EXPECT_EQ(peer.write(1), -1);
    EXPECT_EQ(peer.error(), Errno::kETIMEDOUT);
  }
}

TEST(Rfc9293_3_10_8, WithoutDataNoTimerRuns) {
  for (const State state :
       {State::kClosed, State::kEstablished, State::kFinWait2, State::kCloseWait}) {
    EXPECT_FALSE(in_state(state).has_deadline()) << tcp::state_name(state);
  }
  EXPECT_FALSE(ScriptedPeer::listening(rfc_profile()).has_deadline());
}

TEST(Rfc9293_3_10_8, WhatIsUnacknowledgedIsRepeated) {
  for (const State state : {State::kFinWait1, State::kClosing, State::kLastAck}) {
    SCOPED_TRACE(tcp::state_name(state));
    auto peer = in_state(state);
    peer.advance_to_deadline();
    peer.expects(empty_segment("F.", 1, receive_next(state)));
  }
}

}  // namespace
}  // namespace tcptwin::rfc

// RFC 9293 3.10.1 to 3.10.6: the calls OPEN, SEND, RECEIVE, CLOSE, ABORT and STATUS in every state,
// as the BSD calls that stand for them.
#include <gtest/gtest.h>

#include "tests/rfc/states.h"

namespace tcptwin::rfc {
namespace {

using tcp::State;

// ---- 3.10.1: OPEN

TEST(Rfc9293_3_10_1, AListenerCannotBeOpenedActively) {  // as BSD sockets have it
  auto peer = ScriptedPeer::listening(rfc_profile());
  EXPECT_EQ(peer.connect(), -1);
  EXPECT_EQ(peer.error(), Errno::kEOPNOTSUPP);
  peer.expects_silence();
  peer.sends("S 0:0(0)");  // it goes on listening
  peer.expects("S. 0:0(0) ack 1");
}

TEST(Rfc9293_3_10_1, AConnectionThatExistsIsNotOpenedAgain) {
  for (const State state :
       {State::kSynSent, State::kSynReceived, State::kEstablished, State::kFinWait1,
        State::kFinWait2, State::kCloseWait, State::kClosing, State::kLastAck, State::kTimeWait}) {
    SCOPED_TRACE(tcp::state_name(state));
    auto peer = in_state(state);
    EXPECT_EQ(peer.connect(), -1);
    const bool opening = tcp::is_opening(state);
    EXPECT_EQ(peer.error(), opening ? Errno::kEALREADY : Errno::kEISCONN);
    EXPECT_EQ(peer.state(), state);
    peer.expects_silence();
  }
}

// ---- 3.10.2: SEND

TEST(Rfc9293_3_10_2, BeforeTheConnectionIsOpenDataWaits) {
  for (const State state : {State::kSynSent, State::kSynReceived}) {
    SCOPED_TRACE(tcp::state_name(state));
    auto peer = in_state(state);
    EXPECT_EQ(peer.write(10), -1);
    EXPECT_EQ(peer.error(), Errno::kEAGAIN);
    peer.expects_silence();
  }
}

TEST(Rfc9293_3_10_2, WhileTheStreamIsOpenDataLeavesWithAnAck) {
  for (const State state : {State::kEstablished, State::kCloseWait}) {
    SCOPED_TRACE(tcp::state_name(state));
    auto peer = in_state(state);
    EXPECT_EQ(peer.write(10), 10);
    peer.expects("P. 1:11(10) ack " + std::to_string(receive_next(state)));
  }
}

TEST(Rfc9293_3_10_2, AfterOurFinNothingCanBeSent) {
  for (const State state :
       {State::kFinWait1, State::kFinWait2, State::kClosing, State::kLastAck, State::kTimeWait}) {
    SCOPED_TRACE(tcp::state_name(state));
    auto peer = in_state(state);
    EXPECT_EQ(peer.write(10), -1);
    EXPECT_EQ(peer.error(), Errno::kEPIPE);
    peer.expects_silence();
  }
}

TEST(Rfc9293_3_10_2, AConnectionThatWasResetTakesNothing) {
  auto peer = in_state(State::kClosed);
  EXPECT_EQ(peer.write(10), -1);
  peer.expects_silence();
}

// ---- 3.10.3: RECEIVE

TEST(Rfc9293_3_10_3, WithoutDataTheCallWaits) {
  for (const State state : {State::kSynSent, State::kSynReceived, State::kEstablished,
                            State::kFinWait1, State::kFinWait2}) {
    SCOPED_TRACE(tcp::state_name(state));
    auto peer = in_state(state);
    EXPECT_EQ(peer.read(10), -1);
    EXPECT_EQ(peer.error(), Errno::kEAGAIN);
  }
}

TEST(Rfc9293_3_10_3, WhatHasArrivedIsDelivered) {
  for (const State state : {State::kEstablished, State::kFinWait1, State::kFinWait2}) {
    SCOPED_TRACE(tcp::state_name(state));
    auto peer = in_state(state);
    peer.sends("P. 1:11(10) ack 1");
    EXPECT_EQ(peer.read(100), 10);
  }
}

TEST(Rfc9293_3_10_3, InCloseWaitWhatIsLeftIsDelivered) {
  auto peer = in_state(State::kEstablished);
  peer.sends("FP. 1:11(10) ack 1");
  EXPECT_EQ(peer.state(), State::kCloseWait);
  EXPECT_EQ(peer.read(100), 10);
}

TEST(Rfc9293_3_10_3, AfterThePeersFinTheStreamEnds) {
  for (const State state :
       {State::kCloseWait, State::kClosing, State::kLastAck, State::kTimeWait}) {
    SCOPED_TRACE(tcp::state_name(state));
    auto peer = in_state(state);
    EXPECT_EQ(peer.read(10), 0);
  }
}

TEST(Rfc9293_3_10_3, AConnectionThatWasResetSaysSo) {
  auto peer = in_state(State::kClosed);
  EXPECT_EQ(peer.read(10), -1);
  EXPECT_EQ(peer.error(), Errno::kECONNRESET);
}

// ---- 3.10.4: CLOSE

TEST(Rfc9293_3_10_4, WhileTheStreamIsOpenAFinLeaves) {
  for (const State state : {State::kSynReceived, State::kEstablished, State::kCloseWait}) {
    SCOPED_TRACE(tcp::state_name(state));
    auto peer = in_state(state);
    peer.shutdown();
    peer.expects(empty_segment("F.", 1, receive_next(state)));
    EXPECT_EQ(peer.state(), state == State::kCloseWait ? State::kLastAck : State::kFinWait1);
  }
}

TEST(Rfc9293_3_10_4, ThereIsNoSecondFin) {
  for (const State state :
       {State::kFinWait1, State::kFinWait2, State::kClosing, State::kLastAck, State::kTimeWait}) {
    SCOPED_TRACE(tcp::state_name(state));
    auto peer = in_state(state);
    peer.shutdown();
    peer.expects_silence();
    EXPECT_EQ(peer.state(), state);
  }
}

TEST(Rfc9293_3_10_4, AListenerThatIsClosedRefuses) {
  auto peer = ScriptedPeer::listening(rfc_profile());
  peer.close();
  peer.sends("S 0:0(0)");
  peer.expects("R. 0:0(0) ack 1");
}

// ---- 3.10.5: ABORT, which is close() with SO_LINGER on and 0

// As in_state(), but no connect() sleeps, which might keep the socket alive.
ScriptedPeer awake_in(State state) {
  if (state != State::kSynSent && state != State::kSynReceived) return in_state(state);
  auto peer = ScriptedPeer::fresh(rfc_profile());
  peer.connect();
  if (state == State::kSynReceived) peer.sends("S 0:0(0) win 65535 <mss 1460>");
  peer.discard_segments();
  EXPECT_EQ(peer.state(), state);
  return peer;
}

TEST(Rfc9293_3_10_5, WhileThePeerMayStillSendItIsReset) {
  for (const State state : {State::kSynReceived, State::kEstablished, State::kFinWait1,
                            State::kFinWait2, State::kCloseWait}) {
    SCOPED_TRACE(tcp::state_name(state));
    auto peer = awake_in(state);
    peer.aborts();
    peer.expects(empty_segment("R.", send_next(state), receive_next(state)));
    peer.expects_silence();
    EXPECT_FALSE(peer.has_deadline());
  }
}

TEST(Rfc9293_3_10_5, WhenBothStreamsHaveEndedNothingIsSent) {
  for (const State state :
       {State::kClosed, State::kSynSent, State::kClosing, State::kLastAck, State::kTimeWait}) {
    SCOPED_TRACE(tcp::state_name(state));
    auto peer = awake_in(state);
    peer.aborts();
    peer.expects_silence();
    EXPECT_FALSE(peer.has_deadline());
  }
}

TEST(Rfc9293_3_10_5, WhatWaitsIsThrownAway) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.write(20000);
  peer.discard_segments();
  peer.aborts();
  peer.expects("R. 14601:14601(0) ack 1");
  peer.sends(". 1:1(0) ack 14601");
  peer.expects("R 14601:14601(0)");  // nobody is there any more
  peer.expects_silence();
}

TEST(Rfc9293_3_10_5, AListenerThatIsAbortedRefuses) {
  auto peer = ScriptedPeer::listening(rfc_profile());
  peer.aborts();
  peer.expects_silence();
  peer.sends("S 0:0(0)");
  peer.expects("R. 0:0(0) ack 1");
}

// ---- 3.10.6: STATUS

TEST(Rfc9293_3_10_6, TheStateIsTold) {
  for (int i = 1; i < tcp::kStateCount; ++i) {  // CLOSED has no connection to ask
    const auto state = static_cast<State>(i);
    EXPECT_EQ(in_state(state).connection()->info().state, state);
  }
}

}  // namespace
}  // namespace tcptwin::rfc

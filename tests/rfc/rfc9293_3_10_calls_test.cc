// RFC 9293 3.10.1 to 3.10.6: the calls OPEN, SEND, RECEIVE, CLOSE and STATUS in every state, as the
// BSD calls that stand for them.
#include <gtest/gtest.h>

#include "tests/rfc/states.h"

namespace tcptwin::rfc {
namespace {

using tcp::State;

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

// ---- 3.10.6: STATUS

TEST(Rfc9293_3_10_6, TheStateIsTold) {
  for (int i = 1; i < tcp::kStateCount; ++i) {  // CLOSED has no connection to ask
    const auto state = static_cast<State>(i);
    EXPECT_EQ(in_state(state).connection()->info().state, state);
  }
}

}  // namespace
}  // namespace tcptwin::rfc

// states.h: a connection in each of the states, as tests of one rule in many states want it.
#pragma once

#include <string>

#include "tests/rfc/scripted_peer.h"

namespace tcptwin::rfc {

// A connection in `state`: nothing unread, and only what the state implies unacknowledged.
inline ScriptedPeer in_state(tcp::State state, const policy::Profile& profile) {
  using tcp::State;
  if (state == State::kSynSent) return ScriptedPeer::connecting(profile);
  if (state == State::kSynReceived) {
    auto peer = ScriptedPeer::connecting(profile);
    peer.sends("S 0:0(0) win 65535 <mss 1460>");
    return peer;
  }
  auto peer = ScriptedPeer::connected(profile);  // no listener is left behind
  switch (state) {
    case State::kClosed: peer.sends("R 1:1(0)"); break;
    case State::kEstablished: break;
    case State::kFinWait1: peer.shutdown(); break;
    case State::kFinWait2:
      peer.shutdown();
      peer.sends(". 1:1(0) ack 2");
      break;
    case State::kCloseWait: peer.sends("F. 1:1(0) ack 1"); break;
    case State::kClosing:
      peer.shutdown();
      peer.sends("F. 1:1(0) ack 1");
      break;
    case State::kLastAck:
      peer.sends("F. 1:1(0) ack 1");
      peer.shutdown();
      break;
    case State::kTimeWait:
      peer.shutdown();
      peer.sends("F. 1:1(0) ack 2");
      break;
    case State::kSynSent:
    case State::kSynReceived: break;
  }
  return peer;
}

// The same with the RFC's profile; what led there was taken out.
inline ScriptedPeer in_state(tcp::State state) {
  auto peer = in_state(state, rfc_profile());
  peer.discard_segments();
  return peer;
}

// RCV.NXT and SND.NXT of in_state(): 1, or 2 behind a FIN.
inline int64_t receive_next(tcp::State state) {
  using tcp::State;
  return state == State::kCloseWait || state == State::kClosing || state == State::kLastAck ||
                 state == State::kTimeWait
             ? 2
             : 1;
}
inline int64_t send_next(tcp::State state) {
  using tcp::State;
  return state == State::kFinWait1 || state == State::kFinWait2 || state == State::kClosing ||
                 state == State::kLastAck || state == State::kTimeWait
             ? 2
             : 1;
}

// "R 1:1(0)", with " ack 1" behind it unless `ack` is negative.
inline std::string empty_segment(const std::string& flags, int64_t seq, int64_t ack = -1) {
  const std::string at = std::to_string(seq);
  return flags + ' ' + at + ':' + at + "(0)" + (ack < 0 ? "" : " ack " + std::to_string(ack));
}
// What a segment that is not acceptable is answered with.
inline std::string answer_in(tcp::State state) {
  return empty_segment(".", send_next(state), receive_next(state));
}

}  // namespace tcptwin::rfc

// state.h: the states of a connection and which may follow which (RFC 9293 3.3.2). Changes nothing
// itself.
#pragma once

#include <cstdint>

namespace tcptwin::tcp {

enum class State : uint8_t {
  kClosed,
  kSynSent,
  kSynReceived,
  kEstablished,
  kFinWait1,
  kFinWait2,
  kCloseWait,
  kClosing,
  kLastAck,
  kTimeWait,
};
inline constexpr int kStateCount = 10;

// "FIN-WAIT-1": the RFC's spelling.
const char* state_name(State state);
// Whether the diagram of RFC 9293 figure 5, with RST and timeouts, lets `to` follow `from`.
bool may_follow(State from, State to);
// SYN-RECEIVED and later: both sequence numbers are known.
bool is_synchronized(State state);
// Its handshake is under way.
inline bool is_opening(State state) {
  return state == State::kSynSent || state == State::kSynReceived;
}

}  // namespace tcptwin::tcp

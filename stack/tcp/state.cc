#include "stack/tcp/state.h"

#include <array>
#include <cstddef>

#include "stack/base/check.h"

namespace tcptwin::tcp {

namespace {

constexpr uint16_t bit(State s) { return static_cast<uint16_t>(1u << static_cast<unsigned>(s)); }

// Any state may end in CLOSED: by RST, by a timeout, by abort, or by the arrow of the figure.
constexpr std::array<uint16_t, kStateCount> kFollowers = {
    /* CLOSED       */ uint16_t(bit(State::kSynSent) | bit(State::kSynReceived)),
    /* SYN-SENT     */ uint16_t(bit(State::kSynReceived) | bit(State::kEstablished)),
    /* SYN-RECEIVED */ uint16_t(bit(State::kEstablished) | bit(State::kFinWait1)),
    /* ESTABLISHED  */ uint16_t(bit(State::kFinWait1) | bit(State::kCloseWait)),
    /* FIN-WAIT-1   */
    uint16_t(bit(State::kFinWait2) | bit(State::kClosing) | bit(State::kTimeWait)),
    /* FIN-WAIT-2   */ bit(State::kTimeWait),
    /* CLOSE-WAIT   */ bit(State::kLastAck),
    /* CLOSING      */ bit(State::kTimeWait),
    /* LAST-ACK     */ 0,
    /* TIME-WAIT    */ 0,
};

}  // namespace

const char* state_name(State state) {
  switch (state) {
    case State::kClosed: return "CLOSED";
    case State::kSynSent: return "SYN-SENT";
    case State::kSynReceived: return "SYN-RECEIVED";
    case State::kEstablished: return "ESTABLISHED";
    case State::kFinWait1: return "FIN-WAIT-1";
    case State::kFinWait2: return "FIN-WAIT-2";
    case State::kCloseWait: return "CLOSE-WAIT";
    case State::kClosing: return "CLOSING";
    case State::kLastAck: return "LAST-ACK";
    case State::kTimeWait: return "TIME-WAIT";
  }
  CHECK(false);
}

bool may_follow(State from, State to) {
  return to == State::kClosed || (kFollowers[static_cast<size_t>(from)] & bit(to)) != 0;
}

bool is_synchronized(State state) { return state != State::kClosed && state != State::kSynSent; }

}  // namespace tcptwin::tcp

// plan.h: what a connection is to do next, for data and for the ACK separately. Made by one
// function, executed by transmission and read by the timers, so that they cannot disagree.
#pragma once

#include <cstdint>

#include "stack/base/seq.h"
#include "stack/tcp/reason.h"

namespace tcptwin::tcp {

struct Plan {
  // A segment that stands outside the stream of data.
  enum class Control : uint8_t { kNone, kSyn, kSynAck, kReset, kWindowProbe, kKeepAliveProbe };

  struct Data {
    enum class Kind : uint8_t { kNothing, kSend, kHeld };
    Kind kind = Kind::kNothing;
    bool retransmission = false;
    bool fin = false;  // FIN goes with it (or is all of it)
    StreamPos begin;
    int64_t bytes = 0;    // kSend: how many; a burst, cut into segments on its way out
    Reason held_because;  // kHeld
  };

  struct Ack {
    enum class Kind : uint8_t { kNone, kSend, kHeld };
    Kind kind = Kind::kNone;
    Reason why;
  };

  struct Timers {
    bool retransmission = false;  // something in flight awaits its ACK
    bool persist = false;         // data waits for a window and nothing in flight will open it
  };

  Control control = Control::kNone;
  Data data;
  Ack ack;
  Timers timers;
};

}  // namespace tcptwin::tcp

// time_model.h: what a host's own work costs. Read off call logs of captures; never zero on a path.
#pragma once

#include "stack/base/time.h"

namespace tcptwin::policy {

struct TimeModelConfig {
  Duration system_call{
      500};  // entering and leaving the kernel, and the program's step to the next call
  Duration transmit{1000};          // from the decision to send to the first bit on the device
  Duration transmit_return{1000};   // what a call that sent something takes longer to return
  Duration receive{1000};           // from the packet's arrival to the stack's reaction
  Duration loopback_receive{1000};  // the same for a packet of the host to itself
  // Whoever sends over the loopback carries the packet through its receiver before it goes on; what
  // that answers waits for the end of the call.
  bool loopback_is_carried = false;
  Duration wake{1000};         // from the event to the sleeping thread's first instruction
  Duration timer{1000};        // from the tick to the timer's action
  Duration sleep_slack{1000};  // how much longer than asked a sleep lasts
  Duration copy_per_kib{};     // copying 1024 bytes between program and socket
  Duration jitter{};  // each cost above is stretched by up to this, uniformly, from a seeded stream
};

}  // namespace tcptwin::policy

// programs.h: what the programs of the captures do, as operations of a scenario file. The arguments
// come from the capture's header (traces/kernel-6.18/README.md); pauses in which a program waited
// for a word from the other one come from its log.
#pragma once

#include <optional>
#include <string>

#include "tests/parity/replay.h"
#include "tests/support/capture.h"

namespace tcptwin::parity {

// For a capture of any program but a crafted peer's.
Programs programs_of(const support::Capture& capture);

// The local port that a program asks for after a connection that did not ask: "53260".
std::optional<std::string> second_port(const support::Capture& capture);

}  // namespace tcptwin::parity

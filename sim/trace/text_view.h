// text_view.h: what one host saw, as lines of text: in the form of the captures, or with the
// reasons for people.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "sim/trace/packets.h"

namespace tcptwin::trace {

struct HostViewOptions {
  uint16_t host = 0;
  Instant zero{};                      // prints as 0.000000: first_departure(journal)
  std::map<uint32_t, char> letters{};  // by process: whose calls are shown, and as what
  bool human = false;  // for people: reasons, timers, holds, losses and calls that never returned
  Ticks ticks{};       // for the words
};

// Appends the lines to `out`, by time; packets before calls of the same instant.
//   SECONDS > FLAGS SEQ:END(LEN) [ack N] win N [<OPTION,...>]
//   SECONDS LETTER CALL[(ARGUMENT)] = VALUE [ERRNO] [MICROSECONDS]
// Packets are as in wire::to_text; '>' is client to server. The human form ends them with
// "  # WHY" ("  # HOST: WHY" when another host gave the reason) and adds lines "SECONDS > # WHAT"
// for what is no packet; its arrow, where it can be told, is that of the flow and end that it
// happened to.
void write_host_view(const Journal& journal, const HostViewOptions& options, std::string& out);

}  // namespace tcptwin::trace

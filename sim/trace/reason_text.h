// reason_text.h: the typed reasons of the stack in plain words. It words what happened; it decides
// and infers nothing.
#pragma once

#include <string>

#include "sim/trace/packets.h"
#include "stack/tcp/reason.h"

namespace tcptwin::trace {

// What the words may draw on besides the reason itself.
struct ReasonContext {
  Instant at = Instant::never();           // when the packet left or the note was taken
  Duration tick{};                         // of the host's timers; 0: exact or unknown
  const tcp::TimerFired* timer = nullptr;  // what made a packet leave, if a timer did
  Instant timer_at = Instant::never();     // when that timer fired
};

// One line without a full stop: "delayed ACK: timer of 40 ms fired after 43.9 ms (rounded up to the
// 4 ms tick)". Exhaustive: a new alternative of the reason does not compile before it has its
// words.
std::string to_text(const tcp::Reason& reason, const ReasonContext& context = {});

// "delayed-ACK timer", "retransmission timer": without an article.
std::string timer_name(tcp::TimerKind kind);
// "of 40 ms fired after 43.9 ms (rounded up to the 4 ms tick)"
std::string timer_text(const tcp::TimerFired& timer, const ReasonContext& context);
// "rounded up to the 4 ms tick": why the timer was due later than its wish; empty when it was not.
std::string rounding_text(const tcp::TimerFired& timer, Duration tick);

// Why the packet of a PacketSent left, or what the Note of a record says; empty for any other
// record.
std::string why_text(const Journal& journal, const Record& record, const Ticks& ticks);

}  // namespace tcptwin::trace

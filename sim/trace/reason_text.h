// reason_text.h: the typed reasons of the stack in plain words. It words what happened; it decides
// and infers nothing.
#pragma once

#include <string>
#include <string_view>

#include "sim/trace/packets.h"
#include "stack/tcp/reason.h"

namespace tcptwin::trace {

// What the words may draw on besides the reason itself.
struct ReasonContext {
  Instant at = Instant::never();           // when the packet left or the note was taken
  Duration tick{};                         // of the host's timers; 0: exact or unknown
  const tcp::TimerFired* timer = nullptr;  // what made a packet leave, if a timer did
  Instant timer_at = Instant::never();     // when that timer fired
  bool inferred = false;                   // the reason: the words end with kInferred
};

// Behind words that no stack has given: somebody concluded them from what could be observed.
inline constexpr std::string_view kInferred = " (inferred)";
// kInferred or nothing.
std::string inferred_text(bool inferred);
// Whether words made here, or read back from one of our captures, say so.
bool says_inferred(std::string_view words);

// One line without a full stop: "delayed ACK: timer of 40 ms fired after 43.9 ms (rounded up to the
// 4 ms tick)". Exhaustive: a new alternative of the reason does not compile before it has its
// words.
std::string to_text(const tcp::Reason& reason, const ReasonContext& context = {});

// "delayed-ACK timer", "retransmission timer": without an article.
std::string timer_name(tcp::TimerKind kind);
// How long something was to wait at most: `before` and "40 ms", or "until the 250 ms tick of all
// connections".
std::string delay_text(Duration wish, Duration shared_tick, const char* before = "");
// "rounded up to the 4 ms tick": why the timer was due at another time than its wish; empty when it
// was not, and when delay_text() says it.
std::string rounding_text(const tcp::TimerFired& timer, Duration tick);

// Why the packet of a PacketSent left, or what the Note of a record says; empty for any other
// record.
std::string why_text(const Journal& journal, const Record& record, const Ticks& ticks);

}  // namespace tcptwin::trace

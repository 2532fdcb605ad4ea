// calls.h: the calls of the programs, each with its return, and their one-line form.
#pragma once

#include <string>
#include <vector>

#include "sim/trace/journal.h"

namespace tcptwin::trace {

struct CallSpan {
  const Record* started = nullptr;
  const Record* returned = nullptr;  // null: it never came back
};

// All calls in the order in which they were made.
std::vector<CallSpan> calls_of(const Journal& journal);

// "send(10)", "connect", "setsockopt(TCP_NODELAY,1)".
std::string call_text(const CallStarted& call);
// "10", "-1 ECONNRESET".
std::string result_text(const CallReturned& result);
// "send(10) = 10 [29]", microseconds rounded down; "recv(20) = ?" for one that never came back.
std::string call_line(const CallSpan& span);

// Whether the captures' programs wrote down calls of this kind: those that move a connection.
bool is_logged(CallKind kind);

}  // namespace tcptwin::trace

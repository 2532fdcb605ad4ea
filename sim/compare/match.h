// match.h: which connection of one capture is which of the other, and what their numbers are
// relative to when one file began too late to tell.
#pragma once

#include <vector>

#include "sim/capture/view.h"

namespace tcptwin::compare {

struct MatchedConnections {
  capture::Connection* a = nullptr;  // null: the other side has it alone
  capture::Connection* b = nullptr;
};

// By ports where the smaller side has no others than the larger one; else by order. In the order of
// A, then those that B has alone. A connection whose SYNs one side has not seen takes its client
// from the other side, and the base of its numbers where they can be those of the same run.
std::vector<MatchedConnections> match_connections(capture::View& a, capture::View& b);

}  // namespace tcptwin::compare

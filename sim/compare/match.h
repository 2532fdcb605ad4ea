// match.h: which connection of one capture is which of the other.
#pragma once

#include <vector>

#include "sim/capture/view.h"

namespace tcptwin::compare {

struct MatchedConnections {
  const capture::Connection* a = nullptr;  // null: the other side has it alone
  const capture::Connection* b = nullptr;
};

// By ports where the smaller side has no others than the larger one; else by order. In the order of
// A, then those that B has alone.
std::vector<MatchedConnections> match_connections(const capture::View& a, const capture::View& b);

}  // namespace tcptwin::compare

// crossings.h: segments of opposite directions that were under way at the same time: a host sees
// them in either order, and it means nothing.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/compare/pairs.h"

namespace tcptwin::compare {

// Takes those pairs for in order that are only apart from the order of the others by segments of
// the other direction, on both sides within `tolerance`. `pairs`: by their place in A. Returns how
// many.
uint64_t forgive_crossings(const std::vector<Segment>& a, const std::vector<Segment>& b,
                           Duration tolerance, std::vector<Pair>& pairs);

}  // namespace tcptwin::compare

// fields.h: what differs between two segments that stand for each other, but for the gaps.
#pragma once

#include <string>
#include <vector>

#include "sim/compare/compare.h"
#include "sim/compare/pairs.h"

namespace tcptwin::compare {

// `tolerance`: of the ages of timestamps and echoes, besides two of their ticks.
std::vector<FieldDifference> compare_fields(const std::vector<Segment>& a,
                                            const std::vector<Segment>& b, const Pair& pair,
                                            Duration tolerance, Duration timestamp_tick);

}  // namespace tcptwin::compare

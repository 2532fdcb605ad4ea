// pairs.h: which segments of two connections are compared with each other.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/compare/segments.h"

namespace tcptwin::compare {

// Segments [a, a + a_count) of A stand for [b, b + b_count) of B: one of the counts is 1, or both
// sides have joined the same bytes differently.
struct Pair {
  uint32_t a = 0;
  uint32_t b = 0;
  uint32_t a_count = 1;
  uint32_t b_count = 1;
  bool elsewhere = false;  // the same segment, but not in the order of the others

  bool is_joined() const { return a_count > 1 || b_count > 1; }
};

// By their place in A. What is in none has no partner. See compare.h for the rules.
std::vector<Pair> pair_segments(const std::vector<Segment>& a, const std::vector<Segment>& b,
                                bool joins_segments);

}  // namespace tcptwin::compare

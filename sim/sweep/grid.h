// grid.h: the values that are to be tried, and all their combinations. It knows pointers and
// values, not what they mean.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/load.h"

namespace tcptwin::sweep {

// One place of a scenario and the values to put there.
struct Axis {
  std::string pointer;
  std::vector<std::string> values;  // each JSON, or a bare string
};

// "POINTER=A,B,C": commas inside brackets, braces and quotes do not part values. False when there
// is no "=", no pointer, or an empty value.
bool parse_axis(std::string_view text, Axis* out);

// All combinations of the axes' values; the last axis varies fastest. No axis: one empty
// combination.
class Grid {
 public:
  // A larger grid is a mistake rather than a wish.
  static constexpr size_t kLargest = 100'000;

  // `option`: what messages call it, "--vary".
  Grid(std::vector<Axis> axes, std::string option);

  const std::vector<Axis>& axes() const { return axes_; }
  // At most kLargest + 1, however many there are.
  size_t size() const { return size_; }
  // What to set for one combination, an override for each axis. index < size().
  std::vector<scenario::Override> at(size_t index) const;
  // Combinations in which every value occurs at least once: as many as all axes have values, less
  // the doubles. Enough to find a value that fits nowhere.
  std::vector<size_t> samples() const;

 private:
  std::vector<Axis> axes_;
  std::string option_;
  size_t size_ = 1;
};

}  // namespace tcptwin::sweep

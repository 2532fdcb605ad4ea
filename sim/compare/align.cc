#include "sim/compare/align.h"

namespace tcptwin::compare {

std::vector<bool> longest_increasing(const std::vector<uint32_t>& to) {
  std::vector<size_t> ends;  // ends[n]: the last of the best run of n + 1, the smallest there is
  std::vector<std::optional<size_t>> before(to.size());
  for (size_t i = 0; i < to.size(); ++i) {
    const auto place =
        std::lower_bound(ends.begin(), ends.end(), to[i],
                         [&](size_t end, uint32_t value) { return to[end] < value; });
    if (place != ends.begin()) before[i] = *(place - 1);
    if (place == ends.end()) {
      ends.push_back(i);
    } else {
      *place = i;
    }
  }
  std::vector<bool> chosen(to.size());
  std::optional<size_t> at = ends.empty() ? std::nullopt : std::optional(ends.back());
  for (; at; at = before[*at]) chosen[*at] = true;
  return chosen;
}

}  // namespace tcptwin::compare

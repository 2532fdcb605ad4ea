#include "sim/compare/crossings.h"

#include <algorithm>
#include <cstdlib>

namespace tcptwin::compare {

uint64_t forgive_crossings(const std::vector<Segment>& a, const std::vector<Segment>& b,
                           Duration tolerance, std::vector<Pair>& pairs) {
  std::vector<uint32_t> latest(pairs.size()), earliest(pairs.size());  // in B, up to and from here
  for (size_t i = 0; i < pairs.size(); ++i)
    latest[i] = std::max(pairs[i].b, i == 0 ? 0 : latest[i - 1]);
  for (size_t i = pairs.size(); i-- > 0;)
    earliest[i] = std::min(pairs[i].b, i + 1 == pairs.size() ? UINT32_MAX : earliest[i + 1]);
  const auto apart = [](const Segment& x, const Segment& y) {
    return x.at() > y.at() ? x.at() - y.at() : y.at() - x.at();
  };
  const auto is_crossing = [&](size_t index) {
    const Segment &in_a = a[pairs[index].a], &in_b = b[pairs[index].b];
    const auto is_near = [&](size_t i) { return apart(a[pairs[i].a], in_a) <= tolerance; };
    size_t begin = index, end = index + 1;
    while (begin > 0 && is_near(begin - 1)) --begin;
    while (end < pairs.size() && is_near(end)) ++end;
    if (begin > 0 && latest[begin - 1] > pairs[index].b) return false;
    if (end < pairs.size() && earliest[end] < pairs[index].b) return false;
    for (size_t i = begin; i < end; ++i) {
      const bool in_order = (i < index) == (pairs[i].b < pairs[index].b);
      if (i == index || in_order) continue;
      const Segment& other = b[pairs[i].b];
      if (other.sight->from_client == in_b.sight->from_client || apart(other, in_b) > tolerance)
        return false;
    }
    return true;
  };
  uint64_t count = 0;
  for (size_t i = 0; i < pairs.size(); ++i) {
    if (!pairs[i].elsewhere || !is_crossing(i)) continue;
    pairs[i].elsewhere = false;
    ++count;
  }
  return count;
}

}  // namespace tcptwin::compare

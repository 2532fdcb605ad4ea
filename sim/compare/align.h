// align.h: which elements of two lists belong together. Knows keys, not segments.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace tcptwin::compare {

struct Alignment {
  std::vector<std::optional<uint32_t>> a;  // for each of A its partner in B
  std::vector<std::optional<uint32_t>> b;
  std::vector<bool> moved;  // for each of A: its partner is not in order with the others'
};

// `to[i]`: the partner of the i-th, all different. Which of them form the longest rising run.
std::vector<bool> longest_increasing(const std::vector<uint32_t>& to);

// Partners have equal keys: the k-th element with a key in A and the k-th in B. Those of them that
// keep the order of both lists are as many as possible; the others are moved. Takes n log n.
template <class Key>
Alignment align(const std::vector<Key>& a, const std::vector<Key>& b) {
  std::map<std::pair<Key, uint32_t>, uint32_t> places;  // by key and k
  std::map<Key, uint32_t> seen;
  for (uint32_t j = 0; j < b.size(); ++j) places[{b[j], seen[b[j]]++}] = j;
  seen.clear();
  Alignment result{std::vector<std::optional<uint32_t>>(a.size()),
                   std::vector<std::optional<uint32_t>>(b.size()), std::vector<bool>(a.size())};
  std::vector<uint32_t> from, to;
  for (uint32_t i = 0; i < a.size(); ++i) {
    const auto place = places.find({a[i], seen[a[i]]++});
    if (place == places.end()) continue;
    result.a[i] = place->second;
    result.b[place->second] = i;
    from.push_back(i);
    to.push_back(place->second);
  }
  const std::vector<bool> in_order = longest_increasing(to);
  for (size_t k = 0; k < from.size(); ++k) result.moved[from[k]] = !in_order[k];
  return result;
}

}  // namespace tcptwin::compare

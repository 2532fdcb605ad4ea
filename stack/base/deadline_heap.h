// deadline_heap.h: the earliest of many deadlines. Each owner has at most one entry, replaced, not
// piled up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "stack/base/check.h"

namespace tcptwin {

// A binary heap over small integer ids that knows where each id sits. Key needs operator<; ties go
// to the smaller id, so that the order never depends on history. set, remove: O(log n); top: O(1).
template <class Key>
class DeadlineHeap {
 public:
  bool empty() const { return heap_.empty(); }
  uint32_t top_id() const { return heap_.front().id; }
  const Key& top_key() const { return heap_.front().key; }
  bool contains(uint32_t id) const { return id < place_.size() && place_[id] != kAbsent; }

  // Enters id, or moves it when it is there already.
  void set(uint32_t id, Key key) {
    if (id >= place_.size()) place_.resize(id + 1, kAbsent);
    if (place_[id] == kAbsent) {
      heap_.push_back({std::move(key), id});
      place_[id] = static_cast<uint32_t>(heap_.size() - 1);
      sift_up(heap_.size() - 1);
      return;
    }
    const size_t at = place_[id];
    const bool earlier = key < heap_[at].key;
    heap_[at].key = std::move(key);
    if (earlier) {
      sift_up(at);
    } else {
      sift_down(at);
    }
  }
  void remove(uint32_t id) {
    if (!contains(id)) return;
    const size_t at = place_[id];
    place_[id] = kAbsent;
    if (at + 1 != heap_.size()) {
      heap_[at] = std::move(heap_.back());
      place_[heap_[at].id] = static_cast<uint32_t>(at);
      heap_.pop_back();
      sift_up(at);
      sift_down(at);
    } else {
      heap_.pop_back();
    }
  }

 private:
  static constexpr uint32_t kAbsent = UINT32_MAX;
  struct Entry {
    Key key;
    uint32_t id;
  };
  static bool before(const Entry& a, const Entry& b) {
    if (a.key < b.key) return true;
    if (b.key < a.key) return false;
    return a.id < b.id;
  }
  void put(size_t at, Entry entry) {
    place_[entry.id] = static_cast<uint32_t>(at);
    heap_[at] = std::move(entry);
  }
  // Both lift the entry out and move the others along until its place is found.
  void sift_up(size_t at) {
    if (at == 0 || !before(heap_[at], heap_[(at - 1) / 2])) return;
    Entry entry = std::move(heap_[at]);
    do {
      put(at, std::move(heap_[(at - 1) / 2]));
      at = (at - 1) / 2;
    } while (at > 0 && before(entry, heap_[(at - 1) / 2]));
    put(at, std::move(entry));
  }
  void sift_down(size_t at) {
    const auto least_child = [&] {
      const size_t left = 2 * at + 1;
      const size_t right = left + 1;
      return right < heap_.size() && before(heap_[right], heap_[left]) ? right : left;
    };
    size_t child = least_child();
    if (child >= heap_.size() || !before(heap_[child], heap_[at])) return;
    Entry entry = std::move(heap_[at]);
    do {
      put(at, std::move(heap_[child]));
      at = child;
      child = least_child();
    } while (child < heap_.size() && before(heap_[child], entry));
    put(at, std::move(entry));
  }

  std::vector<Entry> heap_;
  std::vector<uint32_t> place_;  // place_[id]: index into heap_, or kAbsent
};

}  // namespace tcptwin

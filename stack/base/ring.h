// ring.h: a queue in one block of memory, none before the first element (an empty std::deque holds
// 592 bytes). The block is kept until clear().
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "stack/base/check.h"

namespace tcptwin {

// First in, first out, with access by index from the front. T needs a default constructor.
template <class T>
class Ring {
 public:
  Ring() = default;
  Ring(const Ring&) = default;
  Ring& operator=(const Ring&) = default;
  Ring(Ring&& other) noexcept { *this = std::move(other); }
  Ring& operator=(Ring&& other) noexcept {
    slots_ = std::exchange(other.slots_, {});  // what was moved from is empty
    head_ = std::exchange(other.head_, 0);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }

  T& operator[](size_t i) { return slots_[slot(i)]; }
  const T& operator[](size_t i) const { return slots_[slot(i)]; }
  T& front() { return (*this)[0]; }
  const T& front() const { return (*this)[0]; }
  T& back() { return (*this)[size_ - 1]; }
  const T& back() const { return (*this)[size_ - 1]; }

  void push_back(T value) {
    if (size_ == slots_.size()) grow();
    slots_[slot(size_)] = std::move(value);
    ++size_;
  }
  T pop_front() {
    CHECK(size_ > 0);
    T value = std::move(slots_[head_]);
    drop_front();
    return value;
  }
  void drop_front() {
    CHECK(size_ > 0);
    slots_[head_] = T();
    head_ = (head_ + 1) & (slots_.size() - 1);
    --size_;
  }
  void drop_back() {
    CHECK(size_ > 0);
    back() = T();
    --size_;
  }
  // Puts `value` before element i (i <= size()); elements from i on move one back.
  void insert(size_t i, T value) {
    push_back(T());
    for (size_t k = size_ - 1; k > i; --k) (*this)[k] = std::move((*this)[k - 1]);
    (*this)[i] = std::move(value);
  }
  void clear() {
    slots_ = std::vector<T>();
    head_ = size_ = 0;
  }

 private:
  size_t slot(size_t i) const { return (head_ + i) & (slots_.size() - 1); }
  void grow() {
    std::vector<T> wider(
        slots_.empty() ? 4 : slots_.size() * 2);  // always a power of two: slot() masks
    for (size_t i = 0; i < size_; ++i) wider[i] = std::move((*this)[i]);
    slots_ = std::move(wider);
    head_ = 0;
  }

  std::vector<T> slots_;
  size_t head_ = 0;
  size_t size_ = 0;
};

}  // namespace tcptwin

// ring.h: a queue in one block of memory, none before the first element (an empty std::deque holds
// 592 bytes). The block is kept until clear().
#pragma once

#include <cstddef>
#include <type_traits>
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

  // Straight into its place; `value` must not lie in this ring.
  template <class U = T>
  void push_back(U&& value) {
    if (size_ == slots_.size()) grow();
    slots_[slot(size_)] = std::forward<U>(value);
    ++size_;
  }
  T pop_front() {
    CHECK(size_ > 0);
    T value = std::move(slots_[head_]);  // what was moved from holds nothing any more
    skip_front();
    return value;
  }
  void pop_front(T& out) {
    CHECK(size_ > 0);
    out = std::move(slots_[head_]);
    skip_front();
  }
  void drop_front() {
    CHECK(size_ > 0);
    if constexpr (!std::is_trivially_destructible_v<T>) slots_[head_] = T();
    skip_front();
  }
  // Puts `value` before element i (i <= size()); the fewer of its neighbours move.
  void insert(size_t i, T value) {
    if (i >= size_ / 2) {
      push_back(T());
      for (size_t k = size_ - 1; k > i; --k) (*this)[k] = std::move((*this)[k - 1]);
    } else {
      push_back(T());  // makes room at the back; now the first element is one earlier
      head_ = (head_ + slots_.size() - 1) & (slots_.size() - 1);
      for (size_t k = 0; k < i; ++k) (*this)[k] = std::move((*this)[k + 1]);
    }
    (*this)[i] = std::move(value);
  }
  // Takes element i out; the fewer of its neighbours move.
  void erase(size_t i) {
    CHECK(i < size_);
    if (i >= size_ / 2) {
      for (size_t k = i; k + 1 < size_; ++k) (*this)[k] = std::move((*this)[k + 1]);
      back() = T();
      --size_;
    } else {
      for (size_t k = i; k > 0; --k) (*this)[k] = std::move((*this)[k - 1]);
      drop_front();
    }
  }
  void clear() {
    slots_ = std::vector<T>();
    head_ = size_ = 0;
  }

 private:
  void skip_front() {
    head_ = (head_ + 1) & (slots_.size() - 1);
    --size_;
  }
  size_t slot(size_t i) const { return (head_ + i) & (slots_.size() - 1); }
  void grow() {
    std::vector<T> wider(
        slots_.empty() ? 1 : slots_.size() * 2);  // always a power of two: slot() masks
    for (size_t i = 0; i < size_; ++i) wider[i] = std::move((*this)[i]);
    slots_ = std::move(wider);
    head_ = 0;
  }

  std::vector<T> slots_;
  size_t head_ = 0;
  size_t size_ = 0;
};

}  // namespace tcptwin

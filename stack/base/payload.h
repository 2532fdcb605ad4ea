// payload.h: application bytes. Real bytes, or a range of a deterministic pattern that takes no
// memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace tcptwin {

// A move-only list of slices; copying is explicit (sub). One slice is held in place, so that
// generated traffic allocates nothing.
class Payload {
 public:
  Payload() = default;
  Payload(Payload&& other) noexcept { *this = std::move(other); }
  Payload& operator=(Payload&& other) noexcept {
    size_ = std::exchange(other.size_, 0);  // what was moved from is empty
    first_ = std::move(other.first_);
    more_ = std::move(other.more_);
    return *this;
  }
  // `size` bytes of pattern number `pattern`, from `offset` on: byte i is pattern_byte(pattern,
  // offset + i).
  static Payload synthetic(uint64_t pattern, uint64_t offset, size_t size);
  static Payload real(std::span<const uint8_t> bytes);
  static Payload text(std::string_view text);

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // Adds `tail` at the end; a range that continues the last one is merged into it.
  void append(Payload tail);
  // A copy of bytes [from, from + count); the range must lie inside.
  Payload sub(size_t from, size_t count) const;
  // Cuts off and returns the first `count` bytes; count <= size().
  Payload take_front(size_t count);

  // Appends the bytes themselves to `out`.
  void materialize(std::vector<uint8_t>& out) const;
  std::vector<uint8_t> bytes() const;

  static uint8_t pattern_byte(uint64_t pattern, uint64_t offset);

 private:
  struct Slice {
    uint64_t pattern = 0;
    uint64_t offset = 0;  // into the pattern, or into `real`
    size_t size = 0;
    std::unique_ptr<std::vector<uint8_t>> real;  // null: synthetic
  };
  static Slice copy(const Slice& slice, size_t from, size_t count);
  void push(Slice slice);
  size_t slice_count() const { return size_ == 0 ? 0 : 1 + (more_ ? more_->size() : 0); }
  const Slice& slice(size_t i) const { return i == 0 ? first_ : (*more_)[i - 1]; }

  size_t size_ = 0;
  Slice first_;
  std::unique_ptr<std::vector<Slice>> more_;  // slices after the first; usually none
};

}  // namespace tcptwin

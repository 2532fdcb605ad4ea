// payload.h: application bytes. Real bytes, or a range of a deterministic pattern that takes no
// memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "stack/base/check.h"

namespace tcptwin {

// A move-only list of slices; copying is explicit (sub). One range of a pattern, the usual case, is
// held in place and costs four words; anything else lies apart.
class Payload {
 public:
  Payload() = default;
  Payload(Payload&& other) noexcept
      : size_(std::exchange(other.size_, 0)),  // what was moved from is empty
        pattern_(other.pattern_),
        offset_(other.offset_),
        slices_(std::move(other.slices_)) {}
  Payload& operator=(Payload&& other) noexcept {
    size_ = std::exchange(other.size_, 0);
    pattern_ = other.pattern_;
    offset_ = other.offset_;
    slices_ = std::move(other.slices_);
    return *this;
  }
  // `size` bytes of pattern number `pattern`, from `offset` on: byte i is pattern_byte(pattern,
  // offset + i).
  static Payload synthetic(uint64_t pattern, uint64_t offset, size_t size) {
    Payload p;
    p.size_ = size;
    p.pattern_ = pattern;
    p.offset_ = offset;
    return p;
  }
  static Payload real(std::span<const uint8_t> bytes);
  static Payload text(std::string_view text);

  // What it is when it is one range of a pattern: that pattern's number and where it begins.
  struct Range {
    uint64_t pattern = 0;
    uint64_t offset = 0;
  };
  std::optional<Range> range() const {
    return slices_ ? std::nullopt : std::optional(Range{pattern_, offset_});
  }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // Adds `tail` at the end; a range that continues the last one is merged into it.
  void append(Payload tail) {
    if (!slices_ && !tail.slices_ && size_ > 0 && tail.size_ > 0 && pattern_ == tail.pattern_ &&
        offset_ + size_ == tail.offset_) {
      size_ += tail.size_;
    } else {
      append_apart(std::move(tail));
    }
  }
  // A copy of bytes [from, from + count); the range must lie inside.
  Payload sub(size_t from, size_t count) const {
    CHECK(from <= size_ && count <= size_ - from);
    return slices_ ? sub_apart(from, count) : synthetic(pattern_, offset_ + from, count);
  }
  // Cuts off and returns the first `count` bytes; count <= size().
  Payload take_front(size_t count) {
    CHECK(count <= size_);
    if (slices_) return take_front_apart(count);
    Payload head = synthetic(pattern_, offset_, count);
    offset_ += count;
    size_ -= count;
    return head;
  }

  // Appends the bytes themselves to `out`.
  void materialize(std::vector<uint8_t>& out) const;
  std::vector<uint8_t> bytes() const;

  static uint8_t pattern_byte(uint64_t pattern, uint64_t offset);

 private:
  struct Slice {
    uint64_t pattern = 0;
    uint64_t offset = 0;  // into the pattern, or into `real`
    size_t size = 0;
    std::vector<uint8_t> real{};  // empty: a range of the pattern
  };
  void append_apart(Payload tail);
  Payload sub_apart(size_t from, size_t count) const;
  Payload take_front_apart(size_t count);
  void push(Slice slice);

  size_t size_ = 0;
  uint64_t pattern_ = 0;  // of the only range, when slices_ is null
  uint64_t offset_ = 0;
  std::unique_ptr<std::vector<Slice>> slices_;
};

}  // namespace tcptwin

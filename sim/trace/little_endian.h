// little_endian.h: writes the byte order of capture files into a vector of the caller; knows no
// format.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace tcptwin::trace {

// Appends to a vector that the caller owns and that outlives the writer. The same bytes on every
// processor.
class LittleEndianWriter {
 public:
  explicit LittleEndianWriter(std::vector<uint8_t>& out) : out_(&out) {}

  void u8(uint8_t v) { out_->push_back(v); }
  void u16(uint16_t v) { number(v, 2); }
  void u32(uint32_t v) { number(v, 4); }
  void u64(uint64_t v) { number(v, 8); }
  void bytes(std::span<const uint8_t> b) { out_->insert(out_->end(), b.begin(), b.end()); }
  void text(std::string_view t) { out_->insert(out_->end(), t.begin(), t.end()); }

  size_t size() const { return out_->size(); }
  // Puts `v` over the four bytes from `at` on.
  void patch_u32(size_t at, uint32_t v) {
    for (size_t i = 0; i < 4; ++i) (*out_)[at + i] = static_cast<uint8_t>(v >> (8 * i));
  }

 private:
  void number(uint64_t v, int size) {
    for (int i = 0; i < size; ++i) u8(static_cast<uint8_t>(v >> (8 * i)));
  }

  std::vector<uint8_t>* out_;
};

}  // namespace tcptwin::trace

// bytes.h: big-endian reading and writing within a span. A reader never passes its end; it fails
// instead.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tcptwin {

// Reads network byte order. After a read past the end ok() is false for good and every read gives
// 0.
class ByteReader {
 public:
  explicit ByteReader(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  uint8_t u8() {
    const auto b = take(1);
    return b.empty() ? uint8_t{0} : b[0];
  }
  uint16_t u16() {
    const auto b = take(2);
    return b.empty() ? uint16_t{0} : static_cast<uint16_t>(b[0] << 8 | b[1]);
  }
  uint32_t u32() {
    const auto b = take(4);
    if (b.empty()) return 0;
    return uint32_t{b[0]} << 24 | uint32_t{b[1]} << 16 | uint32_t{b[2]} << 8 | b[3];
  }
  // The next n bytes, or an empty span (and ok() false) when fewer remain.
  std::span<const uint8_t> take(size_t n) {
    if (n > bytes_.size()) ok_ = false;
    if (!ok_) return {};
    const auto head = bytes_.first(n);
    bytes_ = bytes_.subspan(n);
    return head;
  }
  size_t remaining() const { return bytes_.size(); }
  bool ok() const { return ok_; }

 private:
  std::span<const uint8_t> bytes_;
  bool ok_ = true;
};

// Appends network byte order to a vector that the caller owns and that outlives the writer.
class ByteWriter {
 public:
  explicit ByteWriter(std::vector<uint8_t>& out) : out_(&out) {}

  void u8(uint8_t v) { out_->push_back(v); }
  void u16(uint16_t v) {
    u8(static_cast<uint8_t>(v >> 8));
    u8(static_cast<uint8_t>(v));
  }
  void u32(uint32_t v) {
    u16(static_cast<uint16_t>(v >> 16));
    u16(static_cast<uint16_t>(v));
  }
  void bytes(std::span<const uint8_t> b) { out_->insert(out_->end(), b.begin(), b.end()); }

 private:
  std::vector<uint8_t>* out_;
};

}  // namespace tcptwin

#include "sim/trace/digest.h"

namespace tcptwin::trace {

// Eight bytes at a time, the first in the high bits.
void Digest::add(std::span<const uint8_t> bytes) {
  const size_t size = bytes.size();
  for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
    add(uint64_t{bytes[0]} << 56 | uint64_t{bytes[1]} << 48 | uint64_t{bytes[2]} << 40 |
        uint64_t{bytes[3]} << 32 | uint64_t{bytes[4]} << 24 | uint64_t{bytes[5]} << 16 |
        uint64_t{bytes[6]} << 8 | bytes[7]);
  }
  uint64_t word = 0;
  for (const uint8_t byte : bytes) word = word << 8 | byte;
  add(word);
  add(size);
}

std::string Digest::to_string() const {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  for (const uint64_t half : {a_, b_}) {
    for (int shift = 60; shift >= 0; shift -= 4) text += kHex[half >> shift & 15];
  }
  return text;
}

}  // namespace tcptwin::trace

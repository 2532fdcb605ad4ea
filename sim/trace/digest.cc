#include "sim/trace/digest.h"

namespace tcptwin::trace {

void Digest::add(std::span<const uint8_t> bytes) {
  uint64_t word = 0;
  int count = 0;
  for (const uint8_t byte : bytes) {
    word = word << 8 | byte;
    if (++count == 8) {
      add(word);
      word = 0;
      count = 0;
    }
  }
  add(word);
  add(bytes.size());
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

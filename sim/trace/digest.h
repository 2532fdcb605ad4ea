// digest.h: a fingerprint of a run. Covers packets and call results with their times; nothing else
// may enter.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace tcptwin::trace {

// 128 bits, not cryptographic: two runs with one digest did the same.
class Digest {
 public:
  void add(uint64_t word) {
    a_ = (a_ ^ word) * 0x9fb21c651e98df25u;
    a_ ^= a_ >> 35;
    b_ = (b_ + word) * 0xd6e8feb86659fd93u;
    b_ ^= b_ >> 32;
  }
  void add(std::span<const uint8_t> bytes);
  std::string to_string() const;  // 32 hexadecimal digits

 private:
  uint64_t a_ = 0x243f6a8885a308d3u;
  uint64_t b_ = 0x13198a2e03707344u;
};

}  // namespace tcptwin::trace

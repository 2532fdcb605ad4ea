// sha256.h: the SHA-256 hash (FIPS 180-4) of bytes and of payloads. For comparing contents; keeps
// no secrets.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "stack/base/payload.h"

namespace tcptwin::programs {

class Sha256 {
 public:
  void add(std::span<const uint8_t> bytes);
  // Of all that was added; nothing may be added afterwards.
  std::array<uint8_t, 32> digest();

 private:
  static constexpr size_t kBlock = 64;
  void take_block(const uint8_t* block);

  std::array<uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};  // 5.3.3
  std::array<uint8_t, kBlock> rest_{};  // the beginning of a block that is not whole yet
  size_t rest_size_ = 0;
  uint64_t size_ = 0;  // bytes added
};

// 64 lower-case digits. Of a pattern only a piece is in memory at a time.
std::string sha256_hex(const Payload& payload);

}  // namespace tcptwin::programs

#include "stack/wire/checksum.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

namespace tcptwin::wire {

namespace {
uint16_t folded(uint64_t sum) {
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(sum);
}

// The sum of `bytes`, whose size is a multiple of 4. It is taken in words of the machine: 2^16 is 1
// modulo 2^16 - 1, so wide words fold to the same sum (RFC 1071 section 2 (C)), and swapped bytes
// to the swapped sum (2 (B)). 64 bits hold the sum of 16 GiB.
uint64_t sum_of_words(std::span<const uint8_t> bytes) {
  uint64_t sum = 0;
  for (size_t i = 0; i < bytes.size(); i += 4) {
    uint32_t word = 0;
    std::memcpy(&word, bytes.data() + i, 4);
    sum += word;
  }
  const uint16_t native = folded(sum);
  if constexpr (std::endian::native == std::endian::big) return native;
  return static_cast<uint16_t>(native << 8 | native >> 8);
}
}  // namespace

void InternetSum::add(std::span<const uint8_t> bytes) {
  if (odd_ && !bytes.empty()) {
    sum_ += bytes[0];
    bytes = bytes.subspan(1);
    odd_ = false;
  }
  const size_t whole = bytes.size() & ~size_t{3};
  sum_ += sum_of_words(bytes.first(whole));
  for (const uint8_t b : bytes.subspan(whole)) {
    sum_ += odd_ ? uint64_t{b} : uint64_t{b} << 8;
    odd_ = !odd_;
  }
  sum_ = (sum_ & 0xffffffff) + (sum_ >> 32);  // however many pieces come, it cannot overflow
}

uint16_t InternetSum::checksum() const { return static_cast<uint16_t>(~folded(sum_)); }

uint16_t internet_checksum(std::span<const uint8_t> bytes) {
  InternetSum sum;
  sum.add(bytes);
  return sum.checksum();
}

uint16_t adjusted_checksum(uint16_t checksum, uint16_t old_word, uint16_t new_word) {
  if (old_word == new_word) return checksum;
  const uint32_t sum = uint32_t{0xffff} - checksum + (uint32_t{0xffff} - old_word) + new_word;
  return static_cast<uint16_t>(~folded(sum));
}

InternetSum pseudo_header_sum(const IpAddress& source, const IpAddress& destination,
                              uint8_t protocol, uint32_t length) {
  InternetSum sum;
  const auto byte = [](uint32_t word, int shift) { return static_cast<uint8_t>(word >> shift); };
  if (source.is_v4()) {
    const uint32_t s = source.v4().value();
    const uint32_t d = destination.v4().value();
    const std::array<uint8_t, 8> header{byte(s, 24), byte(s, 16), byte(s, 8), byte(s, 0),
                                        byte(d, 24), byte(d, 16), byte(d, 8), byte(d, 0)};
    sum.add(header);
  } else {
    sum.add(source.bytes());
    sum.add(destination.bytes());
  }
  const std::array<uint8_t, 8> tail{
      byte(length, 24), byte(length, 16), byte(length, 8), byte(length, 0), 0, 0, 0, protocol};
  sum.add(tail);  // the same sum as the four bytes of IPv4, whose length has 16 bits
  return sum;
}

}  // namespace tcptwin::wire

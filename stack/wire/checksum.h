// checksum.h: the Internet checksum (RFC 1071) and the pseudo header of TCP: sums, no judgement.
#pragma once

#include <cstdint>
#include <span>

#include "stack/wire/address.h"

namespace tcptwin::wire {

// A ones' complement sum over pieces that stand one after another; a piece may have an odd size.
class InternetSum {
 public:
  void add(std::span<const uint8_t> bytes);
  // What belongs in a checksum field. Over bytes that hold their own checksum it is 0 when they are
  // intact.
  uint16_t checksum() const;

 private:
  uint64_t sum_ = 0;  // of 16-bit words; folded only at the end (RFC 1071 section 2 (C))
  bool odd_ = false;  // the next byte is the low half of a word
};

uint16_t internet_checksum(std::span<const uint8_t> bytes);
// The checksum after one of the words under it was changed: RFC 1624 3. A wrong one stays wrong.
uint16_t adjusted_checksum(uint16_t checksum, uint16_t old_word, uint16_t new_word);

// The sum to which the segment itself is still to be added: RFC 9293 3.1, RFC 8200 8.1. `length` is
// that of header and data. Both addresses have one version.
InternetSum pseudo_header_sum(const IpAddress& source, const IpAddress& destination,
                              uint8_t protocol, uint32_t length);

}  // namespace tcptwin::wire

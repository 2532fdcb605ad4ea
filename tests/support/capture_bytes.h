// capture_bytes.h: capture files built by hand, in either byte order, with whatever is wrong.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stack/wire/packet.h"

namespace tcptwin::support {

class CaptureBytes {
 public:
  explicit CaptureBytes(bool big_endian = false) : big_(big_endian) {}

  CaptureBytes& u8(uint8_t v) {
    bytes_.push_back(static_cast<char>(v));
    return *this;
  }
  CaptureBytes& u16(uint16_t v) { return number(v, 2); }
  CaptureBytes& u32(uint32_t v) { return number(v, 4); }
  CaptureBytes& u64(uint64_t v) { return number(v, 8); }
  CaptureBytes& add(const std::string& bytes) {
    bytes_ += bytes;
    return *this;
  }

  // The head of a classic file.
  CaptureBytes& pcap(uint32_t magic, uint32_t link_type) {
    return u32(magic).u16(2).u16(4).u32(0).u32(0).u32(65535).u32(link_type);
  }
  CaptureBytes& record(uint32_t seconds, uint32_t fraction, const std::string& bytes) {
    const auto size = static_cast<uint32_t>(bytes.size());
    return u32(seconds).u32(fraction).u32(size).u32(size).add(bytes);
  }
  // A block of pcapng, padded, around `body`.
  CaptureBytes& block(uint32_t type, std::string body) {
    body.resize((body.size() + 3) / 4 * 4);
    const auto size = static_cast<uint32_t>(body.size() + 12);
    return u32(type).u32(size).add(body).u32(size);
  }
  CaptureBytes& option(uint16_t code, const std::string& value) {
    u16(code).u16(static_cast<uint16_t>(value.size())).add(value);
    while (bytes_.size() % 4 != 0) u8(0);
    return *this;
  }

  const std::string& bytes() const { return bytes_; }

 private:
  CaptureBytes& number(uint64_t v, size_t size) {
    for (size_t i = 0; i < size; ++i) {
      u8(static_cast<uint8_t>(v >> (8 * (big_ ? size - 1 - i : i))));
    }
    return *this;
  }

  bool big_;
  std::string bytes_;
};

// An IP packet of 10.0.0.1.1000 to 10.0.0.2.80 with that segment ("P. 1:11(10) ack 1 win 100").
std::string packet_bytes(const std::string& segment);

}  // namespace tcptwin::support

// ethernet.h: MAC addresses and Ethernet II frames (IEEE 802.3 3.2) without their checksum, read
// and written. Which address belongs to whom is not decided here.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "stack/base/bytes.h"
#include "stack/wire/address.h"

namespace tcptwin::wire {

class MacAddress {
 public:
  constexpr MacAddress() = default;
  constexpr explicit MacAddress(const std::array<uint8_t, 6>& bytes) : bytes_(bytes) {}
  static constexpr MacAddress broadcast() {
    return MacAddress({0xff, 0xff, 0xff, 0xff, 0xff, 0xff});
  }
  // The group address that packets to an IP address of many are sent to: RFC 1112 6.4, RFC 2464 7,
  // RFC 894 (broadcast).
  static MacAddress of_group(const IpAddress& group);
  static MacAddress read(ByteReader& in);

  constexpr const std::array<uint8_t, 6>& bytes() const { return bytes_; }
  constexpr bool is_group() const { return (bytes_[0] & 1) != 0; }  // broadcast included
  constexpr bool is_one_station() const { return !is_group() && *this != MacAddress(); }
  std::string to_string() const;  // "02:00:0a:4d:00:01"
  constexpr auto operator<=>(const MacAddress&) const = default;

 private:
  std::array<uint8_t, 6> bytes_{};
};

// IANA "IEEE 802 Numbers".
inline constexpr uint16_t kEtherTypeIpv4 = 0x0800;
inline constexpr uint16_t kEtherTypeArp = 0x0806;
inline constexpr uint16_t kEtherTypeIpv6 = 0x86dd;
inline constexpr size_t kEthernetHeaderSize = 14;

struct EthernetHeader {
  MacAddress destination{};
  MacAddress source{};
  uint16_t type = 0;  // below 0x600: a length (IEEE 802.3 3.2.6), which is nothing of ours
  bool operator==(const EthernetHeader&) const = default;
};

struct EthernetFrame {
  EthernetHeader header{};
  std::span<const uint8_t> bytes{};  // behind the header, padding included
};

void emit_ethernet(const EthernetHeader& header, std::vector<uint8_t>& out);
// Nothing for what is shorter than a header.
std::optional<EthernetFrame> parse_ethernet(std::span<const uint8_t> bytes);

}  // namespace tcptwin::wire

// address.h: an Internet address of either version as one ordered 16-byte value, and its text.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tcptwin::wire {

class Ipv4Address {
 public:
  constexpr Ipv4Address() = default;
  constexpr explicit Ipv4Address(uint32_t value) : value_(value) {}
  // "10.77.0.1"; nothing for anything else.
  static std::optional<Ipv4Address> parse(std::string_view text);
  constexpr uint32_t value() const { return value_; }
  constexpr bool is_any() const { return value_ == 0; }
  constexpr bool is_loopback() const { return value_ >> 24 == 127; }  // RFC 1122 3.2.1.3 (g)
  std::string to_string() const;
  constexpr auto operator<=>(const Ipv4Address&) const = default;

 private:
  uint32_t value_ = 0;
};

// IPv4 or IPv6. An IPv4 address is kept in its mapped form (RFC 4291 2.5.5.2), as the BSD calls
// show it to an IPv6 socket; a mapped address therefore is the IPv4 address.
class IpAddress {
 public:
  constexpr IpAddress() = default;  // 0.0.0.0
  constexpr IpAddress(Ipv4Address v4) : low_(kMapped | v4.value()) {}
  // The 16 bytes of an IPv6 address, in two halves.
  static constexpr IpAddress v6(uint64_t high, uint64_t low) { return IpAddress(high, low); }
  static constexpr IpAddress any_v6() { return {0, 0}; }
  static constexpr IpAddress loopback_v4() { return Ipv4Address(0x7f000001); }
  static constexpr IpAddress loopback_v6() { return {0, 1}; }
  static IpAddress from_bytes(const std::array<uint8_t, 16>& bytes);  // of an IPv6 address
  // "10.77.0.1" or "fd77::1", also "::ffff:10.77.0.1"; nothing for anything else (RFC 4291 2.2).
  static std::optional<IpAddress> parse(std::string_view text);

  constexpr bool is_v4() const { return high_ == 0 && low_ >> 32 == kMapped >> 32; }
  constexpr bool is_v6() const { return !is_v4(); }
  constexpr bool is_any() const { return is_v4() ? v4().is_any() : (high_ | low_) == 0; }
  constexpr bool is_loopback() const {  // RFC 4291 2.5.3
    return is_v4() ? v4().is_loopback() : high_ == 0 && low_ == 1;
  }
  constexpr bool is_multicast() const {  // RFC 1112 4, RFC 4291 2.7
    return is_v4() ? v4().value() >> 28 == 0xe : high_ >> 56 == 0xff;
  }
  constexpr bool is_broadcast() const { return is_v4() && v4().value() == UINT32_MAX; }
  // The address of nobody or of many: no answer may be sent to it.
  constexpr bool is_one_host() const { return !is_any() && !is_multicast() && !is_broadcast(); }
  constexpr bool same_version(const IpAddress& other) const { return is_v4() == other.is_v4(); }
  // The IPv4 address; only of is_v4().
  constexpr Ipv4Address v4() const { return Ipv4Address(static_cast<uint32_t>(low_)); }
  constexpr uint64_t high() const { return high_; }
  constexpr uint64_t low() const { return low_; }
  std::array<uint8_t, 16> bytes() const;  // as in an IPv6 header
  std::string to_string() const;  // RFC 5952 4
  constexpr auto operator<=>(const IpAddress&) const = default;

 private:
  static constexpr uint64_t kMapped = 0xffff'0000'0000;
  constexpr IpAddress(uint64_t high, uint64_t low) : high_(high), low_(low) {}

  uint64_t high_ = 0;
  uint64_t low_ = kMapped;
};

}  // namespace tcptwin::wire

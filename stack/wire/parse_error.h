// parse_error.h: why a packet could not be read; what is then done with it is not decided here.
#pragma once

#include <cstdint>
#include <optional>

namespace tcptwin::wire {

enum class ParseError : uint8_t {
  kTruncated,  // fewer bytes than the headers say
  kNotIp,      // neither version 4 nor 6
  kNotIpv4,    // version, header length or total length
  kNotIpv6,    // version
  kBadIpChecksum,
  kMappedAddress,  // an IPv4-mapped address in an IPv6 header: RFC 4291 2.5.5.2 is for programs
  kBadExtensionHeader,  // an IPv6 option or routing header that demands more than being skipped
  kFragment,            // a piece of a length or at a place that no piece can have
  kUnknownProtocol,     // neither TCP, UDP nor ICMP of the right version
  kBadTcpHeader,        // data offset below 5 or past the end
  kBadTcpChecksum,
  kBadUdpHeader,    // length below 8 or past the end
  kBadUdpChecksum,  // over IPv6 also a missing one: RFC 8200 8.1
  kBadIcmpHeader,   // below 8 bytes
  kBadIcmpChecksum,
};
const char* parse_error_text(ParseError e);

// kIgnore: captures cut short, offloaded checksums.
enum class Checksums : uint8_t { kVerify, kIgnore };

// For `return fail(error, ParseError::kNotIp);` in functions that give an optional.
inline std::nullopt_t fail(ParseError& error, ParseError why) {
  error = why;
  return std::nullopt;
}

}  // namespace tcptwin::wire

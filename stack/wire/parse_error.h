// parse_error.h: why a packet could not be read; what is then done with it is not decided here.
#pragma once

#include <cstdint>
#include <optional>

namespace tcptwin::wire {

enum class ParseError : uint8_t {
  kTruncated,  // fewer bytes than the headers say
  kNotIpv4,    // version, header length or total length
  kBadIpChecksum,
  kFragment,  // reassembly is not done here
  kNotTcp,
  kBadTcpHeader,  // data offset below 5 or past the end
  kBadTcpChecksum,
};
const char* parse_error_text(ParseError e);

// kIgnore: captures cut short, offloaded checksums.
enum class Checksums : uint8_t { kVerify, kIgnore };

// For `return fail(error, ParseError::kNotTcp);` in functions that give an optional.
inline std::nullopt_t fail(ParseError& error, ParseError why) {
  error = why;
  return std::nullopt;
}

}  // namespace tcptwin::wire

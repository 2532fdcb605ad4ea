// units.h: durations, rates, sizes and fractions as people write them, exact in integers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "stack/base/time.h"

namespace tcptwin::json {

// All parse_* functions: a decimal number and a unit without a space between ("1.5ms"); no
// exponent, at most 18 decimals. The result is exact: a value that is no whole number of the base
// unit, or does not fit, is refused. `why`, unless null, then says what is wrong, listing the units
// where the unit is the fault.

// ns, us, ms, s, min, h; a leading "-" is allowed.
std::optional<Duration> parse_duration(std::string_view text, std::string* why = nullptr);
// bit/s, kbit/s, Mbit/s, Gbit/s, factor 1000; bits per second.
std::optional<uint64_t> parse_rate(std::string_view text, std::string* why = nullptr);
// B, kB, MB, GB (factor 1000), KiB, MiB, GiB (factor 1024), or no unit: bytes.
std::optional<int64_t> parse_size(std::string_view text, std::string* why = nullptr);
// "0.5" or "50%"; parts per billion, 0 or more. "1" is 1'000'000'000.
std::optional<int64_t> parse_fraction(std::string_view text, std::string* why = nullptr);

// The shortest exact text that parse_* reads back: 1500us -> "1.5ms", 65536 -> "64KiB", 60s ->
// "60s".
std::string format_duration(Duration value);
std::string format_rate(uint64_t bits_per_second);
std::string format_size(int64_t bytes);                  // bytes >= 0
std::string format_fraction(int64_t parts_per_billion);  // >= 0; "0.01"

// For tables: about four significant digits, rounded half up: "812 us", "43.94 ms", "2 min 56.1 s",
// "1 h 2 min 5 s".
std::string pretty_duration(Duration value);

// Regular expressions (ECMA 262) for what the parsers accept, for schemas.
inline constexpr const char* kDurationPattern = "^-?[0-9]+(\\.[0-9]+)?(ns|us|ms|s|min|h)$";
inline constexpr const char* kRatePattern = "^[0-9]+(\\.[0-9]+)?(bit|kbit|Mbit|Gbit)/s$";
inline constexpr const char* kSizePattern = "^[0-9]+(\\.[0-9]+)?(B|kB|MB|GB|KiB|MiB|GiB)?$";
inline constexpr const char* kFractionPattern = "^[0-9]+(\\.[0-9]+)?%?$";

}  // namespace tcptwin::json

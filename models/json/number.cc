#include "models/json/number.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>

namespace tcptwin::json {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

size_t count_digits(std::string_view text, size_t from) {
  size_t end = from;
  while (end < text.size() && is_digit(text[end])) ++end;
  return end - from;
}

// Length of a fraction or exponent that starts at `from`, 0 when it is absent or malformed.
size_t part_length(std::string_view text, size_t from, std::string_view starts, bool sign) {
  if (from >= text.size() || starts.find(text[from]) == std::string_view::npos) return 0;
  size_t digits = from + 1;
  if (sign && digits < text.size() && (text[digits] == '+' || text[digits] == '-')) ++digits;
  const size_t count = count_digits(text, digits);
  return count == 0 ? 0 : digits + count - from;
}

// The value is `digits` x 10^exponent; digits have no zeros at either end, none at all for 0.
struct Scientific {
  bool negative = false;
  std::string digits{};
  int64_t exponent = 0;
  bool exponent_fits = true;

  bool operator==(const Scientific&) const = default;
};

Scientific to_scientific(std::string_view text) {
  Scientific number;
  if (text.starts_with('-')) {
    number.negative = true;
    text.remove_prefix(1);
  }
  const size_t e = std::min(text.find_first_of("eE"), text.size());
  std::string_view mantissa = text.substr(0, e);
  if (e < text.size()) {
    std::string_view exponent = text.substr(e + 1);
    if (exponent.starts_with('+')) exponent.remove_prefix(1);
    // Within 10^17 nothing below can overflow.
    const auto result =
        std::from_chars(exponent.data(), exponent.data() + exponent.size(), number.exponent);
    number.exponent_fits = result.ec == std::errc() && number.exponent < 100'000'000'000'000'000 &&
                           number.exponent > -100'000'000'000'000'000;
    if (!number.exponent_fits) number.exponent = 0;
  }
  const size_t point = mantissa.find('.');
  number.digits = mantissa.substr(0, point);
  if (point != std::string_view::npos) {
    number.digits += mantissa.substr(point + 1);
    number.exponent -= static_cast<int64_t>(mantissa.size() - point - 1);
  }
  const size_t last = number.digits.find_last_not_of('0');
  if (last == std::string::npos) return {};  // 0 and -0, whatever the exponent
  number.exponent += static_cast<int64_t>(number.digits.size() - last - 1);
  number.digits.erase(last + 1);
  number.digits.erase(0, number.digits.find_first_not_of('0'));
  return number;
}

}  // namespace

size_t number_length(std::string_view text) {
  size_t length = text.starts_with('-') ? 1 : 0;
  const size_t whole = count_digits(text, length);
  if (whole == 0) return 0;
  length += text[length] == '0' ? 1 : whole;  // no digit follows a leading zero
  length += part_length(text, length, ".", false);
  return length + part_length(text, length, "eE", true);
}

bool is_json_number(std::string_view text) {
  return !text.empty() && number_length(text) == text.size();
}

bool same_number(std::string_view a, std::string_view b) {
  const Scientific x = to_scientific(a);
  const Scientific y = to_scientific(b);
  if (!x.exponent_fits || !y.exponent_fits) return a == b;
  return x == y;
}

}  // namespace tcptwin::json

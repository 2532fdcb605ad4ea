#include "models/json/utf8.h"

#include <algorithm>
#include <cstdint>

namespace tcptwin::json {

size_t code_point_length(std::string_view text) {
  if (text.empty()) return 0;
  const auto byte = [text](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4) return 0;
  const size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (text.size() < length) return 0;
  // The second byte excludes overlong forms, surrogates, and what lies beyond U+10FFFF.
  const uint8_t low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const uint8_t high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (byte(1) < low || byte(1) > high) return 0;
  for (size_t i = 2; i < length; ++i) {
    if (byte(i) < 0x80 || byte(i) > 0xBF) return 0;
  }
  return length;
}

size_t find_bad_utf8(std::string_view text) {
  size_t position = 0;
  while (position < text.size()) {
    const size_t length = code_point_length(text.substr(position));
    if (length == 0) break;
    position += length;
  }
  return position;
}

size_t count_code_points(std::string_view text) {
  size_t count = 0;
  for (size_t position = 0; position < text.size(); ++count) {
    position += std::max<size_t>(code_point_length(text.substr(position)), 1);
  }
  return count;
}

}  // namespace tcptwin::json

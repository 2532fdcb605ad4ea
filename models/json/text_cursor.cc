#include "models/json/text_cursor.h"

namespace tcptwin::json {
namespace {

bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '-' || c == '.' || c == '_';
}

}  // namespace

void TextCursor::advance(size_t bytes) {
  for (const size_t end = offset_ + bytes; offset_ < end; ++offset_) {
    if (text_[offset_] == '\n') {
      ++line_;
      column_ = 1;
    } else {
      ++column_;
    }
  }
}

void TextCursor::skip_spaces() { skip_spaces_and(""); }

void TextCursor::skip_spaces_and(std::string_view also) {
  constexpr std::string_view kSpaces = " \t\r\n";
  while (!at_end() && (kSpaces.find(peek()) != std::string_view::npos ||
                       also.find(peek()) != std::string_view::npos)) {
    advance(1);
  }
}

size_t token_length(std::string_view text) {
  if (text.empty()) return 0;
  size_t length = 1;
  if (text[0] == '"') {
    while (length < text.size() && text[length] != '"') length += text[length] == '\\' ? 2 : 1;
    return length < text.size() ? length + 1 : text.size();
  }
  if (!is_word_byte(text[0])) return 1;
  while (length < text.size() && is_word_byte(text[length])) ++length;
  return length;
}

}  // namespace tcptwin::json

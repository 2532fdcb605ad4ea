// text_cursor.h: walks over JSON text token by token and knows line and column. Judges nothing: a
// malformed token is as long as it looks.
#pragma once

#include <cstddef>
#include <string_view>

namespace tcptwin::json {

class TextCursor {
 public:
  explicit TextCursor(std::string_view text) : text_(text) {}

  size_t offset() const { return offset_; }
  int line() const { return line_; }      // from 1
  int column() const { return column_; }  // from 1, in bytes
  bool at_end() const { return offset_ == text_.size(); }
  char peek() const { return text_[offset_]; }  // not at the end
  std::string_view rest() const { return text_.substr(offset_); }

  void advance(size_t bytes);
  void skip_spaces();  // space, tab, carriage return, newline
  void skip_spaces_and(std::string_view also);

 private:
  std::string_view text_;
  size_t offset_ = 0;
  int line_ = 1;
  int column_ = 1;
};

// Length of the token at the start of `text`: a string with its quotes, a run of letters, digits
// and + - . _, or one byte. An unclosed string reaches to the end.
size_t token_length(std::string_view text);

}  // namespace tcptwin::json

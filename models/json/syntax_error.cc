#include "models/json/syntax_error.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <optional>

#include "models/json/nearest.h"
#include "models/json/number.h"
#include "models/json/utf8.h"

namespace tcptwin::json {
namespace {

using Expects = SyntaxState::Expects;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// A word or number as it stands in the text, shortened for messages.
std::string excerpt(std::string_view token) {
  constexpr size_t kLongest = 30;
  return token.size() <= kLongest ? std::string(token) : std::string(token.substr(0, 27)) + "...";
}

std::string describe_found(std::string_view rest) {
  const size_t length = code_point_length(rest);
  const auto byte = static_cast<uint8_t>(rest[0]);
  if (length == 0) return fmt::format("the byte 0x{:02X}, which is not UTF-8", byte);
  if (byte == 0) return "a NUL byte";
  if (byte < 0x20 || byte == 0x7F) return fmt::format("the control character U+{:04X}", byte);
  if (is_letter(rest[0])) return fmt::format("\"{}\"", excerpt(rest.substr(0, token_length(rest))));
  if (rest[0] == '"') return "a string";
  return fmt::format("'{}'", rest.substr(0, length));
}

// One look at the text behind the last good token; `cursor_` is where the fault is.
class Explainer {
 public:
  Explainer(std::string_view file, const SyntaxState& state)
      : file_(file), state_(&state), cursor_(state.after_last) {}

  Diagnostic explain() {
    if (auto glued = token_that_goes_on()) return *glued;
    cursor_.skip_spaces();
    switch (state_->expects) {
      case Expects::kValue: return bad_value("a value");
      case Expects::kFirstKey: return bad_key("a key in double quotes or '}'");
      case Expects::kFirstItem: return bad_value("a value or ']'");
      case Expects::kColon:
        if (!take(':')) return expected("':' after the key");
        return bad_value("a value");
      case Expects::kMemberEnd:
        if (!take(',')) return expected("',' or '}'");
        if (at('}')) return at_cursor("the comma before this '}' must go");
        return bad_key("a key in double quotes");
      case Expects::kItemEnd:
        if (!take(',')) return expected("',' or ']'");
        if (at(']')) return at_cursor("the comma before this ']' must go");
        return bad_value("a value");
      case Expects::kEnd: return expected("nothing after the end of the document");
    }
    return at_cursor("malformed JSON");
  }

 private:
  bool at(char c) const { return !cursor_.at_end() && cursor_.peek() == c; }

  bool take(char c) {
    if (!at(c)) return false;
    cursor_.advance(1);
    cursor_.skip_spaces();
    return true;
  }

  Diagnostic at_cursor(std::string message, std::string suggestion = "") const {
    return {.file = file_,
            .line = cursor_.line(),
            .column = cursor_.column(),
            .message = std::move(message),
            .suggestion = std::move(suggestion)};
  }

  Diagnostic cut_off(std::string_view unclosed = "") const {
    if (!unclosed.empty()) return at_cursor(fmt::format("the text ends within {}", unclosed));
    if (state_->open_bracket == 0) return at_cursor("the text is empty: expected a JSON value");
    return at_cursor(fmt::format("the text ends before the '{}' of line {} is closed",
                                 state_->open_bracket, state_->open_line));
  }

  Diagnostic expected(std::string_view what) const {
    if (cursor_.at_end()) return cut_off();
    if (at('/') || at('#')) {
      return at_cursor("JSON has no comments: use a key such as \"comment\" where it is allowed");
    }
    return at_cursor(fmt::format("expected {}, found {}", what, describe_found(cursor_.rest())));
  }

  // "01" and "truex" begin with a token that is good by itself.
  std::optional<Diagnostic> token_that_goes_on() {
    const std::string_view token = state_->last.rest();
    const size_t good = state_->after_last.offset() - state_->last.offset();
    if (good == 0 || token[0] == '"' || token_length(token) <= good) return std::nullopt;
    cursor_ = state_->last;
    return bad_word();
  }

  Diagnostic bad_key(std::string_view what) {
    if (at('"')) return bad_string();
    if (at('\'')) return at_cursor("keys are written in double quotes");
    return expected(what);
  }

  Diagnostic bad_value(std::string_view what) {
    if (cursor_.at_end()) return cut_off();
    const char c = cursor_.peek();
    if (c == '"') return bad_string();
    if (c == '\'') return at_cursor("strings are written in double quotes");
    if (is_letter(c) || c == '-' || c == '+' || c == '.' || (c >= '0' && c <= '9')) {
      return bad_word();
    }
    return expected(what);
  }

  Diagnostic bad_word() const {
    static const std::array<std::string, 3> kWords = {"true", "false", "null"};
    const std::string_view rest = cursor_.rest();
    const std::string_view word = rest.substr(0, token_length(rest));
    if (is_letter(word[0])) {
      return at_cursor(fmt::format("unknown word {}; strings need double quotes", excerpt(word)),
                       nearest(word, kWords));
    }
    if (is_json_number(word)) {
      return at_cursor(fmt::format("the number {} is too large", excerpt(word)));
    }
    return at_cursor(fmt::format("malformed number {}", excerpt(word)));
  }

  Diagnostic bad_string() {
    const std::string start = fmt::format("the string that starts at line {}, column {}",
                                          cursor_.line(), cursor_.column());
    cursor_.advance(1);
    while (!cursor_.at_end()) {
      const std::string_view rest = cursor_.rest();
      const auto c = static_cast<uint8_t>(rest[0]);
      if (c == '"') break;
      if (c == '\n' || c == '\r') return at_cursor(fmt::format("line break within {}", start));
      if (c < 0x20) {
        return at_cursor(fmt::format("control character in a string: write it as \\u{:04x}", c));
      }
      const size_t length = c == '\\' ? escape_length(rest) : code_point_length(rest);
      if (length == 0 && c == '\\') return bad_escape(start);
      if (length == 0) return at_cursor(fmt::format("invalid UTF-8: byte 0x{:02X}", c));
      cursor_.advance(length);
    }
    return cursor_.at_end() ? cut_off(start) : at_cursor("malformed string");
  }

  Diagnostic bad_escape(std::string_view start) {
    const std::string_view rest = cursor_.rest();
    if (rest.size() == 1) {
      cursor_.advance(1);
      return cut_off(start);
    }
    if (rest[1] != 'u') {
      const size_t length = code_point_length(rest.substr(1));
      if (length == 0 || static_cast<uint8_t>(rest[1]) < 0x20) return at_cursor("unknown escape");
      return at_cursor(fmt::format("unknown escape {}", rest.substr(0, 1 + length)));
    }
    if (!unit_at(rest)) return at_cursor("four hexadecimal digits must follow \\u");
    return at_cursor(fmt::format("{} is half of a surrogate pair", rest.substr(0, 6)));
  }

  // The UTF-16 unit of a \uXXXX at the start of `text`.
  static std::optional<uint32_t> unit_at(std::string_view text) {
    if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return std::nullopt;
    uint32_t unit = 0;
    for (const char c : text.substr(2, 4)) {
      const char lower = is_letter(c) ? static_cast<char>(c | 0x20) : c;
      if (lower >= '0' && lower <= '9') {
        unit = unit * 16 + static_cast<uint32_t>(lower - '0');
      } else if (lower >= 'a' && lower <= 'f') {
        unit = unit * 16 + static_cast<uint32_t>(lower - 'a' + 10);
      } else {
        return std::nullopt;
      }
    }
    return unit;
  }

  // Bytes of the escape at the start of `text`, both halves of a surrogate pair together; 0 when it
  // is malformed.
  static size_t escape_length(std::string_view text) {
    if (text.size() < 2) return 0;
    if (text[1] != 'u') {
      return std::string_view("\"\\/bfnrt").find(text[1]) == std::string_view::npos ? 0 : 2;
    }
    const auto unit = unit_at(text);
    if (!unit || (*unit >= 0xDC00 && *unit <= 0xDFFF)) return 0;
    if (*unit < 0xD800 || *unit > 0xDBFF) return 6;
    const auto second = unit_at(text.substr(6));
    return second && *second >= 0xDC00 && *second <= 0xDFFF ? 12 : 0;
  }

  std::string file_;
  const SyntaxState* state_;
  TextCursor cursor_;
};

}  // namespace

Diagnostic explain_syntax_error(std::string_view file, const SyntaxState& state) {
  return Explainer(std::string(file), state).explain();
}

}  // namespace tcptwin::json

// syntax_error.h: finds out, in our own words, why a text is not JSON, after the parser has refused
// it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "models/json/diagnostic.h"
#include "models/json/text_cursor.h"

namespace tcptwin::json {

// How far the parser came: everything before `after_last` is well-formed.
struct SyntaxState {
  enum class Expects : uint8_t {
    kValue,      // the document, or a member's value after its colon
    kFirstKey,   // after "{"
    kFirstItem,  // after "["
    kColon,      // after a key
    kMemberEnd,  // after a member's value: "," or "}"
    kItemEnd,    // after an item: "," or "]"
    kEnd,        // after the document
  };

  Expects expects = Expects::kValue;
  TextCursor last;        // at the first byte of the last token
  TextCursor after_last;  // behind it
  char open_bracket = 0;  // the innermost bracket that is open; 0: none
  int open_line = 0;
};

Diagnostic explain_syntax_error(std::string_view file, const SyntaxState& state);

}  // namespace tcptwin::json

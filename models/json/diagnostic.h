// diagnostic.h: one mistake in an input, with its place, in words for the person who wrote it.
#pragma once

#include <string>

#include "models/json/node.h"

namespace tcptwin::json {

// Parts that do not apply are empty or 0.
struct Diagnostic {
  std::string file{};        // or the command-line option
  int line = 0;              // from 1
  int column = 0;            // from 1, in bytes
  std::string pointer{};     // JSON Pointer of the value within the document
  std::string message{};     // no newline, no full stop
  std::string suggestion{};  // what was probably meant, bare: profile
  std::string note{};        // such as `in variant "v", operation 2`

  bool operator==(const Diagnostic&) const = default;
};

// FILE:LINE:COLUMN: POINTER: message (did you mean "x"?) [note], without the parts that are absent.
// Always one line: control characters are escaped.
std::string to_string(const Diagnostic& diagnostic);

// A diagnostic at an origin.
Diagnostic diagnostic_at(const Origin& origin, std::string pointer, std::string message,
                         std::string suggestion = "");

}  // namespace tcptwin::json

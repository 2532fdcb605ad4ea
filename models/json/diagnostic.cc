#include "models/json/diagnostic.h"

#include <string>
#include <string_view>
#include <utility>

namespace tcptwin::json {
namespace {

// Keys and file names may hold anything; a message stays one line and moves no cursor.
std::string without_control_characters(const std::string& text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string clean;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7F) {
      clean += c;
    } else if (c == '\n') {
      clean += "\\n";
    } else {
      clean += "\\u00";
      clean += kHex[byte >> 4];
      clean += kHex[byte & 15];
    }
  }
  return clean;
}

}  // namespace

std::string to_string(const Diagnostic& diagnostic) {
  std::string line;
  const auto add_place = [&line](const std::string& part) {
    if (!line.empty()) line += ':';
    line += part;
  };
  if (!diagnostic.file.empty()) add_place(diagnostic.file);
  if (diagnostic.line > 0) add_place(std::to_string(diagnostic.line));
  if (diagnostic.line > 0 && diagnostic.column > 0) add_place(std::to_string(diagnostic.column));
  if (!line.empty()) line += ": ";
  if (!diagnostic.pointer.empty()) line += diagnostic.pointer + ": ";
  line += diagnostic.message;
  if (!diagnostic.suggestion.empty()) {
    line += " (did you mean \"" + diagnostic.suggestion + "\"?)";
  }
  if (!diagnostic.note.empty()) line += " [" + diagnostic.note + "]";
  return without_control_characters(line);
}

Diagnostic diagnostic_at(const Origin& origin, std::string pointer, std::string message,
                         std::string suggestion) {
  return {.file = origin.source,
          .line = origin.line,
          .column = origin.column,
          .pointer = std::move(pointer),
          .message = std::move(message),
          .suggestion = std::move(suggestion),
          .note = origin.note};
}

}  // namespace tcptwin::json

// Prints nodes. Declared in node.h.
#include <string>
#include <string_view>

#include "models/json/node.h"
#include "models/json/utf8.h"
#include "stack/base/check.h"

namespace tcptwin::json {
namespace {

constexpr size_t kColumns = 100;
constexpr size_t kIndent = 2;

void write_control(unsigned char c, std::string& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += "\\u00";
  out += kHex[c >> 4];
  out += kHex[c & 15];
}

void write_string(std::string_view text, std::string& out) {
  out += '"';
  for (size_t i = 0; i < text.size();) {
    const size_t length = code_point_length(text.substr(i));
    const auto c = static_cast<unsigned char>(text[i]);
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      default:
        if (length == 0) {
          out += "\xEF\xBF\xBD";  // U+FFFD
        } else if (c < 0x20) {
          write_control(c, out);
        } else {
          out += text.substr(i, length);
        }
    }
    i += length == 0 ? 1 : length;
  }
  out += '"';
}

void write_scalar(const Node& node, std::string& out) {
  switch (node.kind()) {
    case Node::Kind::kNull: out += "null"; return;
    case Node::Kind::kBoolean: out += node.as_boolean() ? "true" : "false"; return;
    case Node::Kind::kInteger: out += std::to_string(node.as_integer()); return;
    case Node::Kind::kDecimal: out += node.as_decimal(); return;
    case Node::Kind::kString: write_string(node.as_string(), out); return;
    case Node::Kind::kArray:
    case Node::Kind::kObject: break;
  }
  CHECK(false);
}

// Everything on one line; `gap` stands after each comma and colon.
void write_line(const Node& node, std::string_view gap, std::string& out) {
  if (!node.is_array() && !node.is_object()) return write_scalar(node, out);
  out += node.is_array() ? '[' : '{';
  bool first = true;
  const auto separate = [&] {
    if (!first) (out += ',') += gap;
    first = false;
  };
  if (node.is_array()) {
    for (const Node& item : node.items()) {
      separate();
      write_line(item, gap, out);
    }
  } else {
    for (const Member& member : node.members()) {
      separate();
      write_string(member.key, out);
      (out += ':') += gap;
      write_line(member.value, gap, out);
    }
  }
  out += node.is_array() ? ']' : '}';
}

bool has_only_scalars(const Node& node) {
  const auto is_scalar = [](const Node& part) { return !part.is_array() && !part.is_object(); };
  if (node.is_array()) {
    for (const Node& item : node.items()) {
      if (!is_scalar(item)) return false;
    }
  } else if (node.is_object()) {
    for (const Member& member : node.members()) {
      if (!is_scalar(member.value)) return false;
    }
  }
  return true;
}

void write_pretty(const Node& node, size_t level, std::string& out);

void new_line(size_t level, std::string& out) {
  out += '\n';
  out.append(level * kIndent, ' ');
}

void write_lines(const Node& node, size_t level, std::string& out) {
  bool first = true;
  const auto separate = [&] {
    if (!first) out += ',';
    first = false;
    new_line(level + 1, out);
  };
  out += node.is_array() ? '[' : '{';
  if (node.is_array()) {
    for (const Node& item : node.items()) {
      separate();
      write_pretty(item, level + 1, out);
    }
  } else {
    for (const Member& member : node.members()) {
      separate();
      write_string(member.key, out);
      out += ": ";
      write_pretty(member.value, level + 1, out);
    }
  }
  new_line(level, out);
  out += node.is_array() ? ']' : '}';
}

void write_pretty(const Node& node, size_t level, std::string& out) {
  if (has_only_scalars(node)) {
    std::string line;
    write_line(node, " ", line);
    const size_t start = out.rfind('\n') + 1;  // npos + 1 is 0
    const size_t used = count_code_points(std::string_view(out).substr(start));
    // One column is left for the comma that may follow.
    if (node.size() == 0 || used + count_code_points(line) < kColumns) {
      out += line;
      return;
    }
  }
  write_lines(node, level, out);
}

}  // namespace

std::string write(const Node& node, Style style) {
  std::string out;
  if (style == Style::kCompact) {
    write_line(node, "", out);
  } else {
    write_pretty(node, 0, out);
  }
  return out;
}

std::string describe(const Node& node) {
  constexpr size_t kLongest = 40;
  switch (node.kind()) {
    case Node::Kind::kNull:
    case Node::Kind::kBoolean: return write(node, Style::kCompact);
    case Node::Kind::kInteger: return "the number " + write(node, Style::kCompact);
    case Node::Kind::kDecimal: {
      const std::string& text = node.as_decimal();
      return "the number " + (text.size() <= kLongest ? text : text.substr(0, kLongest) + "...");
    }
    case Node::Kind::kString: {
      const std::string& text = node.as_string();
      if (text.size() <= kLongest) return "the string " + write(node, Style::kCompact);
      size_t end = 0;
      while (end < kLongest) {
        end += std::max<size_t>(code_point_length(std::string_view(text).substr(end)), 1);
      }
      return "the string " + write(Node::string(text.substr(0, end) + "..."), Style::kCompact);
    }
    case Node::Kind::kArray: return node.size() == 0 ? "an empty array" : "an array";
    case Node::Kind::kObject: return node.size() == 0 ? "an empty object" : "an object";
  }
  return {};
}

}  // namespace tcptwin::json

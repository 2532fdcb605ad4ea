// pointer.h: JSON Pointer (RFC 6901): names a place in a document, finds it, and puts a value
// there.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/json/diagnostic.h"
#include "models/json/node.h"

namespace tcptwin::json {

class Pointer {
 public:
  Pointer() = default;  // the whole document
  explicit Pointer(std::vector<std::string> tokens) : tokens_(std::move(tokens)) {}

  // "" is the whole document, else "/" before each token; "~1" means "/", "~0" means "~". Empty
  // when malformed.
  static std::optional<Pointer> parse(std::string_view text);

  const std::vector<std::string>& tokens() const { return tokens_; }  // not escaped
  bool is_root() const { return tokens_.empty(); }
  Pointer parent() const;  // of the root: the root
  Pointer child(std::string token) const;
  bool is_prefix_of(const Pointer& other) const;  // also true of itself
  std::string to_string() const;
  bool operator==(const Pointer&) const = default;

 private:
  std::vector<std::string> tokens_;
};

// A token as it stands in a pointer: "~" becomes "~0", "/" becomes "~1".
std::string escape_token(std::string_view token);

// The position that a token names in an array of that size (no sign, no leading zero, below size).
std::optional<size_t> array_index(std::string_view token, size_t size);

// The value at that place, or nullptr.
const Node* resolve(const Node& doc, const Pointer& pointer);
Node* resolve(Node& doc, const Pointer& pointer);

// Why resolve() found nothing: the pointer of the first part that is not there, what is there
// instead, and the nearest key. Its place in the text is that of the innermost value that does
// exist.
Diagnostic explain_missing(const Node& doc, const Pointer& pointer);

// Puts a value at a place; missing parents are created as objects (as an array when "-" follows).
// In arrays an existing index replaces and "-" appends. New keys get the origin of the value. False
// and *error: a malformed pointer, a parent that is a scalar, an index beyond the end, or nesting
// over kMaxDepth. `doc` is then unchanged.
bool set_at(Node& doc, const Pointer& pointer, Node value, Diagnostic* error);
bool set_at(Node& doc, std::string_view pointer, Node value, Diagnostic* error);

}  // namespace tcptwin::json

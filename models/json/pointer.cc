#include "models/json/pointer.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "models/json/nearest.h"
#include "models/json/parse.h"

namespace tcptwin::json {
namespace {

std::optional<std::string> unescape_token(std::string_view escaped) {
  std::string token;
  for (size_t i = 0; i < escaped.size(); ++i) {
    if (escaped[i] != '~') {
      token += escaped[i];
      continue;
    }
    if (++i == escaped.size() || (escaped[i] != '0' && escaped[i] != '1')) return std::nullopt;
    token += escaped[i] == '0' ? '~' : '/';
  }
  return token;
}

const Node* step(const Node& node, const std::string& token) {
  if (node.is_object()) return node.find(token);
  if (!node.is_array()) return nullptr;
  const auto index = array_index(token, node.size());
  return index ? &node.items()[*index] : nullptr;
}

// How an existing place is called at the start of a message.
std::string place(const Pointer& pointer) {
  return pointer.is_root() ? "the document" : pointer.to_string();
}

std::vector<std::string> keys_of(const Node& object) {
  std::vector<std::string> keys;
  for (const Member& member : object.members()) keys.push_back(member.key);
  return keys;
}

// What `node`, which lacks the token, has instead.
std::string what_exists(const Node& node, const Pointer& at) {
  if (node.is_object()) {
    const auto keys = keys_of(node);
    if (keys.empty()) return place(at) + " is an empty object";
    return place(at) + " has " + quoted_list(keys, "and");
  }
  if (!node.is_array()) return place(at) + " is " + describe(node);
  if (node.size() == 0) return place(at) + " is an empty array";
  return place(at) + " is an array with " +
         (node.size() == 1 ? "the only index 0"
                           : "indices 0 to " + std::to_string(node.size() - 1));
}

int depth_of(const Node& node) {
  int deepest = 0;
  if (node.is_array()) {
    for (const Node& item : node.items()) deepest = std::max(deepest, depth_of(item));
  } else if (node.is_object()) {
    for (const Member& member : node.members()) deepest = std::max(deepest, depth_of(member.value));
  } else {
    return 0;
  }
  return deepest + 1;
}

// What set_at() cannot do, found before anything is changed.
std::optional<Diagnostic> why_not_settable(const Node& doc, const Pointer& pointer,
                                           const Node& value) {
  const auto fail = [&value](const Pointer& at, std::string message) {
    return diagnostic_at(value.origin(), at.to_string(), std::move(message));
  };
  if (pointer.tokens().size() + static_cast<size_t>(depth_of(value)) > kMaxDepth) {
    return fail(pointer, "nesting is deeper than " + std::to_string(kMaxDepth) + " levels");
  }
  const Node* node = &doc;
  Pointer at;
  for (const std::string& token : pointer.tokens()) {
    const Node* next = step(*node, token);
    if (next == nullptr) {
      const bool appends = node->is_array() && token == "-";
      if (node->is_object() || appends) return std::nullopt;
      return fail(at.child(token), "cannot be set: " + what_exists(*node, at) +
                                       (node->is_array() ? "; \"-\" appends" : ""));
    }
    node = next;
    at = at.child(token);
  }
  return std::nullopt;
}

// The place in an existing parent, made when it is not there. why_not_settable() found nothing.
Node& make_child(Node& parent, const std::string& token, const Origin& origin) {
  if (const Node* existing = step(parent, token)) return const_cast<Node&>(*existing);
  Node child;
  child.set_origin(origin);
  if (parent.is_array()) {
    parent.push(std::move(child));
    return parent.items().back();
  }
  parent.set(token, std::move(child));
  return parent.members().back().value;
}

}  // namespace

std::optional<Pointer> Pointer::parse(std::string_view text) {
  std::vector<std::string> tokens;
  while (!text.empty()) {
    if (text[0] != '/') return std::nullopt;
    const size_t end = std::min(text.find('/', 1), text.size());
    auto token = unescape_token(text.substr(1, end - 1));
    if (!token) return std::nullopt;
    tokens.push_back(std::move(*token));
    text.remove_prefix(end);
  }
  return Pointer(std::move(tokens));
}

Pointer Pointer::parent() const {
  Pointer result = *this;
  if (!result.tokens_.empty()) result.tokens_.pop_back();
  return result;
}

Pointer Pointer::child(std::string token) const {
  Pointer result = *this;
  result.tokens_.push_back(std::move(token));
  return result;
}

bool Pointer::is_prefix_of(const Pointer& other) const {
  return tokens_.size() <= other.tokens_.size() &&
         std::equal(tokens_.begin(), tokens_.end(), other.tokens_.begin());
}

std::string Pointer::to_string() const {
  std::string text;
  for (const std::string& token : tokens_) text += '/' + escape_token(token);
  return text;
}

std::string escape_token(std::string_view token) {
  std::string escaped;
  for (const char c : token) {
    if (c == '~') {
      escaped += "~0";
    } else if (c == '/') {
      escaped += "~1";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::optional<size_t> array_index(std::string_view token, size_t size) {
  if (token.empty() || (token.size() > 1 && token[0] == '0')) return std::nullopt;
  size_t index = 0;
  const auto result = std::from_chars(token.data(), token.data() + token.size(), index);
  if (result.ec != std::errc() || result.ptr != token.data() + token.size()) return std::nullopt;
  if (index >= size) return std::nullopt;
  return index;
}

const Node* resolve(const Node& doc, const Pointer& pointer) {
  const Node* node = &doc;
  for (const std::string& token : pointer.tokens()) {
    node = step(*node, token);
    if (node == nullptr) return nullptr;
  }
  return node;
}

Node* resolve(Node& doc, const Pointer& pointer) {
  return const_cast<Node*>(resolve(std::as_const(doc), pointer));
}

Diagnostic explain_missing(const Node& doc, const Pointer& pointer) {
  const Node* node = &doc;
  Pointer at;
  for (const std::string& token : pointer.tokens()) {
    const Node* next = step(*node, token);
    if (next == nullptr) {
      const std::string suggestion = node->is_object() ? nearest(token, keys_of(*node)) : "";
      return diagnostic_at(node->origin(), at.child(token).to_string(),
                           "does not exist; " + what_exists(*node, at), suggestion);
    }
    node = next;
    at = at.child(token);
  }
  return diagnostic_at(node->origin(), at.to_string(), "exists");
}

bool set_at(Node& doc, const Pointer& pointer, Node value, Diagnostic* error) {
  if (auto problem = why_not_settable(doc, pointer, value)) {
    if (error != nullptr) *error = std::move(*problem);
    return false;
  }
  Node* node = &doc;
  for (const std::string& token : pointer.tokens()) {
    if (node->is_null()) {  // just made: none of the document's own nulls gets here
      Node made = token == "-" ? Node::array() : Node::object();
      made.set_origin(value.origin());
      *node = std::move(made);
    }
    node = &make_child(*node, token, value.origin());
  }
  *node = std::move(value);
  return true;
}

bool set_at(Node& doc, std::string_view pointer, Node value, Diagnostic* error) {
  if (const auto parsed = Pointer::parse(pointer)) {
    return set_at(doc, *parsed, std::move(value), error);
  }
  if (error != nullptr) {
    *error = diagnostic_at(value.origin(), std::string(pointer),
                           pointer.starts_with('/')
                               ? "malformed JSON Pointer: \"~\" must be followed by 0 or 1"
                               : "malformed JSON Pointer: it must start with \"/\"");
  }
  return false;
}

}  // namespace tcptwin::json

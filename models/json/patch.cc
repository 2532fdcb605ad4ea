#include "models/json/patch.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/json/nearest.h"
#include "models/json/parse.h"
#include "models/json/pointer.h"

namespace tcptwin::json {
namespace {

constexpr size_t kMaxCopiedBytes = size_t{64} << 20;

struct Extent {
  size_t bytes = 0;
  size_t depth = 0;
};

Extent extent_of(const Node& node) {
  Extent extent{.bytes = sizeof(Node), .depth = 0};
  const auto contains = [&extent](const Node& part) {
    const Extent inner = extent_of(part);
    extent.bytes += inner.bytes;
    extent.depth = std::max(extent.depth, inner.depth + 1);
  };
  if (node.is_string()) extent.bytes += node.as_string().size();
  if (node.is_array() || node.is_object()) extent.depth = 1;
  if (node.is_array()) {
    for (const Node& item : node.items()) contains(item);
  } else if (node.is_object()) {
    for (const Member& member : node.members()) {
      extent.bytes += sizeof(Member) + member.key.size();
      contains(member.value);
    }
  }
  return extent;
}

// The whole value where it is short.
std::string in_brief(const Node& node) {
  constexpr size_t kLongest = 60;
  std::string text = write(node, Style::kCompact);
  return text.size() <= kLongest ? text : describe(node);
}

// Runs the operations on a copy of the document; the first failure ends it.
class Patcher {
 public:
  Patcher(Node doc, std::string_view label) : doc_(std::move(doc)), label_(label) {}

  bool run(const Node& operations) {
    if (!operations.is_array()) {
      return fail(operations.origin(), "",
                  "expected an array of patch operations, found " + describe(operations));
    }
    for (size_t i = 0; i < operations.size(); ++i) {
      note_ =
          (label_.empty() ? "in operation " : "in " + label_ + ", operation ") + std::to_string(i);
      if (!run_one(operations.items()[i])) return false;
    }
    return true;
  }

  Node take_document() { return std::move(doc_); }
  Diagnostic take_error() { return std::move(error_); }

 private:
  // One operation; its pointers are well-formed.
  struct Operation {
    std::string name{};
    const Node* path_node = nullptr;
    Pointer path{};
    const Node* from_node = nullptr;  // move, copy
    Pointer from{};
    const Node* value = nullptr;  // add, replace, test
  };

  bool fail(const Origin& at, std::string pointer, std::string message,
            std::string suggestion = "") {
    error_ = diagnostic_at(at, std::move(pointer), std::move(message), std::move(suggestion));
    error_.note = note_;
    return false;
  }

  bool fail_missing(const Node& at, const Pointer& pointer) {
    Diagnostic missing = explain_missing(doc_, pointer);
    return fail(at.origin(), std::move(missing.pointer), std::move(missing.message),
                std::move(missing.suggestion));
  }

  bool run_one(const Node& node) {
    Operation operation;
    if (!read(node, operation)) return false;
    if (operation.name == "add") return add(operation, *operation.value);
    if (operation.name == "remove") return remove(*operation.path_node, operation.path);
    if (operation.name == "replace") return replace(operation);
    if (operation.name == "move") return move(operation);
    if (operation.name == "copy") return copy(operation);
    return test(operation);
  }

  bool read(const Node& node, Operation& operation) {
    static const std::vector<std::string> kNames = {"add",  "remove", "replace",
                                                    "move", "copy",   "test"};
    if (!node.is_object()) {
      return fail(node.origin(), "", "expected a patch operation, found " + describe(node));
    }
    const Node* name = text_member(node, "op");
    if (name == nullptr) return false;
    operation.name = name->as_string();
    if (std::find(kNames.begin(), kNames.end(), operation.name) == kNames.end()) {
      return fail(
          name->origin(), "",
          "unknown operation \"" + operation.name + "\"; known are " + quoted_list(kNames, "and"),
          nearest(operation.name, kNames));
    }
    operation.path_node = read_pointer(node, "path", operation.path);
    if (operation.path_node == nullptr) return false;
    if (operation.name == "move" || operation.name == "copy") {
      operation.from_node = read_pointer(node, "from", operation.from);
      return operation.from_node != nullptr;
    }
    if (operation.name == "remove") return true;
    operation.value = node.find("value");
    return operation.value != nullptr || fail_key(node, "value");
  }

  bool fail_key(const Node& operation, const std::string& key) {
    return fail(operation.origin(), "", "the operation lacks the key \"" + key + "\"");
  }

  const Node* text_member(const Node& operation, const std::string& key) {
    const Node* value = operation.find(key);
    if (value == nullptr) {
      fail_key(operation, key);
    } else if (!value->is_string()) {
      fail(value->origin(), "", "\"" + key + "\" must be a string, found " + describe(*value));
      return nullptr;
    }
    return value;
  }

  const Node* read_pointer(const Node& operation, const std::string& key, Pointer& out) {
    const Node* node = text_member(operation, key);
    if (node == nullptr) return nullptr;
    const auto pointer = Pointer::parse(node->as_string());
    if (!pointer) {
      fail(node->origin(), "",
           "\"" + key + "\" is no JSON Pointer: it starts with \"/\", and \"~\" is followed by 0 " +
               "or 1, found " + describe(*node));
      return nullptr;
    }
    out = *pointer;
    return node;
  }

  bool check_depth(const Operation& operation, const Node& value) {
    return operation.path.tokens().size() + extent_of(value).depth <= kMaxDepth ||
           fail(operation.path_node->origin(), operation.path.to_string(),
                "nesting would be deeper than " + std::to_string(kMaxDepth) + " levels");
  }

  bool add(const Operation& operation, Node value) {
    if (!check_depth(operation, value)) return false;
    value.set_note_of_all(note_);
    if (operation.path.is_root()) {
      doc_ = std::move(value);
      return true;
    }
    Node* parent = resolve(doc_, operation.path.parent());
    const std::string& token = operation.path.tokens().back();
    if (parent == nullptr) return fail_missing(*operation.path_node, operation.path.parent());
    if (parent->is_object()) return add_member(operation, *parent, token, std::move(value));
    if (!parent->is_array()) return fail_missing(*operation.path_node, operation.path);
    const auto index = token == "-" ? parent->size() : array_index(token, parent->size() + 1);
    if (!index) return fail_missing(*operation.path_node, operation.path);
    parent->items().insert(parent->items().begin() + static_cast<std::ptrdiff_t>(*index),
                           std::move(value));
    return true;
  }

  // The key was written in the operation's path, so that is where it comes from.
  bool add_member(const Operation& operation, Node& parent, const std::string& token, Node value) {
    Origin key_origin = operation.path_node->origin();
    key_origin.note = note_;
    parent.set(token, std::move(value));
    for (Member& member : parent.members()) {
      if (member.key == token) member.key_origin = key_origin;
    }
    return true;
  }

  bool remove(const Node& path_node, const Pointer& path) {
    if (path.is_root()) {
      return fail(path_node.origin(), "", "the whole document cannot be removed");
    }
    if (resolve(doc_, path) == nullptr) return fail_missing(path_node, path);
    Node& parent = *resolve(doc_, path.parent());
    const std::string& token = path.tokens().back();
    if (parent.is_object()) {
      parent.remove(token);
    } else {
      const size_t index = *array_index(token, parent.size());
      parent.items().erase(parent.items().begin() + static_cast<std::ptrdiff_t>(index));
    }
    note_loss(parent);
    return true;
  }

  // What is then missing or too few in the container is this operation's doing.
  void note_loss(Node& container) const {
    Origin origin = container.origin();
    origin.note = note_;
    container.set_origin(std::move(origin));
  }

  bool replace(const Operation& operation) {
    Node* target = resolve(doc_, operation.path);
    if (target == nullptr) return fail_missing(*operation.path_node, operation.path);
    if (!check_depth(operation, *operation.value)) return false;
    Node value = *operation.value;
    value.set_note_of_all(note_);
    *target = std::move(value);
    return true;
  }

  bool move(const Operation& operation) {
    if (operation.from == operation.path) {
      return resolve(doc_, operation.from) != nullptr ||
             fail_missing(*operation.from_node, operation.from);
    }
    if (operation.from.is_prefix_of(operation.path)) {
      return fail(operation.path_node->origin(), operation.path.to_string(),
                  "a value cannot be moved into itself");
    }
    const Node* source = resolve(doc_, operation.from);
    if (source == nullptr) return fail_missing(*operation.from_node, operation.from);
    Node value = *source;
    return remove(*operation.from_node, operation.from) && add(operation, std::move(value));
  }

  bool copy(const Operation& operation) {
    const Node* source = resolve(doc_, operation.from);
    if (source == nullptr) return fail_missing(*operation.from_node, operation.from);
    copied_bytes_ += extent_of(*source).bytes;  // a copy into itself doubles the document each time
    if (copied_bytes_ > kMaxCopiedBytes) {
      return fail(operation.path_node->origin(), operation.path.to_string(),
                  "the patch copies more than 64 MiB");
    }
    return add(operation, *source);
  }

  bool test(const Operation& operation) {
    const Node* found = resolve(doc_, operation.path);
    if (found == nullptr) return fail_missing(*operation.path_node, operation.path);
    if (*found == *operation.value) return true;
    return fail(
        operation.value->origin(), operation.path.to_string(),
        "the test failed: expected " + in_brief(*operation.value) + ", found " + in_brief(*found));
  }

  Node doc_;
  std::string label_;
  std::string note_;  // of the operation that runs
  size_t copied_bytes_ = 0;
  Diagnostic error_;
};

}  // namespace

void merge(Node& target, const Node& patch) {
  if (!patch.is_object()) {
    target = patch;
    return;
  }
  if (!target.is_object()) {
    Node fresh = Node::object();
    fresh.set_origin(patch.origin());
    target = std::move(fresh);
  }
  for (const Member& member : patch.members()) {
    if (member.value.is_null()) {
      target.remove(member.key);
      continue;
    }
    Node* existing = target.find(member.key);
    if (existing == nullptr) {
      target.members().push_back({member.key, member.key_origin, Node()});
      existing = &target.members().back().value;
    }
    merge(*existing, member.value);
  }
}

bool apply_patch(Node& doc, const Node& operations, std::string_view label, Diagnostic* error) {
  Patcher patcher(doc, label);
  if (!patcher.run(operations)) {
    if (error != nullptr) *error = patcher.take_error();
    return false;
  }
  doc = patcher.take_document();
  return true;
}

}  // namespace tcptwin::json

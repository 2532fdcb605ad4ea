#include "models/json/node.h"

#include <algorithm>
#include <utility>

#include "models/json/number.h"
#include "stack/base/check.h"

namespace tcptwin::json {
namespace {

bool same_members(const std::vector<Member>& a, const std::vector<Member>& b) {
  if (a.size() != b.size()) return false;
  std::vector<const Member*> sorted_a;
  std::vector<const Member*> sorted_b;
  for (const Member& member : a) sorted_a.push_back(&member);
  for (const Member& member : b) sorted_b.push_back(&member);
  const auto by_key = [](const Member* x, const Member* y) { return x->key < y->key; };
  std::sort(sorted_a.begin(), sorted_a.end(), by_key);
  std::sort(sorted_b.begin(), sorted_b.end(), by_key);
  return std::equal(
      sorted_a.begin(), sorted_a.end(), sorted_b.begin(),
      [](const Member* x, const Member* y) { return x->key == y->key && x->value == y->value; });
}

std::string number_text(const Node& node) {
  return node.is_integer() ? std::to_string(node.as_integer()) : node.as_decimal();
}

}  // namespace

Node::Node() = default;
Node::~Node() = default;
Node::Node(const Node&) = default;
Node::Node(Node&&) noexcept = default;
Node& Node::operator=(const Node&) = default;
Node& Node::operator=(Node&&) noexcept = default;

Node Node::null() { return Node(); }

Node Node::boolean(bool value) {
  Node node;
  node.value_ = value;
  return node;
}

Node Node::integer(int64_t value) {
  Node node;
  node.value_ = value;
  return node;
}

Node Node::decimal(std::string text) {
  CHECK(is_json_number(text));
  Node node;
  node.value_ = Decimal{std::move(text)};
  return node;
}

Node Node::string(std::string value) {
  Node node;
  node.value_ = std::move(value);
  return node;
}

Node Node::array() { return array({}); }

Node Node::array(std::vector<Node> items) {
  Node node;
  node.value_ = std::move(items);
  return node;
}

Node Node::object() {
  Node node;
  node.value_ = std::vector<Member>();
  return node;
}

Node::Kind Node::kind() const { return static_cast<Kind>(value_.index()); }

bool Node::as_boolean() const {
  CHECK(is_boolean());
  return *std::get_if<bool>(&value_);
}

int64_t Node::as_integer() const {
  CHECK(is_integer());
  return *std::get_if<int64_t>(&value_);
}

const std::string& Node::as_decimal() const {
  CHECK(is_decimal());
  return std::get_if<Decimal>(&value_)->text;
}

const std::string& Node::as_string() const {
  CHECK(is_string());
  return *std::get_if<std::string>(&value_);
}

const std::vector<Node>& Node::items() const {
  CHECK(is_array());
  return *std::get_if<std::vector<Node>>(&value_);
}

std::vector<Node>& Node::items() {
  CHECK(is_array());
  return *std::get_if<std::vector<Node>>(&value_);
}

const std::vector<Member>& Node::members() const {
  CHECK(is_object());
  return *std::get_if<std::vector<Member>>(&value_);
}

std::vector<Member>& Node::members() {
  CHECK(is_object());
  return *std::get_if<std::vector<Member>>(&value_);
}

const Member* Node::member(std::string_view key) const {
  if (!is_object()) return nullptr;
  for (const Member& member : members()) {
    if (member.key == key) return &member;
  }
  return nullptr;
}

const Node* Node::find(std::string_view key) const {
  const Member* found = member(key);
  return found == nullptr ? nullptr : &found->value;
}

Node* Node::find(std::string_view key) { return const_cast<Node*>(std::as_const(*this).find(key)); }

Node& Node::set(std::string key, Node value) {
  if (Node* existing = find(key)) {
    *existing = std::move(value);
  } else {
    Origin key_origin = value.origin();
    members().push_back({std::move(key), std::move(key_origin), std::move(value)});
  }
  return *this;
}

bool Node::remove(std::string_view key) {
  return std::erase_if(members(), [key](const Member& member) { return member.key == key; }) > 0;
}

Node& Node::push(Node value) {
  items().push_back(std::move(value));
  return *this;
}

size_t Node::size() const {
  if (is_array()) return items().size();
  return is_object() ? members().size() : 0;
}

void Node::set_origin_of_all(const Origin& origin) {
  origin_ = origin;
  if (is_array()) {
    for (Node& item : items()) item.set_origin_of_all(origin);
  } else if (is_object()) {
    for (Member& member : members()) {
      member.key_origin = origin;
      member.value.set_origin_of_all(origin);
    }
  }
}

void Node::set_note_of_all(const std::string& note) {
  origin_.note = note;
  if (is_array()) {
    for (Node& item : items()) item.set_note_of_all(note);
  } else if (is_object()) {
    for (Member& member : members()) {
      member.key_origin.note = note;
      member.value.set_note_of_all(note);
    }
  }
}

bool Node::operator==(const Node& other) const {
  const auto is_number = [](const Node& node) { return node.is_integer() || node.is_decimal(); };
  if (is_number(*this) && is_number(other)) {
    if (is_integer() && other.is_integer()) return as_integer() == other.as_integer();
    return same_number(number_text(*this), number_text(other));
  }
  if (kind() != other.kind()) return false;
  switch (kind()) {
    case Kind::kNull: return true;
    case Kind::kBoolean: return as_boolean() == other.as_boolean();
    case Kind::kInteger:
    case Kind::kDecimal: break;  // above
    case Kind::kString: return as_string() == other.as_string();
    case Kind::kArray: return items() == other.items();
    case Kind::kObject: return same_members(members(), other.members());
  }
  return false;
}

}  // namespace tcptwin::json

// node.h: a JSON value whose every part knows where it was written. Holds and prints values; reads
// no text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tcptwin::json {

// Where a value or a key comes from. All empty: the program made it.
struct Origin {
  std::string source{};  // the file's name, or a command-line option as it was typed
  int line = 0;          // from 1; 0: the source has no lines (a command-line option)
  int column = 0;        // from 1, in bytes
  std::string note{};    // who put it here, such as `in variant "v", operation 2`; usually empty

  bool operator==(const Origin&) const = default;
};

enum class Style : uint8_t {
  kPretty,  // two spaces a level; what has only scalars in it and fits into 100 columns is one line
  kCompact,  // no spaces, one line
};

struct Member;

// A JSON value. Objects keep the order of their members; no key occurs twice.
class Node {
 public:
  enum class Kind : uint8_t { kNull, kBoolean, kInteger, kDecimal, kString, kArray, kObject };

  Node();  // null
  ~Node();
  Node(const Node&);
  Node(Node&&) noexcept;
  Node& operator=(const Node&);
  Node& operator=(Node&&) noexcept;

  // Values without an origin, for output and tests.
  static Node null();
  static Node boolean(bool value);
  static Node integer(int64_t value);
  // A number that is no int64, as its JSON text ("0.5", "1e9", "18446744073709551615"). The text
  // must be a JSON number.
  static Node decimal(std::string text);
  static Node string(std::string value);
  static Node array();
  static Node array(std::vector<Node> items);
  static Node object();

  Kind kind() const;
  bool is_null() const { return kind() == Kind::kNull; }
  bool is_boolean() const { return kind() == Kind::kBoolean; }
  bool is_integer() const { return kind() == Kind::kInteger; }
  bool is_decimal() const { return kind() == Kind::kDecimal; }
  bool is_string() const { return kind() == Kind::kString; }
  bool is_array() const { return kind() == Kind::kArray; }
  bool is_object() const { return kind() == Kind::kObject; }

  // The content. Asking for another kind than kind() is a bug (CHECK).
  bool as_boolean() const;
  int64_t as_integer() const;
  const std::string& as_decimal() const;  // the number's JSON text
  const std::string& as_string() const;   // UTF-8
  const std::vector<Node>& items() const;
  std::vector<Node>& items();
  const std::vector<Member>& members() const;
  std::vector<Member>& members();  // whoever changes it keeps the keys unique

  // The member with that key; nullptr when there is none or this is no object.
  const Node* find(std::string_view key) const;
  Node* find(std::string_view key);
  const Member* member(std::string_view key) const;

  // Adds a member at the end or replaces its value in place. Only for objects. Returns this object.
  Node& set(std::string key, Node value);
  // Removes a member; false when there is none. Only for objects.
  bool remove(std::string_view key);
  // Appends an item. Only for arrays. Returns this array.
  Node& push(Node value);
  // How many items or members; 0 for all other kinds.
  size_t size() const;

  const Origin& origin() const { return origin_; }
  void set_origin(Origin origin) { origin_ = std::move(origin); }
  // Gives this value and everything in it, keys included, the same origin.
  void set_origin_of_all(const Origin& origin);
  // Sets the note of this value and of everything in it; files, lines and columns stay.
  void set_note_of_all(const std::string& note);

  // Same content; origins and the order of members do not count, numbers compare by value (1
  // == 1.0).
  bool operator==(const Node& other) const;

 private:
  struct Decimal {
    std::string text;
  };
  using Value = std::variant<std::monostate, bool, int64_t, Decimal, std::string, std::vector<Node>,
                             std::vector<Member>>;

  Value value_;  // alternatives in the order of Kind
  Origin origin_;
};

// A key of an object and its value.
struct Member {
  std::string key;
  Origin key_origin;
  Node value;
};

// JSON text, the same for the same content and order; always valid UTF-8 (a bad byte becomes
// U+FFFD). No newline at the end.
std::string write(const Node& node, Style style);

// A value as messages name it: `the number 40`, `the string "40ms"`, `an object`, `null`. Long
// strings are cut.
std::string describe(const Node& node);

}  // namespace tcptwin::json

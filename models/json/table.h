// table.h: a field table without its C++ type: what decode(), schema() and manual() work on. Made
// by Fields<T> only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/json/context.h"
#include "models/json/node.h"

namespace tcptwin::json {

struct Table;

// One of several shapes of an object.
struct ChoiceDoc {
  std::string name;  // value of the tag, or the key that tells this shape from the others
  std::string doc;
  std::function<const Table&()> table;
};

// What a value looks like, for the schema and the manual.
struct TypeDoc {
  enum class Kind : uint8_t {
    kScalar,  // text, range, schema
    kObject,  // table
    kList,    // element, range, and schema (number of items)
    kMap,     // element, range, and schema (number of members); keys are free names
    kChoice,  // tag, choices
    kLink,    // name, link: a type that contains itself
  };

  Kind kind = Kind::kScalar;
  std::string text{};   // `duration`
  std::string range{};  // `1ms to 10s`; empty: any
  std::string notes{};  // what the single words mean
  Node schema{};
  std::vector<TypeDoc> element{};  // list, map: exactly one
  std::function<const Table&()> table{};
  std::string tag{};  // empty: the shape is told by which of the keys is there
  std::vector<ChoiceDoc> choices{};
  std::string name{};
  std::function<const TypeDoc&()> link{};
};

// One key. `object` points to a T.
struct TableField {
  std::string key;
  std::string doc;
  bool required = false;
  TypeDoc type{};
  std::function<void(const Node&, void* object, Context&)> decode{};
  std::function<Node(const void* object)> encode{};  // null() when absent
  std::function<Node()> default_value{};             // of a fresh T
};

struct Table {
  std::string name;
  std::string doc;
  bool source_allowed = false;
  std::vector<TableField> fields{};
  std::vector<std::function<void(const void* object, const Node&, Context&)>> checks{};

  const TableField* find(std::string_view key) const;
};

// Decodes an object. `tag`: a key that is accepted besides the table's, "" for none. Errors go to
// the context; fields with errors keep their value.
void decode_object(const Table& table, const Node& node, void* object, Context& context,
                   std::string_view tag = "");
Node encode_object(const Table& table, const void* object);

// Which of the choices an object is; empty after an error.
std::optional<size_t> pick_choice(const TypeDoc& type, const Node& node, Context& context);

// JSON Schema, draft 2020-12, of the documents that a table accepts.
Node schema(const Table& root);
// Reference in Markdown: a section for each table that can be reached, a row for each key.
std::string manual(const Table& root, std::string_view title);

}  // namespace tcptwin::json

// JSON Schema of field tables. Declared in table.h.
#include <algorithm>
#include <utility>
#include <vector>

#include "models/json/table.h"

namespace tcptwin::json {
namespace {

class SchemaWriter {
 public:
  Node document(const Table& root) {
    Node schema = Node::object();
    schema.set("$schema", Node::string("https://json-schema.org/draft/2020-12/schema"));
    schema.set("title", Node::string(root.name));
    const Node body = of_table(root);
    for (const Member& member : body.members()) schema.set(member.key, member.value);
    if (definitions_.empty()) return schema;
    Node definitions = Node::object();
    for (Definition& definition : definitions_) {
      definitions.set(definition.name, std::move(definition.schema));
    }
    schema.set("$defs", std::move(definitions));
    return schema;
  }

 private:
  // A table or a linked type, referred to by name.
  struct Definition {
    const void* what;
    std::string name;
    Node schema;
  };

  static Node of_type(const char* name) {
    Node schema = Node::object();
    schema.set("type", Node::string(name));
    return schema;
  }

  template <class Make>
  Node refer(const void* what, const std::string& name, Make make) {
    Node reference = Node::object();
    for (const Definition& definition : definitions_) {
      if (definition.what == what) {
        return reference.set("$ref", Node::string("#/$defs/" + definition.name));
      }
    }
    const std::string unique = unique_name(name);
    const size_t index = definitions_.size();
    definitions_.push_back({what, unique, Node()});  // before it is made: it may refer to itself
    Node schema = make();
    definitions_[index].schema = std::move(schema);
    return reference.set("$ref", Node::string("#/$defs/" + unique));
  }

  std::string unique_name(const std::string& name) const {
    const auto is_taken = [this](const std::string& wanted) {
      return std::any_of(definitions_.begin(), definitions_.end(),
                         [&wanted](const Definition& known) { return known.name == wanted; });
    };
    std::string unique = name;
    for (int i = 2; is_taken(unique); ++i) unique = name + "_" + std::to_string(i);
    return unique;
  }

  Node of(const TypeDoc& type) {
    switch (type.kind) {
      case TypeDoc::Kind::kScalar: return type.schema;
      case TypeDoc::Kind::kObject: {
        const Table& table = type.table();
        return refer(&table, table.name, [this, &table] { return of_table(table); });
      }
      case TypeDoc::Kind::kList: return container(type, "array", "items");
      case TypeDoc::Kind::kMap: return container(type, "object", "additionalProperties");
      case TypeDoc::Kind::kChoice: return of_choice(type);
      case TypeDoc::Kind::kLink: {
        const TypeDoc& linked = type.link();
        return refer(&linked, type.name, [this, &linked] { return of(linked); });
      }
    }
    return {};
  }

  Node container(const TypeDoc& type, const char* name, const char* element_key) {
    Node schema = of_type(name);
    schema.set(element_key, of(type.element.front()));
    for (const Member& limit : type.schema.members()) schema.set(limit.key, limit.value);
    return schema;
  }

  Node of_choice(const TypeDoc& type) {
    Node alternatives = Node::array();
    for (const ChoiceDoc& choice : type.choices) {
      alternatives.push(of_table(choice.table(), type.tag, &choice));
    }
    Node schema = Node::object();
    return schema.set("oneOf", std::move(alternatives));
  }

  // `choice`: the alternative that this table is, or null.
  Node of_table(const Table& table, const std::string& tag = "",
                const ChoiceDoc* choice = nullptr) {
    Node properties = Node::object();
    Node required = Node::array();
    if (!tag.empty()) {
      Node constant = Node::object();
      constant.set("const", Node::string(choice->name));
      properties.set(tag, std::move(constant));
      required.push(Node::string(tag));
    }
    for (const TableField& field : table.fields) {
      properties.set(field.key, property(field));
      const bool names_the_choice = choice != nullptr && tag.empty() && field.key == choice->name;
      if (field.required || names_the_choice) required.push(Node::string(field.key));
    }
    if (table.source_allowed) {
      for (const char* key : {"source", "comment"}) {
        if (table.find(key) == nullptr) properties.set(key, of_type("string"));
      }
    }
    Node schema = of_type("object");
    const std::string& doc = choice != nullptr && !choice->doc.empty() ? choice->doc : table.doc;
    if (!doc.empty()) schema.set("description", Node::string(doc));
    schema.set("properties", std::move(properties));
    if (required.size() > 0) schema.set("required", std::move(required));
    return schema.set("additionalProperties", Node::boolean(false));
  }

  Node property(const TableField& field) {
    Node schema = Node::object();
    const std::string range = field.type.range.empty() ? "" : " (" + field.type.range + ")";
    schema.set("description", Node::string(field.doc + range));
    const Node type = of(field.type);
    if (type.is_object()) {
      for (const Member& member : type.members()) schema.set(member.key, member.value);
    }
    if (!field.required && field.type.kind == TypeDoc::Kind::kScalar) {
      Node value = field.default_value();
      if (!value.is_null()) schema.set("default", std::move(value));
    }
    return schema;
  }

  std::vector<Definition> definitions_;
};

}  // namespace

Node schema(const Table& root) { return SchemaWriter().document(root); }

}  // namespace tcptwin::json

// composite.h: codecs made of other codecs: objects by field table, lists, maps, choices, optional
// values.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "models/json/codec.h"

namespace tcptwin::json {

template <class T>
class Fields;

// Tables are handed over as functions, so that a table can refer to itself.
template <class T>
using FieldsOf = const Fields<T>& (*)();

// Non-templated parts of the list and map codecs. `element` decodes the item with that index.
TypeDoc list_type(TypeDoc element, const CountRules& rules);
TypeDoc map_type(TypeDoc element, const CountRules& rules);
bool check_list(const Node& node, const CountRules& rules, Context& context);
bool check_map(const Node& node, const CountRules& rules, Context& context);

template <class U>
Codec<U> object_of(FieldsOf<U> fields) {
  Codec<U> codec;
  codec.type = {.kind = TypeDoc::Kind::kObject,
                .table = [fields]() -> const Table& { return fields().table(); }};
  codec.decode = [fields](const Node& node, U& out, Context& context) {
    decode_object(fields().table(), node, &out, context);
  };
  codec.encode = [fields](const U& value) { return encode_object(fields().table(), &value); };
  return codec;
}

template <class U>
Codec<std::vector<U>> list_of(Codec<U> element, const CountRules& rules = {}) {
  Codec<std::vector<U>> codec;
  codec.type = list_type(std::move(element.type), rules);
  codec.decode = [decode = std::move(element.decode), rules](const Node& node, std::vector<U>& out,
                                                             Context& context) {
    if (!check_list(node, rules, context)) return;
    std::vector<U> values;
    for (size_t i = 0; i < node.items().size(); ++i) {
      const auto scope = context.enter(i);
      U value{};
      decode(node.items()[i], value, context);
      values.push_back(std::move(value));
    }
    out = std::move(values);
  };
  codec.encode = [encode = std::move(element.encode)](const std::vector<U>& values) {
    Node node = Node::array();
    for (const auto& value : values) node.push(encode(value));
    return node;
  };
  return codec;
}

// Named values, in the order of the document.
template <class U>
using Named = std::vector<std::pair<std::string, U>>;

template <class U>
Codec<Named<U>> map_of(Codec<U> element, const CountRules& rules = {}) {
  Codec<Named<U>> codec;
  codec.type = map_type(std::move(element.type), rules);
  codec.decode = [decode = std::move(element.decode), rules](const Node& node, Named<U>& out,
                                                             Context& context) {
    if (!check_map(node, rules, context)) return;
    Named<U> values;
    for (const Member& member : node.members()) {
      const auto scope = context.enter(member.key);
      values.emplace_back(member.key, U{});
      decode(member.value, values.back().second, context);
    }
    out = std::move(values);
  };
  codec.encode = [encode = std::move(element.encode)](const Named<U>& values) {
    Node node = Node::object();
    for (const auto& [key, value] : values) node.set(key, encode(value));
    return node;
  };
  return codec;
}

// One alternative of a std::variant: a name, the table of its struct, a line on it.
template <class V>
struct Alternative {
  template <class U>
  Alternative(std::string name, FieldsOf<U> fields, std::string line)
      : doc{std::move(name), std::move(line),
            [fields]() -> const Table& { return fields().table(); }} {
    // A value that is already of this alternative gives the defaults.
    decode = [fields](const Node& node, V& out, Context& context, const std::string& tag) {
      U value = std::holds_alternative<U>(out) ? std::get<U>(out) : U{};
      decode_object(fields().table(), node, &value, context, tag);
      out = std::move(value);
    };
    encode = [fields](const V& value) {
      const U* held = std::get_if<U>(&value);
      return held == nullptr ? Node::null() : encode_object(fields().table(), held);
    };
  }

  ChoiceDoc doc;
  std::function<void(const Node&, V&, Context&, const std::string& tag)> decode;
  std::function<Node(const V&)> encode;  // null() when the variant holds something else
};

// An object that is one of several structs. The string under the key `tag` says which:
// {"behaviour": "fixed", ...}. With an empty tag the first key that names an alternative does, and
// is a field of that alternative: {"repeat": 3, "do": []}.
template <class V>
Codec<V> choice_of(std::string tag, std::vector<Alternative<V>> alternatives) {
  TypeDoc type{.kind = TypeDoc::Kind::kChoice, .tag = std::move(tag)};
  for (const Alternative<V>& alternative : alternatives) type.choices.push_back(alternative.doc);
  Codec<V> codec{.type = type, .decode = {}, .encode = {}};
  codec.decode = [type, alternatives](const Node& node, V& out, Context& context) {
    if (const auto picked = pick_choice(type, node, context)) {
      alternatives[*picked].decode(node, out, context, type.tag);
    }
  };
  codec.encode = [type, alternatives](const V& value) {
    for (const Alternative<V>& alternative : alternatives) {
      Node fields = alternative.encode(value);
      if (fields.is_null()) continue;
      if (type.tag.empty()) return fields;
      Node node = Node::object();
      node.set(type.tag, Node::string(alternative.doc.name));
      for (Member& member : fields.members()) node.members().push_back(std::move(member));
      return node;
    }
    return Node::null();
  };
  return codec;
}

// Absent is std::nullopt.
template <class V>
Codec<std::optional<V>> optional_of(Codec<V> inner) {
  Codec<std::optional<V>> codec;
  codec.type = std::move(inner.type);
  codec.decode = [decode = std::move(inner.decode)](const Node& node, std::optional<V>& out,
                                                    Context& context) {
    const size_t errors_before = context.errors();
    V value = out.value_or(V{});
    decode(node, value, context);
    if (context.errors() == errors_before) out = std::move(value);
  };
  codec.encode = [encode = std::move(inner.encode)](const std::optional<V>& value) {
    return value ? encode(*value) : Node::null();
  };
  return codec;
}

// A codec that is made when it is first needed: for types that contain themselves. `name`: in the
// schema and manual.
template <class V>
Codec<V> link_to(std::string name, const Codec<V>& (*codec)()) {
  Codec<V> result;
  result.type = {.kind = TypeDoc::Kind::kLink,
                 .name = std::move(name),
                 .link = [codec]() -> const TypeDoc& { return codec().type; }};
  result.decode = [codec](const Node& node, V& out, Context& context) {
    codec().decode(node, out, context);
  };
  result.encode = [codec](const V& value) { return codec().encode(value); };
  return result;
}

}  // namespace tcptwin::json

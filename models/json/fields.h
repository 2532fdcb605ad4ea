// fields.h: typed field tables: one description of a struct decodes it from JSON with exact errors,
// writes it back, and yields its JSON Schema and its manual. The only way in which profiles and
// scenarios are read.
//
//   struct Ack { Duration min = 40ms; int32_t quick = 16; Mode mode = Mode::kOn; };
//   const Fields<Ack>& ack_fields() {
//     static const Fields<Ack> fields =
//         Fields<Ack>("delayed_ack", "When a lone ACK leaves.")
//             .duration("min", &Ack::min, "shortest delay", {.at_least = 1ms, .at_most = 1s})
//             .integer("quick", &Ack::quick, "ACKs sent at once at the start", {.required = true})
//             .enumeration("mode", &Ack::mode, "how", {{"on", Mode::kOn, "always"}, {"off",
//             Mode::kOff, "never"}}) .allow_source();
//     return fields;
//   }
//   struct Host { Ack ack; std::vector<std::string> addresses; std::optional<int64_t> buffer; };
//   Fields<Host>("host").object("ack", &Host::ack, "delayed ACK", ack_fields)
//       .list("addresses", &Host::addresses, "own addresses", text_of(), {.at_least = 1})
//       .size("buffer", &Host::buffer, "bytes; absent: the system's default");
//
//   Context context;
//   Ack ack;
//   decode(ack_fields(), node, ack, context);
//   for (const Diagnostic& d : context.diagnostics()) print(to_string(d));
//
// A key is optional unless .required; then the value already in the struct stays. Every method
// takes a member of the named type or a std::optional of it (absent: left alone). Docs are one line
// without a full stop.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "models/json/codec.h"
#include "models/json/composite.h"
#include "models/json/nearest.h"
#include "models/json/table.h"

namespace tcptwin::json {

template <class M>
struct Unwrap {
  using Type = M;
};
template <class V>
struct Unwrap<std::optional<V>> {
  using Type = V;
};
template <class M>
using Unwrapped = typename Unwrap<M>::Type;  // M, or V when M is std::optional<V>

template <class T>
struct CustomRules {
  bool required = false;
  std::string schema = "true";  // JSON Schema of the value, as text
  std::string type = "any";     // what the manual says
  std::function<Node(const T&)> encode{};
};

template <class T>
class Fields {
 public:
  // `name`: names the struct in the schema and the manual; one word, unique.
  explicit Fields(std::string name, std::string doc = "")
      : table_{.name = std::move(name), .doc = std::move(doc)} {}

  const Table& table() const { return table_; }

  template <class M>
  Fields& duration(std::string key, M T::*member, std::string doc, Limits<Duration> limits = {}) {
    return field(std::move(key), member, std::move(doc), duration_of(limits), limits.required);
  }
  // Bytes, into any integer type: "64KiB" or 65536.
  template <class M>
  Fields& size(std::string key, M T::*member, std::string doc, Limits<int64_t> limits = {}) {
    return field(std::move(key), member, std::move(doc), size_of<Unwrapped<M>>(limits),
                 limits.required);
  }
  template <class M>
  Fields& integer(std::string key, M T::*member, std::string doc, Limits<int64_t> limits = {}) {
    return field(std::move(key), member, std::move(doc), integer_of<Unwrapped<M>>(limits),
                 limits.required);
  }
  // Bits per second, into uint64_t: "100Mbit/s".
  template <class M>
  Fields& rate(std::string key, M T::*member, std::string doc, Limits<uint64_t> limits = {}) {
    return field(std::move(key), member, std::move(doc), rate_of(limits), limits.required);
  }
  // Parts per billion, into int64_t: 0.01 or "1%".
  template <class M>
  Fields& fraction(std::string key, M T::*member, std::string doc, Limits<int64_t> limits = {}) {
    return field(std::move(key), member, std::move(doc), fraction_of(limits), limits.required);
  }
  template <class M>
  Fields& boolean(std::string key, M T::*member, std::string doc, Presence presence = {}) {
    return field(std::move(key), member, std::move(doc), boolean_value(), presence.required);
  }
  template <class M>
  Fields& text(std::string key, M T::*member, std::string doc, const TextRules& rules = {}) {
    return field(std::move(key), member, std::move(doc), text_of(rules), rules.required);
  }
  template <class M>
  Fields& enumeration(std::string key, M T::*member, std::string doc,
                      const std::vector<Enumerator<Unwrapped<M>>>& names, Presence presence = {}) {
    return field(std::move(key), member, std::move(doc), name_of(names), presence.required);
  }
  template <class M>
  Fields& object(std::string key, M T::*member, std::string doc, FieldsOf<Unwrapped<M>> fields,
                 Presence presence = {}) {
    return field(std::move(key), member, std::move(doc), object_of<Unwrapped<M>>(fields),
                 presence.required);
  }
  template <class U>
  Fields& list(std::string key, std::vector<U> T::*member, std::string doc, Codec<U> element,
               const CountRules& rules = {}) {
    return field(std::move(key), member, std::move(doc), list_of(std::move(element), rules),
                 rules.required);
  }
  template <class U>
  Fields& list(std::string key, std::vector<U> T::*member, std::string doc,
               std::type_identity_t<FieldsOf<U>> element, const CountRules& rules = {}) {
    return list(std::move(key), member, std::move(doc), object_of<U>(element), rules);
  }
  // An object with free keys, in the order of the document.
  template <class U>
  Fields& map(std::string key, Named<U> T::*member, std::string doc, Codec<U> element,
              const CountRules& rules = {}) {
    return field(std::move(key), member, std::move(doc), map_of(std::move(element), rules),
                 rules.required);
  }
  template <class U>
  Fields& map(std::string key, Named<U> T::*member, std::string doc,
              std::type_identity_t<FieldsOf<U>> element, const CountRules& rules = {}) {
    return map(std::move(key), member, std::move(doc), object_of<U>(element), rules);
  }
  // A std::variant member: choice("ack", &T::ack, "doc", "behaviour", {{"fixed", fixed_fields,
  // "doc"}, ...}).
  template <class M>
  Fields& choice(std::string key, M T::*member, std::string doc, std::string tag,
                 std::vector<Alternative<Unwrapped<M>>> alternatives, Presence presence = {}) {
    return field(std::move(key), member, std::move(doc),
                 choice_of<Unwrapped<M>>(std::move(tag), std::move(alternatives)),
                 presence.required);
  }
  // Kept undecoded, with its origin; null() when absent.
  Fields& raw(std::string key, Node T::*member, std::string doc, Presence presence = {}) {
    return field(std::move(key), member, std::move(doc), raw_value(), presence.required);
  }

  // Any other codec.
  template <class M, class V>
  Fields& field(std::string key, M T::*member, std::string doc, Codec<V> codec,
                bool required = false) {
    if constexpr (std::is_same_v<M, std::optional<V>>) {
      return field(std::move(key), member, std::move(doc), optional_of(std::move(codec)), required);
    } else {
      static_assert(std::is_same_v<M, V>, "the member's type does not fit the method");
      TableField added{.key = std::move(key), .doc = std::move(doc), .required = required};
      added.type = std::move(codec.type);
      added.decode = [member, decode = std::move(codec.decode)](const Node& node, void* object,
                                                                Context& context) {
        decode(node, static_cast<T*>(object)->*member, context);
      };
      added.encode = [member, encode = std::move(codec.encode)](const void* object) {
        return encode(static_cast<const T*>(object)->*member);
      };
      return add(std::move(added));
    }
  }

  // Decodes by hand; `decode` sees the value and the whole struct. Without rules.encode the manual
  // shows no default.
  Fields& custom(std::string key, std::function<void(const Node&, T&, Context&)> decode,
                 std::string doc, const CustomRules<T>& rules = {}) {
    TableField added{.key = std::move(key), .doc = std::move(doc), .required = rules.required};
    added.type = raw_value(rules.schema, rules.type).type;
    added.decode = [decode = std::move(decode)](const Node& node, void* object, Context& context) {
      decode(node, *static_cast<T*>(object), context);
    };
    added.encode = [encode = rules.encode](const void* object) {
      return encode ? encode(*static_cast<const T*>(object)) : Node::null();
    };
    return add(std::move(added));
  }

  // Takes over all keys of another table into this object: members of a struct within this struct.
  template <class U>
  Fields& include(U T::*member, const Fields<U>& other) {
    for (TableField included : other.table().fields) {
      included.decode = [member, decode = std::move(included.decode)](
                            const Node& node, void* object, Context& context) {
        decode(node, &(static_cast<T*>(object)->*member), context);
      };
      included.encode = [member, encode = std::move(included.encode)](const void* object) {
        return encode(&(static_cast<const T*>(object)->*member));
      };
      add(std::move(included));
    }
    return *this;
  }

  // A rule over several keys. Runs after an object was decoded without errors; reports through the
  // context.
  Fields& check(std::function<void(const T&, const Node&, Context&)> rule) {
    table_.checks.push_back(
        [rule = std::move(rule)](const void* object, const Node& node, Context& context) {
          rule(*static_cast<const T*>(object), node, context);
        });
    return *this;
  }

  // Accepts and ignores the keys "source" and "comment" (strings).
  Fields& allow_source() {
    table_.source_allowed = true;
    return *this;
  }

 private:
  Fields& add(TableField added) {
    added.default_value = [encode = added.encode] {
      const T fresh{};
      return encode(&fresh);
    };
    table_.fields.push_back(std::move(added));
    return *this;
  }

  Table table_;
};

// Decodes `node` into `out`. Reports every error, in document order: unknown keys, missing keys,
// wrong types, values out of range, units and words that are unknown. What has an error keeps its
// value in `out`.
template <class T>
void decode(const Fields<T>& fields, const Node& node, T& out, Context& context) {
  decode_object(fields.table(), node, &out, context);
}

// All fields of a struct as a node, optional ones only where they have a value.
template <class T>
Node encode(const Fields<T>& fields, const T& value) {
  return encode_object(fields.table(), &value);
}

template <class T>
Node schema(const Fields<T>& fields) {
  return schema(fields.table());
}

template <class T>
std::string manual(const Fields<T>& fields, std::string_view title) {
  return manual(fields.table(), title);
}

}  // namespace tcptwin::json

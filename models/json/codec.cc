#include "models/json/codec.h"

#include <algorithm>

#include "models/json/nearest.h"
#include "models/json/parse.h"
#include "models/json/units.h"
#include "stack/base/check.h"

namespace tcptwin::json {
namespace {

// The limits as text: `1ms to 10s`, `at least 1ms, not 0`; empty: none.
template <class V, class Format>
std::string range_text(const Limits<V>& limits, Format format) {
  std::string text;
  if (limits.non_zero && limits.at_least == V{}) {
    return limits.at_most ? "more than 0, at most " + format(*limits.at_most) : "more than 0";
  }
  if (limits.at_least && limits.at_most) {
    text = format(*limits.at_least) + " to " + format(*limits.at_most);
  } else if (limits.at_least) {
    text = "at least " + format(*limits.at_least);
  } else if (limits.at_most) {
    text = "at most " + format(*limits.at_most);
  }
  if (limits.non_zero) text += text.empty() ? "not 0" : ", not 0";
  return text;
}

template <class V, class Format>
bool check_range(const Node& node, const V& value, const Limits<V>& limits, Format format,
                 Context& context) {
  const bool inside = (!limits.at_least || value >= *limits.at_least) &&
                      (!limits.at_most || value <= *limits.at_most) &&
                      !(limits.non_zero && value == V{});
  if (!inside) {
    context.error(node, format(value) + " is out of range: " + range_text(limits, format));
  }
  return inside;
}

// Quantities that cannot be negative say so in messages, but not in the manual.
template <class V>
Limits<V> not_negative(Limits<V> limits) {
  if (!limits.at_least) limits.at_least = V{};
  return limits;
}

// A quantity written as a string with a unit. `parse` and `format`: from units.h.
template <class V, class Parse, class Format>
Codec<V> quantity(TypeDoc type, std::string expected, const Limits<V>& limits, Parse parse,
                  Format format) {
  type.range = range_text(limits, format);
  Codec<V> codec{.type = std::move(type), .decode = {}, .encode = {}};
  const Limits<V> checked = limits;
  codec.decode = [expected = std::move(expected), checked, parse, format](const Node& node, V& out,
                                                                          Context& context) {
    if (!node.is_string()) return context.expected(node, expected);
    std::string why;
    const std::optional<V> value = parse(node.as_string(), &why);
    if (!value) {
      context.error(node, "expected " + expected + ", found " + describe(node) + ": " + why);
    } else if (check_range(node, *value, checked, format, context)) {
      out = *value;
    }
  };
  codec.encode = [format](const V& value) { return Node::string(format(value)); };
  return codec;
}

TypeDoc scalar_type(std::string text, Node schema) {
  return {.kind = TypeDoc::Kind::kScalar, .text = std::move(text), .schema = std::move(schema)};
}

Node schema_of_type(const char* type) {
  Node schema = Node::object();
  schema.set("type", Node::string(type));
  return schema;
}

Node schema_of_pattern(const std::string& pattern) {
  Node schema = schema_of_type("string");
  if (!pattern.empty()) schema.set("pattern", Node::string(pattern));
  return schema;
}

// For quantities that may also be plain numbers.
Node schema_of_types(const char* first, const char* second, const char* pattern) {
  Node schema = Node::object();
  schema.set("type", Node::array({Node::string(first), Node::string(second)}));
  schema.set("pattern", Node::string(pattern));
  schema.set("minimum", Node::integer(0));
  return schema;
}

std::string integer_text(int64_t value) { return std::to_string(value); }

// The ends of 32-bit and 64-bit types are no news to a reader of the manual.
Limits<int64_t> without_type_limits(Limits<int64_t> limits) {
  constexpr int64_t kLow = std::numeric_limits<int32_t>::min();
  constexpr int64_t kHigh = std::numeric_limits<int32_t>::max();
  constexpr int64_t kHighUnsigned = std::numeric_limits<uint32_t>::max();
  constexpr int64_t kHigh64 = std::numeric_limits<int64_t>::max();
  const auto is_end = [](int64_t value) {
    return value == kHigh || value == kHighUnsigned || value == kHigh64;
  };
  if (limits.at_least == kLow) limits.at_least.reset();
  if (limits.at_most && is_end(*limits.at_most)) limits.at_most.reset();
  return limits;
}

bool is_whole(const std::string& number_text) {
  return number_text.find_first_of(".eE") == std::string::npos;
}

}  // namespace

Codec<Duration> duration_of(const Limits<Duration>& limits) {
  Codec<Duration> codec = quantity(scalar_type("duration", schema_of_pattern(kDurationPattern)),
                                   "a duration such as \"40ms\"", not_negative(limits),
                                   parse_duration, format_duration);
  codec.type.range = range_text(limits, format_duration);
  return codec;
}

Codec<uint64_t> rate_of(const Limits<uint64_t>& limits) {
  return quantity(scalar_type("rate", schema_of_pattern(kRatePattern)),
                  "a rate such as \"100Mbit/s\"", limits, parse_rate, format_rate);
}

Codec<int64_t> size_in_bytes(const Limits<int64_t>& limits) {
  const Limits<int64_t> checked = not_negative(limits);
  Codec<int64_t> codec =
      quantity(scalar_type("size", schema_of_types("integer", "string", kSizePattern)),
               "a size such as \"64KiB\" or a number of bytes", checked, parse_size, format_size);
  codec.type.range = range_text(without_type_limits(limits), format_size);
  codec.decode = [checked, from_text = std::move(codec.decode)](const Node& node, int64_t& out,
                                                                Context& context) {
    if (!node.is_integer()) return from_text(node, out, context);
    const int64_t value = node.as_integer();
    if (value < 0) {
      context.error(node, integer_text(value) + " is out of range: a size is not negative");
    } else if (check_range(node, value, checked, format_size, context)) {
      out = value;
    }
  };
  return codec;
}

Codec<int64_t> fraction_of(const Limits<int64_t>& limits) {
  constexpr int64_t kOne = 1'000'000'000;
  Limits<int64_t> checked = not_negative(limits);
  if (!checked.at_most) checked.at_most = kOne;
  Codec<int64_t> codec =
      quantity(scalar_type("fraction", schema_of_types("number", "string", kFractionPattern)),
               "a fraction such as 0.01 or \"1%\"", checked, parse_fraction, format_fraction);
  codec.decode = [from_text = std::move(codec.decode)](const Node& node, int64_t& out,
                                                       Context& context) {
    if (!node.is_integer() && !node.is_decimal()) return from_text(node, out, context);
    Node text = Node::string(write(node, Style::kCompact));
    text.set_origin(node.origin());
    from_text(text, out, context);
  };
  codec.encode = [](const int64_t& value) {
    std::string text = format_fraction(value);
    return is_whole(text) ? Node::integer(value / kOne) : Node::decimal(std::move(text));
  };
  return codec;
}

Codec<int64_t> int64_of(const Limits<int64_t>& limits) {
  const Limits<int64_t> shown = without_type_limits(limits);
  Codec<int64_t> codec{.type = scalar_type("integer", schema_of_type("integer")),
                       .decode = {},
                       .encode = [](const int64_t& value) { return Node::integer(value); }};
  codec.type.range = range_text(shown, integer_text);
  if (shown.at_least) codec.type.schema.set("minimum", Node::integer(*shown.at_least));
  if (shown.at_most) codec.type.schema.set("maximum", Node::integer(*shown.at_most));
  if (limits.non_zero) {
    Node zero = Node::object();
    zero.set("const", Node::integer(0));
    codec.type.schema.set("not", std::move(zero));
  }
  codec.decode = [limits](const Node& node, int64_t& out, Context& context) {
    if (node.is_decimal() && is_whole(node.as_decimal())) {
      const std::string range = range_text(limits, integer_text);
      return context.error(node, describe(node) + " is out of range: " +
                                     (range.empty() ? "it does not fit into 64 bits" : range));
    }
    if (!node.is_integer()) return context.expected(node, "a whole number");
    if (check_range(node, node.as_integer(), limits, integer_text, context)) {
      out = node.as_integer();
    }
  };
  return codec;
}

Codec<bool> boolean_value() {
  return {.type = scalar_type("boolean", schema_of_type("boolean")),
          .decode =
              [](const Node& node, bool& out, Context& context) {
                if (!node.is_boolean()) return context.expected(node, "true or false");
                out = node.as_boolean();
              },
          .encode = [](const bool& value) { return Node::boolean(value); }};
}

Codec<std::string> text_of(const TextRules& rules) {
  Codec<std::string> codec;
  codec.type = scalar_type("string", schema_of_pattern(rules.pattern));
  codec.type.range = !rules.expected.empty() ? rules.expected : rules.non_empty ? "not empty" : "";
  if (rules.non_empty) codec.type.schema.set("minLength", Node::integer(1));
  codec.decode = [rules](const Node& node, std::string& out, Context& context) {
    const std::string expected = rules.expected.empty() ? "a string" : rules.expected;
    if (!node.is_string()) return context.expected(node, expected);
    const std::string& text = node.as_string();
    if (rules.non_empty && text.empty()) return context.error(node, "must not be empty");
    if (rules.accepts && !rules.accepts(text)) return context.expected(node, expected);
    out = text;
  };
  codec.encode = [](const std::string& value) { return Node::string(value); };
  return codec;
}

Codec<Node> raw_value(std::string_view schema_text, std::string type) {
  std::optional<Node> schema = parse("schema", schema_text, nullptr);
  CHECK(schema.has_value());
  schema->set_origin_of_all({});
  return {.type = scalar_type(std::move(type), std::move(*schema)),
          .decode = [](const Node& node, Node& out, Context&) { out = node; },
          .encode = [](const Node& value) { return value; }};
}

Codec<int64_t> enumeration_of(std::vector<Enumerator<int64_t>> names) {
  std::vector<std::string> words;
  Node values = Node::array();
  std::string notes;
  for (const Enumerator<int64_t>& name : names) {
    words.push_back(name.name);
    values.push(Node::string(name.name));
    if (name.doc.empty()) continue;
    notes += (notes.empty() ? "`" : "; `") + name.name + "`: " + name.doc;
  }
  Codec<int64_t> codec;
  Node schema = Node::object();
  schema.set("enum", std::move(values));
  codec.type = scalar_type(quoted_list(words, "or", words.size()), std::move(schema));
  codec.type.notes = std::move(notes);
  codec.decode = [names, words](const Node& node, int64_t& out, Context& context) {
    if (!node.is_string()) return context.expected(node, quoted_list(words));
    const auto found = std::find(words.begin(), words.end(), node.as_string());
    if (found == words.end()) {
      return context.unknown(node.origin(), "value", node.as_string(), words);
    }
    out = names[static_cast<size_t>(found - words.begin())].value;
  };
  codec.encode = [names](const int64_t& value) {
    for (const Enumerator<int64_t>& name : names) {
      if (name.value == value) return Node::string(name.name);
    }
    return Node::null();
  };
  return codec;
}

}  // namespace tcptwin::json

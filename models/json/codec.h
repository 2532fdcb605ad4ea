// codec.h: how one C++ value is read from a node and written to one: scalars here, composites in
// composite.h.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "models/json/context.h"
#include "models/json/node.h"
#include "models/json/table.h"
#include "stack/base/time.h"

namespace tcptwin::json {

template <class V>
struct Codec {
  TypeDoc type;
  std::function<void(const Node&, V&, Context&)> decode;  // after an error the value is unchanged
  std::function<Node(const V&)> encode;
};

// Both ends included. Without at_least the smallest value is 0 for durations, rates, sizes and
// fractions, and that of the type for integers.
template <class V>
struct Limits {
  bool required = false;
  std::optional<V> at_least{};
  std::optional<V> at_most{};
  bool non_zero = false;
};

struct Presence {
  bool required = false;
};

struct TextRules {
  bool required = false;
  bool non_empty = false;
  std::function<bool(std::string_view)> accepts{};  // null: everything
  std::string expected{};  // what `accepts` wants, for the message: `a name such as "linux-6.18"`
  std::string
      pattern{};  // the same as a regular expression (ECMA 262), for the schema; may be empty
};

struct CountRules {
  bool required = false;
  size_t at_least = 0;
  size_t at_most = std::numeric_limits<size_t>::max();
};

template <class E>
struct Enumerator {
  std::string name;
  E value;
  std::string doc{};
};

Codec<Duration> duration_of(const Limits<Duration>& limits = {});
Codec<uint64_t> rate_of(const Limits<uint64_t>& limits = {});  // bits per second
Codec<int64_t> size_in_bytes(
    const Limits<int64_t>& limits = {});  // a string with a unit, or an integer: bytes
Codec<int64_t> fraction_of(
    const Limits<int64_t>& limits = {});  // parts per billion, at most 1 unless limits say more
Codec<int64_t> int64_of(const Limits<int64_t>& limits = {});
Codec<bool> boolean_value();
Codec<std::string> text_of(const TextRules& rules = {});
// Any value, kept as it is. `schema_text`: JSON, a bug if it is not (CHECK); `type`: what the
// manual says.
Codec<Node> raw_value(std::string_view schema_text = "true", std::string type = "any");
Codec<int64_t> enumeration_of(std::vector<Enumerator<int64_t>> names);

// A codec of one type as a codec of another; both functions must be total.
template <class To, class From>
Codec<To> mapped(Codec<From> codec, std::function<To(const From&)> to,
                 std::function<From(const To&)> from) {
  Codec<To> result{.type = std::move(codec.type), .decode = {}, .encode = {}};
  result.decode = [decode = std::move(codec.decode), to, from](const Node& node, To& out,
                                                               Context& context) {
    From value = from(out);
    decode(node, value, context);
    out = to(value);
  };
  result.encode = [encode = std::move(codec.encode), from](const To& value) {
    return encode(from(value));
  };
  return result;
}

// Between integers and enumerations; the codec's limits must fit into both types.
template <class To, class From>
Codec<To> converted(Codec<From> codec) {
  if constexpr (std::is_same_v<To, From>) {
    return codec;
  } else {
    return mapped<To, From>(
        std::move(codec), [](const From& value) { return static_cast<To>(value); },
        [](const To& value) { return static_cast<From>(value); });
  }
}

// The limits of an integer type narrow those given. Values above the largest int64 cannot be
// written.
template <std::integral I>
Limits<int64_t> within(Limits<int64_t> limits) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  constexpr int64_t kLow = static_cast<int64_t>(std::numeric_limits<I>::min());
  constexpr int64_t kHigh = std::cmp_less(std::numeric_limits<I>::max(), kMost)
                                ? static_cast<int64_t>(std::numeric_limits<I>::max())
                                : kMost;
  if (kLow > std::numeric_limits<int64_t>::min() || limits.at_least) {
    limits.at_least = std::max(kLow, limits.at_least.value_or(kLow));
  }
  if (kHigh < kMost || limits.at_most) {
    limits.at_most = std::min(kHigh, limits.at_most.value_or(kHigh));
  }
  return limits;
}

template <std::integral I>
Codec<I> integer_of(const Limits<int64_t>& limits = {}) {
  return converted<I>(int64_of(within<I>(limits)));
}

template <std::integral I>
Codec<I> size_of(const Limits<int64_t>& limits = {}) {
  return converted<I>(size_in_bytes(within<I>(limits)));
}

template <class E>
requires std::is_enum_v<E> Codec<E> name_of(const std::vector<Enumerator<E>>& names) {
  std::vector<Enumerator<int64_t>> numbers;
  for (const Enumerator<E>& name : names) {
    numbers.push_back({name.name, static_cast<int64_t>(name.value), name.doc});
  }
  return converted<E>(enumeration_of(std::move(numbers)));
}

}  // namespace tcptwin::json

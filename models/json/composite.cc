#include "models/json/composite.h"

#include <limits>

namespace tcptwin::json {
namespace {

constexpr size_t kNoLimit = std::numeric_limits<size_t>::max();

std::string count_text(const CountRules& rules) {
  if (rules.at_most == kNoLimit) {
    return rules.at_least == 0 ? "" : "at least " + std::to_string(rules.at_least);
  }
  if (rules.at_least == 0) return "at most " + std::to_string(rules.at_most);
  if (rules.at_least == rules.at_most) return "exactly " + std::to_string(rules.at_least);
  return std::to_string(rules.at_least) + " to " + std::to_string(rules.at_most);
}

TypeDoc counted_type(TypeDoc::Kind kind, TypeDoc element, const CountRules& rules, const char* unit,
                     const char* least_key, const char* most_key) {
  TypeDoc type{.kind = kind, .schema = Node::object()};
  type.element.push_back(std::move(element));
  const std::string count = count_text(rules);
  if (!count.empty()) type.range = count + " " + unit;
  if (rules.at_least > 0) {
    type.schema.set(least_key, Node::integer(static_cast<int64_t>(rules.at_least)));
  }
  if (rules.at_most != kNoLimit) {
    type.schema.set(most_key, Node::integer(static_cast<int64_t>(rules.at_most)));
  }
  return type;
}

bool check_count(const Node& node, const CountRules& rules, Context& context, const char* unit) {
  const size_t count = node.size();
  if (count >= rules.at_least && count <= rules.at_most) return true;
  context.error(node, "expected " + count_text(rules) + " " + unit + ", found " +
                          (count == 0 ? "none" : std::to_string(count)));
  return false;
}

}  // namespace

TypeDoc list_type(TypeDoc element, const CountRules& rules) {
  return counted_type(TypeDoc::Kind::kList, std::move(element), rules, "items", "minItems",
                      "maxItems");
}

TypeDoc map_type(TypeDoc element, const CountRules& rules) {
  return counted_type(TypeDoc::Kind::kMap, std::move(element), rules, "members", "minProperties",
                      "maxProperties");
}

bool check_list(const Node& node, const CountRules& rules, Context& context) {
  if (node.is_array()) return check_count(node, rules, context, "items");
  context.expected(node, "an array");
  return false;
}

bool check_map(const Node& node, const CountRules& rules, Context& context) {
  if (node.is_object()) return check_count(node, rules, context, "members");
  context.expected(node, "an object");
  return false;
}

}  // namespace tcptwin::json

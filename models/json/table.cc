#include "models/json/table.h"

#include <algorithm>
#include <utility>

#include "models/json/nearest.h"

namespace tcptwin::json {
namespace {

// An unknown key is told the nearest key, those still free first (a key given by --set beside the one
// it was meant to replace is near a taken one); a required key that was misspelt is then not missing
// as well.
class ObjectDecoder {
 public:
  ObjectDecoder(const Table& table, const Node& node, Context& context, std::string_view tag)
      : table_(table), node_(node), context_(context), tag_(tag) {
    for (const TableField& field : table.fields) {
      all_.push_back(field.key);
      if (node.find(field.key) == nullptr) absent_.push_back(field.key);
    }
  }

  void decode(void* object) {
    report_missing();
    for (const Member& member : node_.members()) {
      const auto scope = context_.enter(member.key);
      if (const TableField* field = table_.find(member.key)) {
        field->decode(member.value, object, context_);
      } else if (is_source(member.key)) {
        if (!member.value.is_string()) context_.expected(member.value, "a string");
      } else if (member.key != tag_ || tag_.empty()) {
        report_unknown(member);
      }
    }
  }

 private:
  bool is_source(std::string_view key) const {
    return table_.source_allowed && (key == "source" || key == "comment");
  }

  bool is_known(std::string_view key) const {
    return table_.find(key) != nullptr || is_source(key) || (!tag_.empty() && key == tag_);
  }

  void report_unknown(const Member& member) {
    const bool near_a_free_one = !nearest(member.key, absent_).empty();
    context_.unknown(member.key_origin, "key", member.key, near_a_free_one ? absent_ : all_);
  }

  void report_missing() {
    std::vector<std::string> misspelt;
    for (const Member& member : node_.members()) {
      if (!is_known(member.key)) misspelt.push_back(nearest(member.key, absent_));
    }
    for (const TableField& field : table_.fields) {
      if (!field.required || node_.find(field.key) != nullptr) continue;
      if (std::find(misspelt.begin(), misspelt.end(), field.key) != misspelt.end()) continue;
      context_.error(node_, "missing key \"" + field.key + "\": " + field.doc);
    }
  }

  const Table& table_;
  const Node& node_;
  Context& context_;
  std::string_view tag_;
  std::vector<std::string> all_;
  std::vector<std::string> absent_;
};

}  // namespace

const TableField* Table::find(std::string_view key) const {
  for (const TableField& field : fields) {
    if (field.key == key) return &field;
  }
  return nullptr;
}

void decode_object(const Table& table, const Node& node, void* object, Context& context,
                   std::string_view tag) {
  if (!node.is_object()) return context.expected(node, "an object");
  const size_t errors_before = context.errors();
  ObjectDecoder(table, node, context, tag).decode(object);
  if (context.errors() != errors_before) return;
  for (const auto& check : table.checks) check(object, node, context);
}

Node encode_object(const Table& table, const void* object) {
  Node node = Node::object();
  for (const TableField& field : table.fields) {
    Node value = field.encode(object);
    if (!value.is_null()) node.set(field.key, std::move(value));
  }
  return node;
}

std::optional<size_t> pick_choice(const TypeDoc& type, const Node& node, Context& context) {
  std::vector<std::string> names;
  for (const ChoiceDoc& choice : type.choices) names.push_back(choice.name);
  const auto index_of = [&names](const std::string& name) -> std::optional<size_t> {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) return std::nullopt;
    return static_cast<size_t>(found - names.begin());
  };
  if (!node.is_object()) {
    context.expected(node, "an object");
    return std::nullopt;
  }
  if (type.tag.empty()) {
    for (const Member& member : node.members()) {
      if (const auto index = index_of(member.key)) return index;
    }
    for (const Member& member : node.members()) {
      if (nearest(member.key, names).empty()) continue;
      const auto scope = context.enter(member.key);
      context.unknown(member.key_origin, "key", member.key, names);
      return std::nullopt;
    }
    context.error(node,
                  "expected an object with the key " + quoted_list(names, "or", names.size()));
    return std::nullopt;
  }
  const Node* tag = node.find(type.tag);
  if (tag == nullptr) {
    context.error(node, "missing key \"" + type.tag + "\": expected " + quoted_list(names));
    return std::nullopt;
  }
  const auto scope = context.enter(type.tag);
  if (!tag->is_string()) {
    context.expected(*tag, quoted_list(names));
    return std::nullopt;
  }
  const auto index = index_of(tag->as_string());
  if (!index) context.unknown(tag->origin(), type.tag, tag->as_string(), names);
  return index;
}

}  // namespace tcptwin::json

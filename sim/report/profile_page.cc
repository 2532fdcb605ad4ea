#include "sim/report/profile_page.h"

#include <algorithm>
#include <map>
#include <set>

#include "models/catalogue/catalogue.h"
#include "models/catalogue/practice.h"
#include "models/json/context.h"
#include "models/json/patch.h"
#include "models/json/table.h"
#include "sim/report/text_table.h"

namespace tcptwin::report {

namespace {

using json::Node;
using json::TypeDoc;
using Axis = ProfileDifference::Axis;
using Row = ProfileDifference::Row;

constexpr size_t kPageWidth = 100;
const std::string kLwip = "lwip";

// A value of a profile and how the reference words it.
struct Worded {
  std::string about;
  std::string value;
  std::string word_doc;  // of an enumeration's word
};

using Values = std::map<std::string, Worded>;  // by pointer

// "what `a`: first; `b`: second" -> first, for a.
std::string doc_of_word(const TypeDoc& type, const std::string& word) {
  const std::string quoted = "`" + word + "`: ";
  const size_t at = type.notes.find(quoted);
  if (at == std::string::npos) return "";
  const size_t begin = at + quoted.size();
  return type.notes.substr(begin, type.notes.find("; `", begin) - begin);
}

std::string value_text(const Node& value) {
  if (value.is_boolean()) return value.as_boolean() ? "yes" : "no";
  if (value.is_string()) return value.as_string();
  if (!value.is_array()) return json::write(value, json::Style::kCompact);
  std::string text;
  for (const Node& item : value.items()) text += (text.empty() ? "" : " ") + value_text(item);
  return text.empty() ? "none" : text;
}

std::string option_text(const Node& item) {
  std::string text;
  for (const char* key : {"level_number", "number", "effect"}) {
    const Node* part = item.find(key);
    if (part != nullptr) text += (text.empty() ? "" : " ") + value_text(*part);
  }
  return text;
}

class Collector {
 public:
  explicit Collector(Values& out) : out_(&out) {}

  // The keys that the document names, with the values that decoding gave them.
  void collect(const json::Table& table, const Node& written, const Node& decoded,
               const std::string& pointer) {
    for (const json::Member& member : written.members()) {
      const json::TableField* field = table.find(member.key);
      const Node* value = decoded.find(member.key);
      if (value == nullptr) value = &member.value;
      add(field, member, *value, pointer + "/" + member.key);
    }
  }

 private:
  void add(const json::TableField* field, const json::Member& member, const Node& value,
           const std::string& pointer) {
    static const std::set<std::string> kNoValues = {"source", "name", "title", "settings"};
    if (kNoValues.count(member.key) > 0) return;
    if (field != nullptr && field->type.kind == TypeDoc::Kind::kObject) {
      return collect(field->type.table(), member.value, value, pointer);
    }
    if (field != nullptr && field->type.kind == TypeDoc::Kind::kChoice) {
      return add_choice(*field, member.value, value, pointer);
    }
    if (member.value.is_object()) return add_named_items(member.value, pointer);
    const std::string text = value_text(value);
    (*out_)[pointer] = {field == nullptr ? member.key : field->doc, text,
                        field == nullptr ? "" : doc_of_word(field->type, text)};
  }

  void add_choice(const json::TableField& field, const Node& written, const Node& decoded,
                  const std::string& pointer) {
    const std::string tag = written.find(field.type.tag)->as_string();
    for (const json::ChoiceDoc& choice : field.type.choices) {
      if (choice.name != tag) continue;
      (*out_)[pointer + "/" + field.type.tag] = {"the rule", tag, choice.doc};
      Node rest = written;
      rest.remove(field.type.tag);
      collect(choice.table(), rest, decoded, pointer);
    }
  }

  // Lists of things with names: socket options, flags.
  void add_named_items(const Node& object, const std::string& pointer) {
    for (const json::Member& list : object.members()) {
      if (!list.value.is_array()) continue;
      for (const Node& item : list.value.items()) {
        const Node* name = item.find("name");
        if (name == nullptr) continue;
        (*out_)[pointer + "/" + name->as_string()] = {name->as_string(), option_text(item), ""};
      }
    }
  }

  Values* out_;
};

policy::Profile decode_quietly(const Node& document) {
  json::Context ignored;
  return catalogue::decode_profile(document, ignored);
}

// Of an axis without rules of its own, also the keys that only the other document names: they have
// a default.
Values values_of(const Node& document, const Node& other, const json::TableField& field) {
  Values values;
  const Node* part = document.find(field.key);
  if (part == nullptr) return values;
  Node keys = *part;
  const Node* of_other = other.find(field.key);
  if (field.type.kind == TypeDoc::Kind::kObject && of_other != nullptr)
    json::merge(keys, *of_other);
  const Node whole = json::encode(catalogue::profile_fields(), decode_quietly(document));
  const Node alone = Node::object().set(field.key, std::move(keys));
  Collector(values).collect(catalogue::profile_fields().table(), alone, whole, "");
  return values;
}

std::vector<Row> differing_rows(const Values& left, const Values& right) {
  std::vector<Row> rows;
  std::set<std::string> pointers;
  for (const Values* side : {&left, &right}) {
    for (const auto& [pointer, worded] : *side) pointers.insert(pointer);
  }
  for (const std::string& pointer : pointers) {
    const auto a = left.find(pointer);
    const auto b = right.find(pointer);
    Row row{.pointer = pointer, .about = (a != left.end() ? a : b)->second.about, .values = {}};
    row.values[0] = a == left.end() ? "-" : a->second.value;
    row.values[1] = b == right.end() ? "-" : b->second.value;
    if (row.values[0] != row.values[1]) rows.push_back(std::move(row));
  }
  return rows;
}

void add_words(const Values& side, const std::vector<Row>& rows, std::vector<std::string>& words) {
  for (const Row& row : rows) {
    const auto found = side.find(row.pointer);
    if (found == side.end() || found->second.word_doc.empty()) continue;
    const std::string line = found->second.value + ": " + found->second.word_doc;
    if (std::find(words.begin(), words.end(), line) == words.end()) words.push_back(line);
  }
}

void add_rows(const Node& left, const Node& right, const json::TableField& field, Axis& axis) {
  const Values values[2] = {values_of(left, right, field), values_of(right, left, field)};
  axis.rows = differing_rows(values[0], values[1]);
  for (const Values& side : values) add_words(side, axis.rows, axis.words);
}

std::string text_in(const Node& document, const std::string& axis, std::string_view key) {
  const Node* part = axis.empty() ? &document : document.find(axis);
  const Node* text = part == nullptr ? nullptr : part->find(key);
  return text == nullptr ? "-" : text->as_string();
}

// Its hosts run lwIP itself: the axes of our own stack are not for it, but what they decide is
// decided there, too.
bool runs_lwip(const Node& document) { return document.find(kLwip) != nullptr; }

std::string source_of(const Node& document, const std::string& axis) {
  if (runs_lwip(document) && document.find(axis) == nullptr)
    return "lwIP's own code, set up as said under \"lwip\"";
  return text_in(document, axis, "source");
}

// The axis of a page that shows what follows from `axis` in practice.
std::string shown_at(const std::string& axis, const Node& left, const Node& right) {
  const bool ours = left.find(axis) != nullptr || right.find(axis) != nullptr;
  return ours || !runs_lwip(left) ? axis : kLwip;
}

// ---- the page

std::string wrapped(const std::string& text, size_t indent) {
  const std::string margin(indent, ' ');
  std::string out;
  size_t column = 0;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find(' ', begin), text.size());
    if (column > 0 && indent + column + 1 + end - begin > kPageWidth) {
      out += "\n" + margin;
      column = 0;
    }
    if (column > 0) out += ' ';
    column += (column > 0 ? 1 : 0) + end - begin;
    out += text.substr(begin, end - begin);
    begin = end + 1;
  }
  return out + "\n";
}

// A table, or the values below each other where one is too long for it.
std::string rows_text(const std::vector<Row>& rows, const std::string (&names)[2]) {
  constexpr size_t kLongest = 30;
  std::string below;
  TextTable table({"", names[0], names[1]}, 3);
  bool any = false;
  for (const Row& row : rows) {
    const std::string key = row.pointer.substr(row.pointer.rfind('/') + 1);
    const std::string about =
        row.pointer.empty() || key == row.about ? row.about : row.about + " (" + key + ")";
    if (std::max(row.values[0].size(), row.values[1].size()) <= kLongest) {
      table.add({"  " + about, row.values[0], row.values[1]});
      any = true;
      continue;
    }
    below += "  " + about + "\n";
    for (int side = 0; side < 2; ++side) {
      below += "    " + names[side] + ": " + wrapped(row.values[side], 6);
    }
  }
  return (any ? table.render() : "") + below;
}

std::string axis_text(const Axis& axis, const std::string (&names)[2]) {
  std::string text = axis.about + " (" + axis.key + ")\n";
  if (!axis.rows.empty()) text += rows_text(axis.rows, names);
  for (const std::string& word : axis.words) text += "  " + wrapped(word, 4);
  if (!axis.in_practice.empty()) text += "  in practice\n" + rows_text(axis.in_practice, names);
  for (int side = 0; side < 2; ++side) {
    text += "  " + names[side] + " from: " + wrapped(axis.sources[side], 6);
  }
  return text + "\n";
}

Node pair_of(const std::string (&values)[2], const std::string (&names)[2]) {
  Node node = Node::object();
  for (int side = 0; side < 2; ++side) node.set(names[side], Node::string(values[side]));
  return node;
}

}  // namespace

ProfileDifference compare_profiles(const Node& left, const Node& right) {
  ProfileDifference found;
  const Node* documents[2] = {&left, &right};
  std::vector<catalogue::Consequence> practice[2];
  for (int side = 0; side < 2; ++side) {
    found.names[side] = text_in(*documents[side], "", "name");
    found.titles[side] = text_in(*documents[side], "", "title");
    practice[side] = catalogue::consequences(decode_quietly(*documents[side]));
  }
  for (const json::TableField& field : catalogue::profile_fields().table().fields) {
    Axis axis;
    axis.key = field.key;
    axis.about = field.doc;
    // Keys of our own stack have no counterpart in lwIP, and the other way round.
    const bool comparable = field.key == kLwip || runs_lwip(left) == runs_lwip(right) ||
                            (left.find(field.key) != nullptr && right.find(field.key) != nullptr);
    if (comparable) add_rows(left, right, field, axis);
    for (size_t i = 0; i < practice[0].size(); ++i) {
      if (shown_at(practice[0][i].axis, left, right) != field.key ||
          practice[0][i].value == practice[1][i].value)
        continue;
      axis.in_practice.push_back(
          {"", practice[0][i].about, {practice[0][i].value, practice[1][i].value}});
    }
    if (axis.rows.empty() && axis.in_practice.empty()) continue;
    for (int side = 0; side < 2; ++side)
      axis.sources[side] = source_of(*documents[side], field.key);
    found.axes.push_back(std::move(axis));
  }
  return found;
}

std::string profile_page(const ProfileDifference& difference) {
  std::string text;
  for (int side = 0; side < 2; ++side) {
    text += difference.names[side] + ": " + difference.titles[side] + "\n";
  }
  text += "\n";
  for (const Axis& axis : difference.axes) text += axis_text(axis, difference.names);
  if (difference.axes.empty()) text += "no difference\n";
  return text;
}

Node profile_json(const ProfileDifference& difference) {
  Node axes = Node::object();
  for (const Axis& axis : difference.axes) {
    Node values = Node::object();
    for (const Row& row : axis.rows) {
      values.set(row.pointer,
                 pair_of(row.values, difference.names).set("about", Node::string(row.about)));
    }
    Node practice = Node::object();
    for (const Row& row : axis.in_practice) {
      practice.set(row.about, pair_of(row.values, difference.names));
    }
    Node words = Node::array();
    for (const std::string& word : axis.words) words.push(Node::string(word));
    axes.set(axis.key, Node::object()
                           .set("about", Node::string(axis.about))
                           .set("values", std::move(values))
                           .set("words", std::move(words))
                           .set("in_practice", std::move(practice))
                           .set("sources", pair_of(axis.sources, difference.names)));
  }
  return Node::object()
      .set("titles", pair_of(difference.titles, difference.names))
      .set("axes", std::move(axes));
}

}  // namespace tcptwin::report

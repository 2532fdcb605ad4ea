// Reference manual of field tables, in Markdown. Declared in table.h.
#include <algorithm>
#include <utility>
#include <vector>

#include "models/json/table.h"

namespace tcptwin::json {
namespace {

std::string code(const std::string& text) { return "`" + text + "`"; }

// Text as it may stand in a cell.
std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|') escaped += '\\';
    escaped += c == '\n' ? ' ' : c;
  }
  return escaped;
}

std::string row(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const std::string& text : cells) line += (text.empty() ? "" : " " + cell(text)) + " |";
  return line + "\n";
}

std::string default_of(const TableField& field) {
  constexpr size_t kLongest = 60;
  if (field.required) return "required";
  if (field.type.kind == TypeDoc::Kind::kObject) return "";  // its own section has the defaults
  const Node value = field.default_value();
  if (value.is_null()) return "";
  const std::string text = write(value, Style::kCompact);
  return text.size() > kLongest ? "" : code(text);
}

class ManualWriter {
 public:
  std::string document(const Table& root, std::string_view title) {
    std::string text = "# " + std::string(title) + "\n";
    section_of_table(root);
    // Sections are found while others are written.
    for (size_t i = 0; i < sections_.size(); ++i) text += write_section(i);
    return text;
  }

 private:
  struct Section {
    std::string name{};
    const Table* table = nullptr;
    const TypeDoc* type = nullptr;  // a linked type, which has no table
    const ChoiceDoc* choice = nullptr;
    std::string tag{};
  };

  // Names the section of a table and queues it when it is new.
  std::string section_of_table(const Table& table, const ChoiceDoc* choice = nullptr,
                               const std::string& tag = "") {
    for (const Section& known : sections_) {
      const bool same_choice = choice == nullptr
                                   ? known.choice == nullptr
                                   : known.choice != nullptr && known.choice->name == choice->name;
      if (known.table == &table && same_choice && known.tag == tag) return known.name;
    }
    return add({.name = table.name, .table = &table, .choice = choice, .tag = tag});
  }

  std::string section_of_type(const TypeDoc& type, const std::string& name) {
    for (const Section& known : sections_) {
      if (known.type == &type) return known.name;
    }
    return add({.name = name, .type = &type});
  }

  std::string add(Section section) {
    const auto is_taken = [this](const std::string& wanted) {
      return std::any_of(sections_.begin(), sections_.end(),
                         [&wanted](const Section& known) { return known.name == wanted; });
    };
    const std::string name = section.name;
    for (int i = 2; is_taken(section.name); ++i) section.name = name + "_" + std::to_string(i);
    sections_.push_back(std::move(section));
    return sections_.back().name;
  }

  static std::string link(const std::string& name) {
    std::string anchor;
    for (const char c : name) anchor += c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    return "[" + name + "](#" + anchor + ")";
  }

  std::string type_text(const TypeDoc& type) {
    switch (type.kind) {
      case TypeDoc::Kind::kScalar: return type.text;
      case TypeDoc::Kind::kObject: return link(section_of_table(type.table()));
      case TypeDoc::Kind::kList: return "array of " + type_text(type.element.front());
      case TypeDoc::Kind::kMap: return "object; names to " + type_text(type.element.front());
      case TypeDoc::Kind::kChoice: return choice_text(type);
      case TypeDoc::Kind::kLink: return link(section_of_type(type.link(), type.name));
    }
    return {};
  }

  std::string choice_text(const TypeDoc& type) {
    std::string text =
        type.tag.empty() ? "object with the key " : "object, by " + code(type.tag) + ": ";
    for (size_t i = 0; i < type.choices.size(); ++i) {
      const ChoiceDoc& choice = type.choices[i];
      if (i > 0) text += i + 1 == type.choices.size() ? " or " : ", ";
      const std::string section = section_of_table(choice.table(), &choice, type.tag);
      text += section == choice.name ? link(section) : code(choice.name) + " " + link(section);
    }
    return text;
  }

  std::string write_section(size_t index) {
    const Section section = sections_[index];  // the list grows below
    std::string text = "\n## " + section.name + "\n\n";
    if (section.type != nullptr) return text + "Type: " + type_text(*section.type) + "\n";
    if (!section.table->doc.empty()) text += section.table->doc + "\n\n";
    if (section.choice != nullptr) text += choice_line(section) + "\n\n";
    text += "| key | type | default | range | meaning |\n|---|---|---|---|---|\n";
    for (const TableField& field : section.table->fields) {
      std::string meaning = field.doc;
      if (!field.type.notes.empty()) meaning += ". " + field.type.notes;
      text += row(
          {code(field.key), type_text(field.type), default_of(field), field.type.range, meaning});
    }
    if (section.table->source_allowed) {
      text += row({"`source`, `comment`", "string", "", "", "for people; ignored"});
    }
    return text;
  }

  static std::string choice_line(const Section& section) {
    const std::string key = section.tag.empty()
                                ? code("\"" + section.choice->name + "\"")
                                : code("\"" + section.tag + "\": \"" + section.choice->name + "\"");
    return "Chosen by " + key + ": " + section.choice->doc + ".";
  }

  std::vector<Section> sections_;
};

}  // namespace

std::string manual(const Table& root, std::string_view title) {
  return ManualWriter().document(root, title);
}

}  // namespace tcptwin::json

// profile_command.cc: tcptwin profile list|show|diff.
#include <iostream>
#include <map>

#include "models/catalogue/catalogue.h"
#include "models/catalogue/settings.h"
#include "models/json/nearest.h"
#include "sim/cli/command.h"
#include "sim/report/profile_page.h"
#include "sim/report/text_table.h"

namespace tcptwin::cli {

namespace po = boost::program_options;

namespace {

using json::Node;

// Every scalar and every array of a document by its pointer, items with a name by that; "source"
// apart.
void flatten(const Node& node, const std::string& pointer,
             std::map<std::string, std::string>& out) {
  const bool named_items =
      node.is_array() && node.size() > 0 && node.items()[0].find("name") != nullptr;
  if (named_items) {
    for (const Node& item : node.items()) {
      flatten(item, pointer + "/" + item.find("name")->as_string(), out);
    }
    return;
  }
  if (!node.is_object()) {
    out[pointer] = node.is_string() ? node.as_string() : json::write(node, json::Style::kCompact);
    return;
  }
  for (const json::Member& m : node.members()) {
    if (m.key != "source") flatten(m.value, pointer + "/" + m.key, out);
  }
}

// What a table has room for; --json gives all of it.
std::string cell(const std::string& text) {
  constexpr size_t kWidth = 72;
  return text.size() <= kWidth ? text : text.substr(0, kWidth - 3) + "...";
}

std::optional<Node> find_profile(const std::string& name) {
  auto document = catalogue::profile_document(name);
  if (document) return document;
  std::cerr << "tcptwin: there is no profile \"" << name << "\"";
  if (const std::string why = catalogue::why_absent(name); !why.empty()) {
    std::cerr << ": " << why << "\n";
    return std::nullopt;
  }
  const std::string near = json::nearest(name, catalogue::profile_names());
  if (!near.empty()) std::cerr << " (did you mean \"" << near << "\"?)";
  std::cerr << "; see tcptwin profile list\n";
  return std::nullopt;
}

void tell_absent(std::ostream& out) {
  const std::vector<std::string> absent = catalogue::absent_profile_names();
  if (absent.empty()) return;
  out << "not here:";
  for (const std::string& name : absent) out << " " << name;
  out << "; " << catalogue::why_absent(absent[0]) << "\n";
}

int list(bool as_json) {
  report::TextTable table({"profile", "title"});
  Node array = Node::array();
  for (const std::string& name : catalogue::profile_names()) {
    const std::string title = catalogue::profile_document(name)->find("title")->as_string();
    table.add({name, title});
    array.push(Node::object().set("name", Node::string(name)).set("title", Node::string(title)));
  }
  std::cout << (as_json ? json::write(array, json::Style::kPretty) + "\n" : table.render());
  tell_absent(as_json ? std::cerr : std::cout);
  return kHeld;
}

int show(const std::string& name, bool as_json) {
  const auto document = find_profile(name);
  if (!document) return kInvalidInput;
  if (as_json) {
    std::cout << json::write(*document, json::Style::kPretty) << "\n";
    return kHeld;
  }
  report::TextTable table({"key", "value"});
  for (const json::Member& axis : document->members()) {
    std::map<std::string, std::string> values;
    flatten(axis.value, "/" + axis.key, values);
    for (const auto& [pointer, value] : values) table.add({pointer, cell(value)});
    if (!axis.value.is_object()) continue;
    if (const Node* source = axis.value.find("source")) table.add({"  from", source->as_string()});
  }
  std::cout << table.render();
  return kHeld;
}

int diff(const std::string& a, const std::string& b, bool as_json) {
  const auto left = find_profile(a);
  const auto right = find_profile(b);
  if (!left || !right) return kInvalidInput;
  const report::ProfileDifference found = report::compare_profiles(*left, *right);
  std::cout << (as_json ? json::write(report::profile_json(found), json::Style::kPretty) + "\n"
                        : report::profile_page(found));
  return found.axes.empty() ? kHeld : kFailed;
}

int show_settings(const std::string& name, bool as_json) {
  const auto document = find_profile(name);
  if (!document) return kInvalidInput;
  report::TextTable table({"setting", "value", "unit", "what it does"}, 4);
  Node array = Node::array();
  for (const catalogue::Setting& s : catalogue::settings_of(*document)) {
    const std::string value = catalogue::value_of(s, *document);
    const std::string unit(s.refused.empty() ? catalogue::unit_name(s.unit) : "");
    const std::string about = s.refused.empty() ? s.doc : "no effect here: " + s.refused;
    table.add({s.name, value, unit, about});
    array.push(Node::object()
                   .set("name", Node::string(s.name))
                   .set("value", Node::string(value))
                   .set("unit", Node::string(unit))
                   .set("about", Node::string(about)));
  }
  if (as_json) {
    std::cout << json::write(array, json::Style::kPretty) << "\n";
  } else if (array.size() == 0) {
    std::cout << name << " has no settings with names of their own\n";
  } else {
    std::cout << table.render();
  }
  return kHeld;
}

}  // namespace

int profile_command(const Arguments& arguments) {
  po::options_description options;
  options.add_options()("word", po::value<Arguments>(), "")("json", "JSON instead of a table")(
      "sysctl", "show: the settings by the system's own names, with their values");
  po::positional_options_description positional;
  positional.add("word", -1);
  Parsed parsed = parse(arguments, "profile list | show NAME | diff A B",
                        "  tcptwin profile list\n"
                        "  tcptwin profile show linux-6.18\n"
                        "  tcptwin profile show macos-14 --sysctl\n"
                        "  tcptwin profile diff macos-14 linux-6.18\n",
                        options, positional);
  if (parsed.exit_status) return *parsed.exit_status;
  const Arguments words =
      parsed.values.count("word") > 0 ? parsed.values["word"].as<Arguments>() : Arguments{"list"};
  const bool as_json = parsed.values.count("json") > 0;
  if (words[0] == "list" && words.size() == 1) return list(as_json);
  if (words[0] == "show" && words.size() == 2 && parsed.values.count("sysctl") > 0) {
    return show_settings(words[1], as_json);
  }
  if (words[0] == "show" && words.size() == 2) return show(words[1], as_json);
  if (words[0] == "diff" && words.size() == 3) return diff(words[1], words[2], as_json);
  return wrong_usage("profile", "expected list, show NAME, or diff A B");
}

}  // namespace tcptwin::cli

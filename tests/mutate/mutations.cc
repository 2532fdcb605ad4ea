#include "tests/mutate/mutations.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

#include "models/catalogue/catalogue.h"
#include "models/json/pointer.h"
#include "models/json/units.h"
#include "tests/mutate/behaviours.h"
#include "tests/support/paths.h"

namespace tcptwin::mutate {

namespace {

using json::Node;

std::optional<policy::Profile> decoded(const Node& document) {
  json::Context context;
  policy::Profile profile = catalogue::decode_profile(document, context);
  if (!context.ok()) return std::nullopt;
  return profile;
}

// The words of an enumeration, from what decoding says about a wrong one.
std::vector<std::string> words_for(const Node& document, const json::Pointer& place) {
  Node changed = document;
  json::Diagnostic error;
  json::set_at(changed, place, Node::string("?"), &error);
  json::Context context;
  catalogue::decode_profile(changed, context);
  std::vector<std::string> words;
  for (const json::Diagnostic& d : context.diagnostics()) {
    size_t at = 0;
    while ((at = d.message.find('"', at)) != std::string::npos) {
      const size_t end = d.message.find('"', at + 1);
      if (end == std::string::npos) break;
      const std::string word = d.message.substr(at + 1, end - at - 1);
      if (word != "?") words.push_back(word);
      at = end + 1;
    }
  }
  return words;
}

std::vector<Node> other_numbers(int64_t number) {
  std::vector<Node> list;
  for (const int64_t other : {number * 2, number / 2, number + 1, number - 1, int64_t{100}}) {
    if (other != number) list.push_back(Node::integer(other));
  }
  return list;
}

std::vector<Node> other_texts(const Node& document, const json::Pointer& place,
                              const std::string& text) {
  std::vector<Node> list;
  if (const auto duration = json::parse_duration(text)) {
    for (const Duration other : {*duration * 2, *duration / 2, *duration + 50ms}) {
      if (other != *duration) list.push_back(Node::string(json::format_duration(other)));
    }
    return list;
  }
  for (const std::string& word : words_for(document, place)) {
    if (word != text) list.push_back(Node::string(word));
  }
  if (list.empty()) list.push_back(Node::string(text + "X"));
  return list;
}

std::vector<Node> other_arrays(const Node& value) {
  std::vector<Node> list;
  Node shorter = value;
  if (shorter.size() > 0) {
    shorter.items().pop_back();
    list.push_back(shorter);
  }
  if (value.size() > 0 && value.items()[0].is_integer()) {
    Node other = value;
    other.items()[0] = Node::integer(value.items()[0].as_integer() + 1);
    list.push_back(other);
  }
  return list;
}

std::vector<Node> others(const Node& document, const json::Pointer& place, const Node& value) {
  if (value.is_boolean()) return {Node::boolean(!value.as_boolean())};
  if (value.is_integer()) return other_numbers(value.as_integer());
  if (value.is_string()) return other_texts(document, place, value.as_string());
  if (value.is_array()) return other_arrays(value);
  return {};
}

class Surveyor {
 public:
  explicit Surveyor(const std::string& name)
      : document_(*catalogue::profile_document(name)), usual_(*decoded(document_)) {
    result_.profile = name;
    expected_.resize(plays().size());
    for (size_t i = 0; i < plays().size(); ++i) {
      plays()[i].perform({usual_, usual_, &expected_[i]});
    }
  }

  Survey run() {
    visit(document_, json::Pointer());
    return std::move(result_);
  }

 private:
  void visit(const Node& node, const json::Pointer& place) {
    if (node.is_object()) {
      for (const json::Member& member : node.members()) {
        const bool a_name = place.is_root() && !member.value.is_object();
        if (member.key != "source" && !a_name) visit(member.value, place.child(member.key));
      }
      return;
    }
    if (node.is_array() && node.size() > 0 && node.items()[0].is_object()) {
      for (size_t i = 0; i < node.size(); ++i) {
        visit(node.items()[i], place.child(std::to_string(i)));
      }
      return;
    }
    try_value(node, place);
  }

  // Says "SO_RCVBUF" instead of the position in the list.
  std::string readable(const json::Pointer& place) const {
    std::string text;
    json::Pointer above;
    for (const std::string& token : place.tokens()) {
      above = above.child(token);
      const Node* node = json::resolve(document_, above);
      const Node* name = node->is_object() ? node->find("name") : nullptr;
      text += "/" + (name != nullptr && name->is_string() ? name->as_string() : token);
    }
    return text;
  }

  void try_value(const Node& value, const json::Pointer& place) {
    const std::string pointer = readable(place);
    constexpr size_t kMostTries = 3;
    std::string tried;
    std::vector<policy::Profile> changed;
    for (const Node& other : others(document_, place, value)) {
      if (changed.size() == kMostTries) break;
      Node document = document_;
      json::Diagnostic error;
      if (!json::set_at(document, place, other, &error)) continue;
      auto profile = decoded(document);
      if (!profile) continue;
      changed.push_back(std::move(*profile));
      tried += (tried.empty() ? "" : ", ") + json::write(other, json::Style::kCompact);
    }
    if (changed.empty()) return;  // it can have no other value
    if (is_noticed(changed, place.tokens().front())) return result_.noticed.push_back(pointer);
    result_.unnoticed.push_back(
        {pointer, json::write(value, json::Style::kCompact) + " -> " + tried});
  }

  // The plays that noticed changes on this axis before come first.
  bool is_noticed(const std::vector<policy::Profile>& changed, const std::string& axis) {
    std::vector<size_t>& order = orders_[axis];
    if (order.empty()) {
      order.resize(plays().size());
      std::iota(order.begin(), order.end(), size_t{0});
    }
    for (size_t i = 0; i < order.size(); ++i) {
      const size_t play = order[i];
      for (const policy::Profile& profile : changed) {
        Trail trail(&expected_[play]);
        plays()[play].perform({profile, usual_, &trail});
        if (!trail.differs()) continue;
        std::rotate(order.begin(), order.begin() + static_cast<ptrdiff_t>(i),
                    order.begin() + static_cast<ptrdiff_t>(i) + 1);
        return true;
      }
    }
    return false;
  }

  Node document_;
  policy::Profile usual_;
  std::vector<Trail> expected_;
  std::map<std::string, std::vector<size_t>> orders_;  // of the plays, by axis
  Survey result_;
};

bool matches(const std::string& pattern, const std::string& text) {
  if (!pattern.ends_with('*')) return pattern == text;
  return text.starts_with(pattern.substr(0, pattern.size() - 1));
}

}  // namespace

Survey survey(const std::string& profile) { return Surveyor(profile).run(); }

bool Reason::is_about(const std::string& of_profile) const { return matches(profile, of_profile); }

bool Reason::covers(const std::string& of_profile, const std::string& at) const {
  return is_about(of_profile) && matches(pointer, at);
}

std::vector<Reason> known_reasons() {
  std::vector<Reason> reasons;
  std::ifstream file(support::source_path("tests/mutate/unnoticed.tsv"));
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const size_t first = line.find('\t');
    const size_t second = line.find('\t', first + 1);
    reasons.push_back({line.substr(0, first), line.substr(first + 1, second - first - 1),
                       line.substr(second + 1)});
  }
  return reasons;
}

}  // namespace tcptwin::mutate

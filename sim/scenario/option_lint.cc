#include "sim/scenario/option_lint.h"

#include <algorithm>
#include <utility>

#include "models/catalogue/catalogue.h"
#include "models/json/context.h"

namespace tcptwin::scenario {

namespace {

using json::Node;
using policy::OptionEffect;

// What a program gets that did not want it.
std::string_view consequence(OptionEffect effect) {
  switch (effect) {
    case OptionEffect::kNoOptions:
      return "no TCP option in any segment from then on, so no window scale, no SACK, no "
             "timestamps, and the peer is told no MSS";
    case OptionEffect::kDeferAccept:
      return "a client's last ACK of the handshake and a listener's accept wait for data";
    case OptionEffect::kCork: return "small segments wait until it is cleared";
    case OptionEffect::kNoDelay: return "Nagle's algorithm is off";
    case OptionEffect::kMaxSegment: return "segments become smaller";
    case OptionEffect::kOrphanTime: return "another time in FIN-WAIT-2 after close";
    case OptionEffect::kNoted: return "without effect";
    default: return "";
  }
}

// The name that an object gives for a key; a level may be given by its number. Empty: none.
std::string name_under(const Node& node, std::string_view key, const policy::Profile& profile) {
  const Node* value = node.is_object() ? node.find(key) : nullptr;
  if (value == nullptr) return "";
  if (value->is_string()) return value->as_string();
  for (const policy::SocketOption& o : profile.socket_options) {
    if (key == "level" && value->is_integer() && value->as_integer() == o.level) {
      return o.level_name;
    }
  }
  return "";
}

bool is_off(const Node* value) {
  if (value == nullptr) return false;
  return (value->is_integer() && value->as_integer() == 0) ||
         (value->is_boolean() && !value->as_boolean());
}

void look_for_misplaced(const Node& node, const policy::Profile& profile,
                        std::vector<MisplacedOption>& found) {
  const std::string level = name_under(node, "level", profile);
  const std::string option = name_under(node, "option", profile);
  if (!level.empty() && !option.empty()) {
    const NamedOption here = option_at(profile, level, option);
    if (here.called != nullptr && here.called->level_name != level) {
      const MisplacedOption one{level, option, here.called->level_name,
                                !is_off(node.find("value"))};
      if (std::find(found.begin(), found.end(), one) == found.end()) found.push_back(one);
    }
  }
  if (node.is_array()) {
    for (const Node& item : node.items()) look_for_misplaced(item, profile, found);
  } else if (node.is_object()) {
    for (const json::Member& m : node.members()) look_for_misplaced(m.value, profile, found);
  }
}

std::string what_happens(std::string_view process, const MisplacedOption& misplaced) {
  return std::string(process) + " names " + misplaced.option + ", an option of " + misplaced.home +
         ", at " + misplaced.level;
}

}  // namespace

NamedOption option_at(const policy::Profile& profile, std::string_view level,
                      std::string_view option) {
  NamedOption result;
  for (const policy::SocketOption& o : profile.socket_options) {
    if (o.level_name == level) result.level = o.level;
    // The level that is asked for has the first word.
    if (o.name == option && (result.called == nullptr || o.level_name == level)) {
      result.called = &o;
    }
  }
  if (result.called != nullptr) result.number = result.called->number;
  for (const policy::SocketOption& o : profile.socket_options) {
    if (o.level == result.level && o.number == result.number) result.found = &o;
  }
  return result;
}

std::vector<MisplacedOption> misplaced_options(const Node& process,
                                               const policy::Profile& profile) {
  std::vector<MisplacedOption> found;
  look_for_misplaced(process, profile, found);
  return found;
}

std::string meaning_of(const MisplacedOption& misplaced, const policy::Profile& profile) {
  const NamedOption option = option_at(profile, misplaced.level, misplaced.option);
  if (option.called == nullptr) return "no option of that name";
  const std::string number = std::to_string(option.number);
  if (option.found == nullptr) return number + ", which is none: the call fails with ENOPROTOOPT";
  std::string text = number + ", which is " + option.found->name;
  if (!misplaced.on) return text + " and stays off with the value 0";
  const std::string_view more = consequence(option.found->effect);
  return more.empty() ? text : text + ": " + std::string(more);
}

std::string misplaced_text(std::string_view process, const MisplacedOption& misplaced,
                           const policy::Profile& profile, std::string_view profile_name) {
  return what_happens(process, misplaced) + "; there its number on " + std::string(profile_name) +
         " is " + meaning_of(misplaced, profile);
}

std::string misplaced_everywhere(std::string_view process, const MisplacedOption& misplaced) {
  std::vector<std::pair<std::string, std::string>> meanings;  // and the profiles that have it
  for (const std::string& name : catalogue::profile_names()) {
    json::Context ignored;
    const auto profile = catalogue::decode_profile(*catalogue::profile_document(name), ignored);
    const std::string meaning = meaning_of(misplaced, profile);
    const auto known = std::find_if(meanings.begin(), meanings.end(),
                                    [&](const auto& m) { return m.first == meaning; });
    if (known == meanings.end()) {
      meanings.emplace_back(meaning, name);
    } else {
      known->second += ", " + name;
    }
  }
  std::string text = what_happens(process, misplaced) + "; there its number is";
  for (const auto& [meaning, profiles] : meanings) text += "\n  on " + profiles + ": " + meaning;
  return text;
}

}  // namespace tcptwin::scenario

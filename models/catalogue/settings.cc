#include "models/catalogue/settings.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "models/catalogue/catalogue.h"
#include "models/catalogue/embedded.h"
#include "models/json/parse.h"
#include "models/json/patch.h"
#include "models/json/pointer.h"
#include "models/json/units.h"
#include "stack/base/check.h"

namespace tcptwin::catalogue {

using json::Context;
using json::Node;
using Unit = Setting::Unit;

const json::Fields<Setting>& setting_fields() {
  static const json::Fields<Setting> fields =
      json::Fields<Setting>("setting", "a name that the system gives to a choice")
          .text("name", &Setting::name, "as the system spells it",
                {.required = true, .non_empty = true})
          .enumeration(
              "unit", &Setting::unit, "of its value",
              {{"flag", Unit::kFlag, "0 or 1"},
               {"number", Unit::kNumber, "a number"},
               {"ns", Unit::kNanoseconds, "nanoseconds"},
               {"us", Unit::kMicroseconds, "microseconds"},
               {"ms", Unit::kMilliseconds, "milliseconds"},
               {"100ms", Unit::kTenths, "tenths of a second"},
               {"s", Unit::kSeconds, "seconds"},
               {"2s", Unit::kHalfSeconds, "seconds, twice what the place holds"},
               {"bytes", Unit::kBytes, "bytes"},
               {"9/8 bytes", Unit::kSocketMemory, "bytes, of which the place holds eight ninths"},
               {"ports", Unit::kPortCount, "how many, from the first place to the second"},
               {"word", Unit::kWord, "one of the choices"}})
          .list("places", &Setting::places, "JSON Pointers into the profile, for each number",
                json::text_of())
          .raw("choices", &Setting::choices, "by word: a JSON Merge Patch")
          .integer("at_least", &Setting::at_least, "lowest number")
          .integer("at_most", &Setting::at_most, "highest number")
          .text("refused", &Setting::refused, "why it cannot be set here")
          .list("only", &Setting::only, "the profiles that have it; empty: all", json::text_of())
          .text("doc", &Setting::doc, "what it does");
  return fields;
}

std::string_view unit_name(Unit unit) {
  switch (unit) {
    case Unit::kFlag: return "0 or 1";
    case Unit::kNumber: return "";
    case Unit::kNanoseconds: return "ns";
    case Unit::kMicroseconds: return "us";
    case Unit::kMilliseconds: return "ms";
    case Unit::kTenths: return "100ms";
    case Unit::kSeconds:
    case Unit::kHalfSeconds: return "s";
    case Unit::kSocketMemory:
    case Unit::kBytes: return "bytes";
    case Unit::kPortCount: return "ports";
    case Unit::kWord: return "word";
  }
  CHECK(false);
}

namespace {

struct Family {
  std::vector<Setting> settings;
};

const json::Fields<Family>& family_fields() {
  static const json::Fields<Family> fields =
      json::Fields<Family>("settings", "the settings of one family of systems")
          .list("settings", &Family::settings, "all of them", setting_fields)
          .allow_source();
  return fields;
}

Duration duration_of(Unit unit) {
  switch (unit) {
    case Unit::kNanoseconds: return 1ns;
    case Unit::kMicroseconds: return 1us;
    case Unit::kMilliseconds: return 1ms;
    case Unit::kTenths: return 100ms;
    case Unit::kSeconds: return 1s;
    case Unit::kHalfSeconds: return 500ms;
    case Unit::kFlag:
    case Unit::kNumber:
    case Unit::kBytes:
    case Unit::kSocketMemory:
    case Unit::kPortCount:
    case Unit::kWord: return {};
  }
  CHECK(false);
}

std::vector<std::string> words_in(std::string_view text) {
  std::vector<std::string> words;
  for (size_t begin = text.find_first_not_of(" \t"); begin != text.npos;) {
    const size_t end = std::min(text.find_first_of(" \t", begin), text.size());
    words.emplace_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(" \t", end);
  }
  return words;
}

std::optional<int64_t> number_in(std::string_view word) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

// A number, a text with several ("4096 131072 6291456"), or a list of them.
std::optional<std::vector<std::string>> words_of_value(const Node& value) {
  if (value.is_integer()) return std::vector{std::to_string(value.as_integer())};
  if (value.is_boolean()) return std::vector<std::string>{value.as_boolean() ? "1" : "0"};
  if (value.is_string()) return words_in(value.as_string());
  if (!value.is_array()) return std::nullopt;
  std::vector<std::string> words;
  for (const Node& item : value.items()) {
    const auto one = words_of_value(item);
    if (!one || one->size() != 1) return std::nullopt;
    words.push_back(one->front());
  }
  return words;
}

Node in_the_profiles_unit(Unit unit, int64_t number) {
  if (unit == Unit::kFlag) return Node::boolean(number != 0);
  if (const Duration one = duration_of(unit); one.count() > 0) {
    return Node::string(json::format_duration(one * number));
  }
  return Node::integer(unit == Unit::kSocketMemory ? number * 8 / 9 : number);
}

class SettingReader {
 public:
  SettingReader(const Setting& setting, const Node& value, Context& context, Node& profile)
      : setting_(&setting), value_(&value), context_(&context), profile_(&profile) {}

  void read() const {
    if (!setting_->refused.empty()) {
      return context_->error(*value_, setting_->name + " has no effect here: " + setting_->refused);
    }
    const auto words = words_of_value(*value_);
    if (!words) return context_->expected(*value_, "a number, a word, or several of them");
    if (setting_->choices.is_object()) return choose(*words);
    if (words->size() != setting_->places.size()) {
      return context_->error(*value_, setting_->name + " takes " +
                                          std::to_string(setting_->places.size()) +
                                          (setting_->places.size() == 1 ? " number" : " numbers"));
    }
    for (size_t i = 0; i < words->size(); ++i) put((*words)[i], setting_->places[i]);
  }

 private:
  void choose(const std::vector<std::string>& words) const {
    std::vector<std::string> known;
    for (const json::Member& choice : setting_->choices.members()) known.push_back(choice.key);
    const Node* choice = words.size() == 1 ? setting_->choices.find(words[0]) : nullptr;
    if (choice == nullptr) {
      const std::string word = words.empty() ? "" : words[0];
      return context_->unknown(value_->origin(), "value of " + setting_->name, word, known);
    }
    Node changes = *choice;
    changes.set_origin_of_all(value_->origin());
    json::merge(*profile_, changes);
  }

  void put(const std::string& word, const std::string& pointers) const {
    const auto number = number_in(word);
    const int64_t most = largest();
    if (!number || *number < setting_->at_least || *number > most) {
      std::string expected = "a whole number";
      if (!unit_name(setting_->unit).empty()) {
        expected += " (" + std::string(unit_name(setting_->unit)) + ")";
      }
      if (setting_->at_least > INT64_MIN) {
        expected += ", at least " + std::to_string(setting_->at_least);
      }
      if (most < INT64_MAX) expected += ", at most " + std::to_string(most);
      return context_->error(*value_,
                             setting_->name + ": expected " + expected + ", found " + word);
    }
    if (setting_->unit == Unit::kPortCount) return put_ports(*number, words_in(pointers));
    for (const std::string& pointer : words_in(pointers)) {
      Node node = in_the_profiles_unit(setting_->unit, *number);
      node.set_origin(value_->origin());
      json::Diagnostic error;
      CHECK(json::set_at(*profile_, pointer, std::move(node), &error));
    }
  }

  // From the first port that is there already.
  void put_ports(int64_t count, const std::vector<std::string>& pointers) const {
    const Node* first = json::resolve(*profile_, *json::Pointer::parse(pointers[0]));
    CHECK(first != nullptr);
    Node last = Node::integer(first->as_integer() + count - 1);
    last.set_origin(value_->origin());
    json::Diagnostic error;
    CHECK(json::set_at(*profile_, pointers[1], std::move(last), &error));
  }

  int64_t largest() const {
    if (setting_->unit == Unit::kFlag) return 1;
    const Duration one = duration_of(setting_->unit);
    if (one.count() == 0) return setting_->at_most;
    return std::min(setting_->at_most, Duration::max() / one);
  }

  const Setting* setting_;
  const Node* value_;
  Context* context_;
  Node* profile_;
};

std::string number_text(const Node& value, Unit unit) {
  if (value.is_boolean()) return value.as_boolean() ? "1" : "0";
  std::optional<int64_t> number;
  if (value.is_integer()) number = value.as_integer();
  if (value.is_string()) {
    const auto duration = json::parse_duration(value.as_string());
    const Duration one = duration_of(unit);
    if (duration && one.count() > 0) {
      if (*duration % one != Duration{}) return "-";
      number = *duration / one;
    } else {
      number = json::parse_size(value.as_string());
    }
  }
  if (number && unit == Unit::kSocketMemory) number = (*number * 9 + 7) / 8;
  return number ? std::to_string(*number) : "-";
}

// As the field tables write it, whatever the units of the document.
Node in_normal_form(const Node& profile) {
  Context ignored;
  return json::encode(profile_fields(), decode_profile(profile, ignored));
}

bool says_the_same(const Node& profile, const Node& changes) {
  Node changed = profile;
  json::merge(changed, changes);
  return in_normal_form(changed) == in_normal_form(profile);
}

}  // namespace

std::vector<Setting> settings_of(const Node& profile) {
  const Node* family = profile.find("settings");
  if (family == nullptr) return {};
  const std::string& name = profile.find("name")->as_string();
  for (const EmbeddedText& file : embedded_settings()) {
    if (file.name != family->as_string()) continue;
    json::Diagnostic error;
    const auto document = json::parse("settings " + std::string(file.name), file.text, &error);
    CHECK(document.has_value());  // a test decodes every table
    Family decoded;
    Context context;
    json::decode(family_fields(), *document, decoded, context);
    CHECK(context.ok());  // likewise
    std::erase_if(decoded.settings, [&](const Setting& s) {
      return !s.only.empty() && std::find(s.only.begin(), s.only.end(), name) == s.only.end();
    });
    return decoded.settings;
  }
  return {};
}

void apply_settings(Node& profile, const Node& values, Context& context) {
  if (values.is_null()) return;
  if (!values.is_object()) {
    return context.expected(values, "an object with the settings of the system by name");
  }
  const std::vector<Setting> known = settings_of(profile);
  const std::string name = profile.find("name")->as_string();
  if (known.empty() && values.size() > 0) {
    return context.error(values, name +
                                     " has no settings with names of their own; its values are "
                                     "changed in \"set\"");
  }
  for (const json::Member& member : values.members()) {
    const auto scope = context.enter(member.key);
    const auto found = std::find_if(known.begin(), known.end(),
                                    [&](const Setting& s) { return s.name == member.key; });
    if (found != known.end()) {
      SettingReader(*found, member.value, context, profile).read();
      continue;
    }
    std::vector<std::string> names;
    for (const Setting& setting : known) names.push_back(setting.name);
    context.unknown(member.key_origin, "setting of " + name, member.key, names);
  }
}

std::string value_of(const Setting& setting, const Node& profile) {
  if (!setting.refused.empty()) return "-";
  if (setting.choices.is_object()) {
    for (const json::Member& choice : setting.choices.members()) {
      if (says_the_same(profile, choice.value)) return choice.key;
    }
    return "-";
  }
  std::string text;
  for (const std::string& place : setting.places) {
    const std::vector<std::string> pointers = words_in(place);
    const Node* value =
        pointers.empty() ? nullptr : json::resolve(profile, *json::Pointer::parse(pointers[0]));
    if (value != nullptr && setting.unit == Unit::kPortCount) {
      const Node* last = json::resolve(profile, *json::Pointer::parse(pointers[1]));
      return std::to_string(last->as_integer() - value->as_integer() + 1);
    }
    text +=
        (text.empty() ? "" : " ") + (value == nullptr ? "-" : number_text(*value, setting.unit));
  }
  return text;
}

}  // namespace tcptwin::catalogue

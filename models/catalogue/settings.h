// settings.h: what a system lets its owner set, by the names it uses (sysctl, registry, cmdlet):
// which places of a profile a name stands for, and in which unit. Changes no profile itself.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/json/context.h"
#include "models/json/fields.h"
#include "models/json/node.h"

namespace tcptwin::catalogue {

struct Setting {
  enum class Unit : uint8_t {
    kFlag,  // 0 or 1
    kNumber,
    kNanoseconds,
    kMicroseconds,
    kMilliseconds,
    kTenths,  // of a second
    kSeconds,
    kHalfSeconds,  // a number of seconds that is twice what the place holds
    kBytes,
    kSocketMemory,  // bytes, of which the place holds eight ninths: mbufs and their clusters
    kPortCount,     // how many; the places: the first port, the last
    kWord,          // one of `choices`
  };
  std::string name;
  Unit unit = Unit::kNumber;
  // For each number of the value the JSON Pointers of the profile that it goes to, separated by
  // spaces; empty: the number is read and means nothing here.
  std::vector<std::string> places;
  json::Node choices;  // by word: what it changes, as a JSON Merge Patch
  int64_t at_least = 0;
  int64_t at_most = INT64_MAX;
  std::string refused;            // why it has no effect here; empty: it has
  std::vector<std::string> only;  // the profiles that have it; empty: all of the family
  std::string doc;
};

const json::Fields<Setting>& setting_fields();

// The settings that a profile knows, given its document: those of the family that it names.
std::vector<Setting> settings_of(const json::Node& profile);

// Changes a profile by `values`, an object by name. Errors go to the context.
void apply_settings(json::Node& profile, const json::Node& values, json::Context& context);

// What the system would show: the value that a profile has, in the setting's own unit; "-" when the
// profile says what no value of the setting stands for.
std::string value_of(const Setting& setting, const json::Node& profile);
// "ms", "bytes", ...
std::string_view unit_name(Setting::Unit unit);

}  // namespace tcptwin::catalogue

// option_lint.h: options that are set at a level where their number means something else than their
// name says. Finds them and says what they mean; changes nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/json/node.h"
#include "stack/policy/profile.h"

namespace tcptwin::scenario {

struct MisplacedOption {
  std::string level;   // where it is set
  std::string option;  // what the program calls it
  std::string home;    // the level that the name belongs to
  bool on = true;      // its value is not 0
  bool operator==(const MisplacedOption&) const = default;
};

// What an option that is given by names comes to. `level` and `number` are what the call passes, -1
// where the profile has no such name.
struct NamedOption {
  const policy::SocketOption* called = nullptr;  // the one that has the name, at whatever level
  const policy::SocketOption* found = nullptr;   // the one that the numbers reach
  int32_t level = -1;
  int32_t number = -1;
};
NamedOption option_at(const policy::Profile& profile, std::string_view level,
                      std::string_view option);

// Everywhere in a process of a scenario, each once: wherever an object has a "level" and an
// "option".
std::vector<MisplacedOption> misplaced_options(const json::Node& process,
                                               const policy::Profile& profile);

// "8, which is TCP_NOOPT: no TCP option in any segment from then on".
std::string meaning_of(const MisplacedOption& misplaced, const policy::Profile& profile);

// One line: what a program does and what it means on the profile of that name.
std::string misplaced_text(std::string_view process, const MisplacedOption& misplaced,
                           const policy::Profile& profile, std::string_view profile_name);
// Several: what it means on every profile there is.
std::string misplaced_everywhere(std::string_view process, const MisplacedOption& misplaced);

}  // namespace tcptwin::scenario

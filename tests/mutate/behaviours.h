// behaviours.h: short plays that bring out what the values of a profile do: each gives a number
// that changes when anything on the wire or in a result changes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stack/policy/profile.h"

namespace tcptwin::mutate {

struct Play {
  std::string name;
  // `usual`: the profile before the change; what is done in the play follows it alone.
  uint64_t (*fingerprint)(const policy::Profile& profile, const policy::Profile& usual);
};

const std::vector<Play>& plays();

}  // namespace tcptwin::mutate

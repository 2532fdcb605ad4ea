// practice.h: what the values of a profile mean for someone who uses the system: computed by the
// policies themselves, so that it cannot differ from what a run does. Of a host that runs lwIP it
// is what facts/lwip.md says that lwIP makes of its settings.
#pragma once

#include <string>
#include <vector>

#include "stack/policy/profile.h"

namespace tcptwin::catalogue {

struct Consequence {
  std::string axis;   // key of a profile of our own stack that it follows from
  std::string about;  // "TIME-WAIT lasts"; the same for every profile
  std::string value;  // "30 s"; "-": no such thing here
};

// In the order of the profile's keys; the same list for every profile but for the values.
std::vector<Consequence> consequences(const policy::Profile& profile);

}  // namespace tcptwin::catalogue

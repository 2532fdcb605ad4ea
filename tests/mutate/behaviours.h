// behaviours.h: short plays that bring out what the values of a profile do: each leaves a
// trail that changes when anything on the wire or in a result changes.
#pragma once

#include <string>
#include <vector>

#include "tests/mutate/trail.h"

namespace tcptwin::mutate {

struct Play {
  std::string name;
  void (*perform)(const Subject& subject);
};

const std::vector<Play>& plays();

}  // namespace tcptwin::mutate

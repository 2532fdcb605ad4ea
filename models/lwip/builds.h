// builds.h: which variants of lwIP's code are in the program. They differ in what lwIP settles when
// it is compiled; one is chosen by a profile. The build makes the definitions (cmake/lwip.cmake).
#pragma once

#include <span>
#include <string_view>

#include "models/lwip/glue/glue.h"

namespace tcptwin::lwip {

// The state that a build works on lies at one place in the process: who puts a host's there keeps
// other threads (of a sweep) out until it is taken away.
struct Build {
  std::string_view name;
  const LwipBuild* code;
};

// Empty when the program was built without the source of lwIP.
std::span<const Build> builds();
// Why there are none, and what to do about it; empty when there are some.
std::string_view absence();

}  // namespace tcptwin::lwip

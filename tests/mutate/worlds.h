// worlds.h: plays that need the simulator: what the host's own work costs.
#pragma once

#include <cstdint>

#include "stack/policy/profile.h"

namespace tcptwin::mutate {

uint64_t costs_of_the_host(const policy::Profile& profile, const policy::Profile& usual);

}  // namespace tcptwin::mutate

// worlds.h: plays that need the simulator: what the host's own work costs.
#pragma once

#include "tests/mutate/trail.h"

namespace tcptwin::mutate {

void costs_of_the_host(const Subject& subject);

}  // namespace tcptwin::mutate

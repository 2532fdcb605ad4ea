// link.h: `tcptwin link`: two real machines joined by a simulated network.
#pragma once

#include "sim/cli/command.h"

namespace tcptwin::tun {

// The exit status: that of the first command, if it is 0 that of the second; or one of
// cli::ExitStatus.
int link_command(const cli::Arguments& arguments);

}  // namespace tcptwin::tun

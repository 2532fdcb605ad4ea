// bridge.h: `tcptwin bridge`: real programs in the place of one host of a scenario.
#pragma once

#include "sim/cli/command.h"

namespace tcptwin::tun {

// The exit status: that of COMMAND, or one of cli::ExitStatus.
int bridge_command(const cli::Arguments& arguments);

}  // namespace tcptwin::tun

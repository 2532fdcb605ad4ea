// bridge_options.h: the words of `tcptwin bridge`, read.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sim/cli/command.h"
#include "tun/device.h"
#include "tun/live_options.h"

namespace tcptwin::tun {

struct BridgeOptions : LiveOptions {
  std::string file;
  std::string host;  // whose place the real machine takes; empty: the host that is real
  Layer layer = Layer::kIp;
  std::string device;           // of somebody else's making; empty: our own
  std::optional<int> fd;        // the same, as a descriptor
  bool until_programs = false;  // ends with the simulated programs
  std::vector<std::string> command;
};

// Or the exit status when there is nothing more to do.
std::variant<BridgeOptions, int> parse_bridge(const cli::Arguments& arguments);

}  // namespace tcptwin::tun

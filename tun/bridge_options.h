// bridge_options.h: the words of `tcptwin bridge`, read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sim/cli/command.h"
#include "sim/scenario/load.h"
#include "stack/base/time.h"
#include "tun/device.h"

namespace tcptwin::tun {

struct BridgeOptions {
  std::string file;
  std::string variant;  // empty: the baseline
  std::vector<scenario::Override> overrides;
  uint64_t seed = 0;
  std::string host;  // whose place the real machine takes; empty: the host that is real
  Layer layer = Layer::kIp;
  std::string device;              // of somebody else's making; empty: our own
  std::optional<int> fd;           // the same, as a descriptor
  std::string pcap, json, record;  // files; "-": standard output
  Duration late = std::chrono::milliseconds(1);
  Duration spin = std::chrono::microseconds(80);
  bool until_programs = false;  // ends with the simulated programs
  bool quiet = false;
  std::vector<std::string> command;
};

// Or the exit status when there is nothing more to do.
std::variant<BridgeOptions, int> parse_bridge(const cli::Arguments& arguments);

}  // namespace tcptwin::tun

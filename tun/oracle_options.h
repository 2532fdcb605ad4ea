// oracle_options.h: the words of `tcptwin oracle`, read.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "sim/cli/command.h"
#include "sim/scenario/load.h"

namespace tcptwin::tun {

struct OracleOptions {
  std::string file{};
  std::string variant{};  // empty: the baseline
  std::vector<scenario::Override> overrides{};
  uint64_t seed = 0;
  std::vector<std::string> hosts{};  // that the kernel takes over; empty: every simulated one
  int64_t runs = 1;
  std::string pcap{};  // a folder
  std::string json{};  // a file; "-": standard output
  bool quiet = false;
};

// Or the exit status when there is nothing more to do.
std::variant<OracleOptions, int> parse_oracle(const cli::Arguments& arguments);

}  // namespace tcptwin::tun

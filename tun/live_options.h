// live_options.h: the options that all commands with real machines have.
#pragma once

#include <boost/program_options.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/cli/command.h"
#include "sim/scenario/load.h"
#include "stack/base/time.h"

namespace tcptwin::tun {

struct LiveOptions {
  std::string variant;  // empty: the baseline
  std::vector<scenario::Override> overrides;
  uint64_t seed = 0;
  std::string pcap, json, record;  // files; "-": standard output
  Duration late = std::chrono::milliseconds(1);
  Duration spin = std::chrono::microseconds(80);
  bool quiet = false;

  bool takes_output() const { return pcap == "-" || json == "-" || record == "-"; }
};

void add_live_options(boost::program_options::options_description& options);
// False: wrong usage, after a message. `command`: for messages.
bool take_live_options(const std::string& command,
                       const boost::program_options::variables_map& values, LiveOptions& out);

// Of one option. A duration: nothing after a message; a text: empty when it was not given.
std::optional<Duration> duration_option(const std::string& command,
                                        const boost::program_options::variables_map& values,
                                        const std::string& name);
std::string text_option(const boost::program_options::variables_map& values,
                        const std::string& name);

}  // namespace tcptwin::tun

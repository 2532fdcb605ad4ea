// link_options.h: the words of `tcptwin link`, read.
#pragma once

#include <array>
#include <string>
#include <variant>
#include <vector>

#include "sim/cli/command.h"
#include "tun/live_options.h"

namespace tcptwin::tun {

struct LinkOptions : LiveOptions {
  std::string file;                // a scenario; empty: a link between "a" and "b"
  std::vector<std::string> hosts;  // of the scenario: the two that are real; empty: its only two
  Duration wait = std::chrono::seconds(1);          // for the second command to listen
  Duration grace = std::chrono::milliseconds(500);  // of silence, after the end of the first
  bool until_both = false;
  std::array<std::vector<std::string>, 2> commands;  // the first one empty: a shell
};

// The scenario of a link without a file.
std::string plain_link();

// Or the exit status when there is nothing more to do.
std::variant<LinkOptions, int> parse_link(const cli::Arguments& arguments);

}  // namespace tcptwin::tun

// command.h: what the subcommands of tcptwin share: exit status, options, files. The only part that
// opens files.
#pragma once

#include <boost/program_options.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/json/diagnostic.h"
#include "sim/scenario/load.h"
#include "sim/sweep/grid.h"

namespace tcptwin::cli {

enum ExitStatus : int { kHeld = 0, kFailed = 1, kUsage = 2, kInvalidInput = 3 };

using Arguments = std::vector<std::string>;

// Each takes the words after its name and returns the exit status.
int run_command(const Arguments& arguments);
int check_command(const Arguments& arguments);
int list_command(const Arguments& arguments);
int schema_command(const Arguments& arguments);
int diff_command(const Arguments& arguments);
int profile_command(const Arguments& arguments);
int sweep_command(const Arguments& arguments);
int replay_command(const Arguments& arguments);

// Becomes tcptwin-bridge with these words: the program beside this one, or the one in the PATH.
// Returns only when there is none, after a message.
int start_bridge_program(const Arguments& words);

// Parsed options of a subcommand, or the exit status when there is nothing more to do: after
// --help, or after a message about wrong usage. `examples` opens the help.
struct Parsed {
  boost::program_options::variables_map values;
  std::optional<int> exit_status;
};
Parsed parse(const Arguments& arguments, std::string_view usage, std::string_view examples,
             const boost::program_options::options_description& options,
             const boost::program_options::positional_options_description& positional);

// "tcptwin: MESSAGE" and "see tcptwin COMMAND --help" on standard error; returns kUsage.
int wrong_usage(std::string_view command, const std::string& message);
// One line each on standard error; returns kInvalidInput.
int report(std::span<const json::Diagnostic> diagnostics);

// Options that several subcommands have; nothing after a message about wrong usage.
std::optional<uint64_t> parse_seed(std::string_view command, const std::string& text);
std::optional<std::vector<scenario::Override>> parse_sets(std::string_view command,
                                                          const Arguments& texts);
// `option`: "--vary" or "--matrix".
std::optional<std::vector<sweep::Axis>> parse_axes(std::string_view command,
                                                   const std::string& option,
                                                   const Arguments& texts);

// The whole file ("-": standard input); nothing after a message on standard error.
std::optional<std::string> read_file(const std::string& path);
// Replaces the file ("-": standard output); false after a message.
bool write_file(const std::string& path, std::string_view content);

}  // namespace tcptwin::cli

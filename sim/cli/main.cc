// main.cc: tcptwin: picks the subcommand.
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "models/json/nearest.h"
#include "sim/cli/command.h"
#include "sim/report/report.h"

namespace {

using tcptwin::cli::Arguments;

struct Command {
  const char* name;
  int (*run)(const Arguments&);  // null: the other program does it
  const char* meaning;
};

constexpr Command kCommands[] = {
    {"run", tcptwin::cli::run_command, "run scenarios and judge their expectations"},
    {"sweep", tcptwin::cli::sweep_command,
     "run a scenario at every combination of values: one table"},
    {"diff", tcptwin::cli::diff_command, "two captures or runs side by side: the first difference"},
    {"check", tcptwin::cli::check_command, "find mistakes in scenario files without running them"},
    {"list", tcptwin::cli::list_command, "the variants, processes and measures of scenario files"},
    {"profile", tcptwin::cli::profile_command, "list, show and compare operating systems"},
    {"schema", tcptwin::cli::schema_command,
     "JSON Schema of scenario files and profiles, reference manual"},
    {"replay", tcptwin::cli::replay_command, "a recorded live session in virtual time"},
    {"bridge", nullptr, "real programs inside the simulated network, in real time"},
    {"link", nullptr, "two real machines joined by a simulated link, in real time"},
    {"oracle", nullptr, "a scenario over this machine's kernel, compared with the simulation"},
};

void print_help() {
  std::cout << "Examples:\n"
               "  tcptwin run traces/documents/write-write-read/scenario.json\n"
               "  tcptwin run traces/documents/write-write-read/scenario.json --variant baseline "
               "--explain\n"
               "  tcptwin sweep traces/documents/write-write-read/scenario.json --vary "
               "/hosts/server/set/delayed_ack/min=10ms,40ms,200ms\n"
               "  tcptwin diff traces/documents/write-write-read/scenario.json :client-nodelay\n"
               "  tcptwin profile diff linux-6.18 rfc\n"
               "  tcptwin bridge traces/bridge/http/scenario.json -- curl http://server/10mb -o "
               "/dev/null\n"
               "\nUsage: tcptwin COMMAND [OPTIONS] [FILES]\n\nCommands:\n";
  for (const Command& c : kCommands) {
    std::cout << "  " << c.name << std::string(10 - std::string(c.name).size(), ' ') << c.meaning
              << "\n";
  }
  std::cout << "\ntcptwin COMMAND --help says more. Exit status: 0 all expectations hold, 1 one "
               "failed or a\n"
               "difference was found, 2 wrong usage, 3 invalid input, 77 the machine lacks what is "
               "needed.\n";
}

int dispatch(const Arguments& words) {
  if (words.empty() || words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    print_help();
    return words.empty() ? tcptwin::cli::kUsage : tcptwin::cli::kHeld;
  }
  if (words[0] == "--version") {
    std::cout << "tcptwin " << tcptwin::report::version() << "\n";
    return tcptwin::cli::kHeld;
  }
  std::vector<std::string> names;
  for (const Command& c : kCommands) {
    if (words[0] == c.name) {
      if (c.run == nullptr) return tcptwin::cli::start_bridge_program(words);
      return c.run(Arguments(words.begin() + 1, words.end()));
    }
    names.emplace_back(c.name);
  }
  const std::string near = tcptwin::json::nearest(words[0], names);
  return tcptwin::cli::wrong_usage("",
                                   "there is no command \"" + words[0] + "\"" +
                                       (near.empty() ? "" : " (did you mean \"" + near + "\"?)"));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return dispatch(Arguments(argv + 1, argv + argc));
  } catch (const std::exception& error) {  // nothing of ours throws; a library or memory may
    std::cerr << "tcptwin: " << error.what() << "\n";
    return 70;
  }
}

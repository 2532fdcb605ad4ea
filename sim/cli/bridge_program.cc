// bridge_program.cc: hands over to tcptwin-bridge, which may touch the machine.
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>

#include "sim/cli/command.h"

namespace tcptwin::cli {

int start_bridge_program(const Arguments& words) {
  constexpr int kLacking = 77;
  Arguments line = {"tcptwin-bridge"};
  line.insert(line.end(), words.begin(), words.end());
  std::vector<char*> argv;
  for (std::string& word : line) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (!error) ::execv((self.parent_path() / line[0]).c_str(), argv.data());
  ::execvp(line[0].c_str(), argv.data());
  std::cerr << "tcptwin: tcptwin-bridge, which " << words[0]
            << " needs, is neither beside this program nor in the PATH: " << std::strerror(errno)
            << " (it is built on Linux only)\n";
  return kLacking;
}

}  // namespace tcptwin::cli

// jail.h: a command in namespaces of its own: the network of the caller's choice, processes that
// die with it, names of hosts. Nothing of it outlives the process that made it, however that dies.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "stack/wire/address.h"
#include "tun/net_namespace.h"
#include "tun/unique_fd.h"

namespace tcptwin::tun {

struct JailSetup {
  const NetNamespace* network = nullptr;                         // null: the caller's own
  std::vector<std::string> command;                              // empty: the caller's shell
  std::vector<std::pair<wire::IpAddress, std::string>> names{};  // for /etc/hosts, inside
  bool takes_terminal = true;    // becomes the foreground of the terminal on standard input
  bool has_input = true;         // else its standard input is empty
  bool output_is_taken = false;  // its standard output goes to standard error
};

// A process 1 of its own holds the command. When the maker dies, the kernel ends process 1, and
// with it all others inside.
class Jail {
 public:
  // Starts the command. The maker must have one thread only. Throws Failure and Lacking.
  explicit Jail(const JailSetup& setup);
  Jail(const Jail&) = delete;
  Jail& operator=(const Jail&) = delete;
  // Ends all processes inside, waits for it, and takes the terminal back.
  ~Jail();

  // Readable once the command is over.
  int fd() const { return pidfd_.get(); }
  // Sends a signal to the command and its process group.
  void signal(int number);
  // As a shell says it: its own, 128 and the signal, 127: no such program. Nothing while it runs.
  std::optional<int> exit_status();

 private:
  pid_t init_ = -1;
  UniqueFd pidfd_;
  UniqueFd lifeline_;  // signals to pass on; its end ends everything inside
  std::optional<int> status_;
  bool had_terminal_ = false;
};

}  // namespace tcptwin::tun

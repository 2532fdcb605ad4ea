// machine.h: runs tcptwin beside real programs, and counts what of it is left on the machine.
#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace tcptwin::live {

struct Ended {
  int status = 0;      // as a shell says it
  std::string output;  // standard output
  std::string errors;  // standard error
};

// A shell command that runs beside the test, apart from its terminal; with `terminal`, on a new one.
// What is left of it ends with this.
class Running {
 public:
  explicit Running(const std::string& command, bool terminal = false);
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running();

  pid_t pid() const { return pid_; }
  // All that it has written so far.
  std::string output();
  // Presses keys on the terminal.
  void press(const std::string& keys);
  // Waits for the end.
  Ended end();

 private:
  pid_t pid_ = -1;
  int terminal_ = -1;
  std::filesystem::path folder_;
};

Ended shell(const std::string& command);
// Waits until it is so, for some seconds; false: it has not become so.
bool becomes(const std::function<bool()>& so);

std::string tcptwin();  // the program
std::string peer();     // tests/live/peer
std::vector<std::string> lines(const std::string& text);
std::vector<int64_t> numbers(const std::string& text);  // one a line

// A test with a folder of its own, on a machine with namespaces and TUN devices. Elsewhere it is
// skipped, and says so; with TCPTWIN_NO_SKIP in the environment it fails.
class LiveTest : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string file(const std::string& name, const std::string& text) const;

 private:
  std::filesystem::path folder_;
};

// Of the machine itself: what no command may change.
struct OwnThings {
  std::string interfaces, mounts, routes, settings;
  bool operator==(const OwnThings&) const = default;

  static OwnThings now();
};
// The namespaces of a process that are not the test's own.
std::set<std::string> namespaces_of(pid_t process);
// Whether any process is in one of them.
bool are_inhabited(const std::set<std::string>& namespaces);
// Ids of the processes with this command line.
std::vector<pid_t> processes_called(const std::vector<std::string>& words);

}  // namespace tcptwin::live

#include "tun/jail.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

#include "tun/failure.h"

namespace tcptwin::tun {

namespace {

constexpr int kNoSuchProgram = 127, kNotExecutable = 126, kKilled = 128;

void complain(const std::string& message) {
  const std::string line = "tcptwin: " + message + "\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

// The machine's own names, then those of the scenario.
std::string hosts_text(const JailSetup& setup) {
  std::ifstream own("/etc/hosts");
  std::string text(std::istreambuf_iterator<char>(own), {});
  if (!text.empty() && text.back() != '\n') text += '\n';
  for (const auto& [address, name] : setup.names) text += address.to_string() + " " + name + "\n";
  return text;
}

// A file over /etc/hosts, in this mount namespace alone. It lies in memory and has no other name:
// nothing of it can be left behind. Needs a place that is mounted anew anyway.
void mount_hosts(const JailSetup& setup, const char* place) {
  const std::string text = hosts_text(setup), file = std::string(place) + "/hosts";
  bool done = ::mount("tmpfs", place, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") == 0;
  if (done) {
    std::ofstream(file) << text;
    done = ::mount(file.c_str(), "/etc/hosts", nullptr, MS_BIND, nullptr) == 0;
    const int problem = errno;
    ::umount2(place, MNT_DETACH);
    errno = problem;
  }
  if (!done) {
    complain(std::string("the names of hosts are not known inside: ") + std::strerror(errno));
  }
}

std::vector<std::string> command_of(const JailSetup& setup) {
  if (!setup.command.empty()) return setup.command;
  const char* shell = ::getenv("SHELL");
  return {shell != nullptr && *shell != '\0' ? shell : "/bin/sh"};
}

// The command itself; does not return.
[[noreturn]] void become_command(const JailSetup& setup) {
  ::setpgid(0, 0);
  if (setup.takes_terminal) ::tcsetpgrp(STDIN_FILENO, ::getpid());
  if (setup.output_is_taken) ::dup2(STDERR_FILENO, STDOUT_FILENO);
  if (!setup.has_input) {
    ::close(STDIN_FILENO);
    ::open("/dev/null", O_RDONLY);  // becomes standard input
  }
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int ignored : {SIGTTOU, SIGPIPE}) ::signal(ignored, SIG_DFL);
  std::vector<std::string> words = command_of(setup);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  ::execvp(argv[0], argv.data());
  complain(words[0] + ": " + std::strerror(errno));
  ::_exit(errno == ENOENT ? kNoSuchProgram : kNotExecutable);
}

// Descriptors of the maker that are not meant for the command. Process 1 would keep them open: the
// lifelines of other jails among them, which would then never be seen to end.
void close_all_but(int kept) {
  std::vector<int> ours;
  DIR* const list = ::opendir("/proc/self/fd");
  if (list == nullptr) return;
  while (const dirent* entry = ::readdir(list)) {
    const int fd = std::atoi(entry->d_name);
    if (fd > STDERR_FILENO && fd != kept && fd != ::dirfd(list) &&
        (::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0) {
      ours.push_back(fd);
    }
  }
  ::closedir(list);
  for (const int fd : ours) ::close(fd);
}

// Reaps whatever dies inside; the status of `command` once it is among them.
std::optional<int> reap(pid_t command) {
  int status = 0;
  while (const pid_t pid = ::waitpid(-1, &status, WNOHANG)) {
    if (pid < 0) return std::nullopt;
    if (pid != command) continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : kKilled + WTERMSIG(status);
  }
  return std::nullopt;
}

// Process 1 inside: until the command or the maker is over; the kernel ends all the rest then.
[[noreturn]] void be_init(const JailSetup& setup, int lifeline) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &child, nullptr);
  ::signal(SIGTTOU, SIG_IGN);
  if (setup.network != nullptr) setup.network->enter();
  close_all_but(lifeline);
  ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
  mount_hosts(setup, "/proc");
  ::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr);
  const UniqueFd children(::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK));
  const pid_t command = ::fork();
  if (command == 0) become_command(setup);
  if (command < 0) ::_exit(kNotExecutable);
  ::setpgid(command, command);
  for (;;) {
    std::array<pollfd, 2> waited = {{{lifeline, POLLIN, 0}, {children.get(), POLLIN, 0}}};
    ::poll(waited.data(), waited.size(), -1);
    if (waited[1].revents != 0) {
      signalfd_siginfo ignored{};
      while (::read(children.get(), &ignored, sizeof ignored) > 0) {
      }
      if (const auto status = reap(command)) ::_exit(*status);
    }
    if (waited[0].revents != 0) {
      uint8_t number = 0;
      if (::read(lifeline, &number, 1) != 1) ::_exit(kKilled + SIGKILL);  // the maker is gone
      ::kill(-command, number);
    }
  }
}

}  // namespace

Jail::Jail(const JailSetup& setup) {
  std::array<int, 2> ends{};
  checked(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), "socketpair");
  lifeline_ = UniqueFd(ends[0]);
  UniqueFd theirs(ends[1]);
  had_terminal_ = setup.takes_terminal && ::tcgetpgrp(STDIN_FILENO) == ::getpgrp();
  JailSetup inside = setup;
  inside.takes_terminal = had_terminal_;
  std::fflush(nullptr);
  // fork(2) into new namespaces: the C library has no name for it.
  const long child = ::syscall(SYS_clone, CLONE_NEWPID | CLONE_NEWNS | SIGCHLD, nullptr, nullptr,
                               nullptr, nullptr);
  if (child < 0 && errno == EPERM)
    throw Lacking("may not make a process namespace: start it as root");
  checked(static_cast<int>(child), "starting the command");
  if (child == 0) {
    lifeline_.reset();
    try {
      be_init(inside, theirs.get());
    } catch (const Failure& failure) {
      complain(failure.what());
      ::_exit(kNotExecutable);
    }
  }
  init_ = static_cast<pid_t>(child);
  pidfd_ = UniqueFd(checked(static_cast<int>(::syscall(SYS_pidfd_open, init_, 0)), "pidfd_open"));
}

void Jail::signal(int number) {
  const auto byte = static_cast<uint8_t>(number);
  [[maybe_unused]] const ssize_t sent = ::send(lifeline_.get(), &byte, 1, MSG_NOSIGNAL);
}

std::optional<int> Jail::exit_status() {
  int status = 0;
  if (!status_ && ::waitpid(init_, &status, WNOHANG) == init_) {
    status_ = WIFEXITED(status) ? WEXITSTATUS(status) : kKilled + WTERMSIG(status);
  }
  return status_;
}

Jail::~Jail() {
  lifeline_.reset();
  if (!status_) ::waitpid(init_, nullptr, 0);
  if (!had_terminal_) return;
  const auto before = ::signal(SIGTTOU, SIG_IGN);
  ::tcsetpgrp(STDIN_FILENO, ::getpgrp());
  ::signal(SIGTTOU, before);
}

}  // namespace tcptwin::tun

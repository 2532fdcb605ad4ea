#include "tests/live/machine.h"

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <sstream>
#include <thread>

#include "tun/clock.h"

namespace tcptwin::live {

namespace fs = std::filesystem;

namespace {

constexpr int kLacking = 77, kSignal = 128;
constexpr int64_t kPatienceNs = 20'000'000'000;

std::string content(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();  // which stops at an error: a process may end while its files are read
  return text.str();
}

fs::path new_folder() {
  std::string name = (fs::temp_directory_path() / "tcptwin-live-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp: " + name);
  fs::permissions(name, fs::perms::others_all, fs::perm_options::add);
  return name;
}

// Why a TUN device in a namespace is not to be had; nothing: it is.
const std::optional<std::string>& lacking() {
  static const std::optional<std::string> why = [] {
    const Ended probe = shell(tcptwin() + " link --quiet -- true");
    return probe.status == kLacking ? std::optional(probe.errors) : std::nullopt;
  }();
  return why;
}

void redirect(const fs::path& path, int flags, int to) {
  ::dup2(::open(path.c_str(), flags, 0644), to);
}

bool is_number(const std::string& name) {
  return name.find_first_not_of("0123456789") == std::string::npos;
}

}  // namespace

Running::Running(const std::string& command, bool terminal) : folder_(new_folder()) {
  pid_ = terminal ? ::forkpty(&terminal_, nullptr, nullptr, nullptr) : ::fork();
  if (pid_ != 0) return;
  if (!terminal) {
    ::setsid();
    redirect("/dev/null", O_RDONLY, STDIN_FILENO);
    redirect(folder_ / "out", O_WRONLY | O_CREAT, STDOUT_FILENO);
    redirect(folder_ / "err", O_WRONLY | O_CREAT, STDERR_FILENO);
  }
  ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
  ::_exit(kLacking);
}

Running::~Running() {
  if (pid_ > 0) {
    ::kill(-pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (terminal_ >= 0) ::close(terminal_);
  fs::remove_all(folder_);
}

std::string Running::output() { return content(folder_ / "out"); }

void Running::press(const std::string& keys) {
  EXPECT_EQ(::write(terminal_, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
}

Ended Running::end() {
  Ended ended;
  std::array<char, 4096> buffer{};
  for (ssize_t n = 0;
       terminal_ >= 0 && (n = ::read(terminal_, buffer.data(), buffer.size())) > 0;) {
    ended.output.append(buffer.data(), static_cast<size_t>(n));
  }
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  ended.status = WIFEXITED(status) ? WEXITSTATUS(status) : kSignal + WTERMSIG(status);
  if (terminal_ < 0) ended.output = content(folder_ / "out");
  ended.errors = content(folder_ / "err");
  return ended;
}

Ended shell(const std::string& command) { return Running(command).end(); }

bool becomes(const std::function<bool()>& so) {
  const int64_t end = tun::monotonic_ns() + kPatienceNs;
  while (!so()) {
    if (tun::monotonic_ns() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

std::string tcptwin() { return TCPTWIN_PROGRAM; }
std::string peer() { return TCPTWIN_LIVE_PEER; }

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> list;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) list.push_back(line);
  return list;
}

std::vector<int64_t> numbers(const std::string& text) {
  std::vector<int64_t> list;
  for (const std::string& line : lines(text)) list.push_back(std::stoll(line));
  return list;
}

void LiveTest::SetUp() {
  folder_ = new_folder();
  if (!lacking()) return;
  if (std::getenv("TCPTWIN_NO_SKIP") != nullptr) FAIL() << *lacking();
  std::cerr << "SKIPPED, nothing was tested: " << *lacking();
  GTEST_SKIP() << *lacking();
}

std::string LiveTest::file(const std::string& name, const std::string& text) const {
  std::ofstream(path(name)) << text;
  return path(name);
}

OwnThings OwnThings::now() {
  return {.interfaces = shell("ip -o link show | sed 's/ qlen.*//'").output,
          .mounts = content("/proc/self/mounts"),
          .routes = shell("ip route show table all; ip -6 route show table all").output,
          .settings = shell("grep -rs . /proc/sys/net | grep -v conntrack_count | sort").output};
}

std::set<std::string> namespaces_of(pid_t process) {
  std::set<std::string> found;
  for (const char* kind : {"net", "mnt", "pid", "user"}) {
    std::error_code error;
    const fs::path link = "/proc/" + std::to_string(process) + "/ns/" + kind;
    const fs::path theirs = fs::read_symlink(link, error);
    if (!error && theirs != fs::read_symlink(std::string("/proc/self/ns/") + kind)) {
      found.insert(theirs.string());
    }
  }
  return found;
}

bool are_inhabited(const std::set<std::string>& namespaces) {
  std::error_code error;
  for (const auto& process : fs::directory_iterator("/proc", error)) {
    const std::string name = process.path().filename().string();
    if (!is_number(name)) continue;
    for (const std::string& space : namespaces_of(std::stoi(name))) {
      if (namespaces.contains(space)) return true;
    }
  }
  return false;
}

std::vector<pid_t> processes_called(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += word + '\0';
  std::vector<pid_t> found;
  std::error_code error;
  for (const auto& process : fs::directory_iterator("/proc", error)) {
    const std::string name = process.path().filename().string();
    if (is_number(name) && content(process.path() / "cmdline") == line) {
      found.push_back(std::stoi(name));
    }
  }
  return found;
}

}  // namespace tcptwin::live

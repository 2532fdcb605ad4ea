// Which symbols the libraries may not ask for: clocks, files, sockets, threads, processes, the
// environment.
#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include "tests/tidy/rules.h"

namespace tcptwin::tidy {

namespace {

// Functions of C, matched whole: tcptwin::...::connect(...) is demangled with its namespace and is
// no match.
const std::set<std::string_view>& forbidden_functions() {
  static const std::set<std::string_view> kFunctions = {
      // clocks
      "clock_gettime", "clock_getres", "gettimeofday", "time", "clock", "timespec_get", "ftime",
      "localtime", "localtime_r", "gmtime", "gmtime_r", "mktime",
      // sleeping and threads
      "nanosleep", "clock_nanosleep", "usleep", "sleep", "alarm", "setitimer", "timer_create",
      "pthread_create", "thrd_create", "sched_yield",
      // files
      "open", "open64", "openat", "openat64", "__open_2", "__open64_2", "__openat_2",
      "__openat64_2", "creat", "creat64", "fopen", "fopen64", "freopen", "freopen64", "fdopen",
      "tmpfile", "tmpfile64", "mkstemp", "mkstemp64", "opendir", "stat", "stat64", "lstat",
      "lstat64", "fstat", "fstat64", "unlink", "remove", "rename", "mkdir", "mmap", "mmap64",
      "memfd_create", "read", "write", "pipe", "pipe2", "ioctl", "dlopen", "dlsym", "syscall",
      // the network
      "socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "send", "sendto",
      "sendmsg", "recv", "recvfrom", "recvmsg", "shutdown", "getsockopt", "setsockopt", "poll",
      "ppoll", "select", "pselect", "epoll_create", "epoll_create1", "epoll_wait", "getaddrinfo",
      "gethostbyname", "gethostname", "if_nametoindex", "getifaddrs",
      // randomness, the environment, other programs
      "rand", "rand_r", "srand", "random", "srandom", "drand48", "arc4random", "getrandom",
      "getentropy", "getenv", "secure_getenv", "setenv", "environ", "setlocale", "getpid", "fork",
      "vfork", "clone", "execl", "execlp", "execle", "execv", "execvp", "execve", "execvpe",
      "fexecve", "posix_spawn", "posix_spawnp", "system", "popen"};
  return kFunctions;
}

// Parts of the C++ library, matched at the start of a demangled name or of what follows "vtable
// for" and the like.
constexpr std::array<std::string_view, 16> kForbiddenClasses = {
    "std::chrono::_V2::system_clock::now",
    "std::chrono::_V2::steady_clock::now",
    "std::chrono::system_clock::now",
    "std::chrono::steady_clock::now",
    "std::thread::",
    "std::jthread::",
    "std::this_thread::",
    "std::condition_variable",
    "std::basic_ifstream<",
    "std::basic_ofstream<",
    "std::basic_fstream<",
    "std::basic_filebuf<",
    "std::filesystem::",
    "std::random_device::",
    "std::locale::global",
    "std::async"};

bool is_forbidden(std::string_view symbol) {
  if (forbidden_functions().contains(symbol)) return true;
  for (const std::string_view prefix : {"vtable for ", "VTT for ", "typeinfo for "}) {
    if (symbol.starts_with(prefix)) symbol.remove_prefix(prefix.size());
  }
  return std::any_of(kForbiddenClasses.begin(), kForbiddenClasses.end(),
                     [&](std::string_view name) { return symbol.starts_with(name); });
}

std::string_view trim(std::string_view line) {
  while (!line.empty() && std::isspace(static_cast<unsigned char>(line.front())))
    line.remove_prefix(1);
  while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back())))
    line.remove_suffix(1);
  return line;
}

}  // namespace

Findings check_symbols(const std::string& archive, std::string_view nm_output) {
  Findings findings;
  std::string object;  // nm heads each member of the archive with its name and a colon
  while (!nm_output.empty()) {
    const size_t end = std::min(nm_output.find('\n'), nm_output.size());
    std::string_view line = trim(nm_output.substr(0, end));
    nm_output.remove_prefix(std::min(end + 1, nm_output.size()));
    if (line.ends_with(".o:")) {
      object = line.substr(0, line.size() - 1);
    } else if (line.starts_with("U ") || line.starts_with("w ") || line.starts_with("v ")) {
      const std::string_view symbol = trim(line.substr(2));
      if (!is_forbidden(symbol)) continue;
      findings.push_back({archive + "(" + object + ")", 0, "references " + std::string(symbol)});
    }
  }
  return findings;
}

}  // namespace tcptwin::tidy

#include "tun/listeners.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <string>

namespace tcptwin::tun {

namespace {

constexpr const char* kListening = "0A";    // TCP_LISTEN
constexpr const char* kUnconnected = "07";  // of UDP sockets, which have TCP_CLOSE then

std::string content(int fd) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t got = ::pread(fd, buffer.data(), buffer.size(), static_cast<off_t>(text.size()));
    if (got <= 0) return text;
    text.append(buffer.data(), static_cast<size_t>(got));
  }
}

// A line is "sl local_address rem_address st ...".
bool has_listener(const std::string& table) {
  std::istringstream lines(table);
  std::string line, number, local, remote, state;
  while (std::getline(lines, line)) {
    std::istringstream(line) >> number >> local >> remote >> state;
    if (state == kListening || state == kUnconnected) return true;
  }
  return false;
}

}  // namespace

Listeners::Listeners(const NetNamespace& where) {
  where.run([&] {
    for (const char* name : {"tcp", "tcp6", "udp", "udp6"}) {
      const std::string path = std::string("/proc/thread-self/net/") + name;
      UniqueFd table(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
      if (table) tables_.push_back(std::move(table));
    }
  });
}

bool Listeners::any() const {
  return std::any_of(tables_.begin(), tables_.end(),
                     [](const UniqueFd& table) { return has_listener(content(table.get())); });
}

}  // namespace tcptwin::tun

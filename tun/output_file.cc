#include "tun/output_file.h"

#include <fcntl.h>

#include <cerrno>

#include "tun/failure.h"

namespace tcptwin::tun {

namespace {

int open_output(const std::string& path) {
  if (path == "-") return checked(::dup(STDOUT_FILENO), "standard output");
  return checked(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), path);
}

}  // namespace

OutputFile::OutputFile(const std::string& path) : path_(path), fd_(open_output(path)) {}

bool OutputFile::write(std::span<const uint8_t> bytes) {
  while (fd_ && !bytes.empty()) {
    const ssize_t written = ::write(fd_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      fd_.reset();
      return false;
    }
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
  return static_cast<bool>(fd_);
}

}  // namespace tcptwin::tun

// output_file.h: a file that is written while the program runs, opened before it gives up its
// rights.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "tun/unique_fd.h"

namespace tcptwin::tun {

class OutputFile {
 public:
  // "-": standard output. Throws Failure.
  explicit OutputFile(const std::string& path);
  // False once the reader is gone or the disk is full; from then on nothing is written.
  bool write(std::span<const uint8_t> bytes);
  bool write(std::string_view text) {
    return write({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  UniqueFd fd_;
};

}  // namespace tcptwin::tun

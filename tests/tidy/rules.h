// rules.h: what docs/design.md and docs/style.md forbid, as checks on the text of one file. They
// read no file themselves, so that a test can hand them a violation.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/tidy/lexer.h"

namespace tcptwin::tidy {

struct Finding {
  std::string path;
  int line;
  std::string what;
};
using Findings = std::vector<Finding>;

// "stack/tcp" for "stack/tcp/connection.cc"; "tun" for "tun/device.cc".
std::string folder_of(std::string_view path);

// A folder includes only itself and what lies to its left; libraries stay in their one place.
Findings check_includes(const SourceFile& file);
// stack/ names no operating system, neither in code nor in strings.
Findings check_os_names(const SourceFile& file);
// No floating point where results must be the same on every machine.
Findings check_floating_point(const SourceFile& file);
// No <random>: the distributions of std:: differ from library to library.
Findings check_randomness(const SourceFile& file);
// No chrono clock outside tun/.
Findings check_clocks(const SourceFile& file);
// Hash maps only with "// look-up only" on their line, and then nobody iterates over them. `unit`
// is the .h and .cc that belong together: a member declared in one is used in the other.
Findings check_hash_maps(std::span<const SourceFile> unit);
// No shared_ptr, no friend.
Findings check_ownership(const SourceFile& file);
// stack/ neither throws nor catches.
Findings check_exceptions(const SourceFile& file);
// A comment that puts work off names, in brackets, who will do it.
Findings check_todos(const SourceFile& file);
// Functions of at most 70 lines, files of at most 600.
Findings check_sizes(const SourceFile& file);
// No text speaks of the machine or the process it was written with.
Findings check_workplace(const SourceFile& file);

// `nm_output` is what `nm -u -C` prints for an archive: no clock, file, socket, thread or
// environment.
Findings check_symbols(const std::string& archive, std::string_view nm_output);

}  // namespace tcptwin::tidy

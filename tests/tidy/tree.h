// tree.h: the files of the project, and what nm says about an archive. The only part of tidy that
// reads anything.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/tidy/lexer.h"

namespace tcptwin::tidy {

// The .h and .cc files of stack, models, sim, tun and tests, in order of their paths.
std::vector<SourceFile> cpp_files(const std::string& root);
// Every file of the project without a NUL byte; build trees and .git left out.
std::vector<SourceFile> text_files(const std::string& root);

// The libraries that keep out of the operating system: libstack_*.a, libmodels_*.a and libsim_*.a
// in `lib_dir`.
std::vector<std::string> pure_archives(const std::string& lib_dir);
// The name of the archive that the sources of `folder` go into: "libstack_tcp.a".
std::string archive_name(std::string folder);

// Output of `nm -u -C archive`; nothing when nm fails.
std::optional<std::string> undefined_symbols(const std::string& nm, const std::string& archive);

}  // namespace tcptwin::tidy

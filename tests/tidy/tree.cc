#include "tests/tidy/tree.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace tcptwin::tidy {

namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool is_foreign(const fs::path& directory) {
  return directory.filename() == ".git" || directory.filename() == "build" ||
         fs::exists(directory / "CMakeCache.txt");
}

std::vector<SourceFile> read_all(const fs::path& root, bool cpp_only) {
  std::vector<SourceFile> files;
  for (fs::recursive_directory_iterator it(root), end; it != end; ++it) {
    if (it->is_directory()) {
      if (is_foreign(it->path())) it.disable_recursion_pending();
      continue;
    }
    const std::string extension = it->path().extension();
    const bool cpp = extension == ".h" || extension == ".cc";
    const bool kept = it->path().filename() != ".git";  // a linked worktree has a file there
    if (it->is_regular_file() && kept && (cpp || !cpp_only)) {
      files.push_back({it->path().lexically_relative(root), read(it->path())});
    }
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

}  // namespace

std::vector<SourceFile> cpp_files(const std::string& root) {
  std::vector<SourceFile> files = read_all(root, true);
  std::erase_if(files, [](const SourceFile& file) {
    constexpr std::array<std::string_view, 5> kRoots = {"stack/", "models/", "sim/", "tun/",
                                                        "tests/"};
    return std::none_of(kRoots.begin(), kRoots.end(),
                        [&](std::string_view folder) { return file.path.starts_with(folder); });
  });
  return files;
}

std::vector<SourceFile> text_files(const std::string& root) {
  std::vector<SourceFile> files = read_all(root, false);
  std::erase_if(files,
                [](const SourceFile& file) { return file.text.find('\0') != std::string::npos; });
  return files;
}

std::vector<std::string> pure_archives(const std::string& lib_dir) {
  std::vector<std::string> archives;
  if (!fs::exists(lib_dir)) return archives;
  for (const auto& entry : fs::directory_iterator(lib_dir)) {
    const std::string name = entry.path().filename();
    const bool ours = name.starts_with("libstack_") || name.starts_with("libmodels_") ||
                      name.starts_with("libsim_");
    if (ours && name.ends_with(".a")) archives.push_back(entry.path());
  }
  std::sort(archives.begin(), archives.end());
  return archives;
}

std::string archive_name(std::string folder) {
  std::replace(folder.begin(), folder.end(), '/', '_');
  return "lib" + folder + ".a";
}

std::optional<std::string> undefined_symbols(const std::string& nm, const std::string& archive) {
  const std::string command = "'" + nm + "' -u -C '" + archive + "'";
  std::FILE* pipe = popen(command.c_str(), "r");
  if (!pipe) return std::nullopt;
  std::string output;
  std::array<char, 4096> chunk;
  while (const size_t n = std::fread(chunk.data(), 1, chunk.size(), pipe))
    output.append(chunk.data(), n);
  if (pclose(pipe) != 0) return std::nullopt;
  return output;
}

}  // namespace tcptwin::tidy

// Which folder may include which, and where each foreign library may appear.
#include <algorithm>
#include <array>
#include <iterator>
#include <optional>

#include "tests/tidy/rules.h"

namespace tcptwin::tidy {

namespace {

// Each folder may include itself and those before it. A new folder of models/ needs no entry: it
// lies between models/json and models/catalogue. Nobody includes tun, and only tun what
// sim/cli knows of options and files.
constexpr std::array<std::string_view, 24> kLine = {
    "stack/base",   "stack/wire",   "stack/policy",     "stack/tcp",  "stack/socket",
    "stack/host",   "models/json",  "models/catalogue", "sim/engine", "sim/trace",
    "sim/capture",  "sim/compare",  "sim/net",          "sim/host",   "sim/app",
    "sim/programs", "sim/scenario", "sim/expect",       "sim/report", "sim/session",
    "sim/sweep",    "sim/lab",      "sim/cli",          "tun"};

std::optional<ptrdiff_t> place_in_line(std::string_view folder) {
  const auto found = std::find(kLine.begin(), kLine.end(), folder);
  if (found != kLine.end()) return 2 * (found - kLine.begin());
  if (folder.starts_with("models/")) return *place_in_line("models/catalogue") - 1;
  return std::nullopt;
}

bool is_ours(std::string_view include) {
  constexpr std::array<std::string_view, 5> kRoots = {"stack/", "models/", "sim/", "tun/",
                                                      "tests/"};
  return std::any_of(kRoots.begin(), kRoots.end(),
                     [&](std::string_view root) { return include.starts_with(root); });
}

// What is wrong with `include` in a file of `folder`; empty when nothing is.
std::string wrong_layer(const std::string& folder, const std::string& include) {
  const std::string target = folder_of(include);
  if (target == folder) return "";
  const auto from = place_in_line(folder);
  const auto to = place_in_line(target);
  if (!from)
    return folder + " has no place in the line of folders: give it one in tests/tidy/includes.cc";
  if (!to) return "includes " + include + ", which has no place in the line of folders";
  if (folder == "models/json" && target != "stack/base") {
    return "includes " + include + "; models/json may include only stack/base";
  }
  if (*to > *from) return "includes " + include + ", which lies to the right of " + folder;
  if (target == "sim/cli" && folder != "tun") return "includes " + include + ", which is a program";
  return "";
}

std::string wrong_library(const SourceFile& file, const std::string& include) {
  if (include.starts_with("nlohmann/") && file.path != "models/json/parse.cc") {
    return "includes " + include + "; only models/json/parse.cc may";
  }
  if (include.starts_with("boost/") && folder_of(file.path) != "sim/cli" &&
      folder_of(file.path) != "tun") {
    return "includes " + include + "; only sim/cli and tun may";
  }
  if (include.starts_with("fmt/") && file.path.starts_with("stack/")) {
    return "includes " + include + "; stack/ formats no text";
  }
  return "";
}

}  // namespace

std::string folder_of(std::string_view path) {
  const size_t first = path.find('/');
  if (first == std::string_view::npos) return "";
  const auto root = path.substr(0, first);
  if (root == "tun") return "tun";
  const size_t second = path.find('/', first + 1);
  return std::string(second == std::string_view::npos ? root : path.substr(0, second));
}

Findings check_includes(const SourceFile& file) {
  Findings findings;
  if (file.path.starts_with("tests/")) return findings;
  for (const Include& include : lex(file.text).includes) {
    const std::string layer =
        is_ours(include.target) ? wrong_layer(folder_of(file.path), include.target) : "";
    const std::string library = wrong_library(file, include.target);
    const std::string& wrong = layer.empty() ? library : layer;
    if (!wrong.empty()) findings.push_back({file.path, include.line, wrong});
  }
  return findings;
}

}  // namespace tcptwin::tidy

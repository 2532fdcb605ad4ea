#include "sim/cli/command.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <system_error>

#include "models/json/nearest.h"

namespace tcptwin::cli {

namespace po = boost::program_options;

Parsed parse(const Arguments& arguments, std::string_view usage, std::string_view examples,
             const po::options_description& options,
             const po::positional_options_description& positional) {
  Parsed parsed;
  po::options_description all;
  all.add(options).add_options()("help,h", "this text");
  const std::string command(usage.substr(0, usage.find_first_of(" [")));
  po::options_description shown("Options");
  for (const auto& option : all.options()) {
    if (positional.max_total_count() == 0 || positional.name_for_position(0) != option->long_name())
      shown.add(option);
  }
  try {
    auto parser = po::command_line_parser(arguments).options(all).positional(positional);
    // Values such as "-" are words, and a prefix of an option is not that option.
    const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
    po::store(parser.style(style).run(), parsed.values);
    if (parsed.values.count("help") > 0) {
      std::cout << "Examples:\n" << examples << "\nUsage: tcptwin " << usage << "\n\n" << shown;
      parsed.exit_status = kHeld;
      return parsed;
    }
    po::notify(parsed.values);
  } catch (const po::error& error) {
    parsed.exit_status = wrong_usage(command, error.what());
  }
  return parsed;
}

int wrong_usage(std::string_view command, const std::string& message) {
  std::cerr << "tcptwin: " << message << "\n";
  std::cerr << "see tcptwin " << command << (command.empty() ? "" : " ") << "--help\n";
  return kUsage;
}

int report(std::span<const json::Diagnostic> diagnostics) {
  for (const json::Diagnostic& d : diagnostics) std::cerr << json::to_string(d) << "\n";
  return kInvalidInput;
}

std::optional<uint64_t> parse_seed(std::string_view command, const std::string& text) {
  uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (error == std::errc() && end == text.data() + text.size() && seed <= INT64_MAX) return seed;
  wrong_usage(command,
              "--seed " + text + ": expected a whole number from 0 to 9223372036854775807");
  return std::nullopt;
}

std::optional<std::vector<scenario::Override>> parse_sets(std::string_view command,
                                                          const Arguments& texts) {
  std::vector<scenario::Override> overrides;
  for (const std::string& text : texts) {
    scenario::Override one;
    if (!scenario::parse_override(text, &one)) {
      wrong_usage(command,
                  "--set " + text + ": expected /POINTER=VALUE, such as /hosts/client/profile=rfc");
      return std::nullopt;
    }
    overrides.push_back(std::move(one));
  }
  return overrides;
}

std::optional<std::vector<sweep::Axis>> parse_axes(std::string_view command,
                                                   const std::string& option,
                                                   const Arguments& texts) {
  std::vector<sweep::Axis> axes;
  for (const std::string& text : texts) {
    sweep::Axis axis;
    if (!sweep::parse_axis(text, &axis)) {
      wrong_usage(command, option + " " + text +
                               ": expected /POINTER=A,B,C, such as /links/0/delay=1ms,10ms");
      return std::nullopt;
    }
    axes.push_back(std::move(axis));
  }
  return axes;
}

namespace {

// " (did you mean ...?)" with a file of that folder, if there is one with almost that name.
std::string similar_file(const std::string& path) {
  const std::filesystem::path wanted(path);
  const std::filesystem::path folder = wanted.has_parent_path() ? wanted.parent_path() : ".";
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    names.push_back(it->path().filename().string());
  }
  std::sort(names.begin(), names.end());  // whatever order the folder has
  const std::string near = json::nearest(wanted.filename().string(), names);
  if (near.empty()) return "";
  return " (did you mean \"" +
         (wanted.has_parent_path() ? folder / near : std::filesystem::path(near)).string() + "\"?)";
}

}  // namespace

std::optional<std::string> read_file(const std::string& path) {
  std::ostringstream content;
  if (path == "-") {
    content << std::cin.rdbuf();
    return std::move(content).str();
  }
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    std::cerr << path << ": it is a directory; name a file in it, such as " << path
              << "/scenario.json\n";
    return std::nullopt;
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    std::cerr << path << ": cannot be read: " << std::strerror(errno) << similar_file(path) << "\n";
    return std::nullopt;
  }
  return std::string(std::istreambuf_iterator<char>(file), {});
}

bool write_file(const std::string& path, std::string_view content) {
  if (path == "-") {
    std::cout << content << std::flush;
    return static_cast<bool>(std::cout);
  }
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << content << std::flush;
  if (file) return true;
  std::cerr << path << ": cannot be written: " << std::strerror(errno) << "\n";
  return false;
}

}  // namespace tcptwin::cli

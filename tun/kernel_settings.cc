#include "tun/kernel_settings.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "models/catalogue/settings.h"

namespace tcptwin::tun {

namespace {

constexpr std::string_view kCongestion = "net.ipv4.tcp_congestion_control";

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

// A setting that belongs to the machine and not to a namespace is seen outside only.
std::string of_machine(std::string name) {
  std::replace(name.begin(), name.end(), '.', '/');
  std::ifstream file("/proc/sys/" + name);
  std::string value;
  std::getline(file, value);
  return value;
}

// What the profile says; where it says nothing ("-"), as it is.
std::vector<std::string> wanted(const catalogue::Setting& setting, const json::Node& profile,
                                const std::vector<std::string>& now) {
  std::vector<std::string> words = words_of(catalogue::value_of(setting, profile));
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "-") words[i] = i < now.size() ? now[i] : "";
  }
  return words;
}

}  // namespace

AppliedSettings apply_settings(const NetNamespace& where, const json::Node& profile) {
  AppliedSettings applied;
  for (const catalogue::Setting& setting : catalogue::settings_of(profile)) {
    if (!setting.refused.empty() || !setting.name.starts_with("net.")) continue;
    const std::vector<std::string> before = words_of(where.sysctl(setting.name));
    const std::vector<std::string> value = wanted(setting, profile, before);
    if (value == before || joined(value).empty()) continue;
    if (!before.empty()) where.set_sysctl(setting.name, joined(value));
    std::vector<std::string> after = words_of(where.sysctl(setting.name));
    if (after == value) continue;
    if (setting.name == kCongestion) {
      applied.congestion = joined(value);
      continue;
    }
    if (after.empty()) after = words_of(of_machine(setting.name));
    if (after == value) continue;
    applied.remarks.push_back(setting.name + " is " +
                              (after.empty() ? "not there" : joined(after)) + ", the profile has " +
                              joined(value));
    if (!after.empty()) applied.kept.emplace_back(setting.name, joined(after));
  }
  return applied;
}

}  // namespace tcptwin::tun

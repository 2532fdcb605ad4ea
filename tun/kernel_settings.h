// kernel_settings.h: gives a network namespace the settings that a profile assumes.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "models/json/node.h"
#include "tun/net_namespace.h"

namespace tcptwin::tun {

struct AppliedSettings {
  // What the namespace cannot be given, and the value that counts in it: name and value.
  std::vector<std::pair<std::string, std::string>> kept{};
  std::vector<std::string> remarks{};  // a line each: what that is and what it should be
  // Of sockets, where the namespace itself may not have it as its default; empty: it has.
  std::string congestion{};
};

// `profile`: its document, changes applied.
AppliedSettings apply_settings(const NetNamespace& where, const json::Node& profile);

}  // namespace tcptwin::tun

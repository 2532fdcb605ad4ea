// many_hosts.h: a world of many hosts as the text of a scenario. Runs nothing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tcptwin::support {

constexpr int64_t kHostsOfNetwork = 10;

// Networks of ten hosts, each with 1 ms and 100 Mbit/s to a router; every host serves, and asks the
// next of its network eight times for 4 KiB, over one connection. The hosts' profiles are
// `profiles` in turn. `networks`: at least 1. The programs end well within 10 s; TIME-WAIT may last
// longer.
std::string many_hosts(int64_t networks, const std::vector<std::string>& profiles);

}  // namespace tcptwin::support

#include "tests/support/many_hosts.h"

namespace tcptwin::support {

namespace {

// "h3-7": the eighth host of the fourth network.
std::string host_name(int64_t network, int64_t host) {
  return "h" + std::to_string(network) + "-" + std::to_string(host % kHostsOfNetwork);
}

// Clients begin 1 ms after the servers, and not all at the same instant.
std::string programs(int64_t network, int64_t host) {
  const std::string name = host_name(network, host);
  const int64_t start_us = 1000 + (network * kHostsOfNetwork + host) % 97 * 101;
  return R"({"name": ")" + name + R"( server", "host": ")" + name +
         R"(", "program": [{"listen": 7000}, {"accept": {}},
  {"loop": [{"read": 100}, {"write": "4KiB"}]}, {"close": {}}]},
{"name": ")" +
         name + R"( client", "host": ")" + name + R"(", "start": ")" + std::to_string(start_us) +
         R"(us", "program": [{"connect": {"to": ")" + host_name(network, host + 1) +
         R"(", "port": 7000}},
  {"repeat": 8, "do": [{"measure": "request", "do": [{"write": 100}, {"read": "4KiB"}]}, {"sleep": "50ms"}]},
  {"close": {}}]})";
}

}  // namespace

std::string many_hosts(int64_t networks, const std::vector<std::string>& profiles) {
  std::string hosts, links, processes;
  const auto add = [](std::string& list, const std::string& item) {
    list += (list.empty() ? "" : ",\n") + item;
  };
  size_t next = 0;
  for (int64_t n = 0; n < networks; ++n) {
    const std::string router = "r" + std::to_string(n);
    add(hosts, "\"" + router + R"(": {"kind": "router"})");
    for (int64_t h = 0; h < kHostsOfNetwork; ++h) {
      const std::string name = host_name(n, h);
      add(hosts, "\"" + name + R"(": {"profile": ")" + profiles[next++ % profiles.size()] + "\"}");
      add(links, R"({"between": [")" + name + "\", \"" + router +
                     R"("], "delay": "1ms", "rate": "100Mbit/s"})");
      add(processes, programs(n, h));
    }
  }
  return R"({"schema": "tcptwin/scenario/1", "name": "many-hosts", "until": "10s",
"hosts": {)" +
         hosts + "},\n\"links\": [" + links + "],\n\"processes\": [" + processes + "]}\n";
}

}  // namespace tcptwin::support

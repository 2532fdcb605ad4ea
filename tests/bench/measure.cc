// Prints what the program is built to reach: segments and short connections per second of processor
// time, the bytes of an idle connection, and what hosts that run lwIP cost. See README.md.
#include <malloc.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "models/lwip/builds.h"
#include "sim/scenario/load.h"
#include "sim/scenario/run.h"
#include "sim/scenario/world.h"
#include "tests/bench/stack_pair.h"
#include "tests/support/many_hosts.h"

namespace tcptwin::bench {
namespace {

constexpr int64_t kMostNetworks = 300;  // finding the ways of n hosts takes n * n

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

int64_t heap_bytes() {
  const struct mallinfo2 now = mallinfo2();
  return static_cast<int64_t>(now.uordblks + now.hblkhd);
}

scenario::Scenario decode(const std::string& name, const std::string& text) {
  scenario::Loaded loaded = scenario::load(name, text, {});
  for (const json::Diagnostic& d : loaded.diagnostics) {
    std::fprintf(stderr, "%s\n", json::to_string(d).c_str());
  }
  if (!loaded.ok()) std::exit(3);
  return std::move(loaded.variants.front().scenario);
}

scenario::Scenario load(const std::string& file) {
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  if (!in) std::exit(3);
  return decode(file, text.str());
}

// A scenario with its digest, without records. False: a process did not reach its end.
bool measure_scenario(const std::string& file) {
  const scenario::Scenario s = load(file);
  const double begin = cpu_seconds();
  const scenario::RunResult result = scenario::run(s, 0, trace::Detail::kDigest);
  const double spent = cpu_seconds() - begin;
  const auto packets = static_cast<double>(result.journal->packets());
  size_t rounds = 0;
  for (const auto& [name, measure] : result.metrics)
    rounds = std::max(rounds, measure.values.size());
  std::printf("%-6s %10.0f segments  %7.3f s  %9.0f segments a second", s.name.c_str(), packets,
              spent, packets / spent);
  if (rounds > 1) std::printf("  %7.0f rounds a second", static_cast<double>(rounds) / spent);
  std::printf("  digest %s\n", result.digest.c_str());
  bool ended = true;
  for (const scenario::ProcessResult& p : result.processes) {
    if (p.outcome.end == app::ProcessOutcome::End::kFinished) continue;
    std::fprintf(stderr, "%s: %s\n", p.name.c_str(), p.outcome.failure.c_str());
    ended = false;
  }
  return ended;
}

// Connections that have carried a request and a reply and then rest: stack, socket and descriptor.
bool measure_idle(int64_t count, int64_t at_most) {
  constexpr uint16_t kFirstPort = 5001;
  constexpr int64_t kPerListener = 7000;  // half of the ports that a client tries first
  const policy::Profile profile = roomy_profile("linux-6.18");
  const int64_t before = heap_bytes();
  StackPair pair(profile);
  std::vector<StackPair::Connected> ends;
  ends.reserve(static_cast<size_t>(count));
  const int64_t own = heap_bytes() - before;
  for (int64_t i = 0; i < count;) {
    const auto port = static_cast<uint16_t>(kFirstPort + i / kPerListener);
    const socket::Descriptor listener = pair.listen(port);
    for (int64_t k = 0; k < kPerListener && i < count; ++k, ++i) {
      ends.push_back(pair.connect(listener, port));
      pair.client_to_server(ends.back(), 100);
      pair.server_to_client(ends.back(), 100);
    }
  }
  pair.wait(10s);
  const int64_t bytes = (heap_bytes() - before - own) / (2 * count);
  std::printf("idle   %10lld connections  %7lld bytes an end\n", static_cast<long long>(count),
              static_cast<long long>(bytes));
  return at_most == 0 || bytes <= at_most;
}

// Many hosts of one profile: time a segment, from the first event to the last, and the bytes that a
// host has taken when all its connections are open: stack, sockets, programs, its links.
void measure_hosts(int64_t networks, const std::string& profile) {
  const scenario::Scenario s = decode(profile, support::many_hosts(networks, {profile}));
  const int64_t hosts = networks * support::kHostsOfNetwork;
  const int64_t before = heap_bytes();
  scenario::World world(s, 0, trace::Detail::kDigest);
  const double begin = cpu_seconds();
  Instant ended = world.run_until(Instant() + 100ms);
  const int64_t bytes = heap_bytes() - before;
  ended = std::max(ended, world.run_until(Instant() + s.until));
  const double spent = cpu_seconds() - begin;
  const auto packets = static_cast<double>(world.packets());
  std::printf("%-12s %7lld hosts  %8.0f segments  %7.3f s  %6.2f us a segment  %6.0f us a host",
              profile.c_str(), static_cast<long long>(hosts), packets, spent, spent / packets * 1e6,
              spent / static_cast<double>(hosts) * 1e6);
  std::printf("  %7lld bytes a host", static_cast<long long>(bytes / hosts));
  std::printf("  digest %s\n", world.finish(ended).digest.c_str());
}

int measure_lwip(int64_t hosts) {
  const int64_t networks = hosts / support::kHostsOfNetwork;
  if (networks < 1 || networks > kMostNetworks || lwip::builds().empty()) {
    std::fprintf(stderr, "measure lwip: 10 to %lld hosts, and a program with lwIP%s%s\n",
                 static_cast<long long>(kMostNetworks * support::kHostsOfNetwork),
                 lwip::absence().empty() ? "" : ": ", std::string(lwip::absence()).c_str());
    return 2;
  }
  for (const char* profile : {"linux-6.18", "lwip-2.1.3", "lwip-debian", "lwip-large"})
    measure_hosts(networks, profile);
  for (const lwip::Build& build : lwip::builds()) {
    std::printf("%-12s %7lld bytes of lwIP's variables, a copy for each host\n",
                std::string(build.name).c_str(),
                static_cast<long long>(build.code->state_end - build.code->state_begin));
  }
  return 0;
}

int usage() {
  std::fprintf(
      stderr,
      "usage: measure idle COUNT [MOST_BYTES] | measure lwip HOSTS | measure SCENARIO...\n");
  return 2;
}

}  // namespace
}  // namespace tcptwin::bench

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.empty()) return tcptwin::bench::usage();
  if (words[0] == "idle") {
    if (words.size() < 2 || words.size() > 3) return tcptwin::bench::usage();
    const int64_t at_most = words.size() == 3 ? std::atoll(words[2].c_str()) : 0;
    return tcptwin::bench::measure_idle(std::atoll(words[1].c_str()), at_most) ? 0 : 1;
  }
  if (words[0] == "lwip" && words.size() == 2)
    return tcptwin::bench::measure_lwip(std::atoll(words[1].c_str()));
  bool all = true;
  for (const std::string& file : words) all = tcptwin::bench::measure_scenario(file) && all;
  return all ? 0 : 1;
}

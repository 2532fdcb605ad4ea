// A thousand worlds that nobody thought of: no check fails, every byte read was written, in order,
// once, and whoever hangs has a reason in the world. TCPTWIN_SEED=N runs that one alone.
#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/soak/world.h"

namespace tcptwin::soak {
namespace {

constexpr uint64_t kShort = 60;
constexpr uint64_t kAll = 1000;

// For a CHECK that fails: it ends the program, and the seed must be known.
char replay_line[160];

void say_seed(int) {
  std::fputs(replay_line, stderr);
  std::signal(SIGABRT, SIG_DFL);
  std::abort();
}

void expect_well(uint64_t seed) {
  std::snprintf(replay_line, sizeof replay_line,
                "again: TCPTWIN_SEED=%llu soak_test --gtest_filter='Generated.*'\n",
                static_cast<unsigned long long>(seed));
  const World world = draw(seed);
  const std::vector<std::string> problems = problems_of(world);
  if (problems.empty()) return;
  const World small = shrink(world);
  ADD_FAILURE() << problems.front() << '\n'
                << replay_line << "a small world in which it happens:\n"
                << to_text(small) << problems_of(small).front();
}

void expect_well(uint64_t first, uint64_t last) {
  const auto before = std::signal(SIGABRT, say_seed);
  const char* only = std::getenv("TCPTWIN_SEED");
  if (only != nullptr) first = last = std::strtoull(only, nullptr, 10);
  for (uint64_t seed = first; seed <= last; ++seed) {
    expect_well(seed);
    if (testing::Test::HasFailure()) break;
  }
  std::signal(SIGABRT, before);
}

TEST(Generated, WorldsEndWell) { expect_well(1, kShort); }
TEST(LongGenerated, AThousandWorldsEndWell) { expect_well(kShort + 1, kAll); }

}  // namespace
}  // namespace tcptwin::soak

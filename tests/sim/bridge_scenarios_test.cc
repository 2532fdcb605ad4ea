// The scenarios with a real machine in them have no mistakes; what happens in them, nobody can
// promise.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "sim/scenario/load.h"
#include "tests/support/paths.h"

namespace tcptwin {
namespace {

TEST(BridgeScenarios, HaveARealHostAndNoMistake) {
  int seen = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(support::source_path("traces/bridge"))) {
    const std::filesystem::path path = entry.path() / "scenario.json";
    std::ifstream file(path);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    const scenario::Loaded loaded = scenario::load(path.string(), text, {});
    ASSERT_TRUE(loaded.ok()) << path << ": " << loaded.diagnostics.front().message;
    EXPECT_TRUE(loaded.variants.front().scenario.has_real_host()) << path;
    ++seen;
  }
  EXPECT_GE(seen, 1);
}

}  // namespace
}  // namespace tcptwin

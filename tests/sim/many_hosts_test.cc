// Many hosts that run lwIP's own code in one world: they share its variables, and must not notice.
#include "tests/support/many_hosts.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "models/lwip/builds.h"
#include "sim/scenario/load.h"
#include "sim/scenario/run.h"

namespace tcptwin {
namespace {

class ManyLwipHosts : public testing::Test {
 protected:
  void SetUp() override {
    if (lwip::builds().empty()) GTEST_SKIP() << lwip::absence();
  }

  static scenario::RunResult run(int64_t networks, uint64_t seed = 0) {
    const std::string world = support::many_hosts(networks, {"lwip-2.1.3", "lwip-debian"});
    const scenario::Loaded loaded = scenario::load("many-hosts", world, {});
    EXPECT_TRUE(loaded.ok());
    return scenario::run(loaded.variants.front().scenario, seed, trace::Detail::kDigest);
  }
};

TEST_F(ManyLwipHosts, AThousandInOneWorldGiveTheSameDigestOnEveryRun) {
  const scenario::RunResult first = run(100);
  EXPECT_GT(first.packets, 100'000);
  EXPECT_EQ(first.processes.size(), 2000);
  for (const scenario::ProcessResult& p : first.processes) {
    EXPECT_EQ(p.outcome.end, app::ProcessOutcome::End::kFinished)
        << p.name << ": " << p.outcome.failure;
  }
  EXPECT_EQ(first.digest, run(100).digest);
}

// The streams of random numbers and the addresses of the first network are the same in both.
TEST_F(ManyLwipHosts, OneNetworkDoesTheSameAloneAndAmongOthers) {
  const scenario::RunResult alone = run(1);
  const scenario::RunResult among = run(10);
  EXPECT_EQ(alone.metrics.size(), 30);
  for (const auto& [name, measure] : alone.metrics) {
    EXPECT_EQ(measure.values, among.metrics.at(name).values) << name;
  }
}

TEST_F(ManyLwipHosts, AnotherSeedIsAnotherRun) { EXPECT_NE(run(1).digest, run(1, 7).digest); }

}  // namespace
}  // namespace tcptwin

// What a run promises whatever it simulates: the same bytes for the same input, and a content that
// arrives.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "sim/expect/evaluate.h"
#include "sim/trace/pcapng.h"
#include "tests/support/paths.h"
#include "tests/support/simulation.h"

namespace tcptwin {
namespace {

using support::simulate;
using support::two_hosts;
using testing::HasSubstr;

constexpr const char* kLinux = R"({"profile": "linux-6.18"})";
constexpr const char* kSends =
    R"([{"connect": {"to": "b", "port": 80}}, {"write": 100}, {"shutdown": "write"},
                                   {"recv": 1}, {"close": {}}])";
constexpr const char* kReads =
    R"([{"listen": {"port": 80}}, {"accept": {}}, {"loop": [{"recv": 1000}]}, {"close": {}}])";

TEST(Run, RepeatsItselfByteForByte) {
  std::vector<uint8_t> first, second;
  const auto a = simulate(two_hosts(kLinux, kSends, kReads), 7);
  const auto b = simulate(two_hosts(kLinux, kSends, kReads), 7);
  trace::write_pcapng(*a.result.journal, {}, first);
  trace::write_pcapng(*b.result.journal, {}, second);
  EXPECT_EQ(a.result.digest, b.result.digest);
  EXPECT_EQ(first, second);
}

TEST(Run, DigestDoesNotDependOnHowMuchIsKept) {
  const auto s = simulate(two_hosts(kLinux, kSends, kReads));
  const auto bare = scenario::run(s.loaded.variants.front().scenario, 0, trace::Detail::kDigest);
  EXPECT_EQ(bare.digest, s.result.digest);
}

TEST(Run, SeedChangesTheInitialSequenceNumbers) {
  EXPECT_NE(simulate(two_hosts(kLinux, kSends, kReads), 1).result.digest,
            simulate(two_hosts(kLinux, kSends, kReads), 2).result.digest);
}

TEST(Run, AddingAHostLeavesWhatOthersDoAlone) {
  std::string with_third = two_hosts(kLinux, kSends, kReads);
  with_third.insert(with_third.find("}, \"links\""), R"(, "z": {"profile": "rfc"})");
  EXPECT_EQ(simulate(two_hosts(kLinux, kSends, kReads), 3).result.digest,
            simulate(with_third, 3).result.digest);
}

TEST(Run, JitterStretchesCostsAndStaysReproducible) {
  const char* jittery = R"({"profile": "linux-6.18", "set": {"time_model": {"jitter": "20us"}}})";
  const auto a = simulate(two_hosts(jittery, kSends, kReads), 5).result.digest;
  EXPECT_EQ(a, simulate(two_hosts(jittery, kSends, kReads), 5).result.digest);
  EXPECT_NE(a, simulate(two_hosts(jittery, kSends, kReads), 6).result.digest);
}

TEST(Run, EndsWhenNothingIsLeftToDo) {
  const auto s = simulate(two_hosts(kLinux, kSends, kReads));
  EXPECT_GE(s.result.ended - Instant(), 60s) << "TIME-WAIT is the last to go";
  EXPECT_LE(s.result.ended - Instant(), 63s);
}

TEST(Run, TellsInWhichCallAProcessStillSleeps) {
  const char* waits = R"([{"connect": {"to": "b", "port": 80}}, {"read": 10}])";
  const char* silent = R"([{"listen": {"port": 80}}, {"accept": {}}, {"read": 10}])";
  const auto s = simulate(two_hosts(kLinux, waits, silent));
  EXPECT_EQ(s.result.processes[0].sleeps_in, "recv");
  EXPECT_EQ(s.result.processes[1].sleeps_in, "recv");
}

TEST(Run, ConnectingToAClosedPortFailsWithEconnrefused) {
  const auto s = simulate(two_hosts(kLinux, kSends, R"([{"sleep": "1ms"}])"));
  EXPECT_EQ(s.result.processes[0].outcome.failure, "connect: ECONNREFUSED");
}

TEST(Run, ABlackHoleEndsInEtimedoutAfterTheProfilesRetries) {
  std::string lost;
  for (int i = 1; i <= 20; ++i) lost += (i == 1 ? "" : ",") + std::to_string(i);
  const auto s = simulate(two_hosts(kLinux, kSends, R"([{"listen": {"port": 80}}])",
                                    R"(, "loss": [{"from": "a", "syns": [)" + lost + "]}]"));
  EXPECT_EQ(s.result.processes[0].outcome.failure, "connect: ETIMEDOUT");
  // traces/kernel-6.18: 11 SYNs, ETIMEDOUT after 134.3 to 134.7 s
  const Duration took = s.result.processes[0].outcome.ended - s.result.processes[0].outcome.started;
  EXPECT_GE(took, 133900ms);
  EXPECT_LE(took, 136s);
  EXPECT_EQ(s.packets().size(), 11u);
}

TEST(Run, LostDataIsSentAgainAfterTheRetransmissionTimeout) {
  const auto s = simulate(
      two_hosts(kLinux, kSends, kReads, R"(, "loss": [{"from": "a", "data_packets": [1]}])"));
  EXPECT_EQ(s.result.processes[0].outcome.end, app::ProcessOutcome::End::kFinished);
  int copies = 0;
  for (const std::string& p : s.packets())
    copies += p.find(" P. 1:101(100)") != std::string::npos ? 1 : 0;
  EXPECT_EQ(copies, 2);
}

TEST(Run, AMegabyteArrivesThroughLossAndASmallWindow) {
  const char* host = R"({"profile": "rfc", "set": {"receive_window": {"buffer": 8000}}})";
  const char* sends =
      R"([{"connect": {"to": "b", "port": 80}}, {"write": "1MiB"}, {"shutdown": "write"}, {"recv": 1}])";
  const char* reads =
      R"([{"listen": {"port": 80}}, {"accept": {}}, {"read": "1MiB"}, {"recv": 1}, {"close": {}}])";
  const auto s = simulate(two_hosts(
      host, sends, reads, R"(, "loss": [{"from": "a", "data_packets": [3, 40, 41, 200]}])"));
  EXPECT_EQ(s.result.processes[0].outcome.end, app::ProcessOutcome::End::kFinished);
  EXPECT_EQ(s.result.processes[1].outcome.end, app::ProcessOutcome::End::kFinished);
}

// Every scenario of the documents must hold all of its expectations.
TEST(Documents, WriteWriteReadHoldsItsExpectations) {
  std::ifstream file(support::source_path("traces/documents/write-write-read/scenario.json"));
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const scenario::Loaded loaded = scenario::load("scenario.json", text, {});
  ASSERT_TRUE(loaded.ok());
  EXPECT_TRUE(scenario::demand_expectations("scenario.json", loaded).empty());
  std::vector<scenario::RunResult> results;
  results.reserve(loaded.variants.size());
  expect::Runs runs;
  for (const scenario::Variant& v : loaded.variants) {
    if (!v.refused.empty()) continue;
    results.push_back(scenario::run(v.scenario, 0, trace::Detail::kDigest));
    runs[v.name] = &results.back().metrics;
  }
  for (const expect::Judged& j : expect::judge(loaded.variants.front().scenario.expect, runs)) {
    EXPECT_TRUE(j.held) << j.text << "; it is " << j.actual;
  }
}

}  // namespace
}  // namespace tcptwin

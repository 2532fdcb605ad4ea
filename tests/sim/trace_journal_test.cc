// What a journal keeps at each detail, and that the digest does not depend on it.
#include <gtest/gtest.h>

#include <set>

#include "sim/trace/journal.h"
#include "tests/support/simulation.h"

namespace tcptwin::trace {
namespace {

using namespace std::chrono_literals;

// A journal of two hosts in which the first is woken `count` times.
class RecentTest : public testing::Test {
 protected:
  RecentTest() {
    journal_.add_host("a");
    journal_.add_host("b");
  }
  RecordId wake(RecordIds& ids) {
    const RecordId id = ids.next();
    journal_.woken(id, RecordId::kNone, Instant::from_ns(++time_), RecordId::kNone);
    return id;
  }

  Journal journal_{Detail::kRecent};
  RecordIds a_{0}, b_{1};
  int64_t time_ = 0;
};

TEST_F(RecentTest, TheLatestRecordsAreFound) {
  RecordId oldest = wake(a_);
  for (size_t i = 1; i < kRecentRecords; ++i) wake(a_);
  ASSERT_NE(journal_.find(oldest), nullptr);
  EXPECT_EQ(journal_.find(oldest)->id, oldest);
  EXPECT_EQ(journal_.records().size(), kRecentRecords);
}

TEST_F(RecentTest, OlderOnesAreForgottenAndTheOthersKeepTheirNumbers) {
  const RecordId first = wake(a_);
  const RecordId second = wake(a_);
  for (size_t i = 1; i < kRecentRecords; ++i) wake(a_);
  EXPECT_EQ(journal_.find(first), nullptr);
  ASSERT_NE(journal_.find(second), nullptr);
  EXPECT_EQ(journal_.find(second)->id, second);
  EXPECT_EQ(journal_.records().size(), kRecentRecords);
}

TEST_F(RecentTest, AHostThatWasQuietForLongIsFoundAgain) {
  const RecordId old = wake(b_);
  for (size_t i = 0; i < 2 * kRecentRecords; ++i) wake(a_);
  const RecordId fresh = wake(b_);
  EXPECT_EQ(journal_.find(old), nullptr);
  ASSERT_NE(journal_.find(fresh), nullptr);
  EXPECT_EQ(journal_.find(fresh)->id, fresh);
}

TEST_F(RecentTest, ANumberThatIsKeptLateIsFound) {
  const RecordId early = a_.next();
  wake(a_);
  journal_.woken(early, RecordId::kNone, Instant::from_ns(++time_), RecordId::kNone);
  ASSERT_NE(journal_.find(early), nullptr);
  EXPECT_EQ(journal_.find(early)->id, early);
}

TEST(Journal, TheDigestIsTheSameAtEveryDetail) {
  const auto loaded =
      scenario::load("test",
                     support::two_hosts(R"({"profile": "linux-6.18"})",
                                        R"([{"connect": {"to": "b", "port": 80}},
                             {"repeat": 100, "do": [{"send": {"bytes": 100}}]}])",
                                        R"([{"listen": {"port": 80}}, {"accept": {}},
                             {"repeat": 100, "do": [{"recv": {"bytes": 100}}]}])"),
                     {});
  for (const auto& d : loaded.diagnostics) ADD_FAILURE() << json::to_string(d);
  ASSERT_TRUE(loaded.ok());
  std::set<std::string> digests;
  for (const Detail detail : {Detail::kDigest, Detail::kRecent, Detail::kRecords}) {
    digests.insert(scenario::run(loaded.variants.front().scenario, 0, detail).digest);
  }
  EXPECT_EQ(digests.size(), 1U);
}

}  // namespace
}  // namespace tcptwin::trace

// SYN schedules: facts/darwin.md 5, facts/freebsd.md D3.
#include <gtest/gtest.h>

#include "stack/policy/syn.h"

namespace tcptwin::policy {
namespace {

TEST(SynWait, AnEmptyListLeavesItToTheRetransmissionTimeout) {
  EXPECT_FALSE(syn_wait(SynConfig(), 1s, 60s, 0));
}

TEST(SynWait, FollowsTheListAndStaysAtItsEnd) {  // facts/darwin.md 5
  SynConfig config;
  config.retry_multipliers = {1, 1, 1, 1, 1, 2, 4, 8, 16, 32, 64};
  Duration sum{};
  for (int n = 0; n < 10; ++n) sum += *syn_wait(config, 100ms, 64s, n);
  EXPECT_EQ(sum, 6700ms);  // facts/darwin.md 4.5: the tenth repetition
  EXPECT_EQ(syn_wait(config, 1s, 64s, 12), 64s);
}

TEST(SynWait, SlopIsAddedFromTheSecondOn) {  // facts/freebsd.md D3: 1.0, 2.2, 4.2
  SynConfig config;
  config.retry_multipliers = {1, 2, 4};
  config.retry_slop = 200ms;
  EXPECT_EQ(syn_wait(config, 1s, 64s, 0), 1s);
  EXPECT_EQ(syn_wait(config, 1s, 64s, 1), 2200ms);
  EXPECT_EQ(syn_wait(config, 1s, 64s, 2), 4200ms);
}

TEST(SynIsPlain, FromTheNamedRepetitionOn) {  // facts/darwin.md 4.5
  SynConfig config;
  EXPECT_FALSE(syn_is_plain(config, 99));
  config.plain_from_retry = 10;
  EXPECT_FALSE(syn_is_plain(config, 9));
  EXPECT_TRUE(syn_is_plain(config, 10));
}

}  // namespace
}  // namespace tcptwin::policy

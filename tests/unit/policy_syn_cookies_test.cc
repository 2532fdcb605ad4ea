// SYN cookies: facts/linux.md G3, facts/freebsd.md G3.
#include <gtest/gtest.h>

#include "stack/policy/syn_cookies.h"

namespace tcptwin::policy {
namespace {

using Config = SynCookieConfig;

constexpr ConnectionKey kKey{AddressKey(1), AddressKey(2), 80, 40000};
constexpr SeqNum kPeerIsn(12345);

SynCookies jar(const Config& config, uint64_t seed = 1) {
  return SynCookies(config, Rng::stream(seed, "cookies"));
}

TEST(SynCookies, TheSegmentSizeIsRoundedDownToTheTable) {
  const Config config;
  const SynCookies cookies = jar(config);
  for (const auto& [asked, kept] :
       {std::pair{1460, 1460}, {1459, 1440}, {9000, 1460}, {100, 536}}) {
    SynMemory syn{.mss = static_cast<uint16_t>(asked)};
    const SeqNum cookie = cookies.bake(1h, kKey, kPeerIsn, syn);
    EXPECT_EQ(syn.mss, kept);
    ASSERT_TRUE(cookies.read(1h, kKey, kPeerIsn, cookie));
    EXPECT_EQ(cookies.read(1h, kKey, kPeerIsn, cookie)->mss, kept);
  }
}

TEST(SynCookies, WithoutATimestampScaleAndSackAreLost) {
  const Config config;
  SynMemory syn{.mss = 1460, .window_scale = 7, .sack = true};
  jar(config).bake(1h, kKey, kPeerIsn, syn);
  EXPECT_FALSE(syn.window_scale);
  EXPECT_FALSE(syn.sack);
}

TEST(SynCookies, TheTimestampHoldsScaleAndSack) {
  const Config config;
  const SynCookies cookies = jar(config);
  const SynMemory syn{.mss = 1460, .window_scale = 7, .sack = true, .timestamps = true};
  SynMemory read;
  cookies.read_stamp(cookies.stamp(1000000, syn), read);
  EXPECT_EQ(read.window_scale, 7);
  EXPECT_TRUE(read.sack);
  SynMemory without;
  cookies.read_stamp(cookies.stamp(1000000, {.timestamps = true}), without);
  EXPECT_FALSE(without.window_scale);
  EXPECT_FALSE(without.sack);
}

TEST(SynCookies, TheTimestampIsNeverAheadOfTheClock) {
  const Config config;
  const SynCookies cookies = jar(config);
  for (uint32_t now = 1000; now < 1200; ++now) {
    const uint32_t stamp = cookies.stamp(now, {.window_scale = 14, .sack = true});
    EXPECT_LE(stamp, now);
    EXPECT_GT(stamp + 128, now);
  }
}

TEST(SynCookies, TheNumberHoldsScaleAndSackToo) {
  const Config config{.options = Config::Options::kInNumber, .scales = {0, 2, 4, 6, 8}};
  const SynCookies cookies = jar(config);
  SynMemory syn{.mss = 1440, .window_scale = 7, .sack = true};
  const SeqNum cookie = cookies.bake(1h, kKey, kPeerIsn, syn);
  const auto read = cookies.read(1h, kKey, kPeerIsn, cookie);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->mss, 1440);
  EXPECT_EQ(read->window_scale, 6);
  EXPECT_TRUE(read->sack);
}

TEST(SynCookies, ACookieIsGoodForTwoPeriods) {
  const Config config{.period = 64s, .periods = 2};
  const SynCookies cookies = jar(config);
  SynMemory syn{.mss = 1460};
  const SeqNum cookie = cookies.bake(64s * 100, kKey, kPeerIsn, syn);
  EXPECT_TRUE(cookies.read(64s * 102 - 1ns, kKey, kPeerIsn, cookie));
  EXPECT_FALSE(cookies.read(64s * 102, kKey, kPeerIsn, cookie));
}

TEST(SynCookies, NobodyElsesNumberIsACookie) {
  const Config config;
  SynMemory syn{.mss = 1460};
  const SeqNum cookie = jar(config).bake(1h, kKey, kPeerIsn, syn);
  ConnectionKey other = kKey;
  other.remote_port = 40001;
  EXPECT_FALSE(jar(config).read(1h, other, kPeerIsn, cookie));
  EXPECT_FALSE(jar(config).read(1h, kKey, kPeerIsn + 1, cookie));
  EXPECT_FALSE(jar(config, 2).read(1h, kKey, kPeerIsn, cookie));
  EXPECT_FALSE(jar(config).read(1h, kKey, kPeerIsn, cookie + 1000));
}

}  // namespace
}  // namespace tcptwin::policy

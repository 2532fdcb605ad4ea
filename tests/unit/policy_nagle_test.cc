// Nagle: when a segment below the MSS waits (RFC 9293 3.7.4; facts/linux.md B1-B3).
#include <gtest/gtest.h>

#include "stack/policy/nagle.h"

namespace tcptwin::policy {
namespace {

using Behaviour = NagleConfig::Behaviour;
using Verdict = Nagle::Verdict;

constexpr NagleConfig kOff{Behaviour::kOff};
constexpr NagleConfig kClassic{Behaviour::kClassic};
constexpr NagleConfig kMinshall{Behaviour::kMinshall};
constexpr uint32_t kMss = 1460;

NagleView small_after(int64_t una, int64_t nxt) {
  return {.snd_una = StreamPos(una), .snd_nxt = StreamPos(nxt), .length = 10};
}

TEST(NagleOff, ASmallSegmentNeverWaits) {
  Nagle nagle(kOff);
  nagle.on_sent(StreamPos(11), 10, kMss);
  EXPECT_EQ(nagle.small_segment(small_after(1, 11)), Verdict::kSend);
}

TEST(NagleClassic, ASmallSegmentLeavesWhenNothingIsUnacknowledged) {
  EXPECT_EQ(Nagle(kClassic).small_segment(small_after(11, 11)), Verdict::kSend);
}

TEST(NagleClassic, ASmallSegmentWaitsWhileAnythingIsUnacknowledged) {
  Nagle nagle(kClassic);
  nagle.on_sent(StreamPos(1461), kMss, kMss);  // a full segment, but it is out
  EXPECT_EQ(nagle.small_segment(small_after(1, 1461)), Verdict::kHold);
}

TEST(NagleMinshall, ASmallSegmentPassesAFullOneInFlight) {  // facts/linux.md B3
  Nagle nagle(kMinshall);
  nagle.on_sent(StreamPos(1461), kMss, kMss);
  EXPECT_EQ(nagle.small_segment(small_after(1, 1461)), Verdict::kSend);
}

TEST(NagleMinshall, ASmallSegmentWaitsForAnotherSmallOne) {
  Nagle nagle(kMinshall);
  nagle.on_sent(StreamPos(11), 10, kMss);
  EXPECT_EQ(nagle.small_segment(small_after(1, 11)), Verdict::kHold);
}

TEST(NagleMinshall, ASmallOneIsRememberedAcrossFullOnes) {
  Nagle nagle(kMinshall);
  nagle.on_sent(StreamPos(11), 10, kMss);
  nagle.on_sent(StreamPos(1471), kMss, kMss);
  EXPECT_EQ(nagle.small_end(), StreamPos(11));
  EXPECT_EQ(nagle.small_segment(small_after(1, 1471)), Verdict::kHold);
  EXPECT_EQ(nagle.small_segment(small_after(11, 1471)), Verdict::kSend);
}

TEST(NagleMinshall, TheLastByteOfTheSmallOneMustBeAcknowledged) {
  Nagle nagle(kMinshall);
  nagle.on_sent(StreamPos(11), 10, kMss);
  EXPECT_EQ(nagle.small_segment(small_after(10, 11)), Verdict::kHold);
  EXPECT_EQ(nagle.small_segment(small_after(11, 11)), Verdict::kSend);
}

TEST(Nagle, NoDelayPassesUnderEveryRule) {
  for (const NagleConfig& config : {kOff, kClassic, kMinshall}) {
    Nagle nagle(config);
    nagle.on_sent(StreamPos(11), 10, kMss);
    NagleView view = small_after(1, 11);
    view.no_delay = true;
    EXPECT_EQ(nagle.small_segment(view), Verdict::kSend);
  }
}

TEST(Nagle, AFinPassesUnderEveryRule) {
  for (const NagleConfig& config : {kOff, kClassic, kMinshall}) {
    Nagle nagle(config);
    nagle.on_sent(StreamPos(11), 10, kMss);
    NagleView view = small_after(1, 11);
    view.fin = true;
    EXPECT_EQ(nagle.small_segment(view), Verdict::kSend);
  }
}

TEST(Nagle, AnEmptySegmentIsNoSmallOne) {
  Nagle nagle(kMinshall);
  nagle.on_sent(StreamPos(11), 0, kMss);
  EXPECT_EQ(nagle.small_end(), StreamPos());
}

}  // namespace
}  // namespace tcptwin::policy

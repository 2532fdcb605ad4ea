// EverySecondSegment: the fixed rule for delayed acknowledgments (RFC 9293 3.8.6.3).
#include <gtest/gtest.h>

#include "stack/policy/delayed_ack.h"

namespace tcptwin::policy {
namespace {

using Kind = AckDecision::Kind;

constexpr TimerGrainConfig kExact{};
constexpr uint32_t kMss = 1448;

class EverySecond : public testing::Test {
 protected:
  AckDecision data(int64_t unacked) {
    AckView view;
    view.unacked = unacked;
    view.mss = kMss;
    return ack_.on_data(now_, {.length = 10}, view, {});
  }
  EverySecondSegmentConfig config_{500ms, 2};
  TimerGrain grain_{kExact, {}};
  EverySecondSegment ack_{config_, grain_};
  Instant now_;
};

TEST_F(EverySecond, OneSegmentWaitsHalfASecond) {
  EXPECT_EQ(data(kMss).kind, Kind::kLater);
  EXPECT_EQ(ack_.timer().deadline(), Instant() + 500ms);
}

TEST_F(EverySecond, TheSecondFullSegmentIsAcknowledgedAtOnce) {
  EXPECT_EQ(data(2 * kMss - 1).kind, Kind::kLater);
  EXPECT_EQ(data(2 * kMss).why, AckNowReason::kFullSegments);
}

TEST_F(EverySecond, TheDelayCountsFromTheFirstSegment) {
  data(10);
  now_ = now_ + 300ms;
  data(20);
  EXPECT_EQ(ack_.timer().deadline(), Instant() + 500ms);
}

TEST_F(EverySecond, TheTimerSendsTheAck) {
  data(10);
  now_ = now_ + 499ms;
  EXPECT_EQ(ack_.on_timer(now_, {}).kind, Kind::kNone);
  now_ = now_ + 1ms;
  EXPECT_EQ(ack_.on_timer(now_, {}).why, AckNowReason::kTimer);
  EXPECT_FALSE(ack_.timer().armed());
}

TEST_F(EverySecond, AnAckSentStopsTheTimer) {
  data(10);
  ack_.on_ack_sent();
  EXPECT_FALSE(ack_.timer().armed());
}

TEST_F(EverySecond, AFinIsAcknowledgedAtOnce) {
  EXPECT_EQ(ack_.on_fin(now_, {}, {}).kind, Kind::kNow);
}

TEST_F(EverySecond, ADelayOfZeroAcknowledgesAtOnce) {
  config_.delay = 0ms;
  EXPECT_EQ(data(10).why, AckNowReason::kNoDelay);
}

TEST_F(EverySecond, OneSegmentPerAckDisablesDelaying) {
  config_.segments_per_ack = 1;
  EXPECT_EQ(data(10).kind, Kind::kNow);
}

}  // namespace
}  // namespace tcptwin::policy

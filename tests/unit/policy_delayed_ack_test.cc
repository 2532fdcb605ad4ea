// DelayedAck: now or later. Facts A1-A13 of facts/linux.md.
#include <gtest/gtest.h>

#include "stack/policy/delayed_ack.h"
#include "tests/unit/policy_samples.h"

namespace tcptwin::policy {
namespace {

using Kind = AckDecision::Kind;

constexpr TimerGrainConfig kWheel250{TimerGrainConfig::Behaviour::kHierarchicalWheel, 250, 0};
constexpr uint32_t kMss = 1448;
constexpr int32_t kNoQuickAcks = 0;

// A receiver and what its connection would tell the policy. Time in ticks of 4 ms.
class Receiver {
 public:
  explicit Receiver(int32_t quick_acks = 16, int32_t threshold = 1)
      : config_{40ms, 200ms, quick_acks, threshold}, grain_(kWheel250, {}) {
    view_.window = 65536;
    view_.mss = kMss;
    view_.rto = 1s;
    view_.rto_min = 200ms;
  }

  AckDecision data(uint32_t length = 10, bool push = true) {
    view_.unacked += length;
    return ack_.on_data(now_, {.length = length, .header_size = 20, .push = push}, view_, {});
  }
  // Data and the ACK that follows at once.
  AckDecision answered_data(uint32_t length = 10, bool push = true) {
    const AckDecision decision = data(length, push);
    ack_sent();
    return decision;
  }
  void ack_sent() {
    view_.unacked = 0;
    ack_.on_ack_sent();
  }
  // A segment with data leaves; it carries the ACK.
  void reply() {
    ack_sent();
    ack_.on_data_sent(now_);
  }
  AckDecision fin() {
    view_.unacked += 1;
    return ack_.on_fin(now_, view_, {});
  }
  AckDecision read(bool empty = true, int64_t copied = 10) {
    return ack_.on_read(now_, {.copied = copied, .buffer_empty = empty}, view_);
  }
  AckDecision quickack(int value) { return ack_.set_quickack(now_, value, view_); }
  void out_of_order() { ack_.on_out_of_order(view_); }
  void wait(int64_t ticks) { now_ = now_ + ticks * 4ms; }
  // To the timer's deadline, where its ACK leaves.
  AckDecision timer() {
    now_ = ack_.timer().deadline();
    const AckDecision decision = ack_.on_timer(now_, view_);
    ack_sent();
    return decision;
  }
  // A request that is answered at once: from then on a dialogue.
  void dialogue() {
    data();
    reply();
  }

  AckView& view() { return view_; }
  const QuickackPingpong& policy() const { return ack_; }
  Duration wish() const { return ack_.timer().wish(); }

 private:
  QuickackPingpongConfig config_;
  TimerGrain grain_;
  QuickackPingpong ack_{config_, grain_, kMss};
  AckView view_;
  Instant now_;
};

// ---- quick ACKs: A3, A8

TEST(QuickAcks, TheFirstSixteenSegmentsAreAcknowledgedAtOnce) {
  Receiver r;
  for (int i = 0; i < 16; ++i) {
    const AckDecision decision = r.answered_data();
    ASSERT_EQ(decision.kind, Kind::kNow) << i;
    ASSERT_EQ(decision.why, AckNowReason::kQuickAck) << i;
  }
  EXPECT_EQ(r.data().kind, Kind::kLater);
}

TEST(QuickAcks, TheFirstDataGrantsSixteen) {
  Receiver r;
  EXPECT_EQ(r.policy().quick_acks_left(), 0);
  r.data();
  EXPECT_EQ(r.policy().quick_acks_left(), 16);
}

TEST(QuickAcks, EveryAckUsesOneUp) {
  Receiver r;
  r.answered_data();
  EXPECT_EQ(r.policy().quick_acks_left(), 15);
}

TEST(QuickAcks, AnAckOnDataUsesOneUpToo) {
  Receiver r;
  r.data();
  r.reply();
  EXPECT_EQ(r.policy().quick_acks_left(), 15);
}

TEST(QuickAcks, ASegmentThatAcknowledgesNothingNewUsesNone) {
  Receiver r;
  r.answered_data();
  r.ack_sent();
  r.ack_sent();
  EXPECT_EQ(r.policy().quick_acks_left(), 15);
}

TEST(QuickAcks, ASmallWindowGrantsFewer) {  // window / (2 x 536)
  Receiver r;
  r.view().window = 5000;
  r.data();
  EXPECT_EQ(r.policy().quick_acks_left(), 4);
}

TEST(QuickAcks, AWindowBelowTwoSegmentsGrantsTwo) {
  Receiver r;
  r.view().window = 1000;
  r.data();
  EXPECT_EQ(r.policy().quick_acks_left(), 2);
}

TEST(QuickAcks, AnIdleTimeBeyondTheRtoGrantsThemAgain) {
  Receiver r;
  for (int i = 0; i < 16; ++i) r.answered_data();
  r.wait(251);  // 1004 ms
  EXPECT_EQ(r.data().kind, Kind::kNow);
  EXPECT_EQ(r.policy().quick_acks_left(), 16);
}

TEST(QuickAcks, AnIdleTimeOfTheRtoDoesNot) {
  Receiver r;
  for (int i = 0; i < 16; ++i) r.answered_data();
  r.wait(250);
  EXPECT_EQ(r.data().kind, Kind::kLater);
}

TEST(QuickAcks, TheLastOneResetsTheDelay) {
  Receiver r(2);
  r.data();
  r.wait(8);
  r.answered_data();  // the delay adapts to 10/2 + 8 ticks
  r.wait(1);
  r.answered_data();  // 13/2 + 5; the last quick ACK: 10 again
  r.wait(1);
  r.data();  // 10/2 + 5
  EXPECT_EQ(r.wish(), 40ms);
}

// ---- A5: more than one full segment

TEST(QuickackPingpong, MoreThanAFullSegmentIsAcknowledgedAtOnce) {
  Receiver r(kNoQuickAcks);
  EXPECT_EQ(r.data(kMss, false).kind, Kind::kLater);
  const AckDecision second = r.data(1, false);
  EXPECT_EQ(second.kind, Kind::kNow);
  EXPECT_EQ(second.why, AckNowReason::kFullSegments);
}

TEST(QuickackPingpong, FullSegmentsWaitWhenTheWindowCannotAdvance) {
  Receiver r(kNoQuickAcks);
  r.view().window_can_advance = false;
  r.data(kMss, false);
  EXPECT_EQ(r.data(kMss, false).kind, Kind::kLater);
}

// ---- pingpong: A9

TEST(Pingpong, AReplyWithinTheDelayMakesADialogue) {
  Receiver r;
  r.data();
  r.wait(9);
  r.reply();
  EXPECT_TRUE(r.policy().interactive());
}

TEST(Pingpong, AReplyAfterTheDelayDoesNot) {
  Receiver r;
  r.data();
  r.wait(10);
  r.reply();
  EXPECT_FALSE(r.policy().interactive());
}

TEST(Pingpong, DataSentBeforeAnyCameIsNoReply) {
  Receiver r;
  r.reply();
  EXPECT_FALSE(r.policy().interactive());
}

TEST(Pingpong, InADialogueTheAckWaitsThoughQuickAcksAreLeft) {
  Receiver r;
  r.dialogue();
  EXPECT_EQ(r.data().kind, Kind::kLater);
  EXPECT_EQ(r.policy().quick_acks_left(), 15);
}

TEST(Pingpong, AThresholdOfThreeTakesThreeReplies) {
  Receiver r(16, 3);
  r.dialogue();
  r.dialogue();
  EXPECT_FALSE(r.policy().interactive());
  r.dialogue();
  EXPECT_TRUE(r.policy().interactive());
}

TEST(Pingpong, TheTimerEndsTheDialogue) {  // A7
  Receiver r;
  r.dialogue();
  r.data();
  const AckDecision decision = r.timer();
  EXPECT_EQ(decision.kind, Kind::kNow);
  EXPECT_EQ(decision.why, AckNowReason::kTimer);
  EXPECT_FALSE(r.policy().interactive());
  EXPECT_EQ(r.data().why, AckNowReason::kQuickAck);
}

TEST(Pingpong, AFinIsTakenForTheStartOfOne) {  // A13
  Receiver r;
  r.answered_data();
  EXPECT_EQ(r.fin().kind, Kind::kLater);
  EXPECT_TRUE(r.policy().interactive());
  EXPECT_EQ(r.wish(), 40ms);
}

TEST(Pingpong, OutOfOrderDataEndsItAndGrantsQuickAcks) {  // A10
  Receiver r;
  for (int i = 0; i < 4; ++i) r.dialogue();
  r.out_of_order();
  EXPECT_FALSE(r.policy().interactive());
  EXPECT_EQ(r.policy().quick_acks_left(), 16);
}

// ---- the delay: A1, A3, A6, A7

TEST(AckDelay, TheFirstIsFortyMilliseconds) {
  Receiver r(kNoQuickAcks);
  r.data();
  EXPECT_EQ(r.wish(), 40ms);
  EXPECT_EQ(r.policy().timer().deadline(), Instant() + 44ms);  // facts/linux.md T3
}

TEST(AckDelay, DataInQuickSuccessionKeepsItAtTheMinimum) {
  Receiver r(kNoQuickAcks);
  for (int i = 0; i < 20; ++i) {
    r.wait(5);
    r.answered_data();
  }
  r.wait(5);
  r.data();
  EXPECT_EQ(r.wish(), 40ms);
}

TEST(AckDelay, SlowerDataStretchesIt) {
  Receiver r(kNoQuickAcks);
  r.answered_data();
  r.wait(8);
  r.data();
  EXPECT_EQ(r.wish(), 13 * 4ms);  // 10/2 + 8 ticks
}

TEST(AckDelay, AnExpiryDoublesIt) {
  Receiver r(kNoQuickAcks);
  r.data();
  r.timer();
  r.wait(100);  // beyond the delay, below the RTO: no adaptation
  r.data();
  EXPECT_EQ(r.wish(), 80ms);
}

TEST(AckDelay, ExpiriesDoubleItUpToTheSmallestRtoLessATick) {  // A6: min(200 ms, rto_min - 1 jiffy)
  Receiver r(kNoQuickAcks);
  for (const Duration wish : {40ms, 80ms, 160ms, 196ms, 196ms}) {
    r.data();
    EXPECT_EQ(r.wish(), wish);
    r.timer();
    r.wait(100);
  }
}

TEST(AckDelay, ASmallerRtoMinimumLimitsIt) {
  Receiver r(kNoQuickAcks);
  r.view().rto_min = 100ms;
  for (int i = 0; i < 3; ++i) {
    r.data();
    r.timer();
    r.wait(100);
  }
  r.data();
  EXPECT_EQ(r.wish(), 96ms);
}

TEST(AckDelay, AdaptationStopsAtTheMaximum) {  // A3: min(ato/2 + m, rto, 200 ms)
  Receiver r(kNoQuickAcks);
  for (const int64_t gap :
       {9, 13, 19, 28, 41}) {  // 10, 14, 20, 29, 42 ticks, then 62 but for the limit
    r.answered_data();
    r.wait(gap);
  }
  r.answered_data();
  r.wait(50);
  r.reply();
  EXPECT_FALSE(r.policy().interactive());
}

TEST(AckDelay, AKnownRoundTripLimitsALongOne) {
  Receiver r(kNoQuickAcks);
  r.data();
  r.timer();
  r.data();
  r.timer();  // 160 ms
  r.view().rtt_known = true;
  r.view().srtt = 50ms;
  r.wait(100);
  r.data();
  EXPECT_EQ(r.wish(), 52ms);  // in ticks, rounded up
}

TEST(AckDelay, AShortRoundTripLimitsItToTheMinimum) {
  Receiver r(kNoQuickAcks);
  r.data();
  r.timer();
  r.view().rtt_known = true;
  r.view().srtt = 1ms;
  r.wait(100);
  r.data();
  EXPECT_EQ(r.wish(), 40ms);
}

TEST(AckDelay, AnExpiryInADialogueResetsIt) {  // A7
  Receiver r(kNoQuickAcks);
  r.data();
  r.timer();
  r.dialogue();
  r.data();
  r.timer();
  r.wait(100);
  r.data();
  EXPECT_EQ(r.wish(), 40ms);
}

TEST(AckDelay, ARunningTimerIsKeptByLaterData) {
  Receiver r(kNoQuickAcks);
  r.data();
  const Instant deadline = r.policy().timer().deadline();
  r.wait(6);
  EXPECT_EQ(r.data().kind, Kind::kLater);
  EXPECT_EQ(r.policy().timer().deadline(), deadline);
}

TEST(AckDelay, ATimerDueWithinAQuarterOfTheDelayGivesWayToAnAckNow) {
  Receiver r(kNoQuickAcks);
  r.data();
  r.wait(7);  // the delay is 10/2 + 7 = 12 ticks; 3 are left
  const AckDecision decision = r.data();
  EXPECT_EQ(decision.kind, Kind::kNow);
  EXPECT_EQ(decision.why, AckNowReason::kTimerAlmostDue);
}

TEST(AckDelay, AnEarlierExpiryReplacesTheRunningTimer) {
  Receiver r(kNoQuickAcks);
  r.data();
  r.timer();  // 80 ms from now on
  r.wait(100);
  r.data();
  r.wait(1);
  r.data();  // 20/2 + 5 = 15 ticks from here
  EXPECT_EQ(r.wish(), 60ms);
}

TEST(AckDelay, AnAckSentStopsTheTimer) {
  Receiver r(kNoQuickAcks);
  r.data();
  r.ack_sent();
  EXPECT_FALSE(r.policy().timer().armed());
}

// ---- reads: A11

TEST(AckOnRead, DrainingASmallSegmentAcknowledgesIt) {
  Receiver r(kNoQuickAcks);
  r.data();
  const AckDecision decision = r.read();
  EXPECT_EQ(decision.kind, Kind::kNow);
  EXPECT_EQ(decision.why, AckNowReason::kReadDrainedPushed);
}

TEST(AckOnRead, ADialogueKeepsTheAckOfOnePushedSegment) {
  Receiver r;
  r.dialogue();
  r.data();
  EXPECT_EQ(r.read().kind, Kind::kNone);
}

TEST(AckOnRead, TwoPushedSegmentsAreAcknowledgedEvenInADialogue) {
  Receiver r;
  r.dialogue();
  r.data();
  r.data();
  EXPECT_EQ(r.read().why, AckNowReason::kReadDrainedPushed);
  EXPECT_EQ(r.read().kind, Kind::kNow);
}

TEST(AckOnRead, PushesDoNotOutliveTheirAck) {
  Receiver r;
  r.dialogue();
  r.data();
  r.ack_sent();
  r.data();
  EXPECT_EQ(r.read().kind, Kind::kNone);
}

TEST(AckOnRead, AReadThatLeavesBytesIsNone) {
  Receiver r(kNoQuickAcks);
  r.data();
  EXPECT_EQ(r.read(false).kind, Kind::kNone);
  EXPECT_EQ(r.read(true, 0).kind, Kind::kNone);
}

TEST(AckOnRead, MoreThanASegmentUnacknowledgedIsAcknowledged) {
  Receiver r;
  r.dialogue();
  r.view().window_can_advance = false;
  r.data(kMss, false);
  r.data(kMss, false);
  EXPECT_EQ(r.read(false).why, AckNowReason::kReadFreedSegment);
}

TEST(AckOnRead, NothingToAcknowledgeIsNone) {
  Receiver r(kNoQuickAcks);
  r.answered_data();
  EXPECT_EQ(r.read().kind, Kind::kNone);
}

TEST(AckOnRead, AFullSegmentWithoutPushIsNotPushed) {
  Receiver r(kNoQuickAcks);
  r.data(kMss, false);
  EXPECT_EQ(r.read().kind, Kind::kNone);
}

TEST(AckOnRead, AFullSegmentWithPushIs) {  // A4, 6.x
  Receiver r(kNoQuickAcks);
  r.data(kMss, true);
  EXPECT_EQ(r.read().kind, Kind::kNow);
}

// ---- TCP_QUICKACK: A12

TEST(QuickackOption, OneSendsThePendingAckAndEndsTheDialogue) {
  Receiver r;
  r.dialogue();
  r.data();
  EXPECT_EQ(r.quickack(1).kind, Kind::kNow);
  EXPECT_FALSE(r.policy().interactive());
}

TEST(QuickackOption, OneWithNothingPendingSendsNothing) {
  Receiver r;
  r.dialogue();
  EXPECT_EQ(r.quickack(1).kind, Kind::kNone);
}

TEST(QuickackOption, TwoSendsThePendingAckAndKeepsTheDialogue) {
  Receiver r;
  r.dialogue();
  r.data();
  EXPECT_EQ(r.quickack(2).kind, Kind::kNow);
  EXPECT_TRUE(r.policy().interactive());
}

TEST(QuickackOption, ZeroMakesADialogue) {
  Receiver r;
  r.answered_data();
  EXPECT_EQ(r.quickack(0).kind, Kind::kNone);
  EXPECT_TRUE(r.policy().interactive());
  EXPECT_EQ(r.data().kind, Kind::kLater);
}

TEST(QuickackOption, DoesNotLast) {
  Receiver r;
  r.dialogue();
  r.quickack(1);
  EXPECT_EQ(r.data().kind, Kind::kNow);
  r.reply();
  EXPECT_EQ(r.data().kind, Kind::kLater);
}

// ---- the segment estimate: A4

TEST(SegmentEstimate, BeginsAtTheDefaultMss) {
  EXPECT_EQ(Receiver().policy().segment_estimate(), 536u);
}

TEST(SegmentEstimate, ASmallMssIsItsStart) {
  const QuickackPingpongConfig config{40ms, 200ms, 16, 1};
  const TimerGrain grain(kWheel250, {});
  EXPECT_EQ(QuickackPingpong(config, grain, 200).segment_estimate(), 200u);
  EXPECT_EQ(QuickackPingpong(config, grain, 50).segment_estimate(), 88u);
}

TEST(SegmentEstimate, ALargerSegmentRaisesIt) {
  Receiver r;
  r.data(1000);
  EXPECT_EQ(r.policy().segment_estimate(), 1000u);
  r.data(3000);
  EXPECT_EQ(r.policy().segment_estimate(), kMss);
}

TEST(SegmentEstimate, TwoEqualSmallerOnesLowerIt) {
  Receiver r;
  r.data(kMss);
  r.data(600);
  EXPECT_EQ(r.policy().segment_estimate(), kMss);
  r.data(600);
  EXPECT_EQ(r.policy().segment_estimate(), 600u);
}

TEST(SegmentEstimate, TwoDifferentSmallerOnesDoNot) {
  Receiver r;
  r.data(kMss);
  r.data(600);
  r.data(601);
  EXPECT_EQ(r.policy().segment_estimate(), kMss);
}

TEST(SegmentEstimate, SmallPushedOnesAreNoSegmentSize) {
  Receiver r;
  r.data(kMss);
  r.data(200, true);
  r.data(200, true);
  EXPECT_EQ(r.policy().segment_estimate(), kMss);
  r.data(200, false);
  r.data(200, false);
  EXPECT_EQ(r.policy().segment_estimate(), 200u);
}

}  // namespace
}  // namespace tcptwin::policy

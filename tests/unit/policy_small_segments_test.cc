// Nagle's relatives and the cork: facts/linux.md B, facts/freebsd.md B, facts/darwin.md 3.1.
#include <gtest/gtest.h>

#include "stack/policy/nagle.h"

namespace tcptwin::policy {
namespace {

using Behaviour = NagleConfig::Behaviour;
using Verdict = Nagle::Verdict;

NagleView small_in_flight() {
  NagleView view;
  view.snd_una = StreamPos(1);
  view.snd_nxt = StreamPos(1461);
  view.length = 10;
  view.mss = 1460;
  return view;
}

NagleConfig rule(Behaviour behaviour) {
  NagleConfig config;
  config.behaviour = behaviour;
  return config;
}

TEST(Cork, HoldsASmallSegmentThoughNoDelayIsSet) {  // facts/linux.md B7
  const NagleConfig config = rule(Behaviour::kMinshall);
  NagleView view = small_in_flight();
  view.no_delay = view.more = true;
  EXPECT_EQ(Nagle(config).small_segment(view), Verdict::kHeldByCork);
}

TEST(Cork, LetsFullUrgentFinalAndFlushedSegmentsPass) {  // facts/linux.md B2
  const NagleConfig config = rule(Behaviour::kMinshall);
  for (int i = 0; i < 4; ++i) {
    NagleView view = small_in_flight();
    view.corked = true;
    if (i == 0) view.length = 1460;
    view.urgent = i == 1;
    view.fin = i == 2;
    view.push_once = i == 3;
    EXPECT_EQ(Nagle(config).small_segment(view), Verdict::kSend) << i;
  }
}

TEST(Cork, TheProbeTimerWaitsAtLeastTheCeiling) {  // facts/linux.md B11
  NagleConfig config = rule(Behaviour::kMinshall);
  EXPECT_EQ(Nagle(config).cork_wait(1s), Duration(0));
  config.cork_timer = NagleConfig::CorkTimer::kProbe;
  config.cork_ceiling = 200ms;
  EXPECT_EQ(Nagle(config).cork_wait(50ms), 200ms);
  EXPECT_EQ(Nagle(config).cork_wait(1s), 1s);
  config.cork_timer = NagleConfig::CorkTimer::kPersist;  // facts/freebsd.md B5
  config.cork_ceiling = 5s;
  EXPECT_EQ(Nagle(config).cork_wait(9s), 5s);
}

TEST(NagleIdleAtWrite, TheTailOfAWriteThatBeganIdleLeaves) {  // facts/freebsd.md B3
  const NagleConfig config = rule(Behaviour::kIdleAtWrite);
  NagleView view = small_in_flight();
  EXPECT_EQ(Nagle(config).small_segment(view), Verdict::kHold);
  view.idle_at_write = true;
  EXPECT_EQ(Nagle(config).small_segment(view), Verdict::kSend);
  view.empties_buffer = false;
  EXPECT_EQ(Nagle(config).small_segment(view), Verdict::kHold);
}

TEST(NagleIdleAtWrite, HalfOfTheLargestWindowIsNotSmall) {  // facts/freebsd.md B1
  NagleConfig config = rule(Behaviour::kIdleAtWrite);
  config.half_window_leaves = true;
  NagleView view = small_in_flight();
  view.wnd_max = 21;
  EXPECT_EQ(Nagle(config).small_segment(view), Verdict::kSend);
  view.wnd_max = 22;
  EXPECT_EQ(Nagle(config).small_segment(view), Verdict::kHold);
}

TEST(NagleFullSegmentBefore, OnlySmallAfterSmallWaits) {  // facts/darwin.md 3.1
  const NagleConfig config = rule(Behaviour::kFullSegmentBefore);
  Nagle nagle(config);
  nagle.on_sent(StreamPos(1461), 0, 1460);
  EXPECT_EQ(nagle.small_segment(small_in_flight()), Verdict::kSend);
  nagle.on_sent(StreamPos(1471), 10, 1460);
  EXPECT_EQ(nagle.small_segment(small_in_flight()), Verdict::kHold);
}

TEST(NagleFullSegmentBefore, LimitedTransmitSends) {  // facts/darwin.md 3.1
  const NagleConfig config = rule(Behaviour::kFullSegmentBefore);
  NagleView view = small_in_flight();
  view.limited_transmit = true;
  EXPECT_EQ(Nagle(config).small_segment(view), Verdict::kSend);
}

}  // namespace
}  // namespace tcptwin::policy

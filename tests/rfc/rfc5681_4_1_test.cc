// RFC 5681 4.1: restarting after an idle time; facts/linux.md D9: what is not used is not kept.
#include <gtest/gtest.h>

#include "tests/rfc/flight.h"

namespace tcptwin::rfc {
namespace {

int64_t window_of(const ScriptedPeer& peer) { return peer.connection()->info().window_segments; }

// `segments` have been written and acknowledged, two at a time.
ScriptedPeer after_transfer(policy::Profile profile, int64_t segments) {
  auto peer = ScriptedPeer::established(std::move(profile), {.options = "mss 1460,sackOK"});
  peer.write(segments * kMss);
  for (int64_t next = 3; next < segments + 2; next += 2) {
    peer.advance(1ms);
    peer.sends(ack(std::min(next, segments + 1)));
  }
  peer.discard_segments();
  return peer;
}

TEST(Rfc5681_4_1, AfterAnIdleTimeTheWindowIsTheInitialOne) {
  auto peer = after_transfer(rfc_profile(), 20);
  ASSERT_GT(window_of(peer), 10);
  peer.advance(5s);
  peer.write(10);
  EXPECT_EQ(window_of(peer), 10);
}

TEST(Rfc5681_4_1, AShortPauseIsNoIdleTime) {
  auto peer = after_transfer(rfc_profile(), 20);
  const int64_t window = window_of(peer);
  peer.advance(500ms);
  peer.write(10);
  EXPECT_EQ(window_of(peer), window);
}

TEST(Rfc5681_4_1, LinuxHalvesItForEachRtoThatPassed) {  // facts/linux.md D9
  policy::Profile profile = linux_profile();
  profile.congestion.cubic.hystart = {};  // which would end slow start before
  auto peer = after_transfer(std::move(profile), 44);
  const int64_t window = window_of(peer);
  ASSERT_GT(window, 40);
  const Duration rto = peer.connection()->info().rto;
  peer.advance(rto + 1ms);  // longer than one RTO: a half
  peer.write(10);
  EXPECT_EQ(window_of(peer), window / 2);
  EXPECT_EQ(peer.connection()->info().slow_start_threshold, 0x7fffffff);  // infinite as before
}

TEST(Rfc5681_4_1, ASenderThatLeavesTheWindowUnusedDoesNotWidenIt) {  // RFC 7661 4.3
  auto peer = ScriptedPeer::established(linux_profile(), {.options = "mss 1460,sackOK"});
  for (int64_t i = 1; i <= 30; ++i) {
    peer.write(kMss);
    peer.discard_segments();
    peer.advance(1ms);
    peer.sends(ack(i + 1));
  }
  EXPECT_EQ(window_of(peer), 10);
}

TEST(Rfc5681_4_1, InSlowStartHalfOfItInUseIsEnough) {  // facts/linux.md D9
  auto peer = ScriptedPeer::established(linux_profile(), {.options = "mss 1460,sackOK"});
  peer.write(5 * kMss);
  peer.advance(1ms);
  peer.sends(ack(6));
  EXPECT_EQ(window_of(peer), 10);
  peer.write(6 * kMss);
  peer.advance(1ms);
  peer.sends(ack(12));
  EXPECT_EQ(window_of(peer), 16);
}

}  // namespace
}  // namespace tcptwin::rfc

// RFC 3522 3.2 and RFC 3708 2: what shows that a repetition was needless, and that the window is
// then what it was.
#include <gtest/gtest.h>

#include "tests/rfc/flight.h"

namespace tcptwin::rfc {
namespace {

// Ten segments are out, with the options given; the remote end echoes `echo`.
ScriptedPeer ten_out(const char* options, const char* patch = "{}") {
  auto peer = ScriptedPeer::established(linux_profile(patch), {.options = options});
  peer.write(10 * kMss);
  peer.discard_segments();
  return peer;
}

int64_t window_of(const ScriptedPeer& peer) { return peer.connection()->info().window_segments; }

TEST(Rfc3708, ARepetitionReportedAsADuplicateWasNeedless) {
  auto peer = ten_out("mss 1460,sackOK");
  for (int64_t last = 2; last <= 4; ++last) peer.sends(ack(1, sack(2, last)));
  peer.expects(segment(1));
  ASSERT_EQ(window_of(peer), 7);
  peer.sends(ack(5));  // the first was only late
  peer.sends(ack(5, sack(1, 1)));
  EXPECT_GE(window_of(peer), 10);
  EXPECT_EQ(peer.connection()->info().slow_start_threshold, 0x7fffffff);
}

TEST(Rfc3708, ARepetitionThatArrivedFirstWasNot) {
  auto peer = ten_out("mss 1460,sackOK");
  for (int64_t last = 2; last <= 4; ++last) peer.sends(ack(1, sack(2, last)));
  peer.discard_segments();
  peer.sends(ack(11));
  EXPECT_EQ(window_of(peer), 7);
}

TEST(Rfc3708, AHostThatDoesNotBelieveItKeepsTheSmallerWindow) {
  auto peer = ten_out("mss 1460,sackOK", R"({"recovery": {"undo_by_duplicate_sack": false}})");
  for (int64_t last = 2; last <= 4; ++last) peer.sends(ack(1, sack(2, last)));
  peer.discard_segments();
  peer.sends(ack(11));
  peer.sends(ack(11, sack(1, 1)));
  EXPECT_EQ(window_of(peer), 7);
}

// The retransmission timer is the first to fire.
policy::Profile without_probe() {
  return linux_profile(R"({"recovery": {"tail_loss_probe": false}})");
}

TEST(Rfc3522, AnEchoFromBeforeTheRepetitionShowsThatTheFirstArrived) {
  auto peer = ScriptedPeer::established(without_probe(), {.options = "mss 1460,sackOK,TS 0/-"});
  peer.advance(10ms);
  peer.write(10 * 1448);
  peer.discard_segments();
  peer.advance_to_deadline();  // the retransmission timer
  peer.discard_segments();
  ASSERT_EQ(window_of(peer), 1);
  peer.sends(". 1:1(0) ack 1449 <nop,nop,TS 0/10>");
  EXPECT_GE(window_of(peer), 10);
  peer.expects_silence();  // the nine others are not sent again
}

TEST(Rfc3522, AnEchoOfTheRepetitionShowsNothing) {
  auto peer = ScriptedPeer::established(without_probe(), {.options = "mss 1460,sackOK,TS 0/-"});
  peer.advance(10ms);
  peer.write(10 * 1448);
  peer.discard_segments();
  peer.advance_to_deadline();
  peer.discard_segments();
  peer.sends(". 1:1(0) ack 1449 <nop,nop,TS 0/5000>");
  EXPECT_LT(window_of(peer), 4);
}

}  // namespace
}  // namespace tcptwin::rfc

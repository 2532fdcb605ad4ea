// How much a write takes and when a socket is writable again, on each system: facts/linux.md C13 to
// C16, facts/freebsd.md C2 to C4, facts/darwin.md 3.3, facts/windows.md C1 to C3.
#include <gtest/gtest.h>

#include "tests/rfc/scripted_peer.h"

namespace tcptwin::rfc {
namespace {

// A peer with a closed window, so that nothing leaves.
ScriptedPeer stopped(const char* name, const char* patch = "{}") {
  auto peer = ScriptedPeer::established(profile(name, patch), {.options = "mss 1460"});
  peer.sends(". 1:1(0) ack 1 win 0");
  peer.discard_segments();
  return peer;
}

// ---- Linux

TEST(LinuxBuffer, SndbufIsDoubledAndEndsTheGrowth) {  // C2
  auto peer = stopped("linux-6.18");
  peer.setsockopt("SO_SNDBUF", 16384);
  EXPECT_EQ(peer.getsockopt("SO_SNDBUF"), 32768);
  int64_t taken = 0;
  for (int64_t n = 0; (n = peer.write(4096)) > 0;) taken += n;
  EXPECT_EQ(taken, 32120);  // one chunk of 22 segments, which with its overhead is more than 32768
}

TEST(LinuxBuffer, IsWritableAgainWhenAThirdIsFree) {  // C15
  auto peer = stopped("linux-6.18");
  peer.setsockopt("SO_SNDBUF", 8192);
  while (peer.write(4096) > 0) {
  }
  EXPECT_FALSE(peer.polls().out);
  peer.sends(". 1:1(0) ack 1 win 65535");
  const int64_t left = peer.discard_segments();
  EXPECT_GT(left, 0);
  peer.sends(". 1:1(0) ack 14601 win 65535");
  EXPECT_FALSE(peer.polls().out);  // 17520 of 32120 are left, more than two thirds of 16384
  peer.discard_segments();
  peer.sends(". 1:1(0) ack 23361 win 65535");
  EXPECT_TRUE(peer.polls().out);
}

TEST(LinuxBuffer, NotSentLowWaterLimitsWhatHasNotLeft) {  // C15
  auto peer = stopped("linux-6.18");
  peer.setsockopt("TCP_NOTSENT_LOWAT", 1000);
  EXPECT_EQ(peer.write(400), 400);
  EXPECT_TRUE(peer.polls().out);
  EXPECT_EQ(peer.write(200), 200);
  EXPECT_FALSE(peer.polls().out);  // twice what waits is not below it
}

TEST(Linux2632Buffer, StaysAt16384OnEthernet) {  // C13
  auto peer = stopped("linux-2.6.32");
  EXPECT_EQ(peer.getsockopt("SO_SNDBUF"), 16384);
}

// ---- FreeBSD

TEST(FreeBsdBuffer, TakesExactlyWhatFits) {  // C3
  auto peer = stopped("freebsd-14");
  EXPECT_EQ(peer.write(100000), 32768);
  EXPECT_EQ(peer.write(1), -1);
  EXPECT_EQ(peer.error(), Errno::kEAGAIN);
}

TEST(FreeBsdBuffer, LessThanTheLowWaterIsNoRoom) {  // C3
  auto peer = stopped("freebsd-14");
  EXPECT_EQ(peer.write(31000), 31000);
  EXPECT_FALSE(peer.polls().out);
  EXPECT_EQ(peer.write(4000), -1);    // 1768 are free
  EXPECT_EQ(peer.write(1768), 1768);  // all of it fits
}

TEST(FreeBsdBuffer, IsWritableWith2048BytesFree) {
  auto peer = stopped("freebsd-14");
  EXPECT_EQ(peer.write(30720), 30720);
  EXPECT_TRUE(peer.polls().out);
  EXPECT_EQ(peer.write(1), 1);
  EXPECT_FALSE(peer.polls().out);
}

TEST(FreeBsdBuffer, SndlowatSetsThatMark) {
  auto peer = stopped("freebsd-14");
  EXPECT_EQ(peer.getsockopt("SO_SNDLOWAT"), 2048);
  peer.setsockopt("SO_SNDLOWAT", 30000);
  EXPECT_EQ(peer.write(3000), 3000);
  EXPECT_FALSE(peer.polls().out);
}

// ---- Windows

TEST(WindowsBuffer, AWriteIsTakenWholeWhileLessThanTheBufferWaits) {  // C2
  auto peer = stopped("windows-11");
  EXPECT_EQ(peer.write(65535), 65535);
  EXPECT_TRUE(peer.polls().out);
  EXPECT_EQ(peer.write(1'000'000), 1'000'000);
  EXPECT_FALSE(peer.polls().out);
  EXPECT_EQ(peer.write(1), -1);
}

TEST(WindowsBuffer, AnEmptyOneTakesAnything) {  // at least one send may be pending
  auto peer = stopped("windows-11");
  EXPECT_EQ(peer.write(1'000'000), 1'000'000);
}

}  // namespace
}  // namespace tcptwin::rfc

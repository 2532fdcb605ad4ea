// What holds small segments back beyond RFC 9293 3.7.4, and what frees them, on each system:
// facts/linux.md B2 to B13, facts/freebsd.md B1 to B7, facts/darwin.md 3.1, facts/windows.md B.
#include <gtest/gtest.h>

#include "tests/rfc/scripted_peer.h"

namespace tcptwin::rfc {
namespace {

constexpr socket::MessageFlags kMore{.more = true};

ScriptedPeer of(const char* name) {
  return ScriptedPeer::established(profile(name), {.options = "mss 1460", .window = 65535});
}
ScriptedPeer linux_server() { return of("linux-6.18"); }

// The small segment that leaves at once, so that something is in flight.
ScriptedPeer with_ten_bytes_out(const char* name) {
  auto peer = of(name);
  peer.write(10);
  peer.expects("P. 1:11(10) ack 1");
  return peer;
}

// ---- MSG_MORE and TCP_CORK on Linux

TEST(LinuxMore, HoldsUntilAWriteWithoutIt) {  // B10
  auto peer = linux_server();
  peer.write(100, kMore);
  peer.write(100, kMore);
  peer.expects_silence();
  peer.write(4);
  peer.expects("P. 1:205(204) ack 1");
}

TEST(LinuxMore, AWriteOfNothingFreesNothing) {  // B10
  auto peer = linux_server();
  peer.write(100, kMore);
  peer.write(0);
  peer.expects_silence();
}

TEST(LinuxMore, LeavesAfterTheProbeTimer) {  // B11
  auto peer = linux_server();
  peer.write(100, kMore);
  const Duration waited = peer.advance_to_deadline();
  EXPECT_GE(waited, 200ms);
  EXPECT_LE(waited, 212ms);
  peer.expects("P. 1:101(100) ack 1");
}

TEST(LinuxMore, NoDelayDoesNotOverrideIt) {  // B7
  auto peer = linux_server();
  peer.setsockopt("TCP_NODELAY", 1);
  peer.write(100, kMore);
  peer.expects_silence();
}

TEST(LinuxMore, SettingNoDelayFreesItWithoutPush) {  // B10
  auto peer = linux_server();
  peer.write(100, kMore);
  peer.setsockopt("TCP_NODELAY", 1);
  peer.expects(". 1:101(100) ack 1");
}

TEST(LinuxMore, ClearingACorkThatWasNeverSetFreesIt) {  // B10
  auto peer = linux_server();
  peer.write(100, kMore);
  peer.setsockopt("TCP_CORK", 0);
  peer.expects(". 1:101(100) ack 1");
}

TEST(LinuxMore, ShutdownSendsItWithTheFin) {
  auto peer = linux_server();
  peer.write(100, kMore);
  peer.shutdown();
  peer.expects("F. 1:101(100) ack 1");
}

TEST(LinuxMore, AFullSegmentLeaves) {
  auto peer = linux_server();
  peer.write(1500, kMore);
  peer.expects(". 1:1461(1460) ack 1");
  peer.expects_silence();
}

TEST(LinuxMore, AnAckOfDataFreesIt) {  // B10
  auto peer = with_ten_bytes_out("linux-6.18");
  peer.write(100, kMore);
  peer.expects_silence();
  peer.sends(". 1:1(0) ack 11");
  peer.expects(". 11:111(100) ack 1");
}

TEST(LinuxMore, DataThatAcknowledgesNothingDoesNot) {  // B12
  auto peer = linux_server();
  peer.write(100, kMore);
  peer.sends("P. 1:11(10) ack 1 win 65535");
  peer.expects(". 1:1(0) ack 11");  // and not the 100 bytes
  peer.expects_silence();
}

TEST(LinuxMore, DataThatAcknowledgesNothingDoesNotStartItsTimerAfresh) {  // B12
  auto peer = linux_server();
  peer.write(100, kMore);
  peer.advance(100ms);
  peer.sends("P. 1:11(10) ack 1 win 65535");
  peer.expects(". 1:1(0) ack 11");
  EXPECT_LE(peer.advance_to_deadline(), 112ms);
  peer.expects("P. 1:101(100) ack 11");
}

TEST(LinuxMore, TheFirstDataAfterAnActiveOpenWithScalingDoes) {  // B12: the slow path
  auto peer = ScriptedPeer::connected(linux_profile(),
                                      {.options = "mss 1460,nop,wscale 7", .window = 65160});
  peer.write(100, kMore);
  peer.sends("P. 1:11(10) ack 1");
  peer.expects(". 1:101(100) ack 11");
}

TEST(LinuxCork, HoldsUntilItIsCleared) {
  auto peer = linux_server();
  peer.setsockopt("TCP_CORK", 1);
  peer.write(100);
  peer.expects_silence();
  peer.setsockopt("TCP_CORK", 0);
  peer.expects("P. 1:101(100) ack 1");
}

TEST(LinuxCork, AnAckDoesNotFreeIt) {  // B10
  auto peer = with_ten_bytes_out("linux-6.18");
  peer.setsockopt("TCP_CORK", 1);
  peer.write(100);
  peer.sends(". 1:1(0) ack 11");
  peer.expects_silence();
}

TEST(LinuxCork, NoDelayFreesWhatWaitsAndNothingLater) {  // B10
  auto peer = linux_server();
  peer.setsockopt("TCP_CORK", 1);
  peer.write(100);
  peer.setsockopt("TCP_NODELAY", 1);
  peer.expects("P. 1:101(100) ack 1");
  peer.write(100);
  peer.expects_silence();
}

TEST(LinuxCork, ClearingItLeavesNaglesRule) {
  auto peer = with_ten_bytes_out("linux-6.18");
  peer.setsockopt("TCP_CORK", 1);
  peer.write(100);
  peer.setsockopt("TCP_CORK", 0);
  peer.expects_silence();
  peer.sends(". 1:1(0) ack 11");
  peer.expects("P. 11:111(100) ack 1");
}

TEST(LinuxUrgent, SmallSegmentsPassWhileUrgentDataIsOut) {
  auto peer = with_ten_bytes_out("linux-6.18");
  peer.write(1, {.out_of_band = true});
  peer.expects("PU. 11:12(1) ack 1");
}

// ---- PSH on Linux

TEST(LinuxPush, StandsAtTheEndOfEachBurst) {  // B8, D11
  auto peer = ScriptedPeer::connected(
      linux_profile(),
      {.options = "mss 1460,sackOK,TS 0/0,nop,wscale 7", .window = 65160, .round_trip = 20ms});
  peer.write(14480);
  for (int64_t from = 1; from < 14481; from += 2 * 1448) {
    const std::string first = std::to_string(from), second = std::to_string(from + 1448);
    peer.expects(". " + first + ":" + second + "(1448) ack 1");
    peer.expects("P. " + second + ":" + std::to_string(from + 2896) + "(1448) ack 1");
  }
}

TEST(LinuxPush, SegmentsAreHalfTheLargestWindowAtMost) {  // B9
  auto peer = ScriptedPeer::established(linux_profile(), {.options = "mss 1460", .window = 2000});
  peer.sends(". 1:1(0) ack 1 win 2000");
  peer.write(2000);
  peer.expects(". 1:1001(1000) ack 1");
  peer.expects("P. 1001:2001(1000) ack 1");
}

// ---- FreeBSD

TEST(FreeBsdHeld, ATailLeavesWhenNothingWasOutAsTheWriteBegan) {  // B2, B3
  auto peer = of("freebsd-14");
  peer.write(1470);
  peer.expects(". 1:1461(1460) ack 1");
  peer.expects("P. 1461:1471(10) ack 1");
}

TEST(FreeBsdHeld, ATailWaitsWhenAnythingWasOut) {  // B2
  auto peer = with_ten_bytes_out("freebsd-14");
  peer.write(1470);
  peer.expects(". 11:1471(1460) ack 1");
  peer.expects_silence();
  peer.sends(". 1:1(0) ack 1471");
  peer.expects("P. 1471:1481(10) ack 1");
}

TEST(FreeBsdHeld, SettingNoDelayFreesNothingByItself) {  // B4
  auto peer = with_ten_bytes_out("freebsd-14");
  peer.write(10);
  peer.setsockopt("TCP_NODELAY", 1);
  peer.expects_silence();
  peer.write(10);
  peer.expects("P. 11:31(20) ack 1");
}

TEST(FreeBsdHeld, HalfTheLargestWindowIsNotSmall) {  // B1
  auto peer =
      ScriptedPeer::established(profile("freebsd-14"), {.options = "mss 1460", .window = 1000});
  peer.write(100);
  peer.expects("P. 1:101(100) ack 1");
  peer.write(500);
  peer.expects("P. 101:601(500) ack 1");
}

TEST(FreeBsdHeld, ClearingNoPushSends) {  // B5
  auto peer = of("freebsd-14");
  peer.setsockopt("TCP_NOPUSH", 1);
  peer.write(100);
  peer.expects_silence();
  peer.setsockopt("TCP_NOPUSH", 0);
  peer.expects("P. 1:101(100) ack 1");
}

TEST(FreeBsdHeld, NoPushEndsWithThePersistTimer) {  // B5
  auto peer = of("freebsd-14");
  peer.setsockopt("TCP_NOPUSH", 1);
  peer.write(100);
  EXPECT_GE(peer.advance_to_deadline(), 5s);
  peer.expects("P. 1:101(100) ack 1");
}

TEST(FreeBsdPush, StandsOnTheSegmentThatEmptiesTheBuffer) {  // B6
  auto peer = with_ten_bytes_out("freebsd-14");
  peer.write(2920);
  peer.expects(". 11:1471(1460) ack 1");
  peer.expects("P. 1471:2931(1460) ack 1");
}

// ---- Darwin

TEST(DarwinHeld, ATailPassesBehindAFullSegment) {  // 3.1, rule 3
  auto peer = with_ten_bytes_out("macos-14");
  peer.write(1470);
  peer.expects(". 11:1471(1460) ack 1");
  peer.expects("P. 1471:1481(10) ack 1");
}

TEST(DarwinHeld, ASmallSegmentWaitsBehindASmallOne) {
  auto peer = with_ten_bytes_out("macos-14");
  peer.write(10);
  peer.expects_silence();
  peer.sends(". 1:1(0) ack 11");
  peer.expects("P. 11:21(10) ack 1");
}

TEST(DarwinHeld, ADuplicateAckLetsASmallSegmentPass) {  // limited transmit
  auto peer = with_ten_bytes_out("macos-14");
  peer.write(10);
  peer.expects_silence();
  peer.sends(". 1:1(0) ack 1 win 65535");
  peer.expects("P. 11:21(10) ack 1");
}

TEST(DarwinHeld, NoPushHoldsATailForFiveSeconds) {
  auto peer = of("macos-14");
  peer.setsockopt("TCP_NOPUSH", 1);
  peer.write(100);
  peer.setsockopt("TCP_NOPUSH", 0);  // only a flag: nothing leaves
  peer.expects_silence();
}

// ---- Windows

TEST(WindowsHeld, ASmallSegmentWaitsForAllThatIsOut) {  // B1
  auto peer = with_ten_bytes_out("windows-11");
  peer.write(1470);
  peer.expects(". 11:1471(1460) ack 1");
  peer.expects_silence();
}

}  // namespace
}  // namespace tcptwin::rfc

// RFC 9293 3.8.3: connection failures. What the profile's limits do is in rfc6298_test.cc.
#include <gtest/gtest.h>

#include "tests/rfc/scripted_peer.h"

namespace tcptwin::rfc {
namespace {

using tcp::State;

TEST(Rfc9293_3_8_3, AProgramCanSetHowLongDataIsRepeated) {  // MUST-21, RFC 5482 3
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.setsockopt("TCP_USER_TIMEOUT", 10'000);  // timeouts after 1, 3 and 7 seconds
  peer.write(10);
  peer.discard_segments();
  peer.advance(10s - 1ns);
  EXPECT_EQ(peer.state(), State::kEstablished);
  EXPECT_EQ(peer.discard_segments(), 3);
  peer.advance(1ns);
  peer.expects_silence();
  EXPECT_EQ(peer.state(), State::kClosed);
  EXPECT_EQ(peer.read(10), -1);
  EXPECT_EQ(peer.error(), Errno::kETIMEDOUT);
}

TEST(Rfc9293_3_8_3, ALongerTimeKeepsTheConnectionLonger) {  // MUST-21
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.setsockopt("TCP_USER_TIMEOUT", 3'600'000);
  peer.write(10);
  peer.advance(1h - 1s);
  EXPECT_EQ(peer.state(), State::kEstablished);
  peer.advance(2min);
  EXPECT_EQ(peer.state(), State::kClosed);
}

TEST(Rfc9293_3_8_3, AnAckOfNewDataBeginsTheTimeAfresh) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.setsockopt("TCP_USER_TIMEOUT", 10'000);
  peer.write(2920);
  peer.advance(7s);
  peer.sends(". 1:1(0) ack 1461");
  peer.discard_segments();
  peer.advance(7s);
  EXPECT_EQ(peer.state(), State::kEstablished);
}

}  // namespace
}  // namespace tcptwin::rfc

// RFC 6928: the initial window of ten segments.
#include <gtest/gtest.h>

#include "tests/rfc/scripted_peer.h"

namespace tcptwin::rfc {
namespace {

TEST(Rfc6928_2, TenSegmentsLeaveBeforeTheFirstAck) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.write(20 * 1460);
  EXPECT_EQ(peer.discard_segments(), 10);
}

TEST(Rfc6928_2, EachAckLetsMoreLeave) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.write(30 * 1460);
  peer.discard_segments();
  peer.sends(". 1:1(0) ack 2921");
  EXPECT_EQ(peer.discard_segments(), 4);  // two left the network, two are slow start's
}

TEST(Rfc6928_2, AnotherInitialWindowIsAProfilesChoice) {
  auto peer = ScriptedPeer::established(rfc_profile(R"({"congestion": {"initial_segments": 3}})"));
  peer.write(20 * 1460);
  EXPECT_EQ(peer.discard_segments(), 3);
}

TEST(Rfc6928_2, WithoutCongestionControlOnlyTheWindowLimits) {
  auto peer = ScriptedPeer::established(rfc_profile(R"({"congestion": {"behaviour": "none"}})"));
  peer.write(44 * 1460);
  EXPECT_EQ(peer.discard_segments(), 44);
}

}  // namespace
}  // namespace tcptwin::rfc

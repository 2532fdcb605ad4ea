// RFC 2018: the negotiation of selective acknowledgments. Blocks are not sent yet.
#include <gtest/gtest.h>

#include "tests/rfc/scripted_peer.h"

namespace tcptwin::rfc {
namespace {

TEST(Rfc2018_2, ASynPermitsSack) {
  auto peer = ScriptedPeer::connecting(rfc_profile());
  EXPECT_NE(peer.story().find("sackOK"), std::string::npos) << peer.story();
}

TEST(Rfc2018_2, ASynAckPermitsItWhenTheSynDid) {
  auto peer = ScriptedPeer::listening(rfc_profile());
  peer.sends("S 0:0(0) win 65535 <mss 1460,sackOK>");
  peer.expects("S. 0:0(0) ack 1 win 65535 <mss 1460,sackOK,eol>");
}

TEST(Rfc2018_2, ASynAckDoesNotPermitItWhenTheSynDidNot) {
  auto peer = ScriptedPeer::listening(rfc_profile());
  peer.sends("S 0:0(0) win 65535 <mss 1460>");
  peer.expects("S. 0:0(0) ack 1 win 65535 <mss 1460>");
}

TEST(Rfc2018_2, AProfileWithoutTheOptionPermitsNothing) {
  auto peer = ScriptedPeer::listening(rfc_profile(R"({"syn": {"options": ["mss"]}})"));
  peer.sends("S 0:0(0) win 65535 <mss 1460,sackOK>");
  peer.expects("S. 0:0(0) ack 1 win 65535 <mss 1460>");
}

}  // namespace
}  // namespace tcptwin::rfc

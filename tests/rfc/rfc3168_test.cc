// RFC 3168: explicit congestion notification, as far as TCP has a part in it.
#include <gtest/gtest.h>

#include "tests/rfc/scripted_peer.h"

namespace tcptwin::rfc {
namespace {

constexpr uint8_t kEct0 = 2;
constexpr uint8_t kMarked = 3;  // CE
constexpr const char* kAsks = R"({"ecn": {"request": true}})";

// A passive open with ECN agreed upon.
ScriptedPeer agreed(const policy::Profile& profile = rfc_profile()) {
  auto peer = ScriptedPeer::listening(profile);
  peer.sends("SEW 0:0(0) win 65535 <mss 1460>");
  peer.expects("SE. 0:0(0) ack 1");
  peer.sends(". 1:1(0) ack 1");
  peer.accept();
  return peer;
}

// ---- 6.1.1: negotiation

TEST(Rfc3168_6_1_1, ASynThatAsksIsAnsweredWithEce) { agreed(); }

TEST(Rfc3168_6_1_1, ASynThatDoesNotAskIsAnsweredWithoutIt) {
  auto peer = ScriptedPeer::listening(rfc_profile());
  peer.sends("S 0:0(0)");
  peer.expects("S. 0:0(0) ack 1");
  peer.sends("SE 0:0(0)");  // one of the two flags is not the question
  peer.expects("S. 0:0(0) ack 1");
}

TEST(Rfc3168_6_1_1, AHostThatDoesNotAcceptAnswersWithoutIt) {
  auto peer = ScriptedPeer::listening(rfc_profile(R"({"ecn": {"accept": false}})"));
  peer.sends("SEW 0:0(0)");
  peer.expects("S. 0:0(0) ack 1");
}

TEST(Rfc3168_6_1_1, AHostThatAsksSendsBothFlags) {
  EXPECT_NE(ScriptedPeer::connecting(rfc_profile(kAsks)).story().find("> SEW 0:0(0)"),
            std::string::npos);
  EXPECT_NE(ScriptedPeer::connecting(rfc_profile()).story().find("> S 0:0(0)"), std::string::npos);
}

TEST(Rfc3168_6_1_1, AnAnswerWithEceAloneAgrees) {
  for (const auto& [answer, ect] :
       {std::pair{"SE. 0:0(0) ack 1", kEct0},
        {"S. 0:0(0) ack 1", uint8_t{0}},
        {"SEW. 0:0(0) ack 1", uint8_t{0}}}) {  // the last reflects what came
    SCOPED_TRACE(answer);
    auto peer = ScriptedPeer::connecting(rfc_profile(kAsks));
    peer.sends(answer);
    peer.discard_segments();
    peer.write(10);
    EXPECT_EQ(peer.next_packet()->ip.tos, ect);
  }
}

TEST(Rfc3168_6_1_1, SynsAreNotEcnCapable) {
  auto peer = ScriptedPeer::listening(rfc_profile());
  peer.sends("SEW 0:0(0)");
  EXPECT_EQ(peer.next_packet()->ip.tos, 0);
}

TEST(Rfc3168_6_1_1_1, ASynThatIsRepeatedDoesNotAsk) {
  auto peer = ScriptedPeer::connecting(rfc_profile(kAsks));
  peer.advance_to_deadline();
  peer.expects("S 0:0(0)");
  peer.sends("SE. 0:0(0) ack 1");  // the answer to the first
  peer.discard_segments();
  auto stubborn = ScriptedPeer::connecting(
      rfc_profile(R"({"ecn": {"request": true, "request_on_retries": true}})"));
  stubborn.advance_to_deadline();
  stubborn.expects("SEW 0:0(0)");
}

// ---- 6.1.2: the sender

TEST(Rfc3168_6_1_2, NewDataIsEcnCapable) {
  auto peer = agreed();
  peer.write(10);
  EXPECT_EQ(peer.next_packet()->ip.tos, kEct0);
}

TEST(Rfc3168_6_1_2, AnEchoHalvesTheWindowOnceARoundTrip) {
  auto peer = agreed();
  peer.write(14600);
  EXPECT_EQ(peer.discard_segments(), 10);
  peer.sends("E. 1:1(0) ack 1461");
  EXPECT_EQ(peer.connection()->info().window_segments, 5);
  peer.sends("E. 1:1(0) ack 2921");
  EXPECT_EQ(peer.connection()->info().window_segments, 5);
  peer.sends("E. 1:1(0) ack 14601");  // the end of that window
  peer.write(14600);
  peer.discard_segments();
  const int64_t before = peer.connection()->info().window_segments;
  peer.sends("E. 1:1(0) ack 16061");
  EXPECT_LT(peer.connection()->info().window_segments, before);
}

TEST(Rfc3168_6_1_2, TheNextNewDataSaysThatTheWindowWasReduced) {
  auto peer = agreed();
  peer.write(14600);
  peer.discard_segments();
  peer.sends("E. 1:1(0) ack 11681");  // five may be out, two are
  peer.write(2920);
  peer.expects("W. 14601:16061(1460) ack 1");
  peer.expects("P. 16061:17521(1460) ack 1");
}

TEST(Rfc3168_6_1_2, WithoutAgreementAnEchoMeansNothing) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.write(14600);
  peer.discard_segments();
  peer.sends("E. 1:1(0) ack 1461");
  EXPECT_GE(peer.connection()->info().window_segments, 10);
}

// ---- 6.1.3: the receiver

TEST(Rfc3168_6_1_3, AMarkIsEchoedUntilThePeerSaysThatItReduced) {
  auto peer = agreed();
  peer.sends(". 1:1461(1460) ack 1", {.tos = kMarked});
  peer.sends(". 1461:2921(1460) ack 1", {.tos = kEct0});
  peer.advance(1s);
  std::string last = peer.next_segment();
  for (std::string next = peer.next_segment(); next != "nothing"; next = peer.next_segment()) {
    last = next;
  }
  EXPECT_TRUE(last.starts_with("E. 1:1(0) ack 2921")) << peer.story();
  peer.sends("W. 2921:4381(1460) ack 1", {.tos = kEct0});
  peer.sends(". 4381:5841(1460) ack 1", {.tos = kEct0});
  peer.expects(". 1:1(0) ack 5841");
}

TEST(Rfc3168_6_1_3, DataThatLeavesCarriesTheEchoToo) {
  auto peer = agreed();
  peer.sends(". 1:1461(1460) ack 1", {.tos = kMarked});
  peer.discard_segments();
  peer.write(10);
  peer.expects("PE. 1:11(10) ack 1461");
}

TEST(Rfc3168_6_1_3, WithoutAgreementAMarkIsNotEchoed) {
  auto peer = ScriptedPeer::established(rfc_profile());
  peer.sends(". 1:1461(1460) ack 1", {.tos = kMarked});
  peer.advance(1s);
  peer.expects(". 1:1(0) ack 1461");
}

TEST(Rfc3168_6_1_3, AMarkThatComesWithTheWordOfTheReductionIsEchoed) {
  auto peer = agreed();
  peer.sends(". 1:1461(1460) ack 1", {.tos = kMarked});
  peer.sends("W. 1461:2921(1460) ack 1", {.tos = kMarked});
  peer.advance(1s);
  peer.discard_segments();
  peer.write(10);
  peer.expects("PE. 1:11(10) ack 2921");
}

// ---- 6.1.4 to 6.1.6: what is not capable

TEST(Rfc3168_6_1_4, AnAckWithoutDataIsNotEcnCapable) {
  auto peer = agreed();
  peer.sends_bytes(1, 1460);
  peer.advance(1s);
  EXPECT_EQ(peer.next_packet()->ip.tos, 0);
}

TEST(Rfc3168_6_1_5, ARetransmissionIsNotEcnCapable) {
  auto peer = agreed();
  peer.write(10);
  peer.discard_segments();
  peer.advance_to_deadline();
  EXPECT_EQ(peer.next_packet()->ip.tos, 0);
}

TEST(Rfc3168_6_1_6, AWindowProbeIsNotEcnCapable) {
  for (const char* probe : {"old_number", "next_byte"}) {
    auto peer = agreed(rfc_profile(std::string(R"({"persist": {"probe": ")") + probe + "\"}}"));
    peer.sends(". 1:1(0) ack 1 win 0");
    peer.write(10);
    peer.advance_to_deadline();
    EXPECT_EQ(peer.next_packet()->ip.tos, 0) << probe;
  }
}

}  // namespace
}  // namespace tcptwin::rfc

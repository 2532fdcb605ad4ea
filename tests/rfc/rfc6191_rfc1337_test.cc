// RFC 6191 and RFC 9293 3.6.1: which SYN opens a new connection where an old one is in TIME-WAIT;
// RFC 1337: what a RST does there. The answers of a connection that stays come from
// rfc9293_3_10_7_4_test.cc.
#include <gtest/gtest.h>

#include <string>

#include "tests/rfc/scripted_peer.h"

namespace tcptwin::rfc {
namespace {

using tcp::State;

constexpr const char* kStays = ". 2:2(0) ack 2";

// RCV.NXT is 2; with timestamps, the peer's last was 100.
ScriptedPeer waiting(bool stamped, const std::string& rules = "{}") {
  const std::string options = stamped ? "mss 1460,TS 100/-" : "mss 1460";
  const std::string stamp = stamped ? " <nop,nop,TS 100/0>" : "";
  auto peer = ScriptedPeer::established(rfc_profile(R"({"time_wait": )" + rules + "}"),
                                        {.options = options});
  peer.shutdown();
  peer.sends("F. 1:1(0) ack 2" + stamp);
  peer.discard_segments();
  EXPECT_EQ(peer.state(), State::kTimeWait);
  return peer;
}

TEST(Rfc9293_3_6_1, AHigherSynReopens) {  // MAY-2
  auto peer = waiting(false);
  peer.sends("S 3:3(0)");
  peer.expects("S. 0:0(0) ack 4");
  peer.sends("P. 4:14(10) ack 1");  // it is a connection like any other
  peer.advance(500ms);
  peer.expects(". 1:1(0) ack 14");
}

TEST(Rfc9293_3_6_1, ASynThatIsNoHigherDoesNot) {
  auto peer = waiting(false);
  for (const char* syn : {"S 2:2(0)", "S 1:1(0)", "S -5000:-5000(0)"}) {
    peer.sends(syn);
    peer.expects(kStays);
  }
  EXPECT_EQ(peer.state(), State::kTimeWait);
}

TEST(Rfc9293_3_6_1, TheNewNumbersLieBeyondTheOldOnes) {  // MAY-2, its condition
  for (const char* rule : {"{}", R"({"continues_numbers": true})"}) {
    auto peer = ScriptedPeer::listening(rfc_profile(std::string(R"({"time_wait": )") + rule + "}"));
    peer.sends("S 0:0(0)");
    const SeqNum first = peer.next_packet()->tcp.seq;
    peer.sends(". 1:1(0) ack 1");
    peer.accept();
    peer.write(1000);
    peer.sends(". 1:1(0) ack 1001");
    peer.shutdown();
    peer.sends("F. 1:1(0) ack 1002");
    peer.discard_segments();
    peer.advance(100ms);
    peer.sends("S 3:3(0)");
    const uint32_t ahead = peer.next_packet()->tcp.seq.value() - first.value();
    EXPECT_GT(ahead, 1002u) << rule;
    EXPECT_LT(ahead, 1u << 31) << rule;
  }
}

TEST(Rfc6191_2, ANewerTimestampReopensWhateverTheNumber) {  // SHLD-4
  for (const char* syn : {"S -5000:-5000(0)", "S 2:2(0)", "S 5000:5000(0)"}) {
    SCOPED_TRACE(syn);
    auto peer = waiting(true);
    peer.sends(std::string(syn) + " <mss 1460,TS 101/->");
    EXPECT_TRUE(peer.next_segment().starts_with("S. "));
  }
}

TEST(Rfc6191_2, WithTheSameTimestampTheNumberDecides) {
  auto peer = waiting(true);
  peer.sends("S 2:2(0) <mss 1460,TS 100/->");
  peer.expects(kStays);
  peer.sends("S 3:3(0) <mss 1460,TS 100/->");
  peer.expects("S. 0:0(0) ack 4");
}

TEST(Rfc6191_2, AnOlderTimestampDoesNotReopenWhateverTheNumber) {
  auto peer = waiting(true);
  peer.sends("S 5000:5000(0) <mss 1460,TS 99/->");
  peer.expects(kStays);
  EXPECT_EQ(peer.state(), State::kTimeWait);
}

TEST(Rfc6191_2, WithoutATimestampTheNumberDecides) {
  auto peer = waiting(true);
  peer.sends("S 2:2(0) <mss 1460>");
  peer.expects(kStays);
  peer.sends("S 3:3(0) <mss 1460>");
  peer.expects("S. 0:0(0) ack 4");
}

TEST(Rfc6191_2, AHostMayLookAtTheNumberAlone) {
  auto peer = waiting(true, R"({"syn": "higher"})");
  peer.sends("S 2:2(0) <mss 1460,TS 200/->");
  peer.expects(kStays);
}

TEST(Rfc6191_2, OrNeverReopen) {
  auto peer = waiting(true, R"({"syn": "never"})");
  peer.sends("S 5000:5000(0) <mss 1460,TS 200/->");
  peer.expects(kStays);
}

TEST(Rfc1337_3, ARstAtTheEdgeEndsTimeWaitOrIsIgnored) {
  for (const bool ends : {true, false}) {
    auto peer = waiting(false, ends ? "{}" : R"({"reset_ends_it": false})");
    peer.sends("R 2:2(0)");
    peer.expects_silence();
    EXPECT_EQ(peer.state(), ends ? State::kClosed : State::kTimeWait);
  }
}

}  // namespace
}  // namespace tcptwin::rfc

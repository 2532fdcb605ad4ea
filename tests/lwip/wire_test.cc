// What lwIP's packets look like: docs/facts/lwip.md F.
#include "sim/trace/journal.h"
#include "tests/lwip/lwip_host.h"

namespace tcptwin::lwip_test {
namespace {

constexpr const char* kCloses = R"({"close": {}})";

// What `host` sent, in order.
std::vector<const wire::Packet*> sent(const support::Simulation& run, uint16_t host = 0) {
  std::vector<const wire::Packet*> packets;
  for (const trace::Record& record : run.result.journal->records()) {
    const auto* leaves = std::get_if<trace::PacketSent>(&record.event);
    if (leaves != nullptr && record.host() == host) packets.push_back(&leaves->packet);
  }
  return packets;
}

class LwipWire : public LwipTest {};

TEST_F(LwipWire, TheSynHasOnlyTheSegmentSizeByDefault) {  // F1, F4
  const auto s = run({.client = kCloses, .server = kUntilTheEnd});
  EXPECT_EQ(segments(s)[0].sequence, "> S 0:0(0) win 2144");
  EXPECT_EQ(segments(s)[0].options, "mss 536");
}
TEST_F(LwipWire, TheSynOfDebiansPackageHasAWindowScaleOf1) {  // F1
  const auto s = run({.a = host("lwip-debian"), .client = kCloses, .server = kUntilTheEnd});
  EXPECT_EQ(segments(s)[0].sequence, "> S 0:0(0) win 65535");
  EXPECT_EQ(segments(s)[0].options, "mss 1460,nop,wscale 1");
}
TEST_F(LwipWire, TheSynOfTheLargeBuildHasTimestampsScaleAndSack) {  // F1, in this order
  const auto s = run({.a = host("lwip-large"), .client = kCloses, .server = kUntilTheEnd});
  EXPECT_EQ(segments(s)[0].sequence, "> S 0:0(0) win 65535");
  EXPECT_EQ(segments(s)[0].options, "mss 1460,nop,nop,TS 0/-,nop,wscale 5,nop,nop,sackOK");
}

TEST_F(LwipWire, TimeToLive255NoDontFragmentAndACountedIdentifier) {  // F2
  const auto s = run({.b = host("rfc"), .client = kCloses, .server = kUntilTheEnd});
  uint16_t expected = 0;
  for (const wire::Packet* packet : sent(s)) {
    EXPECT_EQ(packet->ip.ttl, 255);
    EXPECT_FALSE(packet->ip.dont_fragment);
    EXPECT_EQ(packet->ip.id, expected++);
  }
  EXPECT_GE(expected, 4);
}

TEST_F(LwipWire, ASynCarries6509AndASynAck6510) {  // F3
  const auto s = run({.client = kCloses, .server = kUntilTheEnd});
  EXPECT_EQ(sent(s, 0).at(0)->tcp.seq, SeqNum(6509));
  EXPECT_EQ(sent(s, 1).at(0)->tcp.seq, SeqNum(6510));
}

TEST_F(LwipWire, ATimestampIsTheUptimeInMilliseconds) {  // F4
  const auto s = run({.a = host("lwip-large"),
                      .b = host("lwip-large"),
                      .client = kCloses,
                      .server = kUntilTheEnd});
  const auto options = wire::parse_options(sent(s).at(0)->tcp.options);
  ASSERT_TRUE(options.timestamps);
  EXPECT_EQ(options.timestamps->value, 3'600'001U);  // an hour, and the start of the program
}

TEST_F(LwipWire, TheLargeBuildReportsWhatCameOutOfOrder) {  // C7
  const auto sacks = [](const std::string& b) {
    const auto s = run({.a = host("rfc"),
                        .b = b,
                        .client = R"({"write": 20000}, {"close": {}})",
                        .server = kUntilTheEnd,
                        .link = R"("loss": [{"from": "a", "data_packets": [3]}])"});
    size_t count = 0;
    for (const support::Segment& segment : segments(s)) {
      if (segment.options.find("sack ") != std::string::npos) ++count;
    }
    return count;
  };
  EXPECT_GT(sacks(host("lwip-large")), 0U);
  EXPECT_EQ(sacks(host("lwip-debian")), 0U);
  EXPECT_EQ(sacks(lwip_host()), 0U);
}

}  // namespace
}  // namespace tcptwin::lwip_test

// When lwIP sends what is small: docs/facts/lwip.md B.
#include "tests/lwip/lwip_host.h"

namespace tcptwin::lwip_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Acknowledges each segment at once, and has room for all.
const std::string kPeer = host("rfc", R"("delayed_ack": {"segments_per_ack": 1})");

class LwipNagle : public LwipTest {
 protected:
  // What a sends with data, and when.
  static std::vector<std::string> sent(const std::string& writes, const std::string& a) {
    const auto s = run({.a = a,
                        .b = kPeer,
                        .client = writes + R"(, {"sleep": "1s"}, {"close": {}})",
                        .server = kUntilTheEnd});
    std::vector<std::string> lines;
    for (const support::Segment& segment : segments(s)) {
      const bool data =
          segment.sequence[0] == '>' && segment.sequence.find("(0)") == std::string::npos;
      if (data) {
        const size_t ack = segment.sequence.find(" ack ");
        lines.push_back(std::to_string((segment.at_us + 500) / 1000) + "ms " +
                        segment.sequence.substr(2, ack - 2));
      }
    }
    return lines;
  }
};

TEST_F(LwipNagle, ASmallSegmentWaitsWhileAnythingIsUnacknowledged) {  // B1
  EXPECT_THAT(sent(R"({"write": 10}, {"write": 20})", lwip_host()),
              ElementsAre("2ms P. 1:11(10)", "4ms P. 11:31(20)"));
}
TEST_F(LwipNagle, WithNoDelayItDoesNotWait) {  // B1
  EXPECT_THAT(sent(R"({"setsockopt": "TCP_NODELAY"}, {"write": 10}, {"write": 20})", lwip_host()),
              ElementsAre("2ms P. 1:11(10)", "2ms P. 11:31(20)"));
}
TEST_F(LwipNagle, AFullSegmentDoesNotWait) {  // B1
  EXPECT_THAT(sent(R"({"write": 10}, {"write": 536})", lwip_host()),
              ElementsAre("2ms P. 1:11(10)", "2ms P. 11:547(536)"));
}
// Linux and others would hold the last 20 bytes. The full one leaves, and then the queue has one
// segment left.
TEST_F(LwipNagle, TheRestOfAWriteWaitsBehindItsFullSegment) {  // B1
  EXPECT_THAT(sent(R"({"write": 556})", lwip_host()),
              ElementsAre("2ms . 1:537(536)", "4ms P. 537:557(20)"));
}
TEST_F(LwipNagle, AWriteThatFillsTheSendBufferDoesNotWait) {  // B1
  EXPECT_THAT(sent(R"({"write": 10}, {"write": 1062})", lwip_host()),
              ElementsAre("2ms P. 1:11(10)", "2ms . 11:547(536)", "2ms P. 547:1073(526)"));
}
TEST_F(LwipNagle, AFinTakesTheHeldDataAlong) {  // B1
  const auto s = run({.b = kPeer,
                      .client = R"({"write": 10}, {"write": 20}, {"close": {}})",
                      .server = kUntilTheEnd});
  EXPECT_THAT(times_ms(segments(s), "> FP. 11:31(20)"), ElementsAre(2)) << story(s);
}

TEST_F(LwipNagle, MoreWithholdsPushAndNothingElse) {  // B2
  EXPECT_THAT(sent(R"({"write": {"bytes": 10, "flags": ["MSG_MORE"]}})", lwip_host()),
              ElementsAre("2ms . 1:11(10)"));
  EXPECT_THAT(sent(R"({"write": 10})", lwip_host()), ElementsAre("2ms P. 1:11(10)"));
}

TEST_F(LwipNagle, TheHoldAndItsEndAreToldAndInferred) {
  const auto s = run({.b = kPeer,
                      .client = R"({"write": 10}, {"write": 20}, {"close": {}})",
                      .server = kUntilTheEnd});
  EXPECT_THAT(story(s), HasSubstr("20 bytes held: Nagle, as long as anything sent is "
                                  "unacknowledged (until 11 is acknowledged) (inferred)"));
}

}  // namespace
}  // namespace tcptwin::lwip_test

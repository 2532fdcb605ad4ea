// Windows, buffers and probes of lwIP: docs/facts/lwip.md C.
#include "tests/lwip/lwip_host.h"

namespace tcptwin::lwip_test {
namespace {

using support::Segment;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const std::string kPeer = host("rfc");
const std::string kPrompt = host("rfc", R"("delayed_ack": {"segments_per_ack": 1})");

class LwipWindows : public LwipTest {};

TEST_F(LwipWindows, FourSegmentsIsTheWindowAndReadingAloneOpensIt) {  // C1, C2
  const auto s = run({.a = kPeer,
                      .client = R"({"write": 6000}, {"close": {}})",
                      .server = R"({"sleep": "500ms"}, {"recv": 536}, {"sleep": "500ms"},
                                   {"loop": [{"read": 1}]}, {"close": {}})"});
  const auto all = segments(s, 1);
  EXPECT_THAT(all.at(1).sequence, HasSubstr("win 2144"));
  EXPECT_THAT(texts(all, "< . "), testing::Contains("< . 1:1(0) ack 2145 win 0")) << story(s);
  // TCP_WND_UPDATE_THRESHOLD is one MSS: the read of one tells it at once.
  EXPECT_THAT(times_ms(all, "< . 1:1(0) ack 2145 win 536"), ElementsAre(503)) << story(s);
}

TEST_F(LwipWindows, AReadThatOpensLessThanTheThresholdSendsNothing) {  // C2
  const auto s = run({.a = kPeer,
                      .client = R"({"write": 2144}, {"recv": 1}, {"close": {}})",
                      .server = R"({"sleep": "500ms"}, {"recv": 535}, {"sleep": "500ms"},
                                   {"recv": 1}, {"sleep": "500ms"}, {"loop": [{"read": 1}]})"});
  const auto all = segments(s, 1);
  EXPECT_THAT(texts(all, "< . 1:1(0) ack 2145 win 535"), IsEmpty()) << story(s);
  EXPECT_THAT(times_ms(all, "< . 1:1(0) ack 2145 win 536"), ElementsAre(1003)) << story(s);
}

TEST_F(LwipWindows, TheFirstBurstIsTwoSegmentsOfTheSendBuffer) {  // C1, C6
  const auto s =
      run({.b = kPrompt, .client = R"({"write": 6000}, {"close": {}})", .server = kUntilTheEnd});
  EXPECT_THAT(times_ms(segments(s), "> . 1:537(536)"), ElementsAre(2));
  EXPECT_THAT(times_ms(segments(s), "> . 537:1073(536)"), ElementsAre(2));
  EXPECT_THAT(times_ms(segments(s), "> . 1073:1609(536)"), ElementsAre(4)) << story(s);
}

TEST_F(LwipWindows, TheInitialCongestionWindowIsFourSmallOrThreeLargeSegments) {  // C6
  const auto first_burst = [](const std::string& a) {
    const auto s = run({.a = a,
                        .b = kPeer,
                        .client = R"({"write": 20000}, {"close": {}})",
                        .server = kUntilTheEnd});
    size_t count = 0;
    for (const Segment& segment : segments(s)) {
      const bool data =
          segment.sequence[0] == '>' && segment.sequence.find("(0)") == std::string::npos;
      if (data && segment.at_us < 3000) ++count;
    }
    return count;
  };
  EXPECT_EQ(first_burst(lwip_host(R"("send_buffer": 10000, "queue_length": 75, "segments": 0)")),
            4U);
  EXPECT_EQ(first_burst(host("lwip-debian")), 3U);
  EXPECT_EQ(first_burst(host("lwip-large")), 3U);
}

TEST_F(LwipWindows, DataThatTheMailboxRefusesIsOfferedAgainByTheFastTimer) {  // C3
  const auto s = run(
      {.a = kPeer,
       .b = lwip_host(R"("mailbox": 1)"),
       .client =
           R"({"setsockopt": "TCP_NODELAY"}, {"write": 10}, {"write": 10}, {"sleep": "2s"}, {"close": {}})",
       .server = R"({"sleep": "50ms"}, {"recv": 100}, {"measure": "second", "do": [
                                   {"recv": 100}]}, {"loop": [{"read": 1}]}, {"close": {}})"});
  EXPECT_THAT(trouble(s), IsEmpty()) << story(s);
  // The first 10 bytes lie in the mailbox and the second are refused. The mailbox is empty after 50
  // ms, and the tick comes 200 ms later.
  const Duration second(first_value(s, "server.second"));
  EXPECT_GT(second, 190ms) << story(s);
  EXPECT_LE(second, 200ms) << story(s);
}

TEST_F(LwipWindows, ANonBlockingSendTakesWhatFits) {  // C4
  const auto s =
      run({.client = R"({"nonblocking": true}, {"send": {"bytes": 1000, "record": "one"}},
                                   {"send": {"bytes": 1000, "record": "two"}},
                                   {"send": {"bytes": 1000, "expect_error": "EAGAIN"}},
                                   {"sleep": "1s"}, {"close": {}})",
           .server = R"({"loop": [{"read": 1}]}, {"close": {}})"});
  EXPECT_THAT(trouble(s), IsEmpty());
  EXPECT_THAT(values(s, "client.one"), ElementsAre(1000));
  EXPECT_THAT(values(s, "client.two"), ElementsAre(72));
}

// Eight pieces of 10 bytes, one in each pbuf.
TEST_F(LwipWindows, TheQueueLengthBoundsSmallWritesBeforeTheSendBufferIsFull) {  // C1, C4
  const auto s = run({.b = kPeer,
                      .client = R"({"setsockopt": "TCP_NODELAY"}, {"nonblocking": true},
                                   {"fill": {"bytes": 10, "record": "taken"}},
                                   {"sleep": "1s"}, {"close": {}})",
                      .server = kUntilTheEnd});
  EXPECT_THAT(trouble(s), IsEmpty());
  EXPECT_EQ(first_value(s, "client.taken"), 80) << story(s);
}

TEST_F(LwipWindows, AClosedWindowIsProbedWithAByteAfter1_5Then3Then6Seconds) {  // C5
  const auto s = run({.client = R"({"write": 3000}, {"close": {}})",
                      .server = R"({"sleep": "60s"}, {"loop": [{"read": 1}]}, {"close": {}})"});
  const auto all = segments(s);
  const auto probes = times_ms(all, "> . 2145:2146(1)");
  // The window closes at 6 ms, the slow tick comes at 250, 750, ... ms.
  EXPECT_THAT(probes, ElementsAre(1250, 4250, 10250, 22250, 46250)) << story(s);
  EXPECT_THAT(trouble(s), IsEmpty());
}

TEST_F(LwipWindows, TwelveProbesWithoutAnAnswerEndTheConnection) {  // C5
  const auto s =
      run({.client = R"({"write": {"bytes": 6000, "expect_error": "ECONNABORTED"}})",
           .server = R"({"sleep": "10h"})",
           .link = R"("loss": [{"from": "b", "packets": [4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
                                 14, 15, 16, 17, 18, 19, 20]}])"});
  const auto probes = times_ms(segments(s), "> . 2145:2146(1)");
  ASSERT_THAT(probes, SizeIs(12)) << story(s);
  const std::vector<int64_t> gaps = {3, 6, 12, 24, 48, 60, 60, 60, 60, 60, 60};
  for (size_t i = 0; i < gaps.size(); ++i) EXPECT_EQ(probes[i + 1] - probes[i], gaps[i] * 1000);
  EXPECT_THAT(trouble(s), IsEmpty());
}

TEST_F(LwipWindows, AnyAnswerStartsTheCountOfProbesAnew) {  // C5
  const auto s = run({.client = R"({"write": 3000}, {"close": {}})",
                      .server = R"({"sleep": "1h"}, {"loop": [{"read": 1}]}, {"close": {}})"});
  EXPECT_GT(times_ms(segments(s), "> . 2145:2146(1)").size(), 12U);
  EXPECT_THAT(trouble(s), IsEmpty());
}

TEST_F(LwipWindows, ProbesAreCountedInTheirReason) {
  const auto s = run({.client = R"({"write": 3000}, {"close": {}})",
                      .server = R"({"sleep": "8s"}, {"loop": [{"read": 1}]}, {"close": {}})"});
  EXPECT_THAT(story(s), HasSubstr("window probe 1, the peer's window is closed: timer of 1.246 s"));
  EXPECT_THAT(story(s), HasSubstr("window probe 2, the peer's window is closed: timer of 3 s"));
}

}  // namespace
}  // namespace tcptwin::lwip_test

// What lwIP repeats and when it gives up: docs/facts/lwip.md D.
#include "tests/lwip/lwip_host.h"

namespace tcptwin::lwip_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kNothingOfA =
    R"("loss": [{"from": "a", "packets": [1, 2, 3, 4, 5, 6, 7, 8]}])";
const std::string kPeer = host("rfc");

class LwipTimers : public LwipTest {};

TEST_F(LwipTimers, ASynIsRepeatedEvery3SecondsAndGivenUpATickAfterTheSixth) {  // D3
  const auto s = run_programs({.client = R"({"measure": "connect", "do": [{"connect": {
                                 "to": "b", "port": 80, "expect_error": "ECONNABORTED"}}]})",
                               .server = R"({"listen": 80})",
                               .link = kNothingOfA});
  EXPECT_THAT(times_ms(segments(s), "> S"), ElementsAre(0, 2750, 5750, 8750, 11750, 14750, 17750))
      << story(s);
  EXPECT_EQ(first_value(s, "client.connect") / 1'000'000, 18250);
  EXPECT_THAT(trouble(s), IsEmpty());
}

// Lost right after the handshake, before the first sample of the round trip: the RTO is 3 s.
TEST_F(LwipTimers, DataIsRepeatedTwelveTimesWithALimitedBackoff) {  // D3
  const auto s = run({.b = kPeer,
                      .client = R"({"write": 10}, {"recv": {"bytes": 1, "expect_error":
                                   "ECONNABORTED"}})",
                      .server = R"({"sleep": "5h"})",
                      .link = R"("loss": [{"from": "a", "packets": [3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
                                 13, 14, 15, 16, 17, 18]}])"});
  const auto times = times_ms(segments(s), "> P. 1:11(10)");
  EXPECT_THAT(times, ElementsAre(2, 2750, 8750, 20750, 44750, 92750, 188750, 380750, 764750,
                                 1148750, 1532750, 1916750, 2300750))
      << story(s);
  EXPECT_THAT(trouble(s), IsEmpty());
}

// Samples of a few milliseconds, and still 3 ticks of 500 ms, of which the first may be nearly
// over.
TEST_F(LwipTimers, TheShortestRetransmissionTimeoutIsThreeTicks) {  // D2
  const auto s =
      run({.b = host("rfc", R"("delayed_ack": {"segments_per_ack": 1})"),
           .client = R"({"repeat": 30, "do": [{"write": 10}, {"read": 10},
                                   {"sleep": "600ms"}]}, {"write": 20}, {"read": 20}, {"close": {}})",
           .server = R"({"repeat": 30, "do": [{"read": 10}, {"write": 10}]}, {"read": 20},
                                   {"write": 20}, {"recv": 1}, {"close": {}})",
           .link = R"("loss": [{"from": "a", "data_packets": [31]}])"});
  const auto times = times_ms(segments(s), "> P. 301:321(20)");
  ASSERT_EQ(times.size(), 2U) << story(s);
  EXPECT_GE(times[1] - times[0], 1000);
  EXPECT_LE(times[1] - times[0], 1500);
}

TEST_F(LwipTimers, ThreeDuplicateAcksRepeatTheSegmentAtOnce) {  // D4
  const auto s = run({.a = host("lwip-debian"),
                      .b = host("lwip-debian"),
                      .client = R"({"write": 30000}, {"close": {}})",
                      .server = kUntilTheEnd,
                      .link = R"("loss": [{"from": "a", "data_packets": [6]}])"});
  const auto again = times_ms(segments(s), "> . 7301:8761(1460)");
  ASSERT_EQ(again.size(), 2U) << story(s);
  EXPECT_LE(again[1] - again[0], 10);
  EXPECT_THAT(story(s), testing::HasSubstr("fast retransmission: duplicate ACKs told of a loss"));
  EXPECT_THAT(trouble(s), IsEmpty());
}

TEST_F(LwipTimers, TwoDuplicateAcksWaitForTheTimer) {  // D4: no early retransmit, no TLP
  const auto s = run({.b = kPeer,
                      .client = R"({"write": 3000}, {"close": {}})",
                      .server = kUntilTheEnd,
                      .link = R"("loss": [{"from": "a", "data_packets": [4]}])"});
  const auto all = segments(s);
  std::vector<int64_t> again = times_ms(all, "> . 1609:2145(536)");
  ASSERT_EQ(again.size(), 2U) << story(s);
  EXPECT_GE(again[1] - again[0], 1000) << story(s);
  EXPECT_THAT(trouble(s), IsEmpty());
}

}  // namespace
}  // namespace tcptwin::lwip_test

// When lwIP acknowledges: docs/facts/lwip.md A.
#include "tests/lwip/lwip_host.h"

namespace tcptwin::lwip_test {
namespace {

using support::Segment;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::Gt;
using testing::HasSubstr;
using testing::IsEmpty;

// Sends small segments at once, and repeats nothing within a second.
const std::string kEager = host("rfc", R"("nagle": {"behaviour": "off"})");

class LwipDelayedAck : public LwipTest {};

TEST_F(LwipDelayedAck, EverySecondSegmentOfAnySizeIsAcknowledgedAtOnce) {  // A1
  const auto s = run({.a = kEager,
                      .client = R"({"write": 1}, {"write": 2}, {"write": 3}, {"write": 4},
                                   {"sleep": "100ms"}, {"close": {}})",
                      .server = kUntilTheEnd});
  const auto all = segments(s);
  EXPECT_THAT(texts(all, "< . "), ElementsAre("< . 1:1(0) ack 4 win 2141",
                                              "< . 1:1(0) ack 11 win 2134",  // 3 and 4
                                              "< . 1:1(0) ack 12 win 2133"))
      << story(s);
  EXPECT_THAT(times_ms(all, "< . 1:1(0) ack 4"), ElementsAre(4));
}

TEST_F(LwipDelayedAck, ALoneSegmentWaitsForTheFastTimer) {  // A2
  const auto s = run({.a = kEager,
                      .client = R"({"write": 10}, {"sleep": "1s"}, {"close": {}})",
                      .server = kUntilTheEnd});
  // b's timer began with the SYN, 1 ms before the first segment of a and its 250 ms: A3.
  EXPECT_THAT(times_ms(segments(s), "< . 1:1(0) ack 11"), ElementsAre(252)) << story(s);
}

// Two connections whose data come 100 ms apart: the same tick ends both delays.
TEST_F(LwipDelayedAck, OneTickEndsTheDelaysOfAllConnections) {  // A2
  const auto s = run_programs(
      {.a = kEager,
       .client = R"({"connect": {"to": "b", "port": 80, "as": "one"}},
                    {"connect": {"to": "b", "port": 80, "as": "two"}},
                    {"sleep": "500ms"}, {"write": {"bytes": 10, "socket": "one"}},
                    {"sleep": "100ms"}, {"write": {"bytes": 20, "socket": "two"}}, {"sleep": "1s"},
                    {"close": "one"}, {"close": "two"})",
       .server = R"({"listen": 80}, {"accept": {"as": "one"}}, {"accept": {"as": "two"}},
                    {"recv": {"bytes": 10, "socket": "one"}},
                    {"recv": {"bytes": 20, "socket": "two"}},
                    {"recv": {"bytes": 1, "socket": "one"}}, {"close": "one"},
                    {"recv": {"bytes": 1, "socket": "two"}}, {"close": "two"})"});
  std::vector<int64_t> acks;
  for (const Segment& segment : segments(s, 1)) {
    if (segment.sequence.find(" . 1:1(0) ack 11 ") != std::string::npos ||
        segment.sequence.find(" . 1:1(0) ack 21 ") != std::string::npos) {
      if (segment.sequence[0] == '<') acks.push_back(segment.at_us);
    }
  }
  ASSERT_EQ(acks.size(), 2U) << story(s);
  EXPECT_LT(acks[1] - acks[0], 10);
  EXPECT_THAT(story(s), HasSubstr("the 250 ms tick of all connections came 245.9 ms later"));
  EXPECT_THAT(story(s), HasSubstr("the 250 ms tick of all connections came 145.9 ms later"));
}

TEST_F(LwipDelayedAck, ASegmentThatLeavesCarriesTheAck) {  // A2
  const auto s = run({.a = kEager,
                      .client = R"({"write": 10}, {"read": 10}, {"sleep": "400ms"}, {"close": {}})",
                      .server = R"({"read": 10}, {"sleep": "50ms"}, {"write": 10}, {"recv": 1},
                                   {"close": {}})"});
  EXPECT_THAT(texts(segments(s), "< P"), ElementsAre("< P. 1:11(10) ack 11 win 2134")) << story(s);
  EXPECT_THAT(texts(segments(s), "< . 1:1(0)"), IsEmpty());
}

// The second connection opens 10.1 s after the first has gone: its tick begins with it, and not on
// the grid of the first.
TEST_F(LwipDelayedAck, TheTickStopsWithTheLastConnectionAndBeginsAnewWithTheNext) {  // A3
  const auto s = run_programs(
      {.a = kEager,
       .client = R"({"connect": {"to": "b", "port": 80}}, {"write": 10}, {"sleep": "300ms"},
                    {"close": {}}, {"sleep": "10.1s"},
                    {"connect": {"to": "b", "port": 80}}, {"write": 10}, {"sleep": "300ms"},
                    {"close": {}})",
       .server = R"({"listen": 80}, {"repeat": 2, "do": [
                    {"accept": {}}, {"loop": [{"read": 1}]}, {"close": {}}]})"});
  const auto all = segments(s, 1);
  std::vector<int64_t> syns, acks;
  for (const Segment& segment : all) {
    const bool opens = segment.sequence.find(" S ") != std::string::npos;
    if (opens) syns.push_back(segment.at_us);
    if (segment.sequence.find(" . 1:1(0) ack 11 ") != std::string::npos) {
      acks.push_back(segment.at_us);
    }
  }
  ASSERT_EQ(syns.size(), 2U) << story(s);
  ASSERT_EQ(acks.size(), 2U) << story(s);
  for (size_t i = 0; i < 2; ++i) EXPECT_EQ((acks[i] - syns[i] + 500) / 1000, 250);
}

TEST_F(LwipDelayedAck, NothingWakesAHostWithoutConnections) {  // A3
  const auto s = run_programs({.client = R"({"sleep": "1h"})", .server = R"({"listen": 80})"});
  EXPECT_LT(s.result.events, 20U);
}

TEST_F(LwipDelayedAck, AfterAConnectionHasGoneNothingWakesTheHost) {  // A3, E1
  const auto s = run({.client = R"({"close": {}}, {"sleep": "10h"})", .server = kUntilTheEnd});
  // TIME-WAIT ends within 2 MSL and a tick; each tick before it is an event of a and of b.
  EXPECT_LT(s.result.events, 1200U);
  EXPECT_THAT(trouble(s), IsEmpty());
}

TEST_F(LwipDelayedAck, OutOfOrderDataIsAcknowledgedAtOnce) {  // A4
  const auto s = run({.a = kEager,
                      .client = R"({"write": 10}, {"write": 10}, {"write": 10}, {"write": 10},
                                   {"sleep": "3s"}, {"close": {}})",
                      .server = kUntilTheEnd,
                      .link = R"("loss": [{"from": "a", "data_packets": [1]}])"});
  EXPECT_THAT(texts(segments(s), "< . 1:1(0) ack 1 "), testing::SizeIs(3)) << story(s);
  EXPECT_THAT(times_ms(segments(s), "< . 1:1(0) ack 1 "), ElementsAre(4, 4, 4));
}

// RFC 5681 4.2 would have it acknowledged at once.
TEST_F(LwipDelayedAck, ASegmentThatFillsAGapWaitsForTheFastTimer) {  // A4
  const auto s = run({.a = kEager,
                      .client = R"({"write": 10}, {"write": 10}, {"write": 10}, {"write": 10},
                                   {"sleep": "3s"}, {"close": {}})",
                      .server = kUntilTheEnd,
                      .link = R"("loss": [{"from": "a", "data_packets": [1]}])"});
  const auto all = segments(s);
  EXPECT_THAT(times_ms(all, "> P. 1:11(10)"), ElementsAre(2, 4)) << story(s);
  EXPECT_THAT(times_ms(all, "< . 1:1(0) ack 41 "), ElementsAre(252));
}

TEST_F(LwipDelayedAck, AFinIsAcknowledgedAtOnce) {  // A4
  const auto s = run(
      {.client = R"({"close": {}})", .server = R"({"recv": 1}, {"sleep": "1s"}, {"close": {}})"});
  EXPECT_THAT(times_ms(segments(s), "< . 1:1(0) ack 2 "), ElementsAre(4)) << story(s);
}

TEST_F(LwipDelayedAck, WriteWriteReadLocksToTheTickAndEveryRoundTakesIt) {  // A5
  const auto s = run({.client = R"({"repeat": 20, "do": [{"measure": "round", "do": [
                                   {"write": 10}, {"write": 10}, {"read": 20}]}]}, {"close": {}})",
                      .server = R"({"loop": [{"read": 10}, {"read": 10}, {"write": 20}]},
                                   {"close": {}})"});
  const std::vector<int64_t>& rounds = values(s, "client.round");
  ASSERT_EQ(rounds.size(), 20U);
  EXPECT_GE(Duration(rounds[0]), 250ms);
  EXPECT_LE(Duration(rounds[0]), 253ms);  // b's ticks count from the SYN: and a round trip
  for (size_t i = 1; i < rounds.size(); ++i) EXPECT_EQ(Duration(rounds[i]), 250ms) << i;
}

}  // namespace
}  // namespace tcptwin::lwip_test

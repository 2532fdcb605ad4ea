// Two captures compared: alignment, fields, time, joined segments.
#include "sim/compare/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/json/pointer.h"
#include "sim/trace/pcap.h"
#include "sim/trace/pcapng.h"
#include "tests/support/simulation.h"

namespace tcptwin::compare {
namespace {

using capture::Capture;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Capture read_bytes(std::string_view bytes) {
  std::string problem;
  auto capture = capture::read(bytes, problem);
  EXPECT_EQ(problem, "");
  return capture ? std::move(*capture) : Capture();
}
Capture read_bytes(const std::vector<uint8_t>& bytes) {
  return read_bytes({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

const std::string kOpening =
    "0.000000 > S 0:0(0) win 64240 <mss 1460,sackOK,TS 0/-,nop,wscale 7>\n"
    "0.020000 < S. 0:0(0) ack 1 win 65160 <mss 1460,sackOK,TS 0/0,nop,wscale 7>\n"
    "0.020100 > . 1:1(0) ack 1 win 64256 <TS 20/0>\n";

Comparison compare_texts(const std::string& a, const std::string& b, Options options = {}) {
  return compare(read_bytes(kOpening + a), read_bytes(kOpening + b), options);
}

// "length a|b": every field of every difference; what stands alone as "only A LINE".
std::vector<std::string> told(const Comparison& c) {
  std::vector<std::string> all;
  for (const Difference& d : c.differences) {
    for (const FieldDifference& f : d.fields) {
      all.push_back(std::string(field_text(f.field)) + ' ' + f.a + '|' + f.b);
    }
    if (d.kind == Difference::Kind::kOnlyA) all.push_back("only A " + d.a->line);
    if (d.kind == Difference::Kind::kOnlyB) all.push_back("only B " + d.b->line);
    if (d.kind == Difference::Kind::kElsewhere) all.push_back("elsewhere " + d.a->line);
  }
  return all;
}

const std::string kData =
    "0.030000 > P. 1:11(10) ack 1 win 64256 <TS 30/0>\n"
    "0.050000 < . 1:1(0) ack 11 win 65152 <TS 30/30>\n"
    "0.060000 > P. 11:21(10) ack 1 win 64256 <TS 60/30>\n"
    "0.080000 < . 1:1(0) ack 21 win 65152 <TS 60/60>\n";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos);
  return text.replace(at, from.size(), to);
}
std::string without_line(const std::string& text, const std::string& part) {
  const size_t at = text.find(part);
  const size_t begin = text.rfind('\n', at) + 1;
  return text.substr(0, begin) + text.substr(text.find('\n', at) + 1);
}

TEST(Compare, SameCapturesAreTheSame) {
  const Comparison c = compare_texts(kData, kData);
  EXPECT_TRUE(c.same());
  EXPECT_EQ(c.all.equal, 7u);
  EXPECT_EQ(c.all.score(), 1000u);
}

struct Changed {
  const char* name;
  const char* from;
  const char* to;
  const char* told;
};
class Fields : public testing::TestWithParam<Changed> {};

TEST_P(Fields, AreTold) {
  const Comparison c = compare_texts(kData, replaced(kData, GetParam().from, GetParam().to));
  EXPECT_THAT(told(c), ElementsAre(HasSubstr(GetParam().told)));
}
INSTANTIATE_TEST_SUITE_P(
    One, Fields,
    testing::Values(Changed{"Flags", "P. 11:21", ". 11:21", "flags P.|."},
                    Changed{"Ack", "ack 21", "ack 20", "ack 21|20"},
                    Changed{"Window", "win 65152 <TS 60", "win 65024 <TS 60", "window 509|508"},
                    Changed{"SackBlocks", "<TS 60/60>", "<sack 30:40,TS 60/60>",
                            "options TS 60/60|sack 30:40"},
                    Changed{"OrderOfOptions", "win 64256 <TS 60/30>", "win 64256 <TS 60/30,o30=01>",
                            "options TS 60/30|TS 60/30,o30=01"},
                    Changed{"Timestamp", "<TS 60/30>", "<TS 57/30>", "timestamp 0 ns old|3 ms old"},
                    Changed{"Echo", "<TS 60/30>", "<TS 60/27>", "echo 10 ms old|13 ms old"}),
    [](const auto& tested) { return tested.param.name; });

TEST(Compare, SegmentOfAnotherLengthIsOneDifference) {
  const Comparison c = compare_texts(kData, replaced(kData, "11:21(10)", "11:20(9)"));
  EXPECT_THAT(told(c), ElementsAre("length 10|9"));
}

TEST(Compare, RetransmissionLeavesTheRestInStep) {
  const Comparison c = compare_texts(
      kData,
      replaced(kData, "0.050000", "0.045000 > P. 1:11(10) ack 1 win 64256 <TS 45/0>\n0.050000"));
  EXPECT_THAT(told(c), ElementsAre("only B > P. 1:11(10) ack 1 win 64256 <TS 45/0>"));
  EXPECT_EQ(c.all.equal, 7u);
}
TEST(Compare, MissingSegmentLeavesTheRestInStep) {
  const Comparison c = compare_texts(kData, without_line(kData, "11:21(10)"));
  EXPECT_THAT(told(c), ElementsAre("only A > P. 11:21(10) ack 1 win 64256 <TS 60/30>"));
  EXPECT_EQ(c.all.equal, 6u);
}
TEST(Compare, FileCutOffAtItsEndIsOnlyShorter) {
  const Comparison c = compare_texts(kData, kData.substr(0, kData.find("0.060000")));
  EXPECT_EQ(c.all.only_a, 2u);
  EXPECT_EQ(c.all.equal, 5u);
}
TEST(Compare, EndOfAShorterFileIsSaid) {
  const Comparison c = compare_texts(kData, kData.substr(0, kData.find("0.060000")));
  EXPECT_EQ(c.connections[0].behind_end_of_b, 2u);
  EXPECT_THAT(text(c), HasSubstr("B ends before: it lacks the last 2"));
}
TEST(Compare, TextThatBeginsLaterIsOnlyShorter) {
  const std::string late = kData.substr(kData.find("0.050000"));
  const Comparison c = compare(read_bytes(kOpening + kData), read_bytes(late), {});
  EXPECT_EQ(c.all.only_a, 4u) << text(c);
  EXPECT_EQ(c.all.equal, 3u);
}
TEST(Compare, ReorderedSegmentStandsElsewhere) {
  const std::string burst =
      "0.030000 > . 1:11(10) ack 1 win 64256\n"
      "0.030001 > . 11:21(10) ack 1 win 64256\n"
      "0.030002 > . 21:31(10) ack 1 win 64256\n";
  const std::string other =
      "0.030000 > . 11:21(10) ack 1 win 64256\n"
      "0.030001 > . 21:31(10) ack 1 win 64256\n"
      "0.030002 > . 1:11(10) ack 1 win 64256\n";
  EXPECT_THAT(told(compare_texts(burst, other, {.tick = 1ms})),
              ElementsAre("elsewhere > . 1:11(10) ack 1 win 64256"));
}

TEST(Compare, GapIsMeasuredFromTheSegmentThatIsAnswered) {
  // In B the client sends once more before the answer; the answer's gap is still that to its cause.
  const std::string a =
      "0.030000 > P. 1:11(10) ack 1 win 64256\n"
      "0.050000 < . 1:1(0) ack 11 win 65152\n";
  const std::string b =
      "0.030000 > P. 1:11(10) ack 1 win 64256\n"
      "0.045000 > P. 11:21(10) ack 1 win 64256\n"
      "0.050000 < . 1:1(0) ack 11 win 65152\n";
  EXPECT_THAT(told(compare_texts(a, b)), ElementsAre(HasSubstr("only B > P. 11:21")));
}
TEST(Compare, GapsWithinATickAreEqual) {
  const std::string late = replaced(kData, "0.080000 < . 1:1(0) ack 21 win 65152 <TS 60/60>",
                                    "0.083000 < . 1:1(0) ack 21 win 65152 <TS 63/60>");
  EXPECT_TRUE(compare_texts(kData, late, {.tick = 3ms}).same());
  EXPECT_TRUE(compare_texts(kData, late, {.tick = 2ms, .lateness = 1ms}).same());
  EXPECT_THAT(told(compare_texts(kData, late, {.tick = 2ms})),
              ElementsAre("gap 20 ms after line 6|23 ms after line 6"));
}
TEST(Compare, LateSegmentMakesNoneOfThoseAfterItLate) {
  std::string late = replaced(kData, "0.060000", "0.160000");
  late = replaced(late, "0.080000", "0.180000");
  late = replaced(replaced(late, "TS 60/30", "TS 160/30"), "TS 60/60", "TS 160/160");
  const Comparison c = compare_texts(kData, late);
  EXPECT_EQ(c.all.differing, 1u) << text(c);
}

// The peer's ACK met the second segment on its way.
const std::string kAckFirst =
    "0.030000 > P. 1:11(10) ack 1 win 64256 <TS 30/0>\n"
    "0.050000 < . 1:1(0) ack 11 win 65152 <TS 20/30>\n"
    "0.050500 > P. 11:21(10) ack 1 win 64256 <TS 50/0>\n";
const std::string kAckLast =
    "0.030000 > P. 1:11(10) ack 1 win 64256 <TS 30/0>\n"
    "0.049500 > P. 11:21(10) ack 1 win 64256 <TS 50/0>\n"
    "0.050000 < . 1:1(0) ack 11 win 65152 <TS 20/30>\n";

TEST(Compare, CrossingsAreForgivenWhereThatIsAskedFor) {
  EXPECT_FALSE(compare_texts(kAckFirst, kAckLast).same());
  const Comparison c =
      compare_texts(kAckFirst, kAckLast, {.tick = 4ms, .forgives_crossings = true});
  EXPECT_THAT(told(c), IsEmpty());
  EXPECT_EQ(c.all.crossed, 1u);
}
TEST(Compare, ASegmentThatPassedAnotherOfItsDirectionHasNotCrossed) {
  const std::string swapped =
      "0.030000 > P. 11:21(10) ack 1 win 64256 <TS 30/0>\n"
      "0.030100 > P. 1:11(10) ack 1 win 64256 <TS 30/0>\n";
  const std::string in_order =
      "0.030000 > P. 1:11(10) ack 1 win 64256 <TS 30/0>\n"
      "0.030100 > P. 11:21(10) ack 1 win 64256 <TS 30/0>\n";
  EXPECT_FALSE(compare_texts(swapped, in_order, {.tick = 4ms, .forgives_crossings = true}).same());
}
TEST(Compare, WhatIsFurtherApartThanGapsMayDifferHasNotCrossed) {
  const std::string late = replaced(kAckFirst, "0.050500", "0.058500");
  EXPECT_FALSE(compare_texts(late, kAckLast, {.tick = 4ms, .forgives_crossings = true}).same());
}

const std::string kTwoHalves =
    "0.030000 > . 1:1449(1448) ack 1 win 64256 <TS 30/0>\n"
    "0.030000 > P. 1449:2897(1448) ack 1 win 64256 <TS 30/0>\n"
    "0.050000 < . 1:1(0) ack 2897 win 65152 <TS 30/30>\n";
const std::string kOneWhole =
    "0.030000 > P. 1:2897(2896) ack 1 win 64256 <TS 30/0>\n"
    "0.050000 < . 1:1(0) ack 2897 win 65152 <TS 30/30>\n";

TEST(Compare, SegmentsThatWereJoinedAreTheSameAndCounted) {
  const Comparison c = compare_texts(kOneWhole, kTwoHalves);
  EXPECT_THAT(told(c), IsEmpty());
  EXPECT_TRUE(c.same());
  EXPECT_EQ(c.all.joined, 1u);
  EXPECT_THAT(text(c), HasSubstr("1 time one side has one segment where the other has several"));
}
TEST(Compare, SegmentsOfAnotherAcknowledgmentAreNotJoined) {
  const Comparison c =
      compare_texts(kOneWhole, replaced(kTwoHalves, "1449:2897(1448) ack 1",
                                        "1449:2897(1448) ack 1 win 64128 <TS 30/0>\n#"));
  EXPECT_FALSE(c.same());
}
TEST(Compare, StrictlyJoinedSegmentsDiffer) {
  EXPECT_EQ(compare_texts(kOneWhole, kTwoHalves, {.joins_segments = false}).all.only_b, 1u);
}

// ---- several connections

std::string connection(const std::string& port, int at_ms, const std::string& flags) {
  const std::string at = "0." + std::to_string(1000 + at_ms).substr(1);
  return at + "000 >" + port + " S 0:0(0) win 100\n" + at + "001 >" + port + " " + flags +
         " 1:11(10) ack 1 win 100\n";
}

TEST(Compare, ConnectionsAreMatchedByPortsWhereTheyAreTheSame) {
  const Comparison c =
      compare(read_bytes(connection("5001", 1, "P.") + connection("5002", 2, ".")),
              read_bytes(connection("5002", 1, ".") + connection("5001", 2, "P.")), {.tick = 10ms});
  EXPECT_THAT(told(c), IsEmpty());
}
TEST(Compare, ConnectionsOfOtherPortsAreMatchedInTheirOrder) {
  const Comparison c =
      compare(read_bytes(connection("5001", 1, "P.") + connection("5002", 2, ".")),
              read_bytes(connection("5002", 1, "P.") + connection("5003", 2, ".")), {});
  EXPECT_THAT(told(c), IsEmpty());
}
TEST(Compare, ConnectionOfOneSideOnlyIsToldAndTheOthersStayInStep) {
  const Comparison c = compare(read_bytes(connection("5001", 1, "P.") + connection("5002", 2, ".")),
                               read_bytes(connection("5002", 2, ".")), {});
  EXPECT_EQ(c.all.only_a, 2u);
  EXPECT_EQ(c.all.equal, 2u);
}

// ---- what is no TCP

TEST(Compare, DatagramsAreComparedInOrderWhateverTheirAddresses) {
  const std::string a =
      "0.000000 - UDP 10.0.0.1.5000 > 10.0.0.2.53 (12)\n"
      "0.001000 - UDP 10.0.0.2.53 > 10.0.0.1.5000 (40)\n";
  const std::string b =
      "0.000000 - UDP 10.9.0.1.6000 > 10.9.0.2.53 (12)\n"
      "0.001000 - UDP 10.9.0.2.53 > 10.9.0.1.6000 (41)\n";
  EXPECT_TRUE(compare(read_bytes(a), read_bytes(replaced(b, "(41)", "(40)")), {}).same());
  EXPECT_THAT(told(compare(read_bytes(a), read_bytes(b), {})),
              ElementsAre("only A - UDP 10.0.0.2.53 > 10.0.0.1.5000 (40)",
                          "only B - UDP 10.9.0.2.53 > 10.9.0.1.6000 (41)"));
}

// ---- runs of our own

support::Simulation some_run() {
  return support::simulate(support::two_hosts(
      R"({"profile": "linux-6.18"})",
      R"([{"connect": {"to": "b", "port": 7}}, {"write": 3000}, {"read": 10}, {"close": {}}])",
      R"([{"listen": 7}, {"accept": {}}, {"read": 3000}, {"write": 10}, {"close": {}}])"));
}
Capture as_pcapng(const support::Simulation& run) {
  std::vector<uint8_t> bytes;
  trace::write_pcapng(*run.result.journal, {}, bytes);
  return read_bytes(bytes);
}

TEST(Compare, AllFormsOfARunAreTheSame) {
  const support::Simulation run = some_run();
  const Capture pcapng = as_pcapng(run);
  for (const uint16_t host : {uint16_t{0}, uint16_t{1}}) {
    std::vector<uint8_t> bytes;
    trace::write_pcap(*run.result.journal, host, bytes);
    Options options{.host_a = host == 0 ? "a" : "b", .tick = 1us};
    const Comparison with_pcap = compare(pcapng, read_bytes(bytes), options);
    const Comparison with_text = compare(pcapng, read_bytes(run.view(host)), options);
    EXPECT_TRUE(with_pcap.same()) << text(with_pcap);
    EXPECT_TRUE(with_text.same()) << text(with_text);
    EXPECT_GT(with_text.all.equal, 8u);
  }
}
TEST(Compare, CaptureThatBeginsLaterIsOnlyShorter) {
  const support::Simulation run = some_run();
  const Capture whole = as_pcapng(run);
  for (size_t first = 3; first <= 6; ++first) {
    Capture late = as_pcapng(run);
    std::erase_if(late.packets, [](const capture::Packet& p) { return p.interface != 0; });
    const size_t all = late.packets.size();
    late.packets.erase(late.packets.begin(), late.packets.begin() + static_cast<ptrdiff_t>(first));
    for (const bool swapped : {false, true}) {
      const Comparison c = swapped ? compare(late, whole, {}) : compare(whole, late, {});
      EXPECT_EQ(c.all.equal, all - first) << text(c);
      EXPECT_EQ(c.all.total(), all) << text(c);
    }
  }
}
TEST(Compare, HostOfTheFirstSynIsPicked) {
  const Capture run = as_pcapng(some_run());
  const Comparison c = compare(run, run, {.host_b = "b"});
  EXPECT_EQ(c.a.host, "a");
  EXPECT_EQ(c.a.picked, "it sends the first SYN");
  EXPECT_EQ(c.b.host, "b");
  EXPECT_FALSE(c.same());
}
TEST(Compare, UnknownHostIsAProblemThatNamesThoseThereAre) {
  const Capture run = as_pcapng(some_run());
  EXPECT_THAT(compare(run, run, {.host_a = "c"}).problem,
              HasSubstr("there is no host or interface \"c\"; there are a, b"));
}
TEST(Compare, ReasonsStandAtBothSightsOfAPacket) {
  const Capture run = as_pcapng(some_run());
  const Comparison c = compare(run, run, {.host_b = "b", .most_shown = 1000});
  bool arrived = false;
  for (const Difference& d : c.differences) {
    ASSERT_TRUE(d.a && d.b);
    EXPECT_NE(d.a->why, "");
    arrived |= d.a->why.starts_with("b: ");
  }
  EXPECT_TRUE(arrived);
}
TEST(Compare, JsonSaysBesideAReasonThatItWasInferred) {
  const std::string own = kOpening + "0.030000 > P. 1:11(10) ack 1 win 64256 <TS 30/0>  # data";
  const Comparison c =
      compare(read_bytes(own + '\n'),
              read_bytes(replaced(own, "> P. 1:11", "> . 1:11") + " (inferred)\n"), {});
  const json::Node node = json(c);
  const json::Node& first = node.find("differences")->items().at(0);
  EXPECT_EQ(first.find("a")->find("inferred"), nullptr);
  EXPECT_EQ(first.find("b")->find("why")->as_string(), "data (inferred)");
  ASSERT_NE(first.find("b")->find("inferred"), nullptr);
  EXPECT_TRUE(first.find("b")->find("inferred")->as_boolean());
}
TEST(Compare, JsonHasWhatTheTextHas) {
  const Comparison c = compare_texts(kData, replaced(kData, "ack 21", "ack 20"));
  const json::Node node = json(c);
  EXPECT_FALSE(node.find("same")->as_boolean());
  const json::Node& first = node.find("differences")->items().at(0);
  EXPECT_EQ(first.find("a")->find("line")->as_integer(), 7);
  EXPECT_EQ(first.find("fields")->items().at(0).find("field")->as_string(), "ack");
}

}  // namespace
}  // namespace tcptwin::compare

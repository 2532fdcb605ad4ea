// traces/documents/keepalive-noopt: what its expectations do not say: what the segments look like,
// and what the server waits for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/paths.h"
#include "tests/support/simulation.h"

namespace tcptwin {
namespace {

using support::find_reason;
using testing::ContainsRegex;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using By = tcp::DataReleased::By;

void replace(std::string& text, const std::string& from, const std::string& to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
}

// The scenario with a file of 1.3 MB. `queue`: what stands for the queue of the far link.
support::Simulation small(const std::string& variant, const std::string& queue = "\"2500kB\"") {
  std::ifstream file(support::source_path("traces/documents/keepalive-noopt/scenario.json"));
  std::stringstream text;
  text << file.rdbuf();
  std::string changed = text.str();
  replace(changed, "\"repeat\": 15625", "\"repeat\": 20");
  replace(changed, "\"value\": 977", "\"value\": 20");
  replace(changed, "\"value\": 6104", "\"value\": 20");
  replace(changed, "\"value\": \"256KiB\"", "\"value\": \"32KiB\"");
  replace(changed, "\"body\": \"200MB\"", "\"body\": \"300kB\"");
  replace(changed, "\"queue\": \"2500kB\"", "\"queue\": " + queue);
  return support::simulate(changed, 0, variant);
}

// Payload lengths, as "(536)" says them; of those that begin with `direction`.
std::vector<int> lengths(const std::vector<std::string>& packets, const std::string& direction) {
  std::vector<int> found;
  for (const std::string& line : packets) {
    const size_t open = line.find('(');
    if (line.starts_with(direction) && open != std::string::npos) {
      found.push_back(std::stoi(line.substr(open + 1)));
    }
  }
  return found;
}

// The first packet of that direction that satisfies `wanted`; empty: there is none.
std::string first(const std::vector<std::string>& packets, const std::string& begin) {
  for (const std::string& line : packets) {
    if (line.starts_with(begin)) return line;
  }
  return "";
}

class OfEachMac : public testing::TestWithParam<std::string> {
 protected:
  std::string mistaken() const {
    return GetParam() == "macos-14" ? "noopt" : GetParam() + "-noopt";
  }
};

TEST_P(OfEachMac, TheSynHasNoOptionsAndTheAnswerOnlyAnMss) {  // facts/darwin.md 1.2
  const auto packets = small(mistaken()).packets();
  EXPECT_EQ(packets.at(0), "> SEW 0:0(0) win 65535");
  EXPECT_EQ(packets.at(1), "< SE. 0:0(0) ack 1 win 64240 <mss 1460>");
  for (const std::string& line : packets) EXPECT_THAT(line, Not(HasSubstr("TS "))) << line;
}

TEST_P(OfEachMac, ThePeerSendsNoMoreThan536BytesASegment) {
  int largest = 0;
  for (const int length : lengths(small(mistaken()).packets(), "< ")) {
    largest = std::max(largest, length);
  }
  EXPECT_EQ(largest, 536);
}

TEST_P(OfEachMac, TheServerWaitsForThePeersWindow) {
  const auto run = small(mistaken());
  const trace::Chain chain = run.chain("client.download");
  const auto* released = find_reason<tcp::DataReleased>(chain);
  ASSERT_NE(released, nullptr);
  int windows = 0, others = 0;
  for (const trace::Step& step : chain.steps) {
    const auto* sent = std::get_if<trace::PacketSent>(&step.record->event);
    const auto* why = sent ? std::get_if<tcp::DataReleased>(&sent->reason) : nullptr;
    if (why != nullptr) ++(why->held_by == By::kWindow ? windows : others);
  }
  EXPECT_GE(windows, 18);  // 1.3 MB are 20 windows of 65,535 bytes
  EXPECT_LE(others, 4);    // slow start up to there
}

INSTANTIATE_TEST_SUITE_P(KeepaliveNoopt, OfEachMac,
                         testing::Values("macos-14", "macos-15", "macos-26"),
                         [](const auto& tested) { return "macos_" + tested.param.substr(6); });

TEST(KeepaliveNoopt, WithoutTheMistakeTheSynHasThemAll) {
  const auto packets = small("right-level").packets();
  EXPECT_THAT(packets.at(0), HasSubstr("mss 1460"));
  EXPECT_THAT(packets.at(0), HasSubstr("wscale 6"));
  EXPECT_THAT(packets.at(0), HasSubstr("sackOK"));
  EXPECT_THAT(packets.at(0), HasSubstr("TS "));
}

// The other end is the same system, which takes 512 bytes when none are named.
TEST(KeepaliveNoopt, OnLoopbackSegmentsHave512Bytes) {
  int largest = 0;
  for (const int length : lengths(small("loopback-noopt").packets(), "< ")) {
    largest = std::max(largest, length);
  }
  EXPECT_EQ(largest, 512);
}

TEST(KeepaliveNoopt, SetAfterConnectOnlyTimestampsGo) {
  const auto packets = small("after-connect").packets();
  EXPECT_THAT(packets.at(0), HasSubstr("wscale 6"));
  EXPECT_THAT(first(packets, "> P. 1:"), Not(HasSubstr("TS ")));
  EXPECT_THAT(first(packets, "< . 206:"), HasSubstr("TS "));  // the peer keeps its own
}

TEST(KeepaliveNoopt, AnAcceptedSocketKeepsTheHandshakeAndSendsNeitherTimestampsNorSack) {
  const auto packets =
      small("mac-takes-accepted", R"("2500kB", "loss": [{"from": "client", "data_packets": [4]}])")
          .packets(1);
  EXPECT_THAT(first(packets, "< S. "), HasSubstr("wscale 6"));
  EXPECT_THAT(first(packets, "< S. "), HasSubstr("TS "));
  int duplicates = 0;
  for (const std::string& line : packets) {
    if (!line.starts_with("< .")) continue;
    EXPECT_THAT(line, Not(HasSubstr("TS "))) << line;
    EXPECT_THAT(line, Not(HasSubstr("sack"))) << line;
    if (line.find("ack 4345 ") != std::string::npos) ++duplicates;
  }
  EXPECT_GE(duplicates, 4);  // the gap is there to be reported
}

// facts/darwin.md 1.2: 131,768 >> 6 is 2058, less what is unread, and the peer takes it for bytes.
TEST(KeepaliveNoopt, AListenerOffersNoScaleAndScalesNevertheless) {
  const auto packets = small("mac-takes-listener").packets(1);
  EXPECT_THAT(first(packets, "< S"), EndsWith(" win 65535"));
  EXPECT_THAT(first(packets, "< . 1:1(0) ack 14"), ContainsRegex(" win 20[0-5][0-9]$"));
}

TEST(KeepaliveNoopt, LinuxHoldsTheAckOfTheHandshake) {  // facts/darwin.md 1.3
  const auto run = small("greeting-mistake");
  const auto* timer = find_reason<tcp::TimerFired>(run.chain("client.greeting"));
  ASSERT_NE(timer, nullptr);
  EXPECT_EQ(timer->which, tcp::TimerKind::kDelayedAck);
  EXPECT_EQ(timer->wish, 200ms);
}

}  // namespace
}  // namespace tcptwin

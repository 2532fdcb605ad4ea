// traces/documents/msg-more-flush: what its expectations do not say: why the data left, and what
// the segments look like.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/simulation.h"

namespace tcptwin {
namespace {

using support::find_reason;
using support::simulate_document;
using By = tcp::DataReleased::By;

constexpr const char* kScenario = "msg-more-flush";

// The client's segments with data, as "P. 1:501(500)".
std::vector<std::string> data_of(const std::string& variant) {
  std::vector<std::string> found;
  for (const std::string& line : simulate_document(kScenario, variant).packets()) {
    if (!line.starts_with("> ") || line.find("(0)") != std::string::npos) continue;
    const size_t end = line.find(") ");
    if (end != std::string::npos) found.push_back(line.substr(2, end - 1));
  }
  return found;
}
using Segments = std::vector<std::string>;

TEST(MsgMoreFlush, TheChainOfHeldDataIsTheTimerThatFreesTheCork) {
  const auto run = simulate_document(kScenario);
  const trace::Chain chain = run.chain("server.arrival");
  const auto* timer = find_reason<tcp::TimerFired>(chain);
  ASSERT_NE(timer, nullptr);
  EXPECT_EQ(timer->which, tcp::TimerKind::kPersist);
  EXPECT_GE(timer->wish, 220ms);  // the RTO of a link of 20 ms
  EXPECT_LE(timer->wish, 221ms);
  const auto* released = find_reason<tcp::DataReleased>(chain);
  ASSERT_NE(released, nullptr);
  EXPECT_EQ(released->held_by, By::kCork);
}

TEST(MsgMoreFlush, WhatAnAckFreesHasNoTimerInItsChain) {
  const auto run = simulate_document(kScenario, "in-flight");
  const trace::Chain chain = run.chain("server.arrival");
  EXPECT_EQ(find_reason<tcp::TimerFired>(chain), nullptr);
  const auto* released = find_reason<tcp::DataReleased>(chain);
  ASSERT_NE(released, nullptr);
  EXPECT_EQ(released->held_by, By::kCork);
  EXPECT_NE(find_reason<tcp::AckNow>(chain), nullptr);  // of the peer
}

TEST(MsgMoreFlush, SegmentsAreTheCapturedOnes) {
  EXPECT_EQ(data_of("loopback"), (Segments{"P. 1:501(500)"}));
  EXPECT_EQ(data_of("zero"), (Segments{"P. 1:501(500)"}));
  EXPECT_EQ(data_of("nodelay"), (Segments{". 1:501(500)"}));  // no PSH after MSG_MORE
  EXPECT_EQ(data_of("uncork"), (Segments{". 1:501(500)"}));
  EXPECT_EQ(data_of("cork-uncork"), (Segments{"P. 1:501(500)"}));  // PSH after TCP_CORK
  EXPECT_EQ(data_of("final"), (Segments{"P. 1:505(504)"}));
  EXPECT_EQ(data_of("shutdown"), (Segments{"F. 1:501(500)"}));
  EXPECT_EQ(data_of("twenty"), (Segments{". 1:1449(1448)", ". 1449:2001(552)"}));
  EXPECT_EQ(data_of("in-flight"), (Segments{"P. 1:101(100)", ". 101:601(500)"}));
}

TEST(MsgMoreFlush, NopushIsHeldByTheSameKindOfTimerForFiveSeconds) {
  for (const char* os : {"macos-14-clear", "freebsd-14"}) {
    const auto run = simulate_document(kScenario, os);
    const auto* timer = find_reason<tcp::TimerFired>(run.chain("server.arrival"));
    ASSERT_NE(timer, nullptr) << os;
    EXPECT_EQ(timer->which, tcp::TimerKind::kPersist);
    EXPECT_EQ(timer->wish, 5s);
  }
}

}  // namespace
}  // namespace tcptwin

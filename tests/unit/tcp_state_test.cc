// The states and their table: figure 5 of RFC 9293, pair by pair.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>

#include "stack/tcp/state.h"

namespace tcptwin::tcp {
namespace {

using S = State;

// The arrows of figure 5; those to CLOSED exist from every state (RST, timeout, abort).
const std::set<std::pair<S, S>>& arrows() {
  static const std::set<std::pair<S, S>> kArrows = {
      {S::kClosed, S::kSynSent},           // active OPEN
      {S::kClosed, S::kSynReceived},       // LISTEN, rcv SYN: a listener is no connection here
      {S::kSynSent, S::kSynReceived},      // rcv SYN
      {S::kSynSent, S::kEstablished},      // rcv SYN,ACK
      {S::kSynReceived, S::kEstablished},  // rcv ACK of SYN
      {S::kSynReceived, S::kFinWait1},     // CLOSE
      {S::kEstablished, S::kFinWait1},     // CLOSE
      {S::kEstablished, S::kCloseWait},    // rcv FIN
      {S::kFinWait1, S::kFinWait2},        // rcv ACK of FIN
      {S::kFinWait1, S::kClosing},         // rcv FIN
      {S::kFinWait1, S::kTimeWait},        // rcv FIN,ACK of FIN (note 2)
      {S::kFinWait2, S::kTimeWait},        // rcv FIN
      {S::kCloseWait, S::kLastAck},        // CLOSE
      {S::kClosing, S::kTimeWait},         // rcv ACK of FIN
  };
  return kArrows;
}

TEST(State, FollowersAreTheArrowsOfFigure5) {
  for (int from = 0; from < kStateCount; ++from) {
    for (int to = 0; to < kStateCount; ++to) {
      const auto f = static_cast<S>(from);
      const auto t = static_cast<S>(to);
      const bool expected = t == S::kClosed || arrows().count({f, t}) > 0;
      EXPECT_EQ(may_follow(f, t), expected) << state_name(f) << " -> " << state_name(t);
    }
  }
}

TEST(State, EveryStateCanBeReachedAndLeft) {
  for (int i = 0; i < kStateCount; ++i) {
    const auto state = static_cast<S>(i);
    bool reached = false;
    for (int from = 0; from < kStateCount; ++from) {
      reached = reached || (from != i && may_follow(static_cast<S>(from), state));
    }
    EXPECT_TRUE(reached) << state_name(state);
    EXPECT_TRUE(may_follow(state, S::kClosed)) << state_name(state);
  }
}

TEST(State, NamesAreThoseOfTheRfc) {
  std::set<std::string> names;
  for (int i = 0; i < kStateCount; ++i) names.insert(state_name(static_cast<S>(i)));
  EXPECT_EQ(names, (std::set<std::string>{"CLOSED", "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED",
                                          "FIN-WAIT-1", "FIN-WAIT-2", "CLOSE-WAIT", "CLOSING",
                                          "LAST-ACK", "TIME-WAIT"}));
}

TEST(State, SynchronizedIsAllButClosedAndSynSent) {
  for (int i = 0; i < kStateCount; ++i) {
    const auto state = static_cast<S>(i);
    EXPECT_EQ(is_synchronized(state), state != S::kClosed && state != S::kSynSent);
  }
}

}  // namespace
}  // namespace tcptwin::tcp

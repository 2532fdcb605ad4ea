// Every state meets every kind of segment: nothing fails, nothing is answered without end, nothing
// waits for ever.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "stack/base/rng.h"
#include "tests/rfc/states.h"

namespace tcptwin::rfc {
namespace {

using tcp::State;

const policy::Profile& profile_of(bool linux_6_18) {
  static const std::array<policy::Profile, 2> kProfiles = {rfc_profile(), linux_profile()};
  return kProfiles[linux_6_18 ? 1 : 0];
}

ScriptedPeer in_state(State state, bool linux_6_18) {
  return rfc::in_state(state, profile_of(linux_6_18));
}

// SYN, ACK, FIN, RST and data: where they belong, before and behind it, with good and bad
// acknowledgments.
const std::vector<std::string>& inputs() {
  static const std::vector<std::string> kInputs = {
      "S 0:0(0)",           "S 1:1(0)",          "S. 0:0(0) ack 1",
      "S. 0:0(0) ack 2",    "S. 1:1(0) ack 1",   ". 1:1(0) ack 0",
      ". 1:1(0) ack 1",     ". 1:1(0) ack 2",    ". 1:1(0) ack 9",
      ". 2:2(0) ack 2",     ". 0:0(0) ack 1",    ". 70000:70000(0) ack 1",
      "F. 1:1(0) ack 1",    "F. 1:1(0) ack 2",   "F. 2:2(0) ack 2",
      "F 1:1(0)",           "R 0:0(0)",          "R 1:1(0)",
      "R 2:2(0)",           "R. 1:1(0) ack 1",   "R. 0:0(0) ack 1",
      "P. 1:11(10) ack 1",  "P. 1:11(10) ack 2", "P. 5:15(10) ack 1",
      "FP. 1:11(10) ack 1", "P 1:11(10)",        "none 1:1(0)",
      "SF. 0:0(0) ack 1",   "SR. 0:0(0) ack 1",  ". 1:1(0) ack 1 win 0"};
  return kInputs;
}

// States that must not last: they wait for the peer and have to give up one day.
bool needs_a_deadline(State state) {
  switch (state) {
    case State::kSynSent:
    case State::kSynReceived:
    case State::kFinWait1:
    case State::kClosing:
    case State::kLastAck:
    case State::kTimeWait: return true;
    case State::kClosed:
    case State::kEstablished:
    case State::kFinWait2:
    case State::kCloseWait: return false;
  }
  return false;
}

void expect_sane(ScriptedPeer& peer) {
  EXPECT_LE(peer.discard_segments(), 2) << peer.story();
  EXPECT_GT(peer.stack().next_deadline().since_start(), peer.now()) << peer.story();
  if (needs_a_deadline(peer.state())) {
    EXPECT_TRUE(peer.has_deadline()) << tcp::state_name(peer.state()) << '\n' << peer.story();
  }
  const bool ended = peer.connection() != nullptr && peer.state() == State::kClosed;
  EXPECT_FALSE(ended && peer.has_deadline()) << peer.story();
}

class EveryState : public testing::TestWithParam<int> {
 protected:
  State state() const { return static_cast<State>(GetParam()); }
};

TEST_P(EveryState, IsReachedByTheTest) {
  EXPECT_EQ(in_state(state(), false).state(), state());
  EXPECT_EQ(in_state(state(), true).state(), state());
}

TEST_P(EveryState, TakesEverySegmentAfterEveryOther) {
  bool linux_6_18 = false;
  for (const std::string& first : inputs()) {
    for (const std::string& second : inputs()) {
      linux_6_18 = !linux_6_18;
      auto peer = in_state(state(), linux_6_18);
      peer.discard_segments();
      peer.sends(first);
      expect_sane(peer);
      peer.sends(second);
      expect_sane(peer);
      if (HasFailure()) return;
    }
  }
}

TEST_P(EveryState, EndsWhenThePeerFallsSilent) {
  for (const bool linux_6_18 : {false, true}) {
    for (const std::string& input : inputs()) {
      auto peer = in_state(state(), linux_6_18);
      peer.sends(input);
      peer.close();
      peer.advance(std::chrono::hours(2));
      EXPECT_FALSE(peer.has_deadline()) << peer.story();
    }
  }
}

TEST_P(EveryState, TakesEveryCall) {
  for (const bool linux_6_18 : {false, true}) {
    for (int call = 0; call < 5; ++call) {
      auto peer = in_state(state(), linux_6_18);
      peer.discard_segments();
      switch (call) {
        case 0: peer.read(10); break;
        case 1: peer.write(10); break;
        case 2: peer.shutdown(); break;
        case 3: peer.setsockopt("TCP_NODELAY", 1); break;
        default: peer.close(); break;
      }
      expect_sane(peer);
    }
  }
}

TEST_P(EveryState, TakesRandomSegments) {
  Rng rng = Rng::stream(static_cast<uint64_t>(GetParam()), "segments");
  constexpr std::array<const char*, 10> kFlags = {".",  "P.", "F.", "FP.", "S",
                                                  "S.", "R",  "R.", "F",   "none"};
  for (int round = 0; round < 60; ++round) {
    auto peer = in_state(state(), round % 2 == 0);
    peer.discard_segments();
    for (int step = 0; step < 20; ++step) {
      const std::string flags = kFlags[rng.below(kFlags.size())];
      // The remote's stream begins at 0, whichever SYN opens it.
      const bool opens = state() == State::kSynSent && flags.find('S') != std::string::npos;
      const int64_t seq = opens ? 0 : static_cast<int64_t>(rng.below(80)) - 20;
      const auto length = static_cast<int64_t>(rng.below(3) == 0 ? rng.below(40) : 0);
      std::string line = flags + ' ' + std::to_string(seq) + ':' + std::to_string(seq + length) +
                         '(' + std::to_string(length) + ')';
      if (flags.find('.') != std::string::npos) {
        line += " ack " + std::to_string(static_cast<int64_t>(rng.below(40)) - 5);
      }
      peer.sends(line);
      EXPECT_LE(peer.discard_segments(), 3) << peer.story();
      if (rng.below(4) == 0) peer.write(static_cast<int64_t>(1 + rng.below(20)));
      if (rng.below(4) == 0) peer.read(static_cast<int64_t>(1 + rng.below(20)));
      if (rng.below(20) == 0) peer.shutdown();
      peer.discard_segments();
      if (rng.below(3) == 0) peer.advance(Duration(static_cast<int64_t>(rng.below(2'000'000'000))));
      peer.discard_segments();
      if (HasFailure()) return;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Rfc9293, EveryState, testing::Range(0, tcp::kStateCount),
                         [](const auto& tested) {
                           std::string name = tcp::state_name(static_cast<State>(tested.param));
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace tcptwin::rfc

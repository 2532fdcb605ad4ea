// Every state meets every kind of segment: nothing fails, nothing is answered without end, nothing
// waits for ever.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "models/catalogue/catalogue.h"
#include "tests/rfc/states.h"

namespace tcptwin::rfc {
namespace {

using tcp::State;

const std::vector<policy::Profile>& profiles() {
  static const std::vector<policy::Profile> kProfiles = [] {
    std::vector<policy::Profile> all;
    for (const std::string& name : catalogue::native_profile_names()) all.push_back(profile(name));
    return all;
  }();
  return kProfiles;
}

constexpr int kListen = tcp::kStateCount;  // the eleventh: LISTEN has no connection

ScriptedPeer in_state(int state, const policy::Profile& profile) {
  if (state == kListen) return ScriptedPeer::listening(profile);
  return rfc::in_state(static_cast<State>(state), profile);
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
  State expected() const {
    return GetParam() == kListen ? State::kClosed : static_cast<State>(GetParam());
  }
};

TEST_P(EveryState, IsReachedByTheTest) {
  for (const policy::Profile& profile : profiles()) {
    EXPECT_EQ(in_state(GetParam(), profile).state(), expected()) << profile.name;
  }
}

TEST_P(EveryState, TakesEverySegmentAfterEveryOther) {
  for (const policy::Profile& profile : profiles()) {
    SCOPED_TRACE(profile.name);
    for (const std::string& first : inputs()) {
      for (const std::string& second : inputs()) {
        auto peer = in_state(GetParam(), profile);
        peer.discard_segments();
        peer.sends(first);
        expect_sane(peer);
        peer.sends(second);
        expect_sane(peer);
        if (HasFailure()) return;
      }
    }
  }
}

TEST_P(EveryState, EndsWhenThePeerFallsSilent) {
  for (const policy::Profile& profile : profiles()) {
    SCOPED_TRACE(profile.name);
    for (const std::string& input : inputs()) {
      auto peer = in_state(GetParam(), profile);
      peer.sends(input);
      peer.close();
      peer.advance(std::chrono::hours(2));
      EXPECT_FALSE(peer.has_deadline()) << peer.story();
    }
  }
}

TEST_P(EveryState, TakesEveryCall) {
  for (const policy::Profile& profile : profiles()) {
    SCOPED_TRACE(profile.name);
    for (int call = 0; call < 7; ++call) {
      auto peer = in_state(GetParam(), profile);
      peer.discard_segments();
      switch (call) {
        case 0: peer.read(10); break;
        case 1: peer.write(10); break;
        case 2: peer.shutdown(); break;
        case 3: peer.setsockopt("TCP_NODELAY", 1); break;
        case 4: peer.aborts(); break;
        case 5: peer.write(10, {.out_of_band = true}); break;
        default: peer.close(); break;
      }
      expect_sane(peer);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Rfc9293, EveryState, testing::Range(0, tcp::kStateCount + 1),
                         [](const auto& tested) {
                           if (tested.param == kListen) return std::string("LISTEN");
                           std::string name = tcp::state_name(static_cast<State>(tested.param));
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace tcptwin::rfc

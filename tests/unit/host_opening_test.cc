// How a host opens connections: how often and how long it tries, and what a program may change.
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "tests/unit/host_pair.h"

namespace tcptwin::host {
namespace {

using policy::OptionEffect;
using socket::Descriptor;
using socket::OperationId;

constexpr int32_t kLevel = 6;

// A profile in which option number n of level 6 has the n-th of these effects.
policy::Profile with_options(policy::Profile profile, std::vector<OptionEffect> effects) {
  for (size_t i = 0; i < effects.size(); ++i) {
    policy::SocketOption option;
    option.level = kLevel;
    option.number = static_cast<int32_t>(100 + i);
    option.effect = effects[i];
    profile.socket_options.push_back(option);
  }
  return profile;
}

// Nothing arrives.
HostPair::Link silent() { return {.delay = 10ms, .loss_percent = 100, .seed = 1}; }

class Opening {
 public:
  explicit Opening(policy::Profile the_profile, const HostPair::Link& link = {})
      : profile(std::move(the_profile)), pair(profile, link) {
    fd = static_cast<Descriptor>(pair.a.open_socket(pair.now, pair.caller_a()).value);
  }
  // Of the first effect.
  void set(int64_t value) {
    EXPECT_EQ(pair.a.setsockopt(pair.now, pair.caller_a(), fd, kLevel, 100, value).value, 0);
  }
  void connect(wire::Ipv4Address to = kAddressB) {
    operation = pair.a.connect(pair.now, pair.caller_a(), fd, {to, wire::Port{80}}).pending;
  }
  // When connect returned, and what.
  socket::Outcome result() {
    while (pair.woken_a.empty() && pair.now < Instant() + 1h) pair.run(1ms);
    return pair.a.resume(pair.now, operation, pair.record_a());
  }
  std::vector<Duration> syns() const {
    std::vector<Duration> times;
    for (const HostPair::Seen& s : pair.seen) {
      if (s.from_a && s.flags.syn) times.push_back(s.at.since_start());
    }
    return times;
  }
  const tcp::Connection& connection() const { return *pair.a.connection_of(pair.process_a, fd); }

  policy::Profile profile;
  HostPair pair;
  Descriptor fd = -1;
  OperationId operation{};
};

TEST(HostOpening, TheListOfMultipliersSpacesTheSyns) {  // facts/darwin.md 5
  policy::Profile profile = policy::rfc_sample();
  profile.syn.retry_multipliers = {1, 1, 2, 4};
  Opening opening(profile, silent());
  opening.connect();
  opening.pair.run(9s);
  EXPECT_EQ(opening.syns(), (std::vector<Duration>{0s, 1s, 2s, 4s, 8s}));
}

TEST(HostOpening, TheConnectLimitEndsTheAttempt) {  // facts/freebsd.md D3: keepinit
  policy::Profile profile = policy::rfc_sample();
  profile.syn.connect_limit = 75s;
  Opening opening(profile, silent());
  opening.connect();
  EXPECT_EQ(opening.result().error, Errno::kETIMEDOUT);
  EXPECT_EQ(opening.pair.now.since_start(), 75s);
}

TEST(HostOpening, TheConnectLimitDoesNotEndAConnection) {
  policy::Profile profile = policy::rfc_sample();
  profile.syn.connect_limit = 75s;
  HostPair pair(profile);
  const auto ends = pair.connection();
  pair.run(100s);
  EXPECT_EQ(pair.a.connection_of(pair.process_a, ends.first)->state(), tcp::State::kEstablished);
}

TEST(HostOpening, AProgramMaySetTheConnectLimit) {  // TCP_CONNECTIONTIMEOUT: facts/darwin.md 1.1
  policy::Profile profile = with_options(policy::rfc_sample(), {OptionEffect::kConnectTimeout});
  profile.syn.connect_limit = 75s;
  Opening opening(profile, silent());
  opening.set(3);
  opening.connect();
  EXPECT_EQ(opening.result().error, Errno::kETIMEDOUT);
  EXPECT_EQ(opening.pair.now.since_start(), 3s);
}

TEST(HostOpening, AProgramMaySetTheNumberOfSyns) {  // TCP_SYNCNT
  Opening opening(with_options(policy::rfc_sample(), {OptionEffect::kSynCount}), silent());
  opening.set(1);
  opening.connect();
  EXPECT_EQ(opening.result().error, Errno::kETIMEDOUT);
  EXPECT_EQ(opening.syns(), (std::vector<Duration>{0s, 1s}));
  EXPECT_EQ(opening.pair.now.since_start(), 3s);  // the second one waits twice as long
}

TEST(HostOpening, ARefusedSynIsSentAgainWhereTheHostDoes) {  // facts/windows.md D3
  policy::Profile profile = policy::rfc_sample();
  profile.syn.refused_retries = 2;
  profile.syn.refused_wait = 500ms;
  Opening opening(profile);
  opening.connect();
  EXPECT_EQ(opening.result().error, Errno::kECONNREFUSED);
  EXPECT_EQ(opening.syns(), (std::vector<Duration>{0ms, 520ms, 1040ms}));
  EXPECT_EQ(opening.pair.now.since_start(), 1060ms);
}

TEST(HostOpening, ASynThatIsTakenAtTheSecondTryConnects) {
  policy::Profile profile = policy::rfc_sample();
  profile.syn.refused_retries = 2;
  profile.syn.refused_wait = 500ms;
  Opening opening(profile);
  opening.connect();
  opening.pair.run(300ms);
  opening.pair.listen_on_b(80);
  EXPECT_EQ(opening.result().value, 0);
}

TEST(HostOpening, LateSynsAreWithoutScaleAndTimestamps) {  // facts/darwin.md 4.5
  policy::Profile profile = policy::rfc_sample();
  profile.syn.plain_from_retry = 2;
  HostPair pair(profile, silent());
  pair.connect_from_a(80);
  pair.run(3s);
  ASSERT_EQ(pair.seen.size(), 3u);
  EXPECT_TRUE(pair.seen[1].options.window_scale);
  EXPECT_TRUE(pair.seen[1].options.timestamps);
  EXPECT_FALSE(pair.seen[2].options.window_scale);
  EXPECT_FALSE(pair.seen[2].options.timestamps);
}

// ---- TCP_NOOPT: facts/darwin.md 1.2, facts/freebsd.md G5

TEST(HostOpening, WithoutOptionsASynIsABareHeader) {
  Opening opening(with_options(policy::rfc_sample(), {OptionEffect::kNoOptions}));
  opening.pair.listen_on_b(80);
  opening.set(1);
  opening.connect();
  EXPECT_EQ(opening.result().value, 0);
  for (const auto& s : opening.pair.seen) {
    EXPECT_TRUE(!s.from_a || s.option_bytes == 0);
  }
  EXPECT_EQ(opening.connection().mss(), 1460u);  // what the other end has named still counts
  const tcp::TcpInfo info = opening.connection().info();
  EXPECT_FALSE(info.timestamps);
  EXPECT_FALSE(info.sack);
  EXPECT_EQ(info.own_shift, 0);
}

TEST(HostOpening, APeerWithoutOptionsGetsTheDefaultSegment) {
  policy::Profile profile = with_options(policy::rfc_sample(), {OptionEffect::kNoOptions});
  profile.syn.default_mss = 512;  // facts/darwin.md 1.2
  Opening opening(profile);
  const Descriptor listener = opening.pair.listen_on_b(80);
  opening.set(1);
  opening.connect();
  EXPECT_EQ(opening.result().value, 0);
  opening.pair.run(100ms);
  const auto accepted = opening.pair.b.accept(opening.pair.now, opening.pair.caller_b(), listener);
  const auto fd = static_cast<Descriptor>(accepted.value);
  EXPECT_EQ(opening.pair.b.connection_of(opening.pair.process_b, fd)->mss(), 512u);
}

class ListenerWithoutOptions : public testing::TestWithParam<bool> {};

TEST_P(ListenerWithoutOptions, TakesTheScaleOfASynOrNot) {
  policy::Profile profile = with_options(policy::rfc_sample(), {OptionEffect::kNoOptions});
  profile.receive_window.max_buffer = 1 << 20;
  profile.syn.scales_without_offer = GetParam();
  HostPair pair(profile);
  const Descriptor listener = pair.listen_on_b(80);
  pair.b.setsockopt(pair.now, pair.caller_b(), listener, kLevel, 100, 1);
  pair.connect_from_a(80);
  pair.run(1s);
  const auto accepted = pair.b.accept(pair.now, pair.caller_b(), listener);
  const auto fd = static_cast<Descriptor>(accepted.value);
  for (const auto& s : pair.seen) {
    EXPECT_TRUE(s.from_a || s.option_bytes == 0);
  }
  EXPECT_EQ(pair.b.connection_of(pair.process_b, fd)->info().own_shift > 0, GetParam());
}

INSTANTIATE_TEST_SUITE_P(Both, ListenerWithoutOptions, testing::Bool());

TEST(HostOpening, LaterTheSwitchTakesTimestampsOutOfSegments) {
  Opening opening(with_options(policy::rfc_sample(), {OptionEffect::kNoOptions}));
  opening.pair.listen_on_b(80);
  opening.connect();
  EXPECT_EQ(opening.result().value, 0);
  opening.set(1);
  opening.pair.seen.clear();
  opening.pair.a.send(opening.pair.now, opening.pair.caller_a(), opening.fd,
                      Payload::synthetic(0, 0, 3000), {});
  opening.pair.run(0ms);
  ASSERT_GE(opening.pair.seen.size(), 2u);
  EXPECT_EQ(opening.pair.seen[0].option_bytes, 0u);
  EXPECT_EQ(opening.pair.seen[0].payload, 1448u);
}

// ---- TCP_MAXSEG

TEST(HostOpening, TheLargestSegmentIsOfferedAndUsed) {
  Opening opening(with_options(policy::rfc_sample(), {OptionEffect::kMaxSegment}));
  opening.pair.listen_on_b(80);
  opening.set(1000);
  opening.connect();
  EXPECT_EQ(opening.result().value, 0);
  EXPECT_EQ(opening.pair.seen.front().options.mss, 1000);
  EXPECT_EQ(opening.connection().mss(), 1000u - 12);
}

TEST(HostOpening, OrItIsUsedFromTheCallOn) {  // facts/darwin.md 1.1
  policy::Profile profile = with_options(policy::rfc_sample(), {OptionEffect::kMaxSegment});
  profile.syn.max_segment = policy::SynConfig::MaxSegment::kAtOnce;
  Opening opening(profile);
  opening.pair.listen_on_b(80);
  opening.set(1000);
  opening.connect();
  EXPECT_EQ(opening.result().value, 0);
  EXPECT_EQ(opening.pair.seen.front().options.mss, 1460);
  EXPECT_EQ(opening.connection().mss(), 1448u);
  opening.set(1000);
  EXPECT_EQ(opening.connection().mss(), 1000u);
}

// ---- TCP_DEFER_ACCEPT: facts/linux.md G4

TEST(HostOpening, AListenerThatDefersWaitsForData) {
  const policy::Profile profile = with_options(policy::rfc_sample(), {OptionEffect::kDeferAccept});
  HostPair pair(profile);
  const Descriptor listener = pair.listen_on_b(80);
  pair.b.setsockopt(pair.now, pair.caller_b(), listener, kLevel, 100, 7);  // 1 + 2 + 4 s
  const auto [fd, operation] = pair.connect_from_a(80);
  pair.run(500ms);
  EXPECT_EQ(pair.a.resume(pair.now, operation, pair.record_a()).value, 0);
  EXPECT_EQ(pair.b.snapshot().back().state, tcp::State::kSynReceived);
  pair.a.send(pair.now, pair.caller_a(), fd, Payload::synthetic(0, 0, 10), {});
  pair.run(50ms);
  EXPECT_FALSE(pair.b.accept(pair.now, pair.caller_b(), listener).sleeps());
}

TEST(HostOpening, WithoutDataItIsAskedAgainInTheEnd) {
  const policy::Profile profile = with_options(policy::rfc_sample(), {OptionEffect::kDeferAccept});
  HostPair pair(profile);
  const Descriptor listener = pair.listen_on_b(80);
  pair.b.setsockopt(pair.now, pair.caller_b(), listener, kLevel, 100, 3);  // two timeouts: 1 + 2 s
  pair.connect_from_a(80);
  pair.run(2900ms);
  const auto syn_acks = std::count_if(pair.seen.begin(), pair.seen.end(),
                                      [](const auto& s) { return !s.from_a && s.flags.syn; });
  EXPECT_EQ(syn_acks, 1);  // the ACK had come, so the first timeout repeats nothing
  EXPECT_EQ(pair.b.snapshot().back().state, tcp::State::kSynReceived);
  pair.run(200ms);
  EXPECT_FALSE(pair.b.accept(pair.now, pair.caller_b(), listener).sleeps());
}

}  // namespace
}  // namespace tcptwin::host

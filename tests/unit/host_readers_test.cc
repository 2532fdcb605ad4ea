// Readers that sleep: what their being asleep does to the ACKs, how long they sleep at most.
#include <gtest/gtest.h>

#include "tests/unit/host_pair.h"

namespace tcptwin::host {
namespace {

// How long the last of a row of slow segments waits for its ACK. b reads nothing, so its delay
// grows; the way is so long that its round trip limits nothing.
Duration last_delay(const policy::Profile& profile, socket::MessageFlags reading, bool sleeps) {
  HostPair pair(profile, {.delay = 200ms});
  const auto [fd_a, fd_b] = pair.connection();
  for (int i = 0; i < 30; ++i) {
    if (i == 25 && sleeps) pair.b.recv(pair.now, pair.caller_b(), fd_b, 1 << 20, reading);
    pair.a.send(pair.now, pair.caller_a(), fd_a, Payload::synthetic(0, 0, 100), {});
    pair.run(900ms);
  }
  Instant left, answered;
  for (const HostPair::Seen& seen : pair.seen) (seen.from_a ? left : answered) = seen.at;
  return answered - left - 200ms;
}

TEST(HostReaders, NoAckOf2632WaitsLongerThan150MillisecondsForASleepingReader) {
  // facts/linux.md A15
  const policy::Profile profile = policy::sample_profile("linux-2.6.32");
  const socket::MessageFlags all{.wait_all = true};
  EXPECT_GT(last_delay(profile, {}, false), 190ms);
  EXPECT_LE(last_delay(profile, all, true), 150ms);
  EXPECT_GE(last_delay(profile, all, true), 148ms);
}

TEST(HostReaders, OneThatOnlyLooksDoesNotCount) {
  const policy::Profile profile = policy::sample_profile("linux-2.6.32");
  EXPECT_GT(last_delay(profile, {.wait_all = true, .peek = true}, true), 190ms);
}

TEST(HostReaders, WithLowLatencyNobodyWaitsForThem) {
  policy::Profile profile = policy::sample_profile("linux-2.6.32");
  std::get<policy::QuickackPingpongConfig>(profile.delayed_ack).sleeping_reader_guard = {};
  EXPECT_GT(last_delay(profile, {.wait_all = true}, true), 190ms);
}

// SO_RCVTIMEO of 200 in the host's own form.
Duration sleeps_for(const std::string& system) {
  const policy::Profile profile = policy::sample_profile(system);
  HostPair pair(profile);
  const auto fd_a = pair.connection().first;
  for (const policy::SocketOption& o : profile.socket_options) {
    if (o.effect != policy::OptionEffect::kReceiveTimeout) continue;
    pair.a.setsockopt(pair.now, pair.caller_a(), fd_a, o.level, o.number, 200);
  }
  const Instant begin = pair.now;
  EXPECT_TRUE(pair.a.recv(pair.now, pair.caller_a(), fd_a, 1, {}).sleeps());
  while (pair.woken_a.size() < 2 && pair.now - begin < 1000s) pair.run(10ms);
  return pair.now - begin;
}

TEST(HostReaders, TheirTimeLimitIsInSecondsOrInTheUnitOfTheOption) {
  EXPECT_GE(sleeps_for("linux-6.18"), 200s);
  EXPECT_LE(sleeps_for("windows-11"), 250ms);  // milliseconds in a DWORD
  EXPECT_GE(sleeps_for("windows-11"), 200ms);
}

}  // namespace
}  // namespace tcptwin::host

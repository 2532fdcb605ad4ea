// What a host lets happen to its connections in TIME-WAIT. What a SYN meets there is in
// tests/rfc/time_wait_test.cc.
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "tests/unit/host_pair.h"

namespace tcptwin::host {
namespace {

using socket::Address;
using socket::Descriptor;
using socket::Outcome;

constexpr Address kServer{kAddressB, wire::Port{80}};
constexpr uint16_t kOnlyPort = 50000;

// The RFC's host with one ephemeral port.
policy::Profile one_port() {
  policy::Profile profile = policy::rfc_sample();
  profile.ports.first = profile.ports.last = kOnlyPort;
  return profile;
}

class TimeWaits {
 public:
  explicit TimeWaits(policy::Profile the_profile)
      : profile(std::move(the_profile)), pair(profile) {
    listener_ = pair.listen_on_b(80);
  }
  Descriptor open() {
    return static_cast<Descriptor>(pair.a.open_socket(pair.now, pair.caller_a()).value);
  }
  Outcome connect(Descriptor fd) { return pair.a.connect(pair.now, pair.caller_a(), fd, kServer); }
  // A connection that a closes first and b at once; a is left with it in TIME-WAIT.
  void leave_one() {
    const Descriptor fd = open();
    const Outcome outcome = connect(fd);
    pair.run(100ms);
    EXPECT_EQ(pair.a.resume(pair.now, outcome.pending, pair.record_a()).value, 0);
    finish(fd);
  }
  void finish(Descriptor fd) {
    const Outcome accepted = pair.b.accept(pair.now, pair.caller_b(), listener_);
    ASSERT_FALSE(accepted.sleeps());
    pair.a.close(pair.now, pair.caller_a(), fd);
    pair.run(100ms);
    pair.b.close(pair.now, pair.caller_b(), static_cast<Descriptor>(accepted.value));
    pair.run(100ms);
  }
  int64_t waiting() const {
    const auto rows = pair.a.snapshot();
    return std::count_if(rows.begin(), rows.end(),
                         [](const SocketRow& row) { return row.state == tcp::State::kTimeWait; });
  }

  policy::Profile profile;
  HostPair pair;

 private:
  Descriptor listener_;
};

TEST(HostTimeWait, KeepsItsPortFromOthers) {  // facts/freebsd.md E5
  TimeWaits host(one_port());
  host.leave_one();
  EXPECT_EQ(host.waiting(), 1);
  EXPECT_EQ(host.connect(host.open()).error, Errno::kEADDRNOTAVAIL);
}

TEST(HostTimeWait, IsReusedByConnectAfterAWhile) {  // facts/linux.md E3: tcp_tw_reuse 1
  policy::Profile profile = one_port();
  profile.time_wait.reuse_after = 1s;
  profile.time_wait.reuse_only_own_host = false;
  TimeWaits host(profile);
  host.leave_one();
  EXPECT_EQ(host.connect(host.open()).error, Errno::kEADDRNOTAVAIL);
  host.pair.run(1s);
  EXPECT_TRUE(host.connect(host.open()).sleeps());
  EXPECT_EQ(host.waiting(), 0);
}

TEST(HostTimeWait, IsReusedTowardsTheOwnHostOnlyWhereTheHostSaysSo) {  // tcp_tw_reuse 2
  policy::Profile profile = one_port();
  profile.time_wait.reuse_after = 1s;
  profile.time_wait.reuse_only_own_host = true;
  TimeWaits host(profile);
  host.leave_one();
  host.pair.run(2s);
  EXPECT_EQ(host.connect(host.open()).error, Errno::kEADDRNOTAVAIL);
}

TEST(HostTimeWait, WithoutTimestampsItIsNotReused) {  // facts/linux.md E3
  policy::Profile profile = one_port();
  profile.time_wait.reuse_after = 1s;
  profile.time_wait.reuse_only_own_host = false;
  profile.timestamps.offered = false;
  TimeWaits host(profile);
  host.leave_one();
  host.pair.run(2s);
  EXPECT_EQ(host.connect(host.open()).error, Errno::kEADDRNOTAVAIL);
}

TEST(HostTimeWait, TheNextConnectionContinuesItsNumbers) {  // facts/linux.md E3
  policy::Profile profile = one_port();
  profile.time_wait.reuse_after = 1s;
  profile.time_wait.reuse_only_own_host = false;
  profile.time_wait.continues_numbers = true;
  TimeWaits host(profile);
  host.leave_one();
  const SeqNum isn = host.pair.seen.front().seq;
  host.pair.run(2s);
  host.pair.seen.clear();
  host.connect(host.open());
  host.pair.run(0s);
  const HostPair::Seen& syn = host.pair.seen.front();
  EXPECT_EQ(syn.seq, isn + 2 + 65537);  // behind SYN and FIN
  EXPECT_NE(syn.options.timestamps->echo, 0u);
}

TEST(HostTimeWait, APortThatWasBoundIsReusedAtOnce) {  // traces/kernel-6.18/d_close/tw_client_r1
  for (const bool allowed : {true, false}) {
    policy::Profile profile = policy::rfc_sample();
    profile.time_wait.reuse_from_bound_port = allowed;
    profile.ports.conflict = Errno::kEADDRNOTAVAIL;
    TimeWaits host(profile);
    Descriptor fd = host.open();
    const Address own{kAddressA, wire::Port{5000}};
    EXPECT_EQ(host.pair.a.bind(host.pair.now, host.pair.caller_a(), fd, own).value, 0);
    const Outcome first = host.connect(fd);
    host.pair.run(100ms);
    host.pair.a.resume(host.pair.now, first.pending, host.pair.record_a());
    host.finish(fd);
    fd = host.open();
    for (const policy::SocketOption& o : profile.socket_options) {
      if (o.effect != policy::OptionEffect::kReuseAddress) continue;
      host.pair.a.setsockopt(host.pair.now, host.pair.caller_a(), fd, o.level, o.number, 1);
    }
    EXPECT_EQ(host.pair.a.bind(host.pair.now, host.pair.caller_a(), fd, own).value, 0);
    const Outcome second = host.connect(fd);
    EXPECT_EQ(second.sleeps(), allowed);
    EXPECT_EQ(second.error, allowed ? std::nullopt : std::optional(Errno::kEADDRNOTAVAIL));
  }
}

TEST(HostTimeWait, BeyondTheLimitItEndsAtOnce) {  // facts/linux.md E1: tcp_max_tw_buckets
  policy::Profile profile = policy::rfc_sample();
  profile.time_wait.most = 2;
  TimeWaits host(profile);
  for (int i = 0; i < 4; ++i) host.leave_one();
  EXPECT_EQ(host.waiting(), 2);
  host.pair.run(5min);
  EXPECT_EQ(host.waiting(), 0);
  host.leave_one();
  EXPECT_EQ(host.waiting(), 1);
}

TEST(HostTimeWait, APortOfAnyConnectionIsTakenWhereOnlyPortsCount) {  // facts/darwin.md 4.4
  policy::Profile profile = one_port();
  profile.ports.whole_port = true;
  TimeWaits host(profile);
  host.leave_one();
  const Address elsewhere{kAddressB, wire::Port{81}};
  EXPECT_EQ(host.pair.a.connect(host.pair.now, host.pair.caller_a(), host.open(), elsewhere).error,
            Errno::kEADDRNOTAVAIL);
}

}  // namespace
}  // namespace tcptwin::host

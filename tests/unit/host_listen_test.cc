// Queues of a listening socket, and what happens when they are full.
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "tests/unit/host_pair.h"

namespace tcptwin::host {
namespace {

using policy::ListenConfig;
using policy::SynCookieConfig;
using socket::Descriptor;
using socket::Outcome;

// The RFC's host, with the accept queue alone counted.
policy::Profile only_finished() {
  policy::Profile profile = policy::rfc_sample();
  profile.listen.handshakes_count = false;
  profile.listen.handshakes = 100;
  return profile;
}

class Listening {
 public:
  Listening(policy::Profile the_profile, int64_t backlog)
      : profile(std::move(the_profile)), pair(profile) {
    listener = pair.listen_on_b(80, backlog);
  }
  void connect(int count) {
    for (int i = 0; i < count; ++i) sockets.push_back(pair.connect_from_a(80));
  }
  // How many connects can return.
  int64_t connected() { return static_cast<int64_t>(pair.woken_a.size()); }
  Outcome accept() { return pair.b.accept(pair.now, pair.caller_b(), listener); }
  int64_t accepted() {
    int64_t count = 0;
    while (!accept().sleeps()) ++count;
    return count;
  }
  int64_t syn_acks() const {
    return std::count_if(pair.seen.begin(), pair.seen.end(),
                         [](const HostPair::Seen& s) { return !s.from_a && s.flags.syn; });
  }
  int64_t resets() const {
    return std::count_if(pair.seen.begin(), pair.seen.end(),
                         [](const HostPair::Seen& s) { return !s.from_a && s.flags.rst; });
  }

  policy::Profile profile;
  HostPair pair;
  Descriptor listener;
  std::vector<std::pair<Descriptor, socket::OperationId>> sockets;
};

TEST(HostListen, HandshakesTakeRoomWhereTheyCount) {  // facts/darwin.md 5
  Listening host(policy::rfc_sample(), 2);
  host.connect(3);
  host.pair.run(900ms);
  EXPECT_EQ(host.connected(), 2);
}

TEST(HostListen, TheRoomIsAShareOfTheBacklog) {  // facts/freebsd.md G2
  policy::Profile profile = only_finished();
  profile.listen.backlog_percent = 150;
  profile.listen.backlog_extra = 1;
  Listening host(profile, 3);
  host.connect(10);
  host.pair.run(100ms);
  EXPECT_EQ(host.accepted(), 5);
}

TEST(HostListen, ABacklogBelowTheSmallestIsTheLargest) {  // facts/darwin.md 5
  policy::Profile profile = policy::rfc_sample();
  profile.listen.smallest_backlog = 1;
  Listening host(profile, 0);
  host.connect(5);
  host.pair.run(900ms);
  EXPECT_EQ(host.connected(), 5);
}

TEST(HostListen, AnEndThatFindsNoRoomIsIgnoredAndTriedAgain) {  // facts/linux.md G2
  Listening host(only_finished(), 1);
  host.connect(2);
  host.pair.run(100ms);
  EXPECT_EQ(host.connected(), 2);  // both believe it
  EXPECT_FALSE(host.accept().sleeps());
  EXPECT_TRUE(host.accept().sleeps());
  EXPECT_EQ(host.syn_acks(), 2);
  host.pair.run(1s);
  EXPECT_EQ(host.syn_acks(), 3);
  EXPECT_EQ(host.accepted(), 1);
}

TEST(HostListen, OrItIsReset) {  // facts/freebsd.md G2, tcp_abort_on_overflow
  policy::Profile profile = only_finished();
  profile.listen.full_ack = ListenConfig::FullAck::kReset;
  Listening host(profile, 1);
  host.connect(2);
  host.pair.run(100ms);
  EXPECT_EQ(host.resets(), 1);
  EXPECT_EQ(host.accepted(), 1);
  EXPECT_EQ(host.pair.a.connection_of(host.pair.process_a, host.sockets[1].first)->error(),
            Errno::kECONNRESET);
}

TEST(HostListen, ASynThatFindsNoRoomIsDropped) {
  Listening host(only_finished(), 1);
  host.connect(1);
  host.pair.run(100ms);
  host.connect(1);
  host.pair.run(100ms);
  EXPECT_EQ(host.connected(), 1);
  EXPECT_EQ(host.syn_acks(), 1);
}

TEST(HostListen, OrTheSynIsReset) {  // facts/windows.md G2
  policy::Profile profile = only_finished();
  profile.listen.full_syn = ListenConfig::FullSyn::kReset;
  Listening host(profile, 1);
  host.connect(1);
  host.pair.run(100ms);
  host.connect(1);
  host.pair.run(100ms);
  EXPECT_EQ(host.resets(), 1);
  EXPECT_EQ(host.pair.a.resume(host.pair.now, host.sockets[1].second, host.pair.record_a()).error,
            Errno::kECONNREFUSED);
}

TEST(HostListen, OrItIsAnswered) {  // facts/freebsd.md G2
  policy::Profile profile = only_finished();
  profile.listen.full_syn = ListenConfig::FullSyn::kAnswer;
  Listening host(profile, 1);
  host.connect(1);
  host.pair.run(100ms);
  host.connect(1);
  host.pair.run(100ms);
  EXPECT_EQ(host.connected(), 2);
}

TEST(HostListen, AYoungHandshakeOrTwoMayBeginAllTheSame) {  // facts/linux.md G2, 2.6.32
  policy::Profile profile = only_finished();
  profile.listen.young_when_full = 2;
  Listening host(profile, 1);
  host.connect(1);
  host.pair.run(100ms);
  host.connect(4);
  host.pair.run(100ms);
  EXPECT_EQ(host.syn_acks(), 3);
  EXPECT_EQ(host.connected(), 3);  // two of which nobody knows at the other end
  EXPECT_EQ(host.accepted(), 1);
}

TEST(HostListen, AHandshakeMakesRoomWhereTheHostDrawsOne) {  // facts/darwin.md 5
  policy::Profile profile = policy::rfc_sample();
  profile.listen.evicts_handshake = true;
  Listening host(profile, 1);
  host.connect(1);
  host.pair.run(10ms);  // its SYN-ACK is on its way
  host.connect(1);
  host.pair.run(500ms);
  EXPECT_EQ(host.syn_acks(), 2);
  EXPECT_EQ(host.accepted(), 1);
}

TEST(HostListen, HandshakesAreLimitedToo) {
  policy::Profile profile = only_finished();
  profile.listen.handshakes = 2;
  Listening host(profile, 8);
  host.connect(5);
  host.pair.run(15ms);
  EXPECT_EQ(host.syn_acks(), 2);
}

TEST(HostListen, AListenerThatClosesResetsWhatWasNotAccepted) {
  Listening host(policy::rfc_sample(), 8);
  host.connect(1);
  host.pair.run(100ms);
  host.pair.b.close(host.pair.now, host.pair.caller_b(), host.listener);
  host.pair.run(100ms);
  EXPECT_EQ(host.pair.a.connection_of(host.pair.process_a, host.sockets[0].first)->error(),
            Errno::kECONNRESET);
}

TEST(HostListen, AnAcceptOfWhatWasResetMeanwhileMaySaySo) {
  for (const bool reports : {true, false}) {
    policy::Profile profile = policy::rfc_sample();
    profile.sockets.accept_reports_abort = reports;
    Listening host(profile, 8);
    host.connect(1);
    host.pair.run(100ms);
    host.pair.a.resume(host.pair.now, host.sockets[0].second, host.pair.record_a());
    const policy::SocketOption* linger = nullptr;
    for (const auto& o : profile.socket_options) {
      if (o.effect == policy::OptionEffect::kLinger) linger = &o;
    }
    ASSERT_NE(linger, nullptr);
    host.pair.a.setsockopt(host.pair.now, host.pair.caller_a(), host.sockets[0].first,
                           linger->level, linger->number, {1, 0});
    host.pair.a.close(host.pair.now, host.pair.caller_a(), host.sockets[0].first);
    host.pair.run(100ms);
    const Outcome outcome = host.accept();
    EXPECT_EQ(outcome.error, reports ? std::optional(Errno::kECONNABORTED) : std::nullopt);
  }
}

TEST(HostListen, WithoutAPortItNeedsOneOrPicksOne) {
  using Rule = policy::SocketConfig::UnboundListen;
  for (const auto& [rule, error] : std::initializer_list<std::pair<Rule, std::optional<Errno>>>{
           {Rule::kNeedsAddress, Errno::kEDESTADDRREQ},
           {Rule::kInvalid, Errno::kEINVAL},
           {Rule::kPicksPort, std::nullopt}}) {
    policy::Profile profile = policy::rfc_sample();
    profile.sockets.unbound_listen = rule;
    HostPair pair(profile);
    const auto fd = static_cast<Descriptor>(pair.a.open_socket(pair.now, pair.caller_a()).value);
    EXPECT_EQ(pair.a.listen(pair.now, pair.caller_a(), fd, 5).error, error);
    if (error) continue;
    EXPECT_GE(pair.a.snapshot().front().local.port, wire::Port{49152});
  }
}

// ---- SYN cookies

policy::Profile with_cookies(SynCookieConfig::Options options) {
  policy::Profile profile = only_finished();
  profile.listen.cookies.when = SynCookieConfig::When::kAlways;
  profile.listen.cookies.options = options;
  profile.receive_window.max_buffer = 1 << 20;
  return profile;
}

TEST(HostListen, AnswersWithCookiesAndRemembersNothing) {
  Listening host(with_cookies(SynCookieConfig::Options::kInTimestamp), 8);
  host.connect(1);
  host.pair.run(15ms);
  EXPECT_EQ(host.syn_acks(), 1);
  EXPECT_EQ(host.pair.b.snapshot().size(), 1u);  // the listener
  host.pair.run(100ms);
  EXPECT_EQ(host.accepted(), 1);
}

TEST(HostListen, ACookieConnectionCarriesData) {
  Listening host(with_cookies(SynCookieConfig::Options::kInTimestamp), 8);
  host.connect(1);
  host.pair.run(100ms);
  const auto fd = static_cast<Descriptor>(host.accept().value);
  host.pair.a.send(host.pair.now, host.pair.caller_a(), host.sockets[0].first,
                   Payload::synthetic(0, 0, 5000), {});
  host.pair.run(1s);
  EXPECT_EQ(host.pair.b.recv(host.pair.now, host.pair.caller_b(), fd, 10000, {}).value, 5000);
}

TEST(HostListen, TheTimestampOfACookieKeepsScaleAndSack) {  // facts/linux.md G3
  for (const bool stamps : {true, false}) {
    policy::Profile profile = with_cookies(SynCookieConfig::Options::kInTimestamp);
    profile.timestamps.offered = stamps;
    Listening host(profile, 8);
    host.connect(1);
    host.pair.run(100ms);
    const auto fd = static_cast<Descriptor>(host.accept().value);
    const auto info = host.pair.b.connection_of(host.pair.process_b, fd)->info();
    EXPECT_EQ(info.sack, stamps);
    EXPECT_EQ(info.peer_shift > 0, stamps);
    EXPECT_EQ(info.timestamps, stamps);
  }
}

TEST(HostListen, TheSegmentSizeOfACookieIsOneOfItsTable) {
  policy::Profile profile = with_cookies(SynCookieConfig::Options::kInTimestamp);
  profile.timestamps.offered = false;
  profile.listen.cookies.segments = {536, 1300};
  Listening host(profile, 8);
  host.connect(1);
  host.pair.run(100ms);
  const auto fd = static_cast<Descriptor>(host.accept().value);
  EXPECT_EQ(host.pair.b.connection_of(host.pair.process_b, fd)->mss(), 1300u);
}

TEST(HostListen, ACookieGivesNoRoundTripSample) {
  Listening host(with_cookies(SynCookieConfig::Options::kInTimestamp), 8);
  host.connect(1);
  host.pair.run(100ms);
  const auto fd = static_cast<Descriptor>(host.accept().value);
  EXPECT_FALSE(host.pair.b.connection_of(host.pair.process_b, fd)->rto().rtt_known());
}

TEST(HostListen, OnlySynsBeyondTheQueueDrawCookies) {  // facts/linux.md G3
  policy::Profile profile = with_cookies(SynCookieConfig::Options::kInNumber);
  profile.listen.cookies.when = SynCookieConfig::When::kWhenFull;
  profile.listen.handshakes = 2;
  Listening host(profile, 8);
  host.connect(5);
  host.pair.run(15ms);
  EXPECT_EQ(host.syn_acks(), 5);
  EXPECT_EQ(host.pair.b.snapshot().size(), 3u);
  host.pair.run(100ms);
  EXPECT_EQ(host.accepted(), 5);
}

TEST(HostListen, WithoutACookieSentNoAckIsTakenForOne) {
  Listening host(with_cookies(SynCookieConfig::Options::kInNumber), 8);
  wire::Packet packet;
  packet.ip.source = kAddressA;
  packet.ip.destination = kAddressB;
  packet.tcp.source = wire::Port{1000};
  packet.tcp.destination = wire::Port{80};
  packet.tcp.flags.ack = true;
  host.pair.b.on_packet(host.pair.now, std::move(packet), host.pair.record_b());
  host.pair.run(0s);
  EXPECT_EQ(host.resets(), 1);
}

}  // namespace
}  // namespace tcptwin::host

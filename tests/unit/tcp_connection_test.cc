// Connection, seen through two hosts: what is read is what was written, whatever the link loses;
// plan() is pure.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/host_pair.h"

namespace tcptwin::host {
namespace {

// Writes `total` bytes at a, reads them at b, closes; how many arrived, or -1 if a byte was wrong.
int64_t transfer(HostPair& pair, int64_t total) {
  const auto [fd_a, fd_b] = pair.connection();
  int64_t written = 0;
  int64_t read = 0;
  bool ended = false;
  for (int step = 0; step < 200000 && !ended; ++step) {
    if (written < total) {
      auto data = Payload::synthetic(7, static_cast<uint64_t>(written),
                                     static_cast<size_t>(std::min<int64_t>(total - written, 5000)));
      const auto sent =
          pair.a.send(pair.now, pair.caller_a(), fd_a, std::move(data), {.dont_wait = true});
      if (!sent.error) written += sent.value;
      if (written == total) {
        pair.a.shutdown(pair.now, pair.caller_a(), fd_a, socket::Shutdown::kWrite);
      }
    }
    pair.run(3ms);
    const auto got = pair.b.recv(pair.now, pair.caller_b(), fd_b, 4000, {.dont_wait = true});
    if (got.error) continue;
    ended = got.value == 0;
    for (const uint8_t byte : got.data.bytes()) {
      if (byte != Payload::pattern_byte(7, static_cast<uint64_t>(read++))) return -1;
    }
  }
  EXPECT_TRUE(ended);
  return read;
}

TEST(Connection, WhatIsReadIsWhatWasWritten) {
  for (const policy::Profile* profile : {&policy::rfc_sample(), &policy::linux_sample()}) {
    HostPair pair(*profile);
    EXPECT_EQ(transfer(pair, 300'000), 300'000) << profile->name;
  }
}

TEST(Connection, WhatIsReadIsWhatWasWrittenThoughPacketsAreLost) {
  for (const policy::Profile* profile : {&policy::rfc_sample(), &policy::linux_sample()}) {
    for (uint64_t seed = 1; seed <= 5; ++seed) {
      HostPair lossy(*profile, {.delay = 5ms, .loss_percent = 5, .seed = seed});
      EXPECT_EQ(transfer(lossy, 60'000), 60'000) << profile->name << ", seed " << seed;
      EXPECT_GT(lossy.dropped, 0);
    }
  }
}

TEST(Connection, AReaderThatIsSlowLosesNothing) {
  for (const policy::Profile* profile : {&policy::rfc_sample(), &policy::linux_sample()}) {
    HostPair pair(*profile);
    const auto [fd_a, fd_b] = pair.connection();
    int64_t written = 0;
    for (int i = 0; i < 100; ++i) {
      const auto sent = pair.a.send(pair.now, pair.caller_a(), fd_a,
                                    Payload::synthetic(0, static_cast<uint64_t>(written), 20000),
                                    {.dont_wait = true});
      if (!sent.error) written += sent.value;
      pair.run(50ms);
    }
    pair.run(2s);
    int64_t read = 0;
    for (int i = 0; i < 1000; ++i) {
      const auto got = pair.b.recv(pair.now, pair.caller_b(), fd_b, 3000, {.dont_wait = true});
      for (const uint8_t byte : got.data.bytes()) {
        ASSERT_EQ(byte, Payload::pattern_byte(0, static_cast<uint64_t>(read++)));
      }
      pair.run(50ms);
    }
    EXPECT_EQ(read, written) << profile->name;
  }
}

TEST(Connection, AskingForThePlanChangesNothing) {
  HostPair asked(policy::rfc_sample());
  HostPair silent(policy::rfc_sample());
  for (HostPair* pair : {&asked, &silent}) {
    const auto [fd_a, fd_b] = pair->connection();
    for (int i = 0; i < 50; ++i) {
      pair->a.send(pair->now, pair->caller_a(), fd_a, Payload::synthetic(0, 0, 700),
                   {.dont_wait = true});
      const tcp::Connection& c = *pair->a.connection_of(pair->process_a, fd_a);
      if (pair == &asked) {
        const tcp::Plan first = c.plan(pair->now);
        const tcp::Plan second = c.plan(pair->now);
        EXPECT_EQ(first.data.kind, second.data.kind);
        EXPECT_EQ(first.data.bytes, second.data.bytes);
        EXPECT_EQ(first.data.held_because.index(), second.data.held_because.index());
        EXPECT_EQ(first.ack.kind, second.ack.kind);
      }
      pair->run(7ms);
    }
  }
  const auto fd = socket::Descriptor{3};
  EXPECT_EQ(asked.a.connection_of(asked.process_a, fd)->next_deadline(),
            silent.a.connection_of(silent.process_a, fd)->next_deadline());
  EXPECT_EQ(asked.b.connection_of(asked.process_b, 4)->unread(),
            silent.b.connection_of(silent.process_b, 4)->unread());
}

// A settled connection has nothing to send: polling has executed the plan.
TEST(Connection, AfterPollingThePlanSendsNothing) {
  HostPair pair(policy::linux_sample());
  const auto [fd_a, fd_b] = pair.connection();
  for (int i = 0; i < 30; ++i) {
    pair.a.send(pair.now, pair.caller_a(), fd_a, Payload::synthetic(0, 0, 10), {.dont_wait = true});
    const tcp::Plan plan = pair.a.connection_of(pair.process_a, fd_a)->plan(pair.now);
    EXPECT_NE(plan.data.kind, tcp::Plan::Data::Kind::kSend);
    EXPECT_NE(plan.ack.kind, tcp::Plan::Ack::Kind::kSend);
    EXPECT_EQ(plan.control, tcp::Plan::Control::kNone);
    pair.run(13ms);
  }
}

// The segments of one burst: only the last is pushed and carries the FIN.
TEST(Connection, ABurstIsSplitWithPshAndFinOnItsLastSegment) {
  policy::Profile profile = policy::linux_sample();
  HostPair pair(profile);
  const auto [fd_a, fd_b] = pair.connection();
  pair.run(1s);
  pair.a.on_packet(pair.now, {}, RecordId::kNone);  // not for this host: dropped
  pair.a.send(pair.now, pair.caller_a(), fd_a, Payload::synthetic(0, 0, 2 * 1448), {});
  std::vector<wire::TcpSegment> segments;
  OutPacket out;
  while (pair.a.poll_packet(out)) segments.push_back(std::move(out.packet.tcp));
  ASSERT_EQ(segments.size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(segments[i].payload_size(), 1448u);
    EXPECT_EQ(segments[i].flags.psh, i == 1);
    EXPECT_FALSE(segments[i].flags.fin);
    EXPECT_EQ(segments[i].seq, segments[0].seq + static_cast<uint32_t>(i) * 1448);
  }
}

TEST(Connection, TheFinOfABurstGoesWithItsLastSegment) {
  HostPair pair(policy::linux_sample());
  const auto [fd_a, fd_b] = pair.connection();
  // 12 segments: 10 leave, two wait for the congestion window and meet the FIN.
  pair.a.send(pair.now, pair.caller_a(), fd_a, Payload::synthetic(0, 0, 12 * 1448), {});
  pair.a.shutdown(pair.now, pair.caller_a(), fd_a, socket::Shutdown::kWrite);
  pair.run(1s);
  const auto read = pair.b.recv(pair.now, pair.caller_b(), fd_b, 100'000, {.dont_wait = true});
  EXPECT_EQ(read.value, 12 * 1448);
  EXPECT_EQ(pair.b.recv(pair.now, pair.caller_b(), fd_b, 1, {.dont_wait = true}).value, 0);
}

}  // namespace
}  // namespace tcptwin::host

// host_pair.h: two NativeStacks on a link with a delay and, if wanted, seeded loss. Programs are
// the test itself.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "stack/base/rng.h"
#include "stack/host/native_stack.h"
#include "stack/wire/text.h"
#include "tests/unit/policy_samples.h"

namespace tcptwin::host {

inline constexpr wire::Ipv4Address kAddressA(0x0a000001);
inline constexpr wire::Ipv4Address kAddressB(0x0a000002);
inline constexpr wire::Ipv4Address kLoopbackAddress(0x7f000001);

class HostPair {
 public:
  struct Link {
    Duration delay = 10ms;
    uint64_t loss_percent = 0;
    uint64_t seed = 1;
  };

  explicit HostPair(const policy::Profile& profile) : HostPair(profile, Link()) {}
  HostPair(const policy::Profile& profile, const Link& link)
      : link_(link),
        rng_(Rng::stream(link.seed, "link")),
        a(setup(profile, kAddressA, kAddressB, "a", ids_a_)),
        b(setup(profile, kAddressB, kAddressA, "b", ids_b_)),
        process_a(a.add_process()),
        process_b(b.add_process()) {}

  socket::Caller caller_a() { return {process_a, ids_a_.next()}; }
  socket::Caller caller_b() { return {process_b, ids_b_.next()}; }

  // ---- often needed
  socket::Descriptor listen_on_b(uint16_t port, int64_t backlog = 8) {
    const auto fd = static_cast<socket::Descriptor>(b.open_socket(now, caller_b()).value);
    EXPECT_EQ(b.bind(now, caller_b(), fd, {wire::Ipv4Address(), wire::Port{port}}).value, 0);
    EXPECT_EQ(b.listen(now, caller_b(), fd, backlog).value, 0);
    return fd;
  }
  // Begins a connect from a; its socket and its operation.
  std::pair<socket::Descriptor, socket::OperationId> connect_from_a(uint16_t port) {
    const auto fd = static_cast<socket::Descriptor>(a.open_socket(now, caller_a()).value);
    const auto outcome = a.connect(now, caller_a(), fd, {kAddressB, wire::Port{port}});
    EXPECT_TRUE(outcome.sleeps());
    return {fd, outcome.pending};
  }
  // A connection between a and b, both ends' descriptors.
  std::pair<socket::Descriptor, socket::Descriptor> connection(uint16_t port = 80) {
    const auto listener = listen_on_b(port);
    const auto [fd, operation] = connect_from_a(port);
    run(20s);  // a lost handshake is repeated
    EXPECT_EQ(a.resume(now, operation, ids_a_.next()).value, 0);
    const auto accepted = b.accept(now, caller_b(), listener);
    EXPECT_FALSE(accepted.sleeps());
    return {fd, static_cast<socket::Descriptor>(accepted.value)};
  }
  RecordId record_a() { return ids_a_.next(); }
  RecordId record_b() { return ids_b_.next(); }

  // Lets `d` pass.
  void run(Duration d) {
    const Instant end = now + d;
    collect();
    for (;;) {
      Instant next = std::min(a.next_deadline(), b.next_deadline());
      if (!flying_.empty()) next = std::min(next, flying_.front().at);
      if (next > end) break;
      now = std::max(now, next);
      if (!flying_.empty() && flying_.front().at <= now) {
        Flying arrived = std::move(flying_.front());
        flying_.pop_front();
        NativeStack& to = arrived.to_b ? b : a;
        to.on_packet(now, std::move(arrived.packet), (arrived.to_b ? ids_b_ : ids_a_).next());
      } else {
        a.on_deadline(now);
        b.on_deadline(now);
      }
      collect();
    }
    now = end;
  }

  // Operations that were woken, in order.
  std::vector<socket::OperationId> woken_a;
  std::vector<socket::OperationId> woken_b;
  // What left either host, in order; payload and IP header left out.
  struct Seen {
    Instant at;
    bool from_a = false;
    wire::TcpFlags flags;
    SeqNum seq, ack;
    size_t option_bytes = 0;
    wire::ParsedTcpOptions options;
    size_t payload = 0;
  };
  std::vector<Seen> seen;
  int64_t dropped = 0;

 private:
  struct Flying {
    Instant at;
    bool to_b = false;
    wire::Packet packet;
  };

  static NativeStackSetup setup(const policy::Profile& profile, wire::Ipv4Address own,
                                wire::Ipv4Address other, std::string_view name, RecordIds& ids) {
    return {.profile = &profile,
            .uptime = std::chrono::hours(1),
            .interfaces = {{kLoopbackAddress, 65536}, {own, 1500}},
            .routes = {{other, 1}},
            .seed = 1,
            .name = name,
            .ids = &ids,
            .keep_notes = false};
  }

  void collect() {
    for (const bool from_a : {true, false}) {
      NativeStack& from = from_a ? a : b;
      OutPacket out;
      while (from.poll_packet(out)) {
        const wire::TcpSegment& segment = out.packet.tcp;
        seen.push_back({now, from_a, segment.flags, segment.seq, segment.ack,
                        static_cast<size_t>(segment.options.size()),
                        wire::parse_options(segment.options), segment.payload.size()});
        const bool loops = out.interface == kLoopback;
        if (!loops && rng_.below(100) < link_.loss_percent) {
          ++dropped;
          continue;
        }
        Flying flying{now + (loops ? Duration(5us) : link_.delay), from_a != loops,
                      std::move(out.packet)};
        const auto place = std::upper_bound(
            flying_.begin(), flying_.end(), flying,
            [](const Flying& left, const Flying& right) { return left.at < right.at; });
        flying_.insert(place, std::move(flying));
      }
      socket::Wakeup wakeup;
      while (from.poll_wakeup(wakeup)) (from_a ? woken_a : woken_b).push_back(wakeup.operation);
    }
  }

  Link link_;
  Rng rng_;
  RecordIds ids_a_{0};
  RecordIds ids_b_{1};
  std::deque<Flying> flying_;

 public:
  NativeStack a;
  NativeStack b;
  socket::ProcessId process_a;
  socket::ProcessId process_b;
  Instant now;
};

}  // namespace tcptwin::host

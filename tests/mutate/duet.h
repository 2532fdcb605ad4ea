// duet.h: two hosts of one profile on a link, driven call by call; writes every packet with its
// time and what every call returned into a trail.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "stack/host/native_stack.h"
#include "tests/mutate/trail.h"

namespace tcptwin::mutate {

inline constexpr wire::Ipv4Address kFirst(0x0a000001);
inline constexpr wire::Ipv4Address kSecond(0x0a000002);
// Another address of the second host, behind a router.
inline constexpr wire::Ipv4Address kSecondAfar(0x0a000102);
inline constexpr wire::Ipv4Address kRouter(0x0a0000fe);
inline constexpr wire::Ipv4Address kOwnLoop(0x7f000001);
inline constexpr wire::IpAddress v6_of(wire::Ipv4Address address) {
  return wire::IpAddress::v6(uint64_t{0xfd77} << 48, address.value());
}
inline constexpr socket::MessageFlags kDontWait{.dont_wait = true};

class Duet {
 public:
  enum class Side : uint8_t { kA, kB };
  // Whether a packet is lost: who sent it, and the how-manieth of that side, from 1.
  using Loss = std::function<bool(Side from, int number, const wire::Packet& packet)>;
  // How much longer than others a packet takes.
  using Detour = std::function<Duration(Side from, int number, const wire::Packet& packet)>;

  explicit Duet(const Subject& subject, Duration delay = 1ms)
      : Duet(subject.profile, *subject.trail, delay) {}
  Duet(const policy::Profile& profile, Trail& trail, Duration delay = 1ms)
      : trail_(&trail),
        delay_(delay),
        a_(setup(profile, kFirst, kSecond, "a", ids_[0])),
        b_(setup(profile, kSecond, kFirst, "b", ids_[1])) {
    for (const Side side : {Side::kA, Side::kB}) {
      processes_[index(side)] = stack(side).add_process();
    }
  }

  Instant now() const { return now_; }
  bool is_over() const { return trail_->parted(); }
  void set_delay(Duration delay) { delay_ = delay; }
  void detour(Detour detour) { detour_ = std::move(detour); }
  void lose(Loss loss) { loss_ = std::move(loss); }
  void lose_all_from(Side side) {
    lose([side](Side from, int, const wire::Packet&) { return from == side; });
  }
  void lose_nothing() { loss_ = nullptr; }
  host::NativeStack& stack(Side side) { return side == Side::kA ? a_ : b_; }
  socket::Caller caller(Side side) { return {processes_[index(side)], ids_[index(side)].next()}; }

  // Takes note of what a call returned, and hands it on.
  socket::Outcome noted(socket::Outcome outcome) {
    mix(static_cast<uint64_t>(outcome.value));
    mix(outcome.error ? 1 + static_cast<uint64_t>(*outcome.error) : 0);
    mix(outcome.fetched_error ? 1 + static_cast<uint64_t>(*outcome.fetched_error) : 0);
    mix(static_cast<uint64_t>(outcome.second));
    mix(outcome.sleeps() ? 1 : 0);
    mix(outcome.broken_pipe_signal ? 1 : 0);
    for (const socket::Ready& ready : outcome.ready) {
      for (const char c : socket::events_text(ready.events)) mix(static_cast<uint8_t>(c));
    }
    for (const socket::NamedValue& detail : outcome.details) {
      mix(static_cast<uint64_t>(detail.value));
    }
    trail_->mark();
    return outcome;
  }

  // ---- calls
  socket::Descriptor open(Side s) { return fd_of(stack(s).open_socket(now_, caller(s))); }
  socket::Outcome bind(Side s, socket::Descriptor fd, uint16_t port,
                       wire::IpAddress ip = wire::Ipv4Address()) {
    return noted(stack(s).bind(now_, caller(s), fd, {ip, wire::Port{port}}));
  }
  socket::Descriptor listen(Side s, uint16_t port, int64_t backlog = 8) {
    const socket::Descriptor fd = open(s);
    bind(s, fd, port);
    listen_on(s, fd, backlog);
    return fd;
  }
  socket::Outcome listen_on(Side s, socket::Descriptor fd, int64_t backlog = 8) {
    return noted(stack(s).listen(now_, caller(s), fd, backlog));
  }
  socket::Outcome connect(Side s, socket::Descriptor fd, uint16_t port, wire::IpAddress to) {
    return noted(stack(s).connect(now_, caller(s), fd, {to, wire::Port{port}}));
  }
  socket::Outcome accept(Side s, socket::Descriptor listener) {
    return noted(stack(s).accept(now_, caller(s), listener));
  }
  socket::Outcome send(Side s, socket::Descriptor fd, size_t bytes,
                       socket::MessageFlags flags = kDontWait) {
    Payload data = Payload::synthetic(0, written_[index(s)], bytes);
    socket::Outcome sent = noted(stack(s).send(now_, caller(s), fd, std::move(data), flags));
    if (!sent.error) written_[index(s)] += static_cast<uint64_t>(sent.value);
    return sent;
  }
  socket::Outcome recv(Side s, socket::Descriptor fd, int64_t count,
                       socket::MessageFlags flags = kDontWait) {
    return noted(stack(s).recv(now_, caller(s), fd, count, flags));
  }
  socket::Outcome set(Side s, socket::Descriptor fd, int32_t level, int32_t number,
                      const socket::OptionValue& value) {
    return noted(stack(s).setsockopt(now_, caller(s), fd, level, number, value));
  }
  socket::Outcome get(Side s, socket::Descriptor fd, int32_t level, int32_t number) {
    return noted(stack(s).getsockopt(now_, caller(s), fd, level, number));
  }
  socket::Outcome poll(Side s, socket::Descriptor fd) {
    const socket::PollRequest all{
        fd, {.in = true, .out = true, .priority = true, .read_hang_up = true}};
    return noted(stack(s).poll(now_, caller(s), {all}, Duration{}));
  }
  socket::Outcome shutdown(Side s, socket::Descriptor fd, socket::Shutdown how) {
    return noted(stack(s).shutdown(now_, caller(s), fd, how));
  }
  socket::Outcome close(Side s, socket::Descriptor fd) {
    return noted(stack(s).close(now_, caller(s), fd));
  }
  socket::Outcome resume(Side s, const socket::Outcome& sleeping) {
    return noted(stack(s).resume(now_, sleeping.pending, ids_[index(s)].next()));
  }
  void take_stock(Side s) {
    for (const host::SocketRow& row : stack(s).snapshot()) {
      mix(static_cast<uint64_t>(row.state));
      mix(static_cast<uint64_t>(row.receive_queue));
      mix(static_cast<uint64_t>(row.send_queue));
    }
    trail_->mark();
  }

  struct Pair {
    socket::Descriptor a = -1;
    socket::Descriptor b = -1;
  };
  // A connection that a opens to b.
  Pair connection(uint16_t port = 80) {
    const socket::Descriptor listener = listen(Side::kB, port);
    return connection_to(listener, port, kSecond);
  }
  Pair connection_to(socket::Descriptor listener, uint16_t port, wire::IpAddress to) {
    const socket::Descriptor fd = open(Side::kA);
    const socket::Outcome connecting = connect(Side::kA, fd, port, to);
    run(std::max<Duration>(20ms, 3 * delay_));
    if (connecting.sleeps()) resume(Side::kA, connecting);
    return {fd, fd_of(accept(Side::kB, listener))};
  }

  static socket::Descriptor fd_of(const socket::Outcome& outcome) {
    return static_cast<socket::Descriptor>(outcome.value);
  }

  // A segment out of nowhere, from the other side's address.
  void inject(Side to, wire::TcpSegment segment) {
    wire::Packet packet;
    packet.ip.source = to == Side::kA ? kSecond : kFirst;
    packet.ip.destination = to == Side::kA ? kFirst : kSecond;
    packet.ip.ttl = 64;
    packet.tcp = std::move(segment);
    arrive(to, std::move(packet));
  }
  void arrive(Side to, wire::Packet&& packet) {
    stack(to).on_packet(now_, std::move(packet), ids_[index(to)].next());
    collect();
  }
  // The last that this side sent.
  const wire::TcpSegment& last_from(Side side) const { return last_[index(side)].tcp; }
  const wire::Packet& last_packet_from(Side side) const { return last_[index(side)]; }

  void run(Duration span) {
    const Instant end = now_ + span;
    collect();
    for (int steps = 0; steps < kMostSteps && !trail_->parted(); ++steps) {
      Instant next = std::min(a_.next_deadline(), b_.next_deadline());
      if (!flying_.empty()) next = std::min(next, flying_.front().at);
      if (next > end) break;
      now_ = std::max(now_, next);
      if (!flying_.empty() && flying_.front().at <= now_) {
        Flying arrived = std::move(flying_.front());
        flying_.pop_front();
        stack(arrived.to)
            .on_packet(now_, std::move(arrived.packet), ids_[index(arrived.to)].next());
      } else {
        a_.on_deadline(now_);
        b_.on_deadline(now_);
      }
      collect();
    }
    now_ = end;
  }

 private:
  // Two ends that a forged segment has put at odds acknowledge each other without end.
  static constexpr int kMostSteps = 3'000;

  struct Flying {
    Instant at;
    Side to;
    wire::Packet packet;
  };

  static size_t index(Side side) { return static_cast<size_t>(side); }
  static Side other(Side side) { return side == Side::kA ? Side::kB : Side::kA; }

  static host::NativeStackSetup setup(const policy::Profile& profile, wire::Ipv4Address own,
                                      wire::Ipv4Address peer, std::string_view name,
                                      RecordIds& ids) {
    return {.profile = &profile,
            .uptime = std::chrono::hours(1) + 1234567ns,
            .interfaces = {{kOwnLoop, profile.ip.loopback_mtu},
                           {own, 1500, v6_of(own)},
                           {wire::Ipv4Address(own.value() + 0x100), 1500}},
            .routes = {{peer, 1, true},
                       {v6_of(peer), 1, true},
                       {wire::Ipv4Address(peer.value() + 0x100), 1},
                       {kRouter, 1, true}},
            .seed = 1,
            .name = name,
            .ids = &ids,
            .keep_notes = false};
  }

  void mix(uint64_t word) { trail_->mix(word); }

  void record(Side from, const wire::Packet& packet) {
    mix(static_cast<uint64_t>(now_.since_start().count()));
    mix(static_cast<uint64_t>(from));
    trail_->mix(packet);
    trail_->mark();
    last_[index(from)] = packet.clone();
  }

  void collect() {
    for (const Side from : {Side::kA, Side::kB}) {
      host::OutPacket out;
      while (stack(from).poll_packet(out)) {
        const bool loops = out.interface == host::kLoopback;
        record(from, out.packet);
        const int number = loops ? 0 : ++sent_[index(from)];
        if (!loops && loss_ && loss_(from, number, out.packet)) continue;
        Duration way = loops ? Duration(5us) : delay_;
        if (!loops && detour_) way += detour_(from, number, out.packet);
        Flying flying{now_ + way, loops ? from : other(from), std::move(out.packet)};
        const auto place =
            std::upper_bound(flying_.begin(), flying_.end(), flying,
                             [](const Flying& l, const Flying& r) { return l.at < r.at; });
        flying_.insert(place, std::move(flying));
      }
      socket::Wakeup wakeup;
      while (stack(from).poll_wakeup(wakeup)) {
        mix(static_cast<uint64_t>(wakeup.operation));
        mix(static_cast<uint64_t>(now_.since_start().count()));
        trail_->mark();
      }
    }
  }

  Trail* trail_;
  Duration delay_;
  Loss loss_;
  Detour detour_;
  RecordIds ids_[2] = {RecordIds(0), RecordIds(1)};
  int sent_[2] = {0, 0};
  uint64_t written_[2] = {0, 0};
  wire::Packet last_[2];
  std::deque<Flying> flying_;
  host::NativeStack a_;
  host::NativeStack b_;
  socket::ProcessId processes_[2]{};
  Instant now_;
};

}  // namespace tcptwin::mutate

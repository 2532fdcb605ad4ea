#include "tests/mutate/reach.h"

#include <algorithm>
#include <array>
#include <vector>

#include "tests/mutate/paths.h"

namespace tcptwin::mutate {

using policy::OptionEffect;
using policy::Profile;
using socket::Descriptor;
using socket::Outcome;
using Side = Duet::Side;

namespace {

// A limit that is usually `usual`, brought down to `near`; a changed one stays as far away.
template <class N>
N brought(N value, N usual, N near) {
  return std::max(static_cast<N>(value - (usual - near)), static_cast<N>(near / 2));
}

wire::TcpSegment handshake_segment(uint16_t port, bool stamped, uint16_t mss = 1400) {
  wire::TcpSegment syn;
  syn.source = wire::Port{port};
  syn.destination = wire::Port{80};
  syn.seq = SeqNum(1000);
  syn.flags = {.syn = true};
  syn.window = 60000;
  syn.options.add_mss(mss);
  if (!stamped) return syn;
  syn.options.add_nop();
  syn.options.add_window_scale(4);
  syn.options.add_sack_permitted();
  syn.options.add_timestamps({77, 0});
  return syn;
}

// The end of a handshake that began with `syn` and was answered by `answer`.
wire::TcpSegment last_ack(const wire::TcpSegment& syn, const wire::TcpSegment& answer) {
  wire::TcpSegment ack;
  ack.source = syn.source;
  ack.destination = syn.destination;
  ack.seq = syn.seq + 1;
  ack.ack = answer.seq + 1;
  ack.flags = {.ack = true};
  ack.window = 60000;
  if (const auto stamps = wire::parse_options(answer.options).timestamps) {
    ack.options.add_nop();
    ack.options.add_nop();
    ack.options.add_timestamps({78, stamps->value});
  }
  return ack;
}

}  // namespace

void descriptors_run_out(const Subject& subject) {
  Profile near = subject.profile;
  const policy::SocketConfig& usual = subject.usual.sockets;
  near.sockets.descriptors_per_process =
      brought(near.sockets.descriptors_per_process, usual.descriptors_per_process, 12);
  near.sockets.descriptors_per_host =
      brought(near.sockets.descriptors_per_host, usual.descriptors_per_host, int64_t{16});
  Duet duet(near, *subject.trail);
  const socket::Caller other{duet.stack(Side::kA).add_process(), RecordId::kNone};
  for (const socket::Caller& caller : {duet.caller(Side::kA), other}) {
    for (int i = 0; i < 20; ++i) {
      duet.noted(duet.stack(Side::kA).open_socket(duet.now(), caller));
    }
  }
}

// As many flows as a process may have, and more; limits up to the host's own and beyond.
void flows_run_out(const Subject& subject) {
  Profile near = subject.profile;
  const policy::SocketConfig& usual = subject.usual.sockets;
  if (usual.flows_per_process > 0) {
    near.sockets.flows_per_process =
        brought(near.sockets.flows_per_process, usual.flows_per_process, 8);
  }
  Duet duet(near, *subject.trail);
  host::NativeStack& stack = duet.stack(Side::kA);
  for (int i = 0; i < 12; ++i) {
    duet.noted(stack.open_flow(duet.now(), duet.caller(Side::kA), std::nullopt));
  }
  for (const int64_t most :
       {int64_t{10}, usual.descriptors_ceiling, usual.descriptors_ceiling + 1}) {
    duet.noted(stack.limit_descriptors(duet.now(), duet.caller(Side::kA), most, std::nullopt));
  }
}

// Every port of the range to one peer, then one more; a name that is taken.
void ports_run_out(const Subject& subject) {
  Profile few = subject.profile;
  const policy::PortsConfig& usual = subject.usual.ports;
  few.ports.last = std::max(few.ports.last - (usual.last - usual.first - 3), few.ports.first);
  Duet duet(few, *subject.trail);
  duet.listen(Side::kB, 80);
  for (int i = 0; i < 10; ++i) {
    duet.connect(Side::kA, duet.open(Side::kA), i % 5 == 4 ? 81 : 80, kSecond);
    duet.run(5ms);
  }
  for (int i = 0; i < 6; ++i) duet.bind(Side::kA, duet.open(Side::kA), 0);
  for (int i = 0; i < 3; ++i) {
    const Descriptor fd = duet.open(Side::kA);
    for (const policy::SocketOption& o : subject.usual.socket_options) {
      const bool shares =
          o.effect == OptionEffect::kReuseAddress || o.effect == OptionEffect::kReusePort;
      if (shares) duet.set(Side::kA, fd, o.level, o.number, 1);
    }
    duet.bind(Side::kA, fd, 6000);
    duet.connect(Side::kA, fd, 80, kSecond);
    duet.run(5ms);
  }
}

void buffers_at_their_largest(const Subject& subject) {
  Profile near = subject.profile;
  const int64_t send = subject.usual.send_buffer.max_buffer - 60'000;
  const int64_t receive = subject.usual.receive_window.max_buffer - 300'000;
  near.send_buffer.max_buffer = std::max<int64_t>(near.send_buffer.max_buffer - send, 1);
  near.receive_window.max_buffer = std::max<int64_t>(near.receive_window.max_buffer - receive, 1);
  for (const bool sender : {false, true}) {
    Profile one = subject.profile;
    if (sender) one.send_buffer = near.send_buffer;
    if (!sender) one.receive_window = near.receive_window;
    Duet duet(one, *subject.trail, 20ms);
    const Duet::Pair ends = duet.connection();
    transfer(duet, ends, 1'500'000, 10ms, 400);
  }
  Profile round = subject.profile;
  round.receive_window.max_buffer = 1 << 25;  // scales differ at such a size
  Duet duet(round, *subject.trail);
  transfer(duet, duet.connection(), 50'000, 10ms, 10);
}

// The range ends just behind a port that is left out.
void skipped_ports(const Subject& subject) {
  if (subject.usual.ports.skipped.empty()) return;
  Profile few = subject.profile;
  few.ports.first = subject.usual.ports.skipped.front() - 1;
  few.ports.last = few.ports.first + 3;
  Duet duet(few, *subject.trail);
  duet.listen(Side::kB, 80);
  for (int i = 0; i < 5; ++i) {
    duet.connect(Side::kA, duet.open(Side::kA), 80, kSecond);
    duet.run(5ms);
  }
}

// Programs with more patience than the host: the limit of an attempt is hours away.
void patient_opening(const Subject& subject) {
  const auto wait_long = [&](Duet& duet, Side side, Descriptor fd) {
    for (const policy::SocketOption& o : subject.usual.socket_options) {
      const bool limit = o.effect == OptionEffect::kConnectTimeout;
      if (limit) duet.set(side, fd, o.level, o.number, std::chrono::hours(20) / o.unit);
    }
  };
  Duet duet(subject);
  duet.lose_all_from(Side::kA);
  const Descriptor fd = duet.open(Side::kA);
  wait_long(duet, Side::kA, fd);
  duet.connect(Side::kA, fd, 80, kSecond);
  const Descriptor listener = duet.listen(Side::kB, 80);
  wait_long(duet, Side::kB, listener);
  duet.inject(Side::kB, handshake_segment(4000, false));
  for (const policy::SocketOption& o : subject.usual.socket_options) {
    const bool limit = o.effect == OptionEffect::kConnectTimeout;
    if (limit) duet.set(Side::kB, listener, o.level, o.number, 3s / o.unit);
  }
  duet.inject(Side::kB, handshake_segment(4001, false));
  duet.run(std::chrono::hours(10));
}

void time_waits_run_out(const Subject& subject) {
  Profile few = subject.profile;
  few.time_wait.most = brought(few.time_wait.most, subject.usual.time_wait.most, 2);
  Duet duet(few, *subject.trail);
  for (uint16_t port = 80; port < 85; ++port) {
    const Duet::Pair ends = duet.connection(port);
    duet.close(Side::kA, ends.a);
    duet.run(50ms);
    duet.close(Side::kB, ends.b);
    duet.run(50ms);
    duet.take_stock(Side::kA);
  }
}

void handshakes_run_out(const Subject& subject) {
  Profile few = subject.profile;
  few.listen.handshakes = brought(few.listen.handshakes, subject.usual.listen.handshakes, 4);
  Duet duet(few, *subject.trail);
  const Descriptor listener = duet.listen(Side::kB, 80, 3);
  duet.lose_all_from(Side::kA);  // which knows nothing of these connections
  for (uint16_t port = 4000; port < 4008; ++port) {
    duet.inject(Side::kB, handshake_segment(port, false));
    duet.run(5ms);
  }
  duet.take_stock(Side::kB);
  duet.accept(Side::kB, listener);
  duet.run(100s);
  duet.take_stock(Side::kB);
}

void smallest_backlogs(const Subject& subject) {
  for (const int64_t backlog : {0, 1, 2}) {
    Duet duet(subject);
    duet.listen(Side::kB, 80, backlog);
    for (int i = 0; i < 4; ++i) {
      duet.connect(Side::kA, duet.open(Side::kA), 80, kSecond);
      duet.run(10ms);
    }
    duet.run(8s);
    duet.take_stock(Side::kB);
  }
}

// The queue is full, and those who found no room in it answer after some time.
void late_cookies(const Subject& subject) {
  Profile few = subject.profile;
  const int32_t usual = subject.usual.listen.handshakes;
  if (usual > 0) few.listen.handshakes = brought(few.listen.handshakes, usual, 4);
  for (const bool stamped : {false, true}) {
    Duet duet(few, *subject.trail);
    const Descriptor listener = duet.listen(Side::kB, 80, 1);
    duet.lose_all_from(Side::kA);
    std::vector<wire::TcpSegment> acks;
    for (uint16_t port = 4000; port < 4024; ++port) {
      static constexpr std::array<uint16_t, 5> kSizes = {1400, 1460, 300, 700, 1300};
      const wire::TcpSegment syn = handshake_segment(port, stamped, kSizes[port % kSizes.size()]);
      duet.inject(Side::kB, syn.clone());
      acks.push_back(last_ack(syn, duet.last_from(Side::kB)));
      duet.run(5ms);
    }
    for (size_t i = 4; i < acks.size(); ++i) {
      duet.run(i < 14 ? 2s : 20s);
      duet.inject(Side::kB, acks[i].clone());
      const Outcome accepted = duet.accept(Side::kB, listener);
      if (!accepted.error && !accepted.sleeps()) {
        duet.send(Side::kB, Duet::fd_of(accepted), 5000);
      }
      duet.run(5ms);
    }
  }
}

// Timers of one host that are due at about the same time: one wish lies shortly before another.
void timers_that_join(const Subject& subject) {
  Duet duet(subject);
  const Descriptor listener = duet.listen(Side::kB, 80);
  const Duet::Pair near = duet.connection_to(listener, 80, kSecond);
  const Duet::Pair afar = duet.connection_to(listener, 80, kSecondAfar);
  for (const Duet::Pair& ends : {near, afar}) {
    for (int i = 0; i < 12; ++i) transfer(duet, ends, 100, 100ms, 2);
  }
  duet.run(5s);
  duet.lose_all_from(Side::kA);
  duet.send(Side::kA, near.a, 100);
  duet.run(5ms);
  duet.send(Side::kA, afar.a, 100);
  duet.run(400ms);
  duet.lose_nothing();
  duet.run(5s);
  const auto idles = [&](Descriptor fd, int64_t seconds) {
    for (const policy::SocketOption& o : subject.usual.socket_options) {
      if (o.effect == OptionEffect::kKeepAlive) duet.set(Side::kA, fd, o.level, o.number, 1);
      const bool idle = o.effect == OptionEffect::kKeepIdle;
      if (idle) duet.set(Side::kA, fd, o.level, o.number, std::chrono::seconds(seconds) / o.unit);
    }
  };
  transfer(duet, afar, 100, 20ms, 5);
  duet.run(400ms);
  transfer(duet, near, 100, 20ms, 5);
  duet.run(1s);
  idles(near.a, 20);
  idles(afar.a, 20);
  duet.run(100s);
}

void ecn_turned(const Subject& subject) {
  Profile other = subject.profile;
  other.ecn.request = !subject.usual.ecn.request;
  Duet duet(other, *subject.trail);
  duet.listen(Side::kB, 80);
  duet.lose(
      [](Side from, int number, const wire::Packet&) { return from == Side::kA && number < 3; });
  duet.connect(Side::kA, duet.open(Side::kA), 80, kSecond);
  duet.run(20s);
  duet.connect(Side::kB, duet.open(Side::kB), 80, kOwnLoop);
  duet.connect(Side::kB, duet.open(Side::kB), 80, kSecond);
  duet.run(1s);
}

void without_scaling(const Subject& subject) {
  Profile other = subject.profile;
  other.receive_window.scaling = !subject.usual.receive_window.scaling;
  Duet duet(other, *subject.trail);
  const Duet::Pair ends = duet.connection();
  transfer(duet, ends, 300'000, 10ms, 100, 20'000);
}

}  // namespace tcptwin::mutate

#include "tests/mutate/behaviours.h"

#include <algorithm>
#include <optional>

#include "tests/mutate/datagrams.h"
#include "tests/mutate/duet.h"
#include "tests/mutate/paths.h"
#include "tests/mutate/reach.h"
#include "tests/mutate/sockets.h"
#include "tests/mutate/streams.h"
#include "tests/mutate/worlds.h"

namespace tcptwin::mutate {

namespace {

using policy::OptionEffect;
using policy::Profile;
using socket::Descriptor;
using socket::Outcome;
using Side = Duet::Side;

// ---- data

// Small messages, in two writes and in one, promptly read and late.
void dialogue(const Subject& subject) {
  Duet duet(subject);
  const Duet::Pair ends = duet.connection();
  for (int round = 0; round < 24; ++round) {
    duet.send(Side::kA, ends.a, 10);
    if (round % 3 != 2) duet.send(Side::kA, ends.a, 10);
    duet.run(5ms);
    if (round % 4 != 3) duet.recv(Side::kB, ends.b, 10);
    duet.run(round % 5 == 4 ? 700ms : 60ms);
    duet.recv(Side::kB, ends.b, 100);
    duet.run(30ms);
    duet.send(Side::kB, ends.b, 20);
    duet.run(round == 11 ? Duration(10s) : Duration(300ms));
    duet.recv(Side::kA, ends.a, 20);
  }
}

// What keeps a little in the buffer, and what comes in bursts of small pieces.
void lazy_reader(const Subject& subject) {
  Duet duet(subject);
  const Duet::Pair ends = duet.connection();
  duet.send(Side::kA, ends.a, 3);
  duet.run(1s);
  for (int round = 0; round < 30; ++round) {
    duet.send(Side::kA, ends.a, round % 2 == 0 ? 100 : 2000);
    duet.run(20ms);
    duet.recv(Side::kB, ends.b, round % 2 == 0 ? 100 : 2000);
    duet.run(250ms);
  }
}

void full_buffer(const Subject& subject) {
  Duet duet(subject);
  const Duet::Pair ends = duet.connection();
  for (int i = 0; i < 40; ++i) {
    duet.send(Side::kA, ends.a, i % 2 == 0 ? 100'000 : 700);
    duet.poll(Side::kA, ends.a);
    duet.run(3ms);
  }
  duet.run(400s);
  for (int i = 0; i < 40; ++i) {
    duet.recv(Side::kB, ends.b, i < 20 ? 1000 : 60'000);
    duet.run(200ms);
    duet.poll(Side::kA, ends.a);
  }
}

void closed_window_unanswered(const Subject& subject) {
  Duet duet(subject);
  const Duet::Pair ends = duet.connection();
  for (int i = 0; i < 300; ++i) {
    duet.send(Side::kA, ends.a, 1 << 20);
    duet.run(5ms);
  }
  for (int i = 0; i < 20; ++i) {
    duet.run(10s);
    duet.send(Side::kA, ends.a, 1 << 20);
  }
  duet.lose_all_from(Side::kB);
  duet.run(std::chrono::hours(2));
  duet.send(Side::kA, ends.a, 1);
}

// ---- nobody answers

void connect_lost(const Subject& subject) {
  Duet duet(subject);
  duet.lose_all_from(Side::kA);
  const Descriptor fd = duet.open(Side::kA);
  const Outcome connecting = duet.connect(Side::kA, fd, 80, kSecond);
  duet.run(600s);
  if (connecting.sleeps()) duet.resume(Side::kA, connecting);
}

void answer_lost(const Subject& subject) {
  Duet duet(subject);
  duet.listen(Side::kB, 80);
  const Descriptor fd = duet.open(Side::kA);
  duet.lose([](Side from, int number, const wire::Packet&) {
    return from == Side::kA ? number > 1 : number < 3;
  });
  duet.connect(Side::kA, fd, 80, kSecond);
  duet.run(600s);
}

// After one or two lost SYNs: the first window and the first RTO.
void late_handshake(const Subject& subject) {
  Duet duet(subject);
  const Descriptor listener = duet.listen(Side::kB, 80);
  const Descriptor fd = duet.open(Side::kA);
  duet.lose([](Side from, int number, const wire::Packet&) {
    return from == Side::kA && (number < 3 || number == 5);
  });
  const Outcome connecting = duet.connect(Side::kA, fd, 80, kSecond);
  duet.run(30s);
  if (connecting.sleeps()) duet.resume(Side::kA, connecting);
  const Duet::Pair ends{fd, Duet::fd_of(duet.accept(Side::kB, listener))};
  transfer(duet, ends, 50'000, 5ms, 2000);
}

void refused(const Subject& subject) {
  Duet duet(subject);
  const Descriptor fd = duet.open(Side::kA);
  const Outcome connecting = duet.connect(Side::kA, fd, 80, kSecond);
  duet.run(10s);
  if (connecting.sleeps()) duet.resume(Side::kA, connecting);
  duet.listen(Side::kB, 80);
  duet.connect(Side::kA, fd, 80, kSecond);
  duet.run(1s);
}

void data_lost(const Subject& subject) {
  Duet duet(subject);
  const Duet::Pair ends = duet.connection();
  transfer(duet, ends, 20'000, 5ms, 100);
  duet.lose_all_from(Side::kA);
  duet.send(Side::kA, ends.a, 3000);
  duet.run(std::chrono::hours(1));
  duet.send(Side::kA, ends.a, 1);
  duet.send(Side::kA, ends.a, 1);
  duet.recv(Side::kA, ends.a, 1);
}

void data_of_an_orphan_lost(const Subject& subject) {
  Duet duet(subject);
  const Duet::Pair ends = duet.connection();
  transfer(duet, ends, 20'000, 5ms, 100);
  duet.lose_all_from(Side::kA);
  duet.send(Side::kA, ends.a, 3000);
  duet.close(Side::kA, ends.a);
  duet.run(std::chrono::hours(1));
}

void idle_peer_dies(const Subject& subject) {
  Duet duet(subject);
  const Duet::Pair ends = duet.connection();
  for (const policy::SocketOption& option : subject.usual.socket_options) {
    if (option.effect == OptionEffect::kKeepAlive) {
      duet.set(Side::kA, ends.a, option.level, option.number, 1);
    }
  }
  duet.run(std::chrono::hours(3));
  duet.lose_all_from(Side::kB);
  duet.run(std::chrono::hours(5));
}

void idle_without_keep_alive(const Subject& subject) {
  Duet duet(subject);
  duet.connection();
  duet.run(std::chrono::hours(3));
}

// ---- closing

void closing(const Subject& subject) {
  Duet duet(subject);
  const Duet::Pair ends = duet.connection();
  duet.send(Side::kB, ends.b, 100);
  duet.run(500ms);
  duet.close(Side::kA, ends.a);  // with unread data
  duet.run(500ms);
  duet.recv(Side::kB, ends.b, 10);
  duet.send(Side::kB, ends.b, 10);
  duet.run(500ms);
  duet.close(Side::kB, ends.b);
  duet.run(std::chrono::minutes(20));
  duet.take_stock(Side::kA);
}

void orphan_waits(const Subject& subject) {
  Duet duet(subject);
  const Duet::Pair ends = duet.connection();
  duet.close(Side::kA, ends.a);
  for (int i = 0; i < 150; ++i) {
    duet.run(5s);
    duet.take_stock(Side::kA);
  }
  duet.close(Side::kB, ends.b);
  duet.run(10s);
}

// The end of TIME-WAIT to the second, and what comes while it lasts.
void time_wait(const Subject& subject) {
  Duet duet(subject);
  const Duet::Pair ends = duet.connection();
  duet.close(Side::kA, ends.a);
  duet.run(10ms);
  duet.recv(Side::kB, ends.b, 1);
  duet.close(Side::kB, ends.b);
  duet.run(5s);
  duet.lose_all_from(Side::kA);  // a reset would answer
  wire::TcpSegment ack = duet.last_from(Side::kB).clone();
  duet.inject(Side::kA, ack.clone());  // the FIN again, or what was last
  duet.run(3s);
  ack.flags = {.ack = true};
  duet.inject(Side::kA, ack.clone());
  for (int i = 0; i < 600; ++i) {
    duet.run(500ms);
    duet.take_stock(Side::kA);
  }
}

void time_wait_undisturbed(const Subject& subject) {
  Duet duet(subject);
  const Duet::Pair ends = duet.connection();
  duet.run(940ms);  // a little before a whole second
  duet.close(Side::kA, ends.a);
  duet.run(10ms);
  duet.recv(Side::kB, ends.b, 1);
  duet.close(Side::kB, ends.b);
  duet.run(2 * subject.usual.close.msl - 1s);
  for (int i = 0; i < 150; ++i) {
    duet.run(i < 100 ? 20ms : 500ms);
    duet.take_stock(Side::kA);
  }
}

// What a SYN or RST meets in TIME-WAIT: `seq` beyond the peer's last.
void met_in_time_wait(const Subject& subject, const std::vector<uint32_t>& ahead, bool reset,
                      bool listens, bool stamps) {
  Duet duet(subject);
  const Duet::Pair ends = duet.connection();
  duet.close(Side::kB, ends.b);
  duet.run(10ms);
  duet.recv(Side::kA, ends.a, 1);
  duet.close(Side::kA, ends.a);
  duet.run(2s);
  if (!listens) duet.close(Side::kB, 3);
  for (const uint32_t steps : ahead) {
    wire::TcpSegment segment = duet.last_from(Side::kA).clone();
    segment.payload = Payload();
    segment.flags = {.syn = !reset, .rst = reset};
    segment.seq = SeqNum(segment.seq.value() + segment.sequence_length() + steps);
    if (!stamps) segment.options = {};
    duet.inject(Side::kB, std::move(segment));
    duet.run(700ms);
    duet.take_stock(Side::kB);
  }
  duet.run(10s);
  duet.take_stock(Side::kB);
}

void syn_in_time_wait(const Subject& subject) {
  met_in_time_wait(subject, {0u - 5000, 10, 2'000'000'000}, false, true, false);
}
void syn_in_time_wait_beyond(const Subject& subject) {
  met_in_time_wait(subject, {90'000'000}, false, true, true);
}
void syn_in_time_wait_unheard(const Subject& subject) {
  met_in_time_wait(subject, {90'000'000}, false, false, true);
}
void reset_in_time_wait(const Subject& subject) {
  met_in_time_wait(subject, {0}, true, true, true);
}

// From the port of a connection of one's own that waits: bound, or the only one there is.
void connect_again_and_again(const Subject& subject, wire::Ipv4Address to, bool bound) {
  Profile few = subject.profile;
  if (!bound) few.ports.first = few.ports.last = subject.usual.ports.first;
  Duet duet(few, *subject.trail);
  const Side server = to == kOwnLoop ? Side::kA : Side::kB;
  const Descriptor listener = duet.listen(server, 80);
  for (const Duration pause : {700ms, 200ms, 2000ms, 900ms, 70'000ms}) {
    const Descriptor fd = duet.open(Side::kA);
    for (const policy::SocketOption& o : subject.usual.socket_options) {
      const bool wanted = bound && o.effect == OptionEffect::kReuseAddress;
      if (wanted) duet.set(Side::kA, fd, o.level, o.number, 1);
    }
    if (bound) duet.bind(Side::kA, fd, 5000);
    const Outcome connecting = duet.connect(Side::kA, fd, 80, to);
    duet.run(20ms);
    if (connecting.sleeps()) duet.resume(Side::kA, connecting);
    const Outcome accepted = duet.accept(server, listener);
    duet.close(Side::kA, fd);
    duet.run(50ms);
    if (!accepted.error && !accepted.sleeps()) duet.close(server, Duet::fd_of(accepted));
    duet.run(pause);
    duet.take_stock(Side::kA);
  }
}

void connect_over_time_wait(const Subject& subject) {
  for (const wire::Ipv4Address to : {kSecond, kOwnLoop}) {
    for (const bool bound : {true, false}) connect_again_and_again(subject, to, bound);
  }
}

void own_host(const Subject& subject) {
  Duet duet(subject);
  const Descriptor listener = duet.listen(Side::kA, 80);
  for (int i = 0; i < 3; ++i) {
    const Descriptor fd = duet.open(Side::kA);
    duet.bind(Side::kA, fd, i == 0 ? 0 : 5000);
    const Outcome connecting = duet.connect(Side::kA, fd, 80, kOwnLoop);
    duet.run(20ms);
    if (connecting.sleeps()) duet.resume(Side::kA, connecting);
    const Outcome accepted = duet.accept(Side::kA, listener);
    duet.send(Side::kA, fd, 300'000);
    duet.run(50ms);
    if (!accepted.error && !accepted.sleeps()) duet.recv(Side::kA, Duet::fd_of(accepted), 400'000);
    duet.run(300ms);
    duet.close(Side::kA, fd);
    duet.run(20ms);
    if (!accepted.error && !accepted.sleeps()) duet.close(Side::kA, Duet::fd_of(accepted));
    duet.run(i == 0 ? Duration(700ms) : Duration(2s));
    duet.take_stock(Side::kA);
  }
}

// ---- forged and odd segments

void forged(const Subject& subject) {
  for (int kind = 0; kind < 9; ++kind) {
    Duet duet(subject);
    const Duet::Pair ends = duet.connection();
    duet.send(Side::kA, ends.a, 100);
    duet.run(400ms);
    for (int i = 0; i < 14; ++i) {
      wire::TcpSegment segment = duet.last_from(Side::kA).clone();
      segment.seq = SeqNum(segment.seq.value() + segment.sequence_length());
      segment.payload = Payload();
      segment.flags = {.ack = true};
      switch (kind) {
        case 0: segment.flags = {.rst = true}; break;
        case 1:
          segment.flags = {.rst = true};
          segment.seq = SeqNum(segment.seq.value() + 500);
          break;
        case 2: segment.flags = {.syn = true}; break;
        case 3:
          segment.flags = {.syn = true};
          segment.seq = SeqNum(segment.seq.value() + 500);
          break;
        case 4: segment.ack = SeqNum(segment.ack.value() - 2'000'000'000); break;
        case 5:
          segment.options = {};
          segment.payload = Payload::synthetic(0, 0, 10);
          break;
        case 6:
          segment.payload = Payload::synthetic(0, 0, 1000);
          segment.seq = SeqNum(segment.seq.value() + 1000);
          break;
        case 7:
          segment.flags = {.rst = true};
          segment.seq = SeqNum(segment.seq.value() - 1);
          break;
        default: segment.seq = SeqNum(segment.seq.value() - 50'000); break;
      }
      duet.inject(Side::kB, std::move(segment));
      duet.run(i % 2 == 0 ? Duration(20ms) : Duration(330ms));
      duet.recv(Side::kB, ends.b, 1000);
    }
  }
}

// Timestamps of before a month.
void long_idle(const Subject& subject) {
  Duet duet(subject);
  const Duet::Pair ends = duet.connection();
  for (const policy::SocketOption& o : subject.usual.socket_options) {
    if (o.effect != OptionEffect::kKeepIdle) continue;  // no probes meanwhile
    const int64_t longest = std::min<int64_t>(o.at_most, std::chrono::hours(24 * 2000) / o.unit);
    duet.set(Side::kA, ends.a, o.level, o.number, longest);
    duet.set(Side::kB, ends.b, o.level, o.number, longest);
  }
  duet.send(Side::kA, ends.a, 10);
  duet.run(1s);
  for (const auto days : {20, 12, 24, 40, 60}) {
    duet.run(std::chrono::hours(24 * days));
    duet.send(Side::kA, ends.a, 10);
    duet.run(2s);
    duet.recv(Side::kB, ends.b, 100);
    wire::TcpSegment old = duet.last_from(Side::kA).clone();
    old.seq = SeqNum(old.seq.value() + old.sequence_length());
    old.payload = Payload::synthetic(0, 0, 5);
    duet.run(std::chrono::hours(24 * days));
    if (const auto stamps = wire::parse_options(old.options).timestamps; stamps) {
      old.options = {};
      old.options.add_nop();
      old.options.add_nop();
      old.options.add_timestamps({stamps->value - 1000, stamps->echo});
    }
    duet.inject(Side::kB, std::move(old));
    duet.run(1s);
    duet.recv(Side::kB, ends.b, 100);
  }
}

// A peer whose SYN has no options, or asks for ECN.
void bare_syn(const Subject& subject) {
  Duet duet(subject);
  const Descriptor listener = duet.listen(Side::kB, 80);
  for (const bool ecn : {false, true}) {
    wire::TcpSegment syn;
    syn.source = wire::Port{static_cast<uint16_t>(ecn ? 4001 : 4000)};
    syn.destination = wire::Port{80};
    syn.seq = SeqNum(1000);
    syn.flags = {.syn = true};
    syn.flags.ece = syn.flags.cwr = ecn;
    syn.window = 60000;
    duet.inject(Side::kB, syn.clone());
    wire::TcpSegment ack;
    ack.source = syn.source;
    ack.destination = syn.destination;
    ack.seq = SeqNum(1001);
    ack.ack = SeqNum(duet.last_from(Side::kB).seq.value() + 1);
    ack.flags = {.ack = true};
    ack.window = 60000;
    duet.inject(Side::kB, std::move(ack));
    const Outcome accepted = duet.accept(Side::kB, listener);
    if (!accepted.error && !accepted.sleeps()) {
      duet.send(Side::kB, Duet::fd_of(accepted), 5000);
    }
    duet.run(10ms);
  }
}

// Timestamps where there are usually none, or none.
void timestamps_turned(const Subject& subject) {
  Profile other = subject.profile;
  other.timestamps.offered = !subject.usual.timestamps.offered;
  const Subject turned{other, subject.usual, subject.trail};
  bare_syn(turned);
  forged(turned);
  long_idle(turned);
  late_arrivals(turned);
}

// ---- listening

void full_backlog(const Subject& subject) {
  Duet duet(subject);
  const Descriptor listener = duet.listen(Side::kB, 80, 3);
  duet.listen(Side::kB, 81, 1 << 20);
  duet.take_stock(Side::kB);
  std::vector<Outcome> connecting;
  std::vector<Descriptor> clients;
  for (int i = 0; i < 12; ++i) {
    clients.push_back(duet.open(Side::kA));
    connecting.push_back(duet.connect(Side::kA, clients.back(), 80, kSecond));
    duet.run(5ms);
  }
  duet.send(Side::kA, clients[8], 10);
  duet.run(20s);
  duet.take_stock(Side::kB);
  for (int i = 0; i < 4; ++i) duet.accept(Side::kB, listener);
  duet.run(200s);
  duet.take_stock(Side::kB);
}

}  // namespace

const std::vector<Play>& plays() {
  static const std::vector<Play> list = {
      {"dialogue", dialogue},
      {"options", options_by_number},
      {"flags", flags_by_number},
      {"options told", options_told},
      {"closing", closing},
      {"forged", forged},
      {"connect lost", connect_lost},
      {"refused", refused},
      {"rules of connect", rules_of_connect},
      {"rules of errors", rules_of_errors},
      {"rules of accept", rules_of_accept},
      {"requests", requests_by_name},
      {"rules of waiting", rules_of_waiting},
      {"rules of shutdown", rules_of_shutdown},
      {"rules of names", rules_of_names},
      {"rules of queues", rules_of_queues},
      {"rules of buffers", rules_of_buffers},
      {"descriptors run out", descriptors_run_out},
      {"flows run out", flows_run_out},
      {"ports run out", ports_run_out},
      {"skipped ports", skipped_ports},
      {"patient opening", patient_opening},
      {"bulk with losses", bulk_with_losses},
      {"answer lost", answer_lost},
      {"late handshake", late_handshake},
      {"corked", corked},
      {"time wait", time_wait},
      {"SYN in TIME-WAIT", syn_in_time_wait},
      {"SYN beyond", syn_in_time_wait_beyond},
      {"SYN unheard", syn_in_time_wait_unheard},
      {"RST in TIME-WAIT", reset_in_time_wait},
      {"connect over TIME-WAIT", connect_over_time_wait},
      {"TIME-WAITs run out", time_waits_run_out},
      {"orphan waits", orphan_waits},
      {"orphan", data_of_an_orphan_lost},
      {"bare SYN", bare_syn},
      {"smallest backlogs", smallest_backlogs},
      {"full backlog", full_backlog},
      {"handshakes run out", handshakes_run_out},
      {"late cookies", late_cookies},
      {"unreachable", unreachable},
      {"narrow path", narrow_path},
      {"black hole", black_hole},
      {"ECN turned", ecn_turned},
      {"timestamps turned", timestamps_turned},
      {"without scaling", without_scaling},
      {"host's work", costs_of_the_host},
      {"own host", own_host},
      {"lazy reader", lazy_reader},
      {"slow stream", slow_stream},
      {"data lost", data_lost},
      {"full buffer", full_buffer},
      {"flight lost", flight_lost},
      {"repairs lost", repairs_lost},
      {"ACKs lost", acks_lost},
      {"late arrivals", late_arrivals},
      {"small flight", loss_in_a_small_flight},
      {"wide flight", hole_in_a_wide_flight},
      {"fast bulk", fast_bulk_with_a_loss},
      {"TIME-WAIT", time_wait_undisturbed},
      {"data lost behind a router", data_lost_behind_a_router},
      {"IPv6", over_ipv6},
      {"datagrams that wait", datagrams_that_wait},
      {"datagrams of all sizes", datagrams_of_all_sizes},
      {"fragments", fragments},
      {"datagram errors", datagram_errors},
      {"bottleneck", bottleneck},
      {"delay rises", delay_rises},
      {"pieces to the own host", pieces_to_the_own_host},
      {"small peer", small_peer},
      {"high low water", high_low_water},
      {"closed window far away", closed_window_on_a_long_way},
      {"timers that join", timers_that_join},
      {"data lost far away", data_lost_on_a_long_way},
      {"orphan far away", orphan_on_a_long_way},
      {"idle peer dies", idle_peer_dies},
      {"idle", idle_without_keep_alive},
      {"long idle", long_idle},
      {"errors of its own", errors_of_its_own},
      {"remembered delay", remembered_delay},
      {"remembered path", remembered_path},
      {"bulk", bulk},
      {"reader pauses", reader_of_a_wide_window_pauses},
      {"largest buffers", buffers_at_their_largest},
      {"pauses", pauses},
      {"long way", long_way},
      {"closed window", closed_window_unanswered},
  };
  return list;
}

}  // namespace tcptwin::mutate

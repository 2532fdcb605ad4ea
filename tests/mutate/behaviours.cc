#include "tests/mutate/behaviours.h"

#include <algorithm>
#include <optional>

#include "tests/mutate/duet.h"
#include "tests/mutate/sockets.h"
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
uint64_t dialogue(const Profile& profile, const Profile&) {
  Duet duet(profile);
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
  return duet.fingerprint();
}

// What keeps a little in the buffer, and what comes in bursts of small pieces.
uint64_t lazy_reader(const Profile& profile, const Profile&) {
  Duet duet(profile);
  const Duet::Pair ends = duet.connection();
  duet.send(Side::kA, ends.a, 3);
  duet.run(1s);
  for (int round = 0; round < 30; ++round) {
    duet.send(Side::kA, ends.a, round % 2 == 0 ? 100 : 2000);
    duet.run(20ms);
    duet.recv(Side::kB, ends.b, round % 2 == 0 ? 100 : 2000);
    duet.run(250ms);
  }
  return duet.fingerprint();
}

// Moves `bytes` from a to b, reading what is there every `step`; gives up after `limit` steps.
void transfer(Duet& duet, const Duet::Pair& ends, int64_t bytes, Duration step, int limit,
              int64_t each_read = 1 << 20) {
  int64_t left = bytes;
  int64_t unread = bytes;
  for (int i = 0; i < limit && unread > 0; ++i) {
    if (left > 0) {
      const Outcome sent = duet.send(Side::kA, ends.a, static_cast<size_t>(left));
      if (!sent.error) left -= sent.value;
    }
    duet.run(step);
    const Outcome got = duet.recv(Side::kB, ends.b, each_read);
    if (!got.error) unread -= got.value;
  }
}

uint64_t bulk(const Profile& profile, const Profile&) {
  Duet duet(profile, 20ms);
  const Duet::Pair ends = duet.connection();
  transfer(duet, ends, 1'500'000, 10ms, 400);
  duet.run(5s);
  transfer(duet, ends, 200'000, 10ms, 100);
  return duet.fingerprint();
}

uint64_t bulk_with_losses(const Profile& profile, const Profile&) {
  Duet duet(profile, 20ms);
  const Duet::Pair ends = duet.connection();
  duet.lose([](Side from, int number, const wire::Packet&) {
    static const std::vector<int> lost = {12, 40, 41, 45, 90, 91, 92, 93, 150, 260, 270, 300};
    return from == Side::kA && std::find(lost.begin(), lost.end(), number) != lost.end();
  });
  transfer(duet, ends, 600'000, 10ms, 600);
  return duet.fingerprint();
}

// All of one flight but its head is lost: the timer, and what it forgets.
uint64_t flight_lost(const Profile& profile, const Profile&) {
  Duet duet(profile, 5ms);
  const Duet::Pair ends = duet.connection();
  transfer(duet, ends, 60'000, 5ms, 60);
  int count = 0;
  duet.lose([&count](Side from, int, const wire::Packet& packet) {
    return from == Side::kA && packet.tcp.payload_size() > 0 && ++count % 3 != 1 && count < 14;
  });
  transfer(duet, ends, 60'000, 5ms, 2000);
  return duet.fingerprint();
}

// Repeated segments: ACKs that are lost.
uint64_t acks_lost(const Profile& profile, const Profile&) {
  Duet duet(profile, 5ms);
  const Duet::Pair ends = duet.connection();
  int count = 0;
  duet.lose(
      [&count](Side from, int, const wire::Packet&) { return from == Side::kB && ++count < 12; });
  transfer(duet, ends, 30'000, 5ms, 2000);
  return duet.fingerprint();
}

uint64_t full_buffer(const Profile& profile, const Profile&) {
  Duet duet(profile);
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
  return duet.fingerprint();
}

uint64_t closed_window_unanswered(const Profile& profile, const Profile&) {
  Duet duet(profile);
  const Duet::Pair ends = duet.connection();
  for (int i = 0; i < 300; ++i) {
    duet.send(Side::kA, ends.a, 1 << 20);
    duet.run(5ms);
  }
  duet.lose_all_from(Side::kB);
  duet.run(std::chrono::hours(1));
  duet.send(Side::kA, ends.a, 1);
  return duet.fingerprint();
}

// ---- nobody answers

uint64_t connect_lost(const Profile& profile, const Profile&) {
  Duet duet(profile);
  duet.lose_all_from(Side::kA);
  const Descriptor fd = duet.open(Side::kA);
  const Outcome connecting = duet.connect(Side::kA, fd, 80, kSecond);
  duet.run(600s);
  if (connecting.sleeps()) duet.resume(Side::kA, connecting);
  return duet.fingerprint();
}

uint64_t answer_lost(const Profile& profile, const Profile&) {
  Duet duet(profile);
  duet.listen(Side::kB, 80);
  const Descriptor fd = duet.open(Side::kA);
  duet.lose([](Side from, int number, const wire::Packet&) {
    return from == Side::kA ? number > 1 : number < 3;
  });
  duet.connect(Side::kA, fd, 80, kSecond);
  duet.run(600s);
  return duet.fingerprint();
}

// After one or two lost SYNs: the first window and the first RTO.
uint64_t late_handshake(const Profile& profile, const Profile&) {
  Duet duet(profile);
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
  return duet.fingerprint();
}

uint64_t refused(const Profile& profile, const Profile&) {
  Duet duet(profile);
  const Descriptor fd = duet.open(Side::kA);
  const Outcome connecting = duet.connect(Side::kA, fd, 80, kSecond);
  duet.run(10s);
  if (connecting.sleeps()) duet.resume(Side::kA, connecting);
  duet.listen(Side::kB, 80);
  duet.connect(Side::kA, fd, 80, kSecond);
  duet.run(1s);
  return duet.fingerprint();
}

uint64_t data_lost(const Profile& profile, const Profile&) {
  Duet duet(profile);
  const Duet::Pair ends = duet.connection();
  transfer(duet, ends, 20'000, 5ms, 100);
  duet.lose_all_from(Side::kA);
  duet.send(Side::kA, ends.a, 3000);
  duet.run(std::chrono::hours(1));
  duet.send(Side::kA, ends.a, 1);
  duet.send(Side::kA, ends.a, 1);
  duet.recv(Side::kA, ends.a, 1);
  return duet.fingerprint();
}

uint64_t data_of_an_orphan_lost(const Profile& profile, const Profile&) {
  Duet duet(profile);
  const Duet::Pair ends = duet.connection();
  transfer(duet, ends, 20'000, 5ms, 100);
  duet.lose_all_from(Side::kA);
  duet.send(Side::kA, ends.a, 3000);
  duet.close(Side::kA, ends.a);
  duet.run(std::chrono::hours(1));
  return duet.fingerprint();
}

uint64_t idle_peer_dies(const Profile& profile, const Profile& usual) {
  Duet duet(profile);
  const Duet::Pair ends = duet.connection();
  for (const policy::SocketOption& option : usual.socket_options) {
    if (option.effect == OptionEffect::kKeepAlive) {
      duet.set(Side::kA, ends.a, option.level, option.number, 1);
    }
  }
  duet.run(std::chrono::hours(3));
  duet.lose_all_from(Side::kB);
  duet.run(std::chrono::hours(5));
  return duet.fingerprint();
}

uint64_t idle_without_keep_alive(const Profile& profile, const Profile&) {
  Duet duet(profile);
  duet.connection();
  duet.run(std::chrono::hours(3));
  return duet.fingerprint();
}

// ---- closing

uint64_t closing(const Profile& profile, const Profile&) {
  Duet duet(profile);
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
  return duet.fingerprint();
}

uint64_t orphan_waits(const Profile& profile, const Profile&) {
  Duet duet(profile);
  const Duet::Pair ends = duet.connection();
  duet.close(Side::kA, ends.a);
  for (int i = 0; i < 60; ++i) {
    duet.run(5s);
    duet.take_stock(Side::kA);
  }
  duet.close(Side::kB, ends.b);
  duet.run(10s);
  return duet.fingerprint();
}

// The end of TIME-WAIT to the second, and what comes while it lasts.
uint64_t time_wait(const Profile& profile, const Profile&) {
  Duet duet(profile);
  const Duet::Pair ends = duet.connection();
  duet.close(Side::kA, ends.a);
  duet.run(10ms);
  duet.recv(Side::kB, ends.b, 1);
  duet.close(Side::kB, ends.b);
  duet.run(5s);
  wire::TcpSegment ack = duet.last_from(Side::kB).clone();
  duet.inject(Side::kA, ack.clone());  // the FIN again, or what was last
  duet.run(3s);
  ack.flags = {.ack = true};
  duet.inject(Side::kA, ack.clone());
  for (int i = 0; i < 600; ++i) {
    duet.run(500ms);
    duet.take_stock(Side::kA);
  }
  return duet.fingerprint();
}

// What a SYN or RST meets in TIME-WAIT: `seq` beyond the peer's last.
uint64_t met_in_time_wait(const Profile& profile, const std::vector<uint32_t>& ahead, bool reset,
                          bool listens, bool stamps) {
  Duet duet(profile);
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
  return duet.fingerprint();
}

uint64_t syn_in_time_wait(const Profile& profile, const Profile&) {
  return met_in_time_wait(profile, {0u - 5000, 10, 2'000'000'000}, false, true, false);
}
uint64_t syn_in_time_wait_beyond(const Profile& profile, const Profile&) {
  return met_in_time_wait(profile, {90'000'000}, false, true, true);
}
uint64_t syn_in_time_wait_unheard(const Profile& profile, const Profile&) {
  return met_in_time_wait(profile, {90'000'000}, false, false, true);
}
uint64_t reset_in_time_wait(const Profile& profile, const Profile&) {
  return met_in_time_wait(profile, {0}, true, true, true);
}

// From the port of a connection of one's own that waits.
uint64_t connect_over_time_wait(const Profile& profile, const Profile&) {
  Duet duet(profile);
  const Descriptor listener = duet.listen(Side::kB, 80);
  for (int i = 0; i < 3; ++i) {
    const Descriptor fd = duet.open(Side::kA);
    duet.bind(Side::kA, fd, 5000);
    const Outcome connecting = duet.connect(Side::kA, fd, 80, kSecond);
    duet.run(20ms);
    if (connecting.sleeps()) duet.resume(Side::kA, connecting);
    const Outcome accepted = duet.accept(Side::kB, listener);
    duet.close(Side::kA, fd);
    duet.run(20ms);
    if (!accepted.error && !accepted.sleeps()) duet.close(Side::kB, Duet::fd_of(accepted));
    duet.run(i == 0 ? Duration(700ms) : Duration(2s));
  }
  return duet.fingerprint();
}

uint64_t own_host(const Profile& profile, const Profile&) {
  Duet duet(profile);
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
  return duet.fingerprint();
}

// ---- forged and odd segments

uint64_t forged(const Profile& profile, const Profile&) {
  uint64_t all = 0;
  for (int kind = 0; kind < 9; ++kind) {
    Duet duet(profile);
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
    all = all * 31 + duet.fingerprint();
  }
  return all;
}

// Timestamps of before a month.
uint64_t long_idle(const Profile& profile, const Profile&) {
  Duet duet(profile);
  const Duet::Pair ends = duet.connection();
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
  return duet.fingerprint();
}

// A peer whose SYN has no options, or asks for ECN.
uint64_t bare_syn(const Profile& profile, const Profile&) {
  Duet duet(profile);
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
  return duet.fingerprint();
}

// ---- listening

uint64_t full_backlog(const Profile& profile, const Profile&) {
  Duet duet(profile);
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
  return duet.fingerprint();
}

}  // namespace

const std::vector<Play>& plays() {
  static const std::vector<Play> list = {
      {"dialogue", dialogue},
      {"options", options_by_number},
      {"flags", flags_by_number},
      {"bulk with losses", bulk_with_losses},
      {"closing", closing},
      {"forged", forged},
      {"connect lost", connect_lost},
      {"answer lost", answer_lost},
      {"late handshake", late_handshake},
      {"refused", refused},
      {"data lost", data_lost},
      {"orphan", data_of_an_orphan_lost},
      {"full buffer", full_buffer},
      {"lazy reader", lazy_reader},
      {"corked", corked},
      {"sockets", socket_rules},
      {"limits", limits},
      {"time wait", time_wait},
      {"SYN in TIME-WAIT", syn_in_time_wait},
      {"SYN beyond", syn_in_time_wait_beyond},
      {"SYN unheard", syn_in_time_wait_unheard},
      {"RST in TIME-WAIT", reset_in_time_wait},
      {"connect over TIME-WAIT", connect_over_time_wait},
      {"own host", own_host},
      {"orphan waits", orphan_waits},
      {"full backlog", full_backlog},
      {"bare SYN", bare_syn},
      {"flight lost", flight_lost},
      {"ACKs lost", acks_lost},
      {"idle peer dies", idle_peer_dies},
      {"idle", idle_without_keep_alive},
      {"long idle", long_idle},
      {"bulk", bulk},
      {"closed window", closed_window_unanswered},
      {"host's work", costs_of_the_host},
  };
  return list;
}

}  // namespace tcptwin::mutate

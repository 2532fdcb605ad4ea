#include "tests/mutate/paths.h"

#include <algorithm>

#include "stack/wire/icmp_error.h"

namespace tcptwin::mutate {

using socket::Descriptor;
using socket::Outcome;
using Side = Duet::Side;

void transfer(Duet& duet, const Duet::Pair& ends, int64_t bytes, Duration step, int limit,
              int64_t each_read) {
  int64_t left = bytes;
  int64_t unread = bytes;
  for (int i = 0; i < limit && unread > 0 && !duet.is_over(); ++i) {
    if (left > 0) {
      const Outcome sent = duet.send(Side::kA, ends.a, static_cast<size_t>(left));
      if (!sent.error) left -= sent.value;
    }
    duet.run(step);
    const Outcome got = duet.recv(Side::kB, ends.b, each_read);
    if (!got.error) unread -= got.value;
  }
}

namespace {

void report(Duet& duet, wire::IcmpKind kind, uint32_t mtu = 0) {
  auto error = wire::make_icmp_error(duet.last_packet_from(Side::kA), kind, kRouter, mtu);
  if (error) duet.arrive(Side::kA, std::move(*error));
}

void end(Duet& duet, const Duet::Pair& ends) {
  duet.close(Side::kA, ends.a);
  duet.run(500ms);
  duet.recv(Side::kB, ends.b, 1);
  duet.close(Side::kB, ends.b);
  duet.run(500ms);
}

}  // namespace

// Nobody hears the SYNs, and a router says so again and again.
void unreachable(const Subject& subject) {
  for (const auto kind : {wire::IcmpKind::kHostUnreachable, wire::IcmpKind::kPortUnreachable}) {
    Duet duet(subject);
    duet.lose_all_from(Side::kA);
    const Descriptor fd = duet.open(Side::kA);
    const Outcome connecting = duet.connect(Side::kA, fd, 80, kSecond);
    duet.run(10ms);
    report(duet, kind);
    for (int i = 0; i < 60; ++i) {
      duet.run(2s);
      report(duet, kind);
    }
    duet.run(200s);
    if (connecting.sleeps()) duet.resume(Side::kA, connecting);
  }
}

// A router takes small packets only, once; connections of the minutes after.
void narrow_path(const Subject& subject) {
  Duet duet(subject, 20ms);
  const Descriptor listener = duet.listen(Side::kB, 80);
  for (const Duration pause : {Duration(0), Duration(3min), Duration(4min), Duration(7min),
                               Duration(10min), Duration(21min), Duration(46min)}) {
    duet.run(pause);
    const Duet::Pair ends = duet.connection_to(listener, 80, kSecond);
    duet.send(Side::kA, ends.a, 4000);
    duet.run(1ms);
    if (pause.count() == 0) report(duet, wire::IcmpKind::kPacketTooBig, 60);
    transfer(duet, ends, 4000, 20ms, 100);
    end(duet, ends);
  }
}

// What is large vanishes without a word.
void black_hole(const Subject& subject) {
  Duet duet(subject);
  const Duet::Pair ends = duet.connection();
  duet.lose([](Side from, int, const wire::Packet& packet) {
    return from == Side::kA && packet.tcp.payload_size() > 1300;
  });
  transfer(duet, ends, 10'000, 500ms, 400);
}

// Datagrams for nobody.
void errors_of_its_own(const Subject& subject) {
  Duet duet(subject);
  for (int i = 0; i < 300; ++i) {
    for (int k = i == 0 ? 0 : 98; k < 110; ++k) {
      duet.arrive(Side::kB,
                  wire::Packet::of({.source = kFirst, .destination = kSecond},
                                   wire::UdpDatagram{wire::Port{5000}, wire::Port{53}, true, {}}));
    }
    duet.run(5ms);
  }
}

// Connections one after the other, over ways whose delays and losses differ.
void remembered_path(const Subject& subject) {
  struct Leg {
    Duration delay;
    int64_t bytes;
    int exchanges;
    bool loses;
    Duration pause;
  };
  Duet duet(subject);
  const Descriptor listener = duet.listen(Side::kB, 80);
  for (const Leg& leg :
       {Leg{60ms, 60'000, 12, true, 1s}, Leg{5ms, 200'000, 0, false, 1s},
        Leg{60ms, 0, 2, false, 1s}, Leg{5ms, 0, 0, false, 1s}, Leg{90ms, 0, 5, false, 1s},
        Leg{5ms, 0, 0, false, 1s}, Leg{60ms, 60'000, 20, true, 1s}, Leg{5ms, 0, 3, false, 7min},
        Leg{70ms, 0, 20, true, 1s}, Leg{5ms, 0, 2, false, 15min}, Leg{60ms, 60'000, 30, true, 1s},
        Leg{5ms, 200'000, 0, false, 45min}, Leg{70ms, 0, 20, true, 1s},
        Leg{5ms, 0, 0, false, 90min}, Leg{5ms, 60'000, 20, true, 1s},
        Leg{5ms, 200'000, 1, false, 1s}}) {
    duet.run(leg.pause);
    duet.set_delay(leg.delay);
    const Duet::Pair ends = duet.connection_to(listener, 80, kSecond);
    int count = 0;
    duet.lose([&](Side from, int, const wire::Packet& packet) {
      if (from != Side::kA || packet.tcp.payload_size() == 0) return false;
      if (leg.bytes >= 200'000) return false;  // what it remembers lasts
      return ++count == 1 || (leg.loses && count == 6);
    });
    transfer(duet, ends, 100, 50ms, 100);  // the first timeout
    transfer(duet, ends, leg.bytes, 20ms, 100);
    for (int i = 0; i < leg.exchanges; ++i) transfer(duet, ends, 100, 2 * leg.delay, 2);
    if (leg.loses) {
      count = -20;
      transfer(duet, ends, 100'000, 20ms, 200);
    }
    duet.lose_nothing();
    end(duet, ends);
  }
}

// The first SYN of a later connection, two destinations, and room for one of them.
void remembered_delay(const Subject& subject) {
  policy::Profile near = subject.profile;
  near.destination_cache.entries -= subject.usual.destination_cache.entries - 1;
  if (near.destination_cache.entries < 0) return;
  Duet duet(near, *subject.trail, 150ms);
  const Descriptor listener = duet.listen(Side::kB, 80);
  for (int round = 0; round < 6; ++round) {
    const wire::Ipv4Address to = round % 4 < 2 ? kSecond : kSecondAfar;
    duet.set_delay(round % 2 == 0 ? 150ms : 2ms);
    int count = 0;
    duet.lose([&count, round](Side from, int, const wire::Packet& packet) {
      const bool counts = packet.tcp.payload_size() > 0 || packet.tcp.flags.syn;
      return from == Side::kA && round % 2 == 1 && counts && (++count == 1 || count == 3);
    });
    const Descriptor fd = duet.open(Side::kA);
    const Outcome connecting = duet.connect(Side::kA, fd, 80, to);
    duet.run(10s);
    if (connecting.sleeps()) duet.resume(Side::kA, connecting);
    const Duet::Pair ends{fd, Duet::fd_of(duet.accept(Side::kB, listener))};
    for (int i = 0; i < 20; ++i) transfer(duet, ends, 100, 400ms, 2);
    end(duet, ends);
  }
}

namespace {

void late_arrivals_of(const Subject& subject) {
  for (const bool overtaken : {false, true}) {
    Duet duet(subject, 20ms);
    const Duet::Pair ends = duet.connection();
    transfer(duet, ends, 200'000, 10ms, 200);
    for (const int number : {3, 30}) {
      int count = 0;
      duet.detour([&count, number, overtaken](Side from, int, const wire::Packet& packet) {
        const bool counts = from == Side::kA && packet.tcp.payload_size() > 0 && ++count >= number;
        if (overtaken) return counts && count == number ? Duration(35ms) : Duration{};
        return counts && count < number + 12 ? Duration(900ms) : Duration{};
      });
      transfer(duet, ends, 200'000, 10ms, 500);
    }
  }
}

}  // namespace

// Packets that come too late for the sender's patience, and ones that others overtake; also where
// nobody reports duplicates.
void late_arrivals(const Subject& subject) {
  policy::Profile silent = subject.profile;
  silent.recovery.duplicate_sack = !subject.usual.recovery.duplicate_sack;
  late_arrivals_of(subject);
  late_arrivals_of({silent, subject.usual, subject.trail});
}

// A fat pipe with a round trip of 400 ms: some losses, and the seconds between them.
void long_way(const Subject& subject) {
  Duet duet(subject, 200ms);
  const Duet::Pair ends = duet.connection();
  int count = 0;
  duet.lose([&count](Side from, int, const wire::Packet& packet) {
    if (from != Side::kA || packet.tcp.payload_size() == 0) return false;
    ++count;
    return count == 120 || count == 600 || count == 800 || count == 1000;
  });
  transfer(duet, ends, 3'500'000, 50ms, 600);
}

// A peer that is near, but behind a router.
void data_lost_behind_a_router(const Subject& subject) {
  Duet duet(subject);
  const Descriptor listener = duet.listen(Side::kB, 80);
  const Duet::Pair ends = duet.connection_to(listener, 80, kSecondAfar);
  for (int i = 0; i < 12; ++i) transfer(duet, ends, 100, 100ms, 2);
  duet.lose_all_from(Side::kA);
  duet.send(Side::kA, ends.a, 3000);
  duet.run(30s);
}

// The other version of IP: a connection, and a SYN that names no segment size.
void over_ipv6(const Subject& subject) {
  Duet duet(subject);
  const Descriptor listener = duet.open(Side::kB);
  duet.bind(Side::kB, listener, 80, wire::IpAddress::any_v6());
  duet.listen_on(Side::kB, listener);
  const Duet::Pair ends = duet.connection_to(listener, 80, v6_of(kSecond));
  transfer(duet, ends, 20'000, 10ms, 20);
  duet.lose_all_from(Side::kA);
  wire::Packet packet;
  packet.ip = {.source = v6_of(kFirst), .destination = v6_of(kSecond)};
  packet.tcp.source = wire::Port{4000};
  packet.tcp.destination = wire::Port{80};
  packet.tcp.seq = SeqNum(1000);
  packet.tcp.flags = {.syn = true};
  packet.tcp.window = 60000;
  duet.arrive(Side::kB, packet.clone());
  packet.tcp.flags = {.ack = true};
  packet.tcp.seq = SeqNum(1001);
  packet.tcp.ack = duet.last_from(Side::kB).seq + 1;
  duet.arrive(Side::kB, std::move(packet));
  const Outcome accepted = duet.accept(Side::kB, listener);
  if (!accepted.error && !accepted.sleeps()) duet.send(Side::kB, Duet::fd_of(accepted), 5000);
  duet.run(1s);
}

void data_lost_on_a_long_way(const Subject& subject) {
  Duet duet(subject, 200ms);
  const Duet::Pair ends = duet.connection();
  for (int i = 0; i < 20; ++i) transfer(duet, ends, 100, 500ms, 2);
  duet.lose_all_from(Side::kA);
  duet.send(Side::kA, ends.a, 3000);
  duet.run(std::chrono::hours(2));
  duet.send(Side::kA, ends.a, 1);
}

// The window closes, is probed and answered, then nobody answers any more.
void closed_window_on_a_long_way(const Subject& subject) {
  Duet duet(subject, 300ms);
  const Duet::Pair ends = duet.connection();
  for (int i = 0; i < 60; ++i) {
    duet.send(Side::kA, ends.a, 1 << 20);
    duet.run(2s);
  }
  duet.lose_all_from(Side::kB);
  duet.run(std::chrono::hours(2));
  duet.send(Side::kA, ends.a, 1);
}

// What the socket leaves behind when the round trip takes 20 s.
void orphan_on_a_long_way(const Subject& subject) {
  Duet duet(subject, 10s);
  const Descriptor listener = duet.listen(Side::kB, 80);
  const Descriptor fd = duet.open(Side::kA);
  const Outcome connecting = duet.connect(Side::kA, fd, 80, kSecond);
  duet.run(60s);
  if (connecting.sleeps()) duet.resume(Side::kA, connecting);
  const Duet::Pair ends{fd, Duet::fd_of(duet.accept(Side::kB, listener))};
  transfer(duet, ends, 100, 30s, 4);
  duet.close(Side::kA, ends.a);
  for (int i = 0; i < 60; ++i) {
    duet.run(5s);
    duet.take_stock(Side::kA);
  }
  duet.send(Side::kB, ends.b, 10);
  duet.run(60s);
}

}  // namespace tcptwin::mutate

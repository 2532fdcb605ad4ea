#include "tests/mutate/datagrams.h"

#include <utility>
#include <vector>

#include "stack/wire/icmp_error.h"
#include "tests/mutate/duet.h"

namespace tcptwin::mutate {

using policy::OptionEffect;
using socket::Descriptor;
using socket::Outcome;
using Side = Duet::Side;

namespace {

const socket::Address kServer{kSecond, wire::Port{53}};

Descriptor open(Duet& duet, Side side) {
  return Duet::fd_of(duet.noted(
      duet.stack(side).open_datagram_socket(duet.now(), duet.caller(side), socket::Family::kIpv4)));
}

Outcome send_to(Duet& duet, Side side, Descriptor fd, size_t bytes, const socket::Address& to) {
  return duet.noted(duet.stack(side).send_to(duet.now(), duet.caller(side), fd,
                                             Payload::synthetic(0, 0, bytes), kDontWait, to));
}

void tell_queue(Duet& duet, Descriptor fd) {
  duet.noted(duet.stack(Side::kB).queue_length(duet.now(), duet.caller(Side::kB), fd,
                                               socket::QueueLength::kUnread));
}

void report(Duet& duet, wire::IcmpKind kind) {
  auto error = wire::make_icmp_error(duet.last_packet_from(Side::kA), kind, kRouter);
  if (error) duet.arrive(Side::kA, std::move(*error));
}

}  // namespace

// Until the buffer holds no more; large ones, then small ones, at the host's size and at others.
void datagrams_that_wait(const Subject& subject) {
  for (const size_t size : {size_t{9000}, size_t{1000}, size_t{1}}) {
    Duet duet(subject);
    const Descriptor server = open(duet, Side::kB);
    duet.recv(Side::kB, server, 10);
    duet.bind(Side::kB, server, 53);
    for (const policy::SocketOption& o : subject.usual.socket_options) {
      const bool bounds =
          o.effect == OptionEffect::kReceiveBuffer || o.effect == OptionEffect::kSendBuffer;
      if (bounds) duet.get(Side::kB, server, o.level, o.number);
      const bool smaller = o.effect == OptionEffect::kReceiveBuffer && size < 1000;
      if (smaller) duet.set(Side::kB, server, o.level, o.number, 8000);
    }
    const Descriptor client = open(duet, Side::kA);
    int sent = 0;
    for (int64_t left = subject.usual.udp.receive_buffer * 3; left > 0 && sent < 2000; ++sent) {
      send_to(duet, Side::kA, client, size, kServer);
      left -= static_cast<int64_t>(size) + 100;
      if (sent % 50 == 0) duet.run(2ms);
    }
    duet.run(50ms);
    tell_queue(duet, server);
    duet.recv(Side::kB, server, static_cast<int64_t>(size / 2));  // cut
    for (int i = 0; i < sent && !duet.is_over(); ++i) {
      if (duet.recv(Side::kB, server, 10'000).error) break;
    }
    tell_queue(duet, server);
  }
}

void datagrams_of_all_sizes(const Subject& subject) {
  Duet duet(subject);
  const Descriptor server = open(duet, Side::kB);
  duet.bind(Side::kB, server, 53);
  for (int i = 0; i < 4; ++i) {
    const Descriptor client = open(duet, Side::kA);
    duet.send(Side::kA, client, 10);  // without a peer
    for (const size_t size : {0, 100, 1400, 1472, 1473, 8192, 9216, 9217, 20'000, 65'507}) {
      send_to(duet, Side::kA, client, size, kServer);
      duet.run(1ms);
      duet.recv(Side::kB, server, 70'000);
    }
    duet.connect(Side::kA, client, 53, kSecond);
    duet.send(Side::kA, client, 10);
    send_to(duet, Side::kA, client, 10, kServer);
    send_to(duet, Side::kA, client, 10, {kSecondAfar, wire::Port{53}});
    duet.run(5ms);
  }
  for (int i = 0; i < 60; ++i) {  // as much as the sender's buffer holds
    send_to(duet, Side::kA, open(duet, Side::kA), 1 + subject.usual.udp.send_buffer / 8, kServer);
  }
  duet.run(100ms);
}

// Datagrams for nobody in pieces: of so many pieces, more than there is room for, and one that is
// never whole.
void fragments(const Subject& subject) {
  policy::Profile narrow = subject.profile;
  narrow.fragments.memory -= subject.usual.fragments.memory - 40'000;
  if (narrow.fragments.memory < 1) narrow.fragments.memory = 1;
  Duet duet(narrow, *subject.trail);
  duet.lose_all_from(Side::kA);
  const auto pieces = [&](bool v4, uint16_t id, uint32_t count, uint32_t bytes) {
    const wire::IpHeader ip{.source = v4 ? wire::IpAddress(kFirst) : v6_of(kFirst),
                            .destination = v4 ? wire::IpAddress(kSecond) : v6_of(kSecond),
                            .id = id};
    const wire::Packet whole = wire::Packet::of(
        ip, wire::UdpDatagram{wire::Port{5000}, wire::Port{53}, true,
                              Payload::synthetic(0, 0, size_t{count} * bytes - 8)});
    return wire::cut(whole, ip.size() + (v4 ? 0 : wire::kFragmentHeaderSize) + bytes, id);
  };
  for (const bool v4 : {true, false}) {
    for (uint16_t count = 10; count < 90; count += 3) {
      for (wire::Packet& piece : pieces(v4, count, count, 64)) {
        duet.arrive(Side::kB, std::move(piece));
      }
      duet.run(20ms);
    }
    std::vector<wire::Packet> ends;
    for (uint16_t id = 100; id < 180; ++id) {
      std::vector<wire::Packet> both = pieces(v4, id, 2, 800);
      duet.arrive(Side::kB, std::move(both.front()));
      ends.push_back(std::move(both.back()));
    }
    for (wire::Packet& end : ends) {
      duet.arrive(Side::kB, std::move(end));
      duet.run(10ms);
    }
    duet.arrive(Side::kB, std::move(pieces(v4, 200, 2, 800).front()));
    for (int i = 0; i < 30; ++i) duet.run(5s);
    const policy::FragmentConfig& usual = subject.usual.fragments;
    const Duration time = v4 ? usual.time : usual.time_v6;
    for (const Duration late :
         {time - 10ms, time + 10ms}) {  // the second piece, just in time or not
      std::vector<wire::Packet> both = pieces(v4, 210, 2, 800);
      duet.arrive(Side::kB, std::move(both.front()));
      duet.run(late);
      duet.arrive(Side::kB, std::move(both.back()));
      duet.run(200s);
    }
  }
}

// Nobody listens, and routers know no way.
void datagram_errors(const Subject& subject) {
  using Kind = wire::IcmpKind;
  for (const bool connected : {false, true}) {
    for (const Kind kind : {Kind::kPortUnreachable, Kind::kHostUnreachable, Kind::kProhibited,
                            Kind::kNetworkUnreachable, Kind::kProtocolUnreachable}) {
      Duet duet(subject);
      duet.lose_all_from(Side::kA);
      const Descriptor client = open(duet, Side::kA);
      if (connected) duet.connect(Side::kA, client, 53, kSecond);
      const auto sends = [&] {
        if (connected) return duet.send(Side::kA, client, 10);
        return send_to(duet, Side::kA, client, 10, kServer);
      };
      sends();
      duet.run(1ms);
      report(duet, kind);
      duet.poll(Side::kA, client);
      duet.recv(Side::kA, client, 10);
      duet.recv(Side::kA, client, 10);
      sends();
      duet.run(1ms);
      report(duet, kind);
      const wire::UdpDatagram* last = duet.last_packet_from(Side::kA).udp();
      if (last == nullptr) continue;
      const wire::Port port = last->source;
      duet.arrive(Side::kA, wire::Packet::of({.source = kSecond, .destination = kFirst},
                                             wire::UdpDatagram{wire::Port{53}, port, true,
                                                               Payload::synthetic(0, 0, 5)}));
      for (int i = 0; i < 3; ++i) duet.recv(Side::kA, client, 10);
      sends();
      sends();
    }
  }
}

}  // namespace tcptwin::mutate

#include "tests/mutate/streams.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "tests/mutate/paths.h"

namespace tcptwin::mutate {

using socket::Descriptor;
using Side = Duet::Side;

void bulk(const Subject& subject) {
  Duet duet(subject, 20ms);
  const Duet::Pair ends = duet.connection();
  transfer(duet, ends, 1'500'000, 10ms, 400);
  duet.run(5s);
  transfer(duet, ends, 200'000, 10ms, 100);
}

void bulk_with_losses(const Subject& subject) {
  Duet duet(subject, 20ms);
  const Duet::Pair ends = duet.connection();
  duet.lose([](Side from, int number, const wire::Packet&) {
    static const std::vector<int> lost = {12, 40, 41, 45, 90, 91, 92, 93, 150, 260, 270, 300};
    return from == Side::kA && std::find(lost.begin(), lost.end(), number) != lost.end();
  });
  transfer(duet, ends, 600'000, 10ms, 600);
}

// All of one flight but its head is lost: the timer, and what it forgets.
void flight_lost(const Subject& subject) {
  Duet duet(subject, 5ms);
  const Duet::Pair ends = duet.connection();
  transfer(duet, ends, 60'000, 5ms, 60);
  int count = 0;
  duet.lose([&count](Side from, int, const wire::Packet& packet) {
    return from == Side::kA && packet.tcp.payload_size() > 0 && ++count % 3 != 1 && count < 14;
  });
  transfer(duet, ends, 60'000, 5ms, 2000);
}

// Repeated segments: ACKs that are lost.
void acks_lost(const Subject& subject) {
  Duet duet(subject, 5ms);
  const Duet::Pair ends = duet.connection();
  int count = 0;
  duet.lose(
      [&count](Side from, int, const wire::Packet&) { return from == Side::kB && ++count < 12; });
  transfer(duet, ends, 30'000, 5ms, 2000);
}

// After a pause of less than an RTO, of some RTOs, and of minutes.
void pauses(const Subject& subject) {
  Duet duet(subject, 20ms);
  const Duet::Pair ends = duet.connection();
  transfer(duet, ends, 400'000, 10ms, 400);
  for (const Duration pause :
       {Duration(120ms), Duration(300ms), Duration(3s), Duration(100s), Duration(300s)}) {
    duet.run(pause);
    transfer(duet, ends, 150'000, 10ms, 200);
    for (int i = 0; i < 40; ++i) transfer(duet, ends, 3000, 50ms, 10);
    transfer(duet, ends, 150'000, 10ms, 200);
  }
}

// Fast enough for bursts, and no longer in slow start.
void fast_bulk_with_a_loss(const Subject& subject) {
  Duet duet(subject);
  const Duet::Pair ends = duet.connection();
  int count = 0;
  duet.lose([&count](Side from, int, const wire::Packet& packet) {
    return from == Side::kA && packet.tcp.payload_size() > 0 && ++count == 60;
  });
  transfer(duet, ends, 700'000, 1ms, 2000);
}

// Every other segment of a flight is lost, and for some time every repetition.
void repairs_lost(const Subject& subject) {
  Duet duet(subject, 20ms);
  const Duet::Pair ends = duet.connection();
  transfer(duet, ends, 60'000, 10ms, 100);
  const Instant end = duet.now() + 800ms;
  std::optional<SeqNum> highest;
  int count = 0;
  duet.lose([&](Side from, int, const wire::Packet& packet) {
    if (from != Side::kA || packet.tcp.payload_size() == 0) return false;
    const bool again =
        highest && static_cast<int32_t>(packet.tcp.seq.value() - highest->value()) <= 0;
    if (again) return duet.now() < end;
    highest = packet.tcp.seq;
    return ++count < 14 && count % 2 == 1;
  });
  transfer(duet, ends, 100'000, 10ms, 500);
}

// A few segments where many would have been allowed, one of them lost; then many.
void loss_in_a_small_flight(const Subject& subject) {
  Duet duet(subject, 20ms);
  const Duet::Pair ends = duet.connection();
  transfer(duet, ends, 300'000, 10ms, 200);
  int count = 0;
  duet.lose([&count](Side from, int, const wire::Packet& packet) {
    return from == Side::kA && packet.tcp.payload_size() > 0 && ++count == 2;
  });
  transfer(duet, ends, 10'000, 10ms, 100);
  transfer(duet, ends, 300'000, 10ms, 200);
}

void hole_in_a_wide_flight(const Subject& subject) {
  Duet duet(subject, 20ms);
  const Duet::Pair ends = duet.connection();
  transfer(duet, ends, 900'000, 10ms, 300);
  duet.run(50ms);
  int count = 0;
  duet.lose([&count](Side from, int, const wire::Packet& packet) {
    return from == Side::kA && packet.tcp.payload_size() > 0 && ++count == 1;
  });
  transfer(duet, ends, 300'000, 10ms, 200);
}

namespace {

// The buffer of the sender limits nothing.
void set_large_buffer(const Subject& subject, Duet& duet, const Duet::Pair& ends) {
  for (const policy::SocketOption& o : subject.usual.socket_options) {
    const bool buffer = o.effect == policy::OptionEffect::kSendBuffer;
    if (buffer) duet.set(Side::kA, ends.a, o.level, o.number, subject.usual.sockets.send_cap);
  }
}

}  // namespace

// Packets leave a narrow link one by one: the queue before it grows.
void bottleneck(const Subject& subject) {
  struct Way {
    Duration each, delay;
  };
  for (const Way& way : {Way{400us, 20ms}, Way{700us, 10ms}, Way{150us, 10ms}, Way{100us, 120ms},
                         Way{3ms, 5ms}, Way{2200us, 14ms}, Way{3ms, 25ms}, Way{2500us, 100ms}}) {
    Duet duet(subject, way.delay);
    const Duet::Pair ends = duet.connection();
    if (way.delay == 20ms) set_large_buffer(subject, duet, ends);
    Instant free_at;
    duet.detour([&](Side from, int, const wire::Packet&) {
      if (from == Side::kB) return Duration{};
      free_at = std::max(free_at, duet.now()) + way.each;
      return free_at - duet.now();
    });
    transfer(duet, ends, 900'000, 5ms, 400);
  }
}

// The receive buffer has grown to its largest when the reader stops.
void reader_of_a_wide_window_pauses(const Subject& subject) {
  Duet duet(subject, 20ms);
  const Duet::Pair ends = duet.connection();
  set_large_buffer(subject, duet, ends);
  transfer(duet, ends, 6'000'000, 10ms, 100);
  for (int i = 0; i < 12; ++i) {
    duet.send(Side::kA, ends.a, 1'000'000);
    duet.run(10ms);
  }
  transfer(duet, ends, 100'000, 10ms, 20);
}

// In the midst of slow start the way becomes a little longer.
void delay_rises(const Subject& subject) {
  struct Way {
    Duration delay, rise;
    int64_t before;
  };
  for (const Way& way :
       {Way{10ms, 3ms, 100'000}, Way{10ms, 3ms, 12'000}, Way{10ms, 1500us, 100'000},
        Way{10ms, 1500us, 300'000}, Way{5ms, 800us, 300'000}, Way{100ms, 10ms, 100'000},
        Way{100ms, 6ms, 100'000}}) {
    Duet duet(subject, way.delay);
    const Duet::Pair ends = duet.connection();
    set_large_buffer(subject, duet, ends);
    transfer(duet, ends, way.before, 5ms, 400);
    duet.set_delay(way.delay + way.rise);
    transfer(duet, ends, 500'000, 5ms, 600);
  }
}

// Small segments that a host sends to itself and leaves unread.
void pieces_to_the_own_host(const Subject& subject) {
  Duet duet(subject);
  const Descriptor listener = duet.listen(Side::kA, 80);
  const Descriptor fd = duet.open(Side::kA);
  const socket::Outcome connecting = duet.connect(Side::kA, fd, 80, kOwnLoop);
  duet.run(20ms);
  if (connecting.sleeps()) duet.resume(Side::kA, connecting);
  const Descriptor server = Duet::fd_of(duet.accept(Side::kA, listener));
  for (const size_t size : {size_t{1000}, size_t{20'000}}) {
    for (int i = 0; i < 60; ++i) {
      duet.send(Side::kA, fd, size);
      if (i % 3 == 2) duet.run(1ms);
    }
    duet.run(100ms);
    duet.recv(Side::kA, server, 1 << 22);
    duet.run(100ms);
    duet.recv(Side::kA, server, 1 << 22);
  }
}

// A program that wants much at once, and a buffer that fills while it waits.
void high_low_water(const Subject& subject) {
  Duet duet(subject);
  const Duet::Pair ends = duet.connection();
  for (const policy::SocketOption& o : subject.usual.socket_options) {
    if (o.effect == policy::OptionEffect::kReceiveLowWater) {
      duet.set(Side::kB, ends.b, o.level, o.number, 150'000);
    }
  }
  transfer(duet, ends, 200'000, 5ms, 200);
}

// A peer, played by hand, whose window is so small that half of it is a small segment.
void small_peer(const Subject& subject) {
  Duet duet(subject);
  duet.lose_all_from(Side::kA);
  const Descriptor fd = duet.open(Side::kA);
  const socket::Outcome connecting = duet.connect(Side::kA, fd, 80, kSecond);
  duet.run(1ms);
  wire::TcpSegment answer;
  answer.source = wire::Port{80};
  answer.destination = duet.last_from(Side::kA).source;
  answer.seq = SeqNum(5000);
  answer.flags = {.syn = true, .ack = true};
  answer.options.add_mss(1460);
  const auto answers = [&](int window) {
    const wire::TcpSegment& last = duet.last_from(Side::kA);
    answer.ack = last.seq + last.sequence_length();
    answer.window = static_cast<uint16_t>(window);
    duet.inject(Side::kA, answer.clone());
  };
  answers(2000);
  answer.seq = SeqNum(5001);
  answer.flags = {.ack = true};
  answer.options = {};
  duet.run(10ms);
  if (connecting.sleeps()) duet.resume(Side::kA, connecting);
  duet.send(Side::kA, fd, 10);
  duet.send(Side::kA, fd, 1200);
  for (int i = 0; i < 2; ++i) {
    duet.run(50ms);
    answers(2000);
  }
  duet.send(Side::kA, fd, 9000);
  for (const int window : {1100, 2000, 1100, 900, 2000}) {
    duet.run(7s);
    answers(window);
  }
}

// Small and full segments one by one, unread, over a long way; a program may sleep in recv.
void slow_stream(const Subject& subject) {
  for (const bool reader : {false, true}) {
    for (const size_t size : {size_t{100}, size_t{1448}}) {
      Duet duet(subject, 200ms);
      const Duet::Pair ends = duet.connection();
      for (int i = 0; i < 30; ++i) {
        if (reader && i == 20) duet.recv(Side::kB, ends.b, 1 << 20, {.wait_all = true});
        duet.send(Side::kA, ends.a, size, {.dont_wait = true, .more = size > 1000});
        duet.run(i % 10 < 7 ? 700ms : 590ms);
      }
    }
  }
}

}  // namespace tcptwin::mutate

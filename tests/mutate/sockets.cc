#include "tests/mutate/sockets.h"

#include <algorithm>
#include <optional>

#include "tests/mutate/duet.h"

namespace tcptwin::mutate {

namespace {

using policy::OptionEffect;
using policy::Profile;
using policy::SocketOption;
using socket::Descriptor;
using socket::Outcome;
using Side = Duet::Side;

const SocketOption* with_effect(const Profile& profile, OptionEffect effect) {
  for (const SocketOption& option : profile.socket_options) {
    if (option.effect == effect) return &option;
  }
  return nullptr;
}

void set_usual(Duet& duet, Side side, Descriptor fd, const Profile& usual, OptionEffect effect,
               const socket::OptionValue& value) {
  if (const SocketOption* o = with_effect(usual, effect)) {
    duet.set(side, fd, o->level, o->number, value);
  }
}

// A program that goes by the names finds the number in the headers of the host.
void set_by_name(Duet& duet, Descriptor fd, const Profile& profile, const SocketOption& wanted) {
  for (const SocketOption& o : profile.socket_options) {
    if (o.level_name != wanted.level_name || o.name != wanted.name) continue;
    duet.set(Side::kA, fd, o.level, o.number, 1);
    duet.get(Side::kA, fd, o.level, o.number);
  }
}

bool is_time(OptionEffect effect) {
  switch (effect) {
    case OptionEffect::kKeepIdle:
    case OptionEffect::kKeepInterval:
    case OptionEffect::kConnectTimeout:
    case OptionEffect::kOrphanTime:
    case OptionEffect::kDeferAccept:
    case OptionEffect::kUserTimeout: return true;
    default: return false;
  }
}

// Sets one option before and after the connection is there, and lets it act.
void try_option(const Subject& subject, const SocketOption& option, Duet& duet) {
  const Descriptor listener = duet.listen(Side::kB, 80);
  duet.set(Side::kB, listener, option.level, option.number, 3);
  duet.get(Side::kB, listener, option.level, option.number);
  const Descriptor fd = duet.open(Side::kA);
  for (const int64_t value : {option.at_least - 1, option.at_least, option.at_most,
                              option.at_most + 1, int64_t{0}, int64_t{70'000}, int64_t{3}}) {
    if (value >= INT32_MIN && value <= INT32_MAX) {
      duet.set(Side::kA, fd, option.level, option.number, value);
      duet.get(Side::kA, fd, option.level, option.number);
    }
  }
  set_by_name(duet, fd, subject.profile, option);
  duet.set(Side::kA, fd, option.level, option.number, {3, 3});
  const bool segment = option.effect == OptionEffect::kMaxSegment;
  if (segment) duet.set(Side::kA, fd, option.level, option.number, 600);
  const Outcome connecting = duet.connect(Side::kA, fd, 80, kSecond);
  duet.run(50ms);
  if (connecting.sleeps()) duet.resume(Side::kA, connecting);
  const Outcome accepted = duet.accept(Side::kB, listener);
  duet.send(Side::kA, fd, 10);
  duet.send(Side::kA, fd, 4000);
  duet.set(Side::kA, fd, option.level, option.number, segment ? 500 : 1);
  duet.get(Side::kA, fd, option.level, option.number);
  duet.run(300ms);
  if (segment) duet.send(Side::kA, fd, 4000);
  if (!accepted.error && !accepted.sleeps()) {
    const Descriptor server = Duet::fd_of(accepted);
    duet.recv(Side::kB, server, 1000);
    duet.send(Side::kB, server, 2000, {.dont_wait = true, .out_of_band = true});
    duet.run(300ms);
  }
  duet.recv(Side::kA, fd, 100);
  duet.get(Side::kA, fd, option.level, option.number);
  const Outcome sleeping = duet.recv(Side::kA, fd, 1 << 20, {.wait_all = true});
  duet.lose_all_from(Side::kB);
  if (is_time(option.effect)) duet.send(Side::kA, fd, 10);
  duet.run(30s);
  if (sleeping.sleeps()) duet.resume(Side::kA, sleeping);
  duet.get(Side::kA, fd, option.level, option.number);
}

// Where one end alone has it.
void listener_without_options(const Subject& subject) {
  Duet duet(subject);
  const Descriptor listener = duet.listen(Side::kB, 80);
  set_usual(duet, Side::kB, listener, subject.usual, OptionEffect::kNoOptions, 1);
  const Duet::Pair ends = duet.connection_to(listener, 80, kSecond);
  duet.send(Side::kA, ends.a, 20'000);
  duet.run(1s);
}

// A call that sleeps for as long as the program allows.
void writer_with_a_limit(const Subject& subject) {
  for (const auto effect : {OptionEffect::kSendTimeout, OptionEffect::kUserTimeout}) {
    Duet duet(subject);
    const Duet::Pair ends = duet.connection();
    set_usual(duet, Side::kA, ends.a, subject.usual, effect, 700);
    duet.lose_all_from(Side::kB);
    duet.send(Side::kA, ends.a, 30'000'000);
    const Outcome sleeping = duet.send(Side::kA, ends.a, 30'000'000, {});
    duet.run(2000s);
    if (sleeping.sleeps()) duet.resume(Side::kA, sleeping);
    duet.send(Side::kA, ends.a, 1);
  }
}

}  // namespace

void options_by_number(const Subject& subject) {
  for (const SocketOption& option : subject.usual.socket_options) {
    Duet duet(subject);
    if (option.effect == OptionEffect::kKeepIdle || option.effect == OptionEffect::kKeepInterval ||
        option.effect == OptionEffect::kKeepCount) {
      const Duet::Pair ends = duet.connection();
      set_usual(duet, Side::kA, ends.a, subject.usual, OptionEffect::kKeepAlive, 1);
      set_usual(duet, Side::kA, ends.a, subject.usual, OptionEffect::kKeepIdle, 3);
      duet.set(Side::kA, ends.a, option.level, option.number, 4);
      duet.run(1s);
      duet.lose_all_from(Side::kB);
      duet.run(1000s);
    }
    try_option(subject, option, duet);
  }
  listener_without_options(subject);
  writer_with_a_limit(subject);
}

// What getsockopt says of a fresh socket, of a connected one, and later on.
void options_told(const Subject& subject) {
  Duet duet(subject, 5ms);
  const auto tell = [&](Side side, Descriptor fd) {
    for (const SocketOption& o : subject.usual.socket_options) {
      duet.get(side, fd, o.level, o.number);
    }
  };
  tell(Side::kA, duet.open(Side::kA));
  const Duet::Pair ends = duet.connection();
  for (int i = 0; i < 30; ++i) {
    if (i % 10 == 0) tell(Side::kA, ends.a);
    if (i % 10 == 0) tell(Side::kB, ends.b);
    duet.send(Side::kA, ends.a, 100'000);
    duet.run(10ms);
    duet.recv(Side::kB, ends.b, 200'000);
  }
}

void flags_by_number(const Subject& subject) {
  const std::vector<policy::MessageFlag>& flags_now = subject.profile.message_flags;
  subject.trail->mix(flags_now.size());
  for (const policy::MessageFlag& flag : subject.usual.message_flags) {
    using E = policy::MessageFlagEffect;
    const auto same = std::find_if(flags_now.begin(), flags_now.end(),
                                   [&](const auto& f) { return f.name == flag.name; });
    if (same == flags_now.end()) continue;
    subject.trail->mix(same->number);
    subject.trail->mark();
    const socket::MessageFlags flags{.dont_wait = true,
                                     .wait_all = same->effect == E::kWaitAll,
                                     .peek = same->effect == E::kPeek,
                                     .more = same->effect == E::kMore,
                                     .no_signal = same->effect == E::kNoSignal,
                                     .out_of_band = same->effect == E::kOutOfBand,
                                     .truncate = same->effect == E::kTruncate};
    Duet duet(subject);
    const Duet::Pair ends = duet.connection();
    duet.send(Side::kA, ends.a, 100, flags);
    duet.run(500ms);
    socket::MessageFlags reading = flags;
    reading.dont_wait = same->effect == E::kDontWait;
    duet.recv(Side::kB, ends.b, 200, reading);
    duet.recv(Side::kB, ends.b, 50);
    duet.close(Side::kB, ends.b);
    duet.run(100ms);
    duet.send(Side::kA, ends.a, 1, flags);
    duet.run(100ms);
    duet.send(Side::kA, ends.a, 1, flags);
  }
}

// The requests of ioctl that the host knows by name.
void requests_by_name(const Subject& subject) {
  const std::vector<policy::SocketRequest>& now = subject.profile.socket_requests;
  subject.trail->mix(now.size());
  Duet duet(subject);
  const Duet::Pair ends = duet.connection();
  duet.send(Side::kA, ends.a, 100);
  duet.run(1ms);
  for (const policy::SocketRequest& request : subject.usual.socket_requests) {
    const auto same =
        std::find_if(now.begin(), now.end(), [&](const auto& r) { return r.name == request.name; });
    const bool known = same != now.end();
    subject.trail->mix(known ? 1 + static_cast<uint64_t>(same->effect) : 0);
    subject.trail->mark();
  }
}

// What Nagle and a cork hold, and what lets it go.
void corked(const Subject& subject) {
  Duet duet(subject);
  const Duet::Pair ends = duet.connection();
  const socket::MessageFlags more{.dont_wait = true, .more = true};
  const auto pause = [&](Duration span) {
    duet.run(span);
    duet.recv(Side::kB, ends.b, 1 << 20);
    duet.run(20ms);
  };
  duet.send(Side::kA, ends.a, 50, more);
  pause(8s);
  duet.send(Side::kA, ends.a, 3000, more);
  pause(8s);
  duet.send(Side::kA, ends.a, 10);
  duet.send(Side::kA, ends.a, 10);
  set_usual(duet, Side::kA, ends.a, subject.usual, OptionEffect::kNoDelay, 1);
  pause(1s);
  duet.send(Side::kA, ends.a, 10);
  duet.send(Side::kA, ends.a, 10);
  pause(1s);
  set_usual(duet, Side::kA, ends.a, subject.usual, OptionEffect::kNoDelay, 0);
  set_usual(duet, Side::kA, ends.a, subject.usual, OptionEffect::kCork, 1);
  duet.send(Side::kA, ends.a, 10);
  pause(8s);
  duet.send(Side::kA, ends.a, 10);
  duet.run(1ms);
  set_usual(duet, Side::kA, ends.a, subject.usual, OptionEffect::kCork, 0);
  pause(8s);
  duet.send(Side::kA, ends.a, 5000);
  duet.send(Side::kA, ends.a, 100);
  pause(1s);
  for (int i = 0; i < 6; ++i) {
    duet.send(Side::kA, ends.a, 1448 + 200);
    duet.run(300us);
    duet.send(Side::kA, ends.a, 800);
    pause(500ms);
  }
}

void rules_of_connect(const Subject& subject) {
  Duet duet(subject);
  const Descriptor fd = duet.open(Side::kA);
  duet.poll(Side::kA, fd);
  duet.send(Side::kA, fd, 10);
  duet.recv(Side::kA, fd, 10);
  duet.noted(duet.stack(Side::kA).set_non_blocking(duet.now(), duet.caller(Side::kA), fd, true));
  duet.connect(Side::kA, fd, 80, kSecond);  // nobody listens
  duet.send(Side::kA, fd, 10);
  duet.run(5s);
  duet.poll(Side::kA, fd);
  duet.connect(Side::kA, fd, 80, kSecond);
  duet.run(5s);
  duet.connect(Side::kA, fd, 80, kSecond);
  duet.run(5s);
  const Descriptor listener = duet.listen(Side::kB, 80);
  duet.noted(
      duet.stack(Side::kB).set_non_blocking(duet.now(), duet.caller(Side::kB), listener, true));
  const Descriptor other = duet.open(Side::kA);
  duet.noted(duet.stack(Side::kA).set_non_blocking(duet.now(), duet.caller(Side::kA), other, true));
  duet.connect(Side::kA, other, 80, kSecond);
  duet.run(5s);
  duet.connect(Side::kA, other, 80, kSecond);
  duet.connect(Side::kA, other, 80, kSecond);
  const Outcome accepted = duet.accept(Side::kB, listener);
  duet.recv(Side::kB, Duet::fd_of(accepted), 10, {});  // sleeps unless it inherited
  duet.connect(Side::kB, listener, 80, kFirst);
  duet.connect(Side::kB, duet.open(Side::kB), 80, wire::Ipv4Address(0xe0000001));  // multicast
  duet.shutdown(Side::kB, listener, socket::Shutdown::kRead);
  duet.take_stock(Side::kB);
}

// SO_ERROR fetches the failure first.
void rules_of_errors(const Subject& subject) {
  Duet duet(subject);
  const Descriptor fd = duet.open(Side::kA);
  duet.noted(duet.stack(Side::kA).set_non_blocking(duet.now(), duet.caller(Side::kA), fd, true));
  duet.connect(Side::kA, fd, 80, kSecond);
  duet.run(5s);
  const SocketOption* error = with_effect(subject.usual, OptionEffect::kError);
  duet.get(Side::kA, fd, error->level, error->number);
  duet.connect(Side::kA, fd, 80, kSecond);
  const Duet::Pair ends = duet.connection(81);
  duet.send(Side::kA, ends.a, 10);
  duet.run(500ms);
  set_usual(duet, Side::kB, ends.b, subject.usual, OptionEffect::kLinger, {1, 0});
  duet.close(Side::kB, ends.b);  // RST
  duet.run(500ms);
  duet.poll(Side::kA, ends.a);
  for (int i = 0; i < 3; ++i) {
    duet.recv(Side::kA, ends.a, 10);
    duet.send(Side::kA, ends.a, 10);
  }
}

// A connection that is reset before anybody has accepted it.
void rules_of_accept(const Subject& subject) {
  Duet duet(subject);
  const Descriptor listener = duet.listen(Side::kB, 80);
  const Descriptor fd = duet.open(Side::kA);
  const Outcome connecting = duet.connect(Side::kA, fd, 80, kSecond);
  duet.run(20ms);
  if (connecting.sleeps()) duet.resume(Side::kA, connecting);
  set_usual(duet, Side::kA, fd, subject.usual, OptionEffect::kLinger, {1, 0});
  duet.close(Side::kA, fd);  // RST
  duet.run(20ms);
  duet.take_stock(Side::kB);
  const Outcome accepted = duet.accept(Side::kB, listener);
  if (!accepted.error && !accepted.sleeps()) duet.recv(Side::kB, Duet::fd_of(accepted), 1);
}

// MSG_WAITALL while only a part is there.
void rules_of_waiting(const Subject& subject) {
  Duet duet(subject);
  const Duet::Pair ends = duet.connection();
  const Outcome sleeping = duet.recv(Side::kB, ends.b, 3000, {.wait_all = true});
  for (int i = 0; i < 3; ++i) {
    duet.send(Side::kA, ends.a, 1000);
    duet.run(300ms);
    duet.take_stock(Side::kB);
    if (sleeping.sleeps()) duet.resume(Side::kB, sleeping);
    duet.take_stock(Side::kB);
  }
}

void rules_of_shutdown(const Subject& subject) {
  Duet duet(subject);
  const Duet::Pair ends = duet.connection();
  duet.send(Side::kA, ends.a, 10);
  duet.run(500ms);
  duet.shutdown(Side::kB, ends.b, socket::Shutdown::kRead);
  duet.recv(Side::kB, ends.b, 10);
  duet.send(Side::kA, ends.a, 10);
  duet.run(500ms);
  duet.recv(Side::kB, ends.b, 10);
  duet.shutdown(Side::kA, ends.a, socket::Shutdown::kWrite);
  duet.run(500ms);
  duet.poll(Side::kB, ends.b);
  duet.send(Side::kA, ends.a, 10);
  const Duet::Pair more = duet.connection(81);
  const Outcome sleeping = duet.recv(Side::kA, more.a, 10, {});
  duet.close(Side::kA, more.a);
  duet.run(500ms);
  if (sleeping.sleeps()) duet.resume(Side::kA, sleeping);
  duet.run(500ms);
  for (const bool non_blocking : {true, false}) {
    const Duet::Pair last = duet.connection(non_blocking ? 82 : 83);
    duet.noted(duet.stack(Side::kA).set_non_blocking(duet.now(), duet.caller(Side::kA), last.a,
                                                     non_blocking));
    set_usual(duet, Side::kA, last.a, subject.usual, OptionEffect::kLinger, {1, 2});
    duet.lose_all_from(Side::kB);
    duet.send(Side::kA, last.a, 5000);
    const Outcome closing = duet.close(Side::kA, last.a);
    duet.run(10s);
    if (closing.sleeps()) duet.resume(Side::kA, closing);
    duet.run(20s);
    duet.take_stock(Side::kA);
    duet.lose_nothing();
  }
}

void rules_of_names(const Subject& subject) {
  Duet duet(subject);
  const auto reuse = [&](Descriptor fd) {
    set_usual(duet, Side::kA, fd, subject.usual, OptionEffect::kReuseAddress, 1);
  };
  duet.listen(Side::kA, 80);
  for (const wire::Ipv4Address address : {wire::Ipv4Address(), kFirst, kOwnLoop}) {
    for (const bool wanted : {false, true}) {
      const Descriptor fd = duet.open(Side::kA);
      if (wanted) reuse(fd);
      duet.bind(Side::kA, fd, 80, address);
      const Descriptor first = duet.open(Side::kA);
      if (wanted) reuse(first);
      duet.bind(Side::kA, first, 90, address);
    }
  }
}

void rules_of_queues(const Subject& subject) {
  Duet duet(subject);
  for (const auto kind : {socket::QueueKind::kEpoll, socket::QueueKind::kKqueue}) {
    duet.noted(duet.stack(Side::kA).open_queue(duet.now(), duet.caller(Side::kA), kind));
  }
}

void rules_of_buffers(const Subject& subject) {
  Duet duet(subject);
  const Descriptor fd = duet.open(Side::kA);
  const policy::SocketConfig& rules = subject.usual.sockets;
  for (const auto effect : {OptionEffect::kSendBuffer, OptionEffect::kReceiveBuffer}) {
    const SocketOption* option = with_effect(subject.usual, effect);
    const int64_t cap = effect == OptionEffect::kSendBuffer ? rules.send_cap : rules.receive_cap;
    for (const int64_t value : {int64_t{0}, int64_t{1}, int64_t{1000}, cap / 2, cap, cap + 1}) {
      duet.set(Side::kA, fd, option->level, option->number, value);
      duet.get(Side::kA, fd, option->level, option->number);
    }
  }
}

}  // namespace tcptwin::mutate

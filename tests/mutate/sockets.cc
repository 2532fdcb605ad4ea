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
void try_option(const Profile& profile, const SocketOption& option, Duet& duet) {
  const Descriptor listener = duet.listen(Side::kB, 80);
  duet.set(Side::kB, listener, option.level, option.number, 3);
  const Descriptor fd = duet.open(Side::kA);
  for (const int64_t value : {option.at_least - 1, option.at_least, option.at_most,
                              option.at_most + 1, int64_t{0}, int64_t{70'000}, int64_t{3}}) {
    if (value >= INT32_MIN && value <= INT32_MAX) {
      duet.set(Side::kA, fd, option.level, option.number, value);
      duet.get(Side::kA, fd, option.level, option.number);
    }
  }
  set_by_name(duet, fd, profile, option);
  duet.set(Side::kA, fd, option.level, option.number, {3, 3});
  const Outcome connecting = duet.connect(Side::kA, fd, 80, kSecond);
  duet.run(50ms);
  if (connecting.sleeps()) duet.resume(Side::kA, connecting);
  const Outcome accepted = duet.accept(Side::kB, listener);
  duet.send(Side::kA, fd, 10);
  duet.send(Side::kA, fd, 4000);
  duet.set(Side::kA, fd, option.level, option.number, 1);
  duet.get(Side::kA, fd, option.level, option.number);
  duet.run(300ms);
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

}  // namespace

uint64_t options_by_number(const Profile& profile, const Profile& usual) {
  uint64_t all = 0;
  for (const SocketOption& option : usual.socket_options) {
    Duet duet(profile);
    if (option.effect == OptionEffect::kKeepIdle || option.effect == OptionEffect::kKeepInterval ||
        option.effect == OptionEffect::kKeepCount) {
      const Duet::Pair ends = duet.connection();
      set_usual(duet, Side::kA, ends.a, usual, OptionEffect::kKeepAlive, 1);
      set_usual(duet, Side::kA, ends.a, usual, OptionEffect::kKeepIdle, 3);
      duet.set(Side::kA, ends.a, option.level, option.number, 4);
      duet.run(1s);
      duet.lose_all_from(Side::kB);
      duet.run(1000s);
    }
    try_option(profile, option, duet);
    all = all * 31 + duet.fingerprint();
  }
  return all;
}

uint64_t flags_by_number(const Profile& profile, const Profile& usual) {
  uint64_t all = profile.message_flags.size();
  for (const policy::MessageFlag& flag : usual.message_flags) {
    using E = policy::MessageFlagEffect;
    const auto same = std::find_if(profile.message_flags.begin(), profile.message_flags.end(),
                                   [&](const auto& f) { return f.name == flag.name; });
    if (same == profile.message_flags.end()) continue;
    all = all * 31 + same->number;
    const socket::MessageFlags flags{.dont_wait = true,
                                     .wait_all = same->effect == E::kWaitAll,
                                     .peek = same->effect == E::kPeek,
                                     .more = same->effect == E::kMore,
                                     .no_signal = same->effect == E::kNoSignal,
                                     .out_of_band = same->effect == E::kOutOfBand,
                                     .truncate = same->effect == E::kTruncate};
    Duet duet(profile);
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
    all = all * 31 + duet.fingerprint();
  }
  return all;
}

// What Nagle and a cork hold, and what lets it go.
uint64_t corked(const Profile& profile, const Profile& usual) {
  Duet duet(profile);
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
  set_usual(duet, Side::kA, ends.a, usual, OptionEffect::kNoDelay, 1);
  pause(1s);
  duet.send(Side::kA, ends.a, 10);
  duet.send(Side::kA, ends.a, 10);
  pause(1s);
  set_usual(duet, Side::kA, ends.a, usual, OptionEffect::kNoDelay, 0);
  set_usual(duet, Side::kA, ends.a, usual, OptionEffect::kCork, 1);
  duet.send(Side::kA, ends.a, 10);
  pause(8s);
  duet.send(Side::kA, ends.a, 10);
  duet.run(1ms);
  set_usual(duet, Side::kA, ends.a, usual, OptionEffect::kCork, 0);
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
  return duet.fingerprint();
}

namespace {

void rules_of_connect(const Profile& profile, uint64_t& all) {
  Duet duet(profile);
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
  duet.shutdown(Side::kB, listener, socket::Shutdown::kRead);
  duet.take_stock(Side::kB);
  all = all * 31 + duet.fingerprint();
}

// SO_ERROR fetches the failure first.
void rules_of_errors(const Profile& profile, const Profile& usual, uint64_t& all) {
  Duet duet(profile);
  const Descriptor fd = duet.open(Side::kA);
  duet.noted(duet.stack(Side::kA).set_non_blocking(duet.now(), duet.caller(Side::kA), fd, true));
  duet.connect(Side::kA, fd, 80, kSecond);
  duet.run(5s);
  const SocketOption* error = with_effect(usual, OptionEffect::kError);
  duet.get(Side::kA, fd, error->level, error->number);
  duet.connect(Side::kA, fd, 80, kSecond);
  const Duet::Pair ends = duet.connection(81);
  duet.send(Side::kA, ends.a, 10);
  duet.run(500ms);
  set_usual(duet, Side::kB, ends.b, usual, OptionEffect::kLinger, {1, 0});
  duet.close(Side::kB, ends.b);  // RST
  duet.run(500ms);
  duet.poll(Side::kA, ends.a);
  for (int i = 0; i < 3; ++i) {
    duet.recv(Side::kA, ends.a, 10);
    duet.send(Side::kA, ends.a, 10);
  }
  all = all * 31 + duet.fingerprint();
}

void rules_of_shutdown(const Profile& profile, const Profile& usual, uint64_t& all) {
  Duet duet(profile);
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
    set_usual(duet, Side::kA, last.a, usual, OptionEffect::kLinger, {1, 2});
    duet.lose_all_from(Side::kB);
    duet.send(Side::kA, last.a, 5000);
    const Outcome closing = duet.close(Side::kA, last.a);
    duet.run(10s);
    if (closing.sleeps()) duet.resume(Side::kA, closing);
    duet.run(20s);
    duet.take_stock(Side::kA);
    duet.lose_nothing();
  }
  all = all * 31 + duet.fingerprint();
}

void rules_of_names(const Profile& profile, const Profile& usual, uint64_t& all) {
  Duet duet(profile);
  const auto reuse = [&](Descriptor fd) {
    set_usual(duet, Side::kA, fd, usual, OptionEffect::kReuseAddress, 1);
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
  all = all * 31 + duet.fingerprint();
}

void rules_of_queues(const Profile& profile, uint64_t& all) {
  Duet duet(profile);
  for (const auto kind : {socket::QueueKind::kEpoll, socket::QueueKind::kKqueue}) {
    duet.noted(duet.stack(Side::kA).open_queue(duet.now(), duet.caller(Side::kA), kind));
  }
  all = all * 31 + duet.fingerprint();
}

void rules_of_buffers(const Profile& profile, const Profile& usual, uint64_t& all) {
  Duet duet(profile);
  const Descriptor fd = duet.open(Side::kA);
  const policy::SocketConfig& rules = usual.sockets;
  for (const auto effect : {OptionEffect::kSendBuffer, OptionEffect::kReceiveBuffer}) {
    const SocketOption* option = with_effect(usual, effect);
    const int64_t cap = effect == OptionEffect::kSendBuffer ? rules.send_cap : rules.receive_cap;
    for (const int64_t value : {int64_t{0}, int64_t{1}, int64_t{1000}, cap / 2, cap, cap + 1}) {
      duet.set(Side::kA, fd, option->level, option->number, value);
      duet.get(Side::kA, fd, option->level, option->number);
    }
  }
  all = all * 31 + duet.fingerprint();
}

}  // namespace

uint64_t socket_rules(const Profile& profile, const Profile& usual) {
  uint64_t all = 0;
  rules_of_connect(profile, all);
  rules_of_errors(profile, usual, all);
  rules_of_shutdown(profile, usual, all);
  rules_of_names(profile, usual, all);
  rules_of_queues(profile, all);
  rules_of_buffers(profile, usual, all);
  return all;
}

// Limits, brought within reach by what the usual ones are above a handful.
uint64_t limits(const Profile& profile, const Profile& usual) {
  Profile near = profile;
  const int32_t descriptors = usual.sockets.descriptors_per_process - 12;
  near.sockets.descriptors_per_process -= descriptors;
  near.sockets.descriptors_per_host -= usual.sockets.descriptors_per_host - 16;
  if (near.sockets.descriptors_per_process < 3 || near.sockets.descriptors_per_host < 1) return 1;
  Duet duet(near);
  for (int i = 0; i < 20; ++i)
    duet.noted(duet.stack(Side::kA).open_socket(duet.now(), duet.caller(Side::kA)));
  const socket::Caller other{duet.stack(Side::kA).add_process(), RecordId::kNone};
  for (int i = 0; i < 20; ++i) duet.noted(duet.stack(Side::kA).open_socket(duet.now(), other));

  Profile few = profile;
  few.ports.last -= usual.ports.last - usual.ports.first - 7;
  if (few.ports.last < few.ports.first) return 2;
  Duet ports(few);
  ports.listen(Side::kB, 80);
  for (int i = 0; i < 12; ++i) {
    const Descriptor fd = ports.open(Side::kA);
    ports.connect(Side::kA, fd, i % 3 == 0 ? 81 : 80, kSecond);
    ports.run(5ms);
  }
  for (int i = 0; i < 12; ++i) ports.bind(Side::kA, ports.open(Side::kA), 0);
  const Descriptor again = ports.open(Side::kA);
  ports.bind(Side::kA, again, 6000);
  ports.connect(Side::kA, again, 80, kSecond);
  ports.run(5ms);
  return duet.fingerprint() * 31 + ports.fingerprint();
}

}  // namespace tcptwin::mutate

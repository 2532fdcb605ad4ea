// socket_calls_data.cc: send and recv: how much they take and give, when they sleep, which error
// they report and how often.
#include <algorithm>
#include <utility>

#include "stack/base/check.h"
#include "stack/host/native_stack.h"

namespace tcptwin::host {

using socket::Caller;
using socket::Descriptor;
using socket::MessageFlags;
using socket::Outcome;
using socket::PendingOperation;
using socket::Socket;

// The connection's error, if nobody has been told yet or the host tells everybody.
std::optional<Errno> NativeStack::take_error(Socket& s) {
  if (s.datagrams) return std::exchange(s.datagrams->error, std::nullopt);
  const tcp::Connection* c = connection(s);
  if (c == nullptr || !c->error() || s.error_taken) return std::nullopt;
  s.error_taken = !profile_->sockets.errors_are_sticky;
  return c->error();
}

Outcome NativeStack::broken_pipe(const Socket& s, MessageFlags flags) const {
  Outcome outcome = Outcome::failed(Errno::kEPIPE);
  outcome.broken_pipe_signal =
      profile_->sockets.broken_pipe_signal && !flags.no_signal && !s.known_options().no_signal;
  return outcome;
}

Outcome NativeStack::send(Instant now, const Caller& caller, Descriptor fd, Payload data,
                          MessageFlags flags) {
  Socket* s = find(caller, fd);
  if (s == nullptr) return not_found(caller, fd);
  if (s->datagrams) {
    return send_datagram(now, caller, socket_index(caller, fd), std::move(data), flags, nullptr);
  }
  PendingOperation operation;
  operation.kind = PendingOperation::Kind::kSend;
  operation.caller = caller;
  operation.flags = flags;
  operation.rest = std::move(data);
  Outcome outcome = try_send(now, *s, operation, caller.record);
  if (!outcome.sleeps()) return outcome;
  if (flags.dont_wait || s->non_blocking) {
    return operation.done > 0 ? Outcome::done(operation.done) : Outcome::failed(Errno::kEAGAIN);
  }
  operation.deadline =
      limit(now, policy::OptionEffect::kSendTimeout, s->known_options().send_timeout);
  return sleep(socket_index(caller, fd), s->first_sleeper, std::move(operation));
}

Outcome NativeStack::try_send(Instant now, Socket& s, PendingOperation& operation,
                              RecordId record) {
  const policy::SocketConfig& rules = profile_->sockets;
  tcp::Connection* c = connection(s);
  if (c == nullptr) {
    return rules.unconnected_send_is_broken_pipe ? broken_pipe(s, operation.flags)
                                                 : Outcome::failed(Errno::kENOTCONN);
  }
  if (tcp::is_opening(c->state())) {
    if (!rules.connecting_send_waits) return Outcome::failed(Errno::kENOTCONN);
    return Outcome::sleeping(socket::kNotYet);
  }
  const bool over = c->state() == tcp::State::kClosed || c->write_ended();
  if (over || (c->error() && !s.error_taken)) {
    // A call that has taken something says so; the next one fails.
    if (operation.done > 0) return Outcome::done(operation.done);
    const auto error = take_error(s);
    if (error && *error != Errno::kEPIPE) return Outcome::failed(*error);
    return broken_pipe(s, operation.flags);
  }
  while (!operation.rest.empty()) {  // transmission may make room, so it happens inside
    const tcp::WriteFlags flags{.more = operation.flags.more,
                                .began = operation.done > 0,
                                .urgent = operation.flags.out_of_band};
    const int64_t taken = c->write(now, operation.rest, flags, record);
    operation.done += taken;
    if (taken > 0 || flags.began) settle(now, s.connection);
    if (taken == 0) break;
  }
  if (operation.rest.empty() && !(operation.done > 0 && c->holds_the_writer())) {
    return Outcome::done(operation.done);
  }
  if (operation.timed_out && operation.done > 0) return Outcome::done(operation.done);
  return Outcome::sleeping(socket::kNotYet);
}

Outcome NativeStack::recv(Instant now, const Caller& caller, Descriptor fd, int64_t count,
                          MessageFlags flags) {
  Socket* s = find(caller, fd);
  if (s == nullptr) return not_found(caller, fd);
  if (flags.out_of_band && s->datagrams) return Outcome::failed(Errno::kEOPNOTSUPP);
  if (flags.out_of_band) return recv_urgent(*s);
  PendingOperation operation;
  operation.kind = PendingOperation::Kind::kRecv;
  operation.caller = caller;
  operation.flags = flags;
  operation.wanted = count;
  operation.pinned = pins(*s, operation);
  Outcome outcome = try_recv(now, *s, operation, caller.record);
  if (!outcome.sleeps()) return outcome;
  if (flags.dont_wait || s->non_blocking) {
    operation.timed_out = true;
    outcome = try_recv(now, *s, operation, caller.record);
    return outcome.sleeps() ? Outcome::failed(Errno::kEAGAIN) : std::move(outcome);
  }
  operation.deadline =
      limit(now, policy::OptionEffect::kReceiveTimeout, s->known_options().receive_timeout);
  return sleep(socket_index(caller, fd), s->first_sleeper, std::move(operation));
}

// MSG_OOB: the one byte that is kept apart from the stream. Never sleeps.
Outcome NativeStack::recv_urgent(Socket& s) {
  tcp::Connection* c = connection(s);
  if (c == nullptr) return Outcome::failed(Errno::kENOTCONN);
  if (s.known_options().out_of_band_inline) return Outcome::failed(Errno::kEINVAL);
  Outcome outcome;
  outcome.data = c->read_urgent();
  outcome.value = static_cast<int64_t>(outcome.data.size());
  if (outcome.value > 0) return outcome;
  return Outcome::failed(c->urgent_announced() ? Errno::kEAGAIN : Errno::kEINVAL);
}

// facts/linux.md C18: a large read that has to wait hands its buffer to the copying engine.
bool NativeStack::pins(const Socket& s, const PendingOperation& operation) const {
  const int64_t least = profile_->receive_window.pinned_read_above;
  const tcp::Connection* c = connection(s);
  if (least == 0 || c == nullptr || operation.flags.peek || operation.wanted <= least) return false;
  const int64_t low_water = std::min(operation.wanted, s.known_options().receive_low_water);
  return c->unread() < (operation.flags.wait_all ? operation.wanted : low_water);
}

Outcome NativeStack::try_recv(Instant now, Socket& s, PendingOperation& operation,
                              RecordId record) {
  if (s.datagrams) return try_recv_datagram(s, operation);
  Outcome outcome = recv_what_is_there(now, s, operation, record);
  if (operation.pinned && !outcome.sleeps() && connection(s) != nullptr) {
    connection(s)->release_read(record);
    settle(now, s.connection);
  }
  return outcome;
}

// facts/darwin.md 2: soreceive waits for all of a request that the buffer can hold.
bool NativeStack::leaves_data(const Socket& s, const tcp::Connection& c,
                              const PendingOperation& operation) const {
  const MessageFlags& flags = operation.flags;
  const int64_t missing = operation.wanted - static_cast<int64_t>(operation.rest.size());
  if (!profile_->sockets.wait_all_leaves_data || !flags.wait_all) return false;
  if (flags.dont_wait || s.non_blocking || missing > c.receive_buffer()) return false;
  const bool over =
      c.error() || c.peer_finished() || s.read_shut || c.state() == tcp::State::kClosed;
  return c.unread() > 0 && c.unread() < missing && !over;
}

// operation.rest holds what MSG_WAITALL has collected so far; it is given back when all is there,
// at the end of the stream, at an error, or when the time is over.
Outcome NativeStack::recv_what_is_there(Instant now, Socket& s, PendingOperation& operation,
                                        RecordId record) {
  tcp::Connection* c = connection(s);
  if (c == nullptr) return Outcome::failed(Errno::kENOTCONN);
  const int64_t wanted = operation.wanted;
  if (wanted == 0) return Outcome::done(0);
  const MessageFlags flags = operation.flags;
  if (c->unread() > 0 && flags.peek) {
    const int64_t low_water = flags.wait_all ? wanted : 1;
    const bool over = c->peer_finished() || c->state() == tcp::State::kClosed;
    if (c->unread() < low_water && !over && !operation.timed_out)
      return Outcome::sleeping(socket::kNotYet);
    Outcome outcome;
    outcome.data = c->peek(std::min(wanted, c->unread()));
    outcome.value = static_cast<int64_t>(outcome.data.size());
    return outcome;
  }
  const int64_t low_water = std::min(wanted, s.known_options().receive_low_water);
  const int64_t target = flags.wait_all ? wanted : low_water;
  if (leaves_data(s, *c, operation)) {
    return operation.timed_out ? Outcome::failed(Errno::kEAGAIN)
                               : Outcome::sleeping(socket::kNotYet);
  }
  if (c->unread() > 0) {
    operation.rest.append(c->read(now, wanted - static_cast<int64_t>(operation.rest.size()), record,
                                  operation.pinned));
    settle(now, s.connection);
  }
  const auto got = static_cast<int64_t>(operation.rest.size());
  const bool failed = c->error() && !s.error_taken;
  const bool ended = failed || c->peer_finished() || s.read_shut ||
                     c->state() == tcp::State::kClosed || operation.timed_out;
  if (got > 0 && (got >= target || ended)) {
    Outcome outcome;
    outcome.value = got;
    if (!flags.truncate) outcome.data = std::move(operation.rest);
    return outcome;
  }
  if (const auto error = take_error(s)) return Outcome::failed(*error);
  if (ended && !operation.timed_out) return Outcome::done(0);
  if (c->peer_finished() || s.read_shut || c->state() == tcp::State::kClosed) {
    return Outcome::done(0);
  }
  return Outcome::sleeping(socket::kNotYet);
}

// Where SHUT_RD throws data away, it does so as soon as it comes.
void NativeStack::discard_after_shutdown(Instant now, Socket& s) {
  using Rule = policy::SocketConfig::ShutdownRead;
  tcp::Connection* c = connection(s);
  if (!s.read_shut || c == nullptr || c->unread() == 0) return;
  if (profile_->sockets.shutdown_read != Rule::kDiscards) return;
  c->read(now, c->unread(), c->cause());
}

}  // namespace tcptwin::host

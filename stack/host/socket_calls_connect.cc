// socket_calls_connect.cc: accept and connect, asleep or not, and what a failed connect leaves.
#include <utility>

#include "stack/base/check.h"
#include "stack/host/native_stack.h"

namespace tcptwin::host {

using socket::Caller;
using socket::Descriptor;
using socket::kNoIndex;
using socket::Outcome;
using socket::PendingOperation;
using socket::Socket;
using FailedConnect = policy::SocketConfig::FailedConnect;

// ---- accept

Outcome NativeStack::accept(Instant now, const Caller& caller, Descriptor fd) {
  Socket* s = find(caller, fd);
  if (s == nullptr) return not_found(caller, fd);
  if (s->datagrams) return Outcome::failed(Errno::kEOPNOTSUPP);
  if (s->role != Socket::Role::kListener) return Outcome::failed(Errno::kEINVAL);
  Outcome outcome = try_accept(*s, caller);
  if (!outcome.sleeps()) return outcome;
  if (s->non_blocking) return Outcome::failed(Errno::kEAGAIN);
  PendingOperation operation;
  operation.kind = PendingOperation::Kind::kAccept;
  operation.caller = caller;
  operation.deadline =
      limit(now, policy::OptionEffect::kReceiveTimeout, s->known_options().receive_timeout);
  return sleep(socket_index(caller, fd), s->first_sleeper, std::move(operation));
}

Outcome NativeStack::try_accept(Socket& s, const Caller& caller) {
  if (s.role != Socket::Role::kListener) return Outcome::failed(Errno::kEINVAL);
  if (s.listening->accept_queue.empty()) return Outcome::sleeping(socket::kNotYet);
  const uint32_t first = s.listening->accept_queue.front();
  if (profile_->sockets.accept_reports_abort &&
      connections_[first].connection->state() == tcp::State::kClosed) {
    s.listening->accept_queue.drop_front();
    remove_connection(first);
    return Outcome::failed(Errno::kECONNABORTED);
  }
  const uint32_t accepted = new_socket();
  Outcome outcome = enter_file(caller, socket::FileRef::socket(accepted));
  if (outcome.error) {  // the connection stays in the queue
    sockets_[accepted].reset();
    free_sockets_.push_back(accepted);
    return outcome;
  }
  const uint32_t index = s.listening->accept_queue.pop_front();
  ConnectionSlot& slot = connections_[index];
  slot.listener = kNoIndex;
  slot.in_accept_queue = false;
  slot.socket = accepted;
  const tcp::Endpoints& ends = slot.connection->ends();
  outcome.address = {ends.remote_address, ends.remote_port};
  Socket& fresh = *sockets_[accepted];
  fresh.role = Socket::Role::kConnection;
  fresh.connection = index;
  if (s.options) fresh.options = std::make_unique<socket::StoredOptions>(*s.options);
  fresh.non_blocking = s.non_blocking && profile_->sockets.accepted_inherits_non_blocking;
  return outcome;
}

// ---- connect

Outcome NativeStack::connect(Instant now, const Caller& caller, Descriptor fd,
                             const socket::Address& peer) {
  Socket* s = find(caller, fd);
  if (s == nullptr) return not_found(caller, fd);
  const uint32_t index = socket_index(caller, fd);
  if (s->datagrams) return connect_datagrams(index, peer);
  if (s->role == Socket::Role::kListener) {
    return Outcome::failed(profile_->sockets.connect_on_listener);
  }
  if (s->connect_failed) {
    const bool refused = profile_->sockets.failed_connect == FailedConnect::kRefused;
    return Outcome::failed(refused ? Errno::kECONNREFUSED : Errno::kEINVAL);
  }
  if (s->role == Socket::Role::kConnection) {
    Outcome outcome = connect_again(now, index, caller);
    if (s->role == Socket::Role::kConnection || outcome.error) return outcome;
  }
  Outcome outcome = begin_connect(now, index, caller, peer);
  if (outcome.error) return outcome;
  if (s->non_blocking) {  // a host that connects to itself may be done or refused already
    Outcome already = try_connect(now, index, caller.record);
    return already.sleeps() ? Outcome::failed(Errno::kEINPROGRESS) : std::move(already);
  }
  PendingOperation operation;
  operation.kind = PendingOperation::Kind::kConnect;
  operation.caller = caller;
  operation.deadline =
      limit(now, policy::OptionEffect::kSendTimeout, s->known_options().send_timeout);
  return sleep(index, s->first_sleeper, std::move(operation));
}

// connect() on a socket that has a connection, or had the beginning of one. Done without an error
// and no longer a connection: it may begin anew.
Outcome NativeStack::connect_again(Instant now, uint32_t index, const Caller& caller) {
  Socket& s = *sockets_[index];
  if (!s.connecting) return Outcome::failed(Errno::kEISCONN);
  const tcp::Connection& c = *connection(s);
  if (tcp::is_opening(c.state())) {
    if (s.non_blocking || s.first_sleeper != kNoIndex) return Outcome::failed(Errno::kEALREADY);
    PendingOperation operation;
    operation.kind = PendingOperation::Kind::kConnect;
    operation.caller = caller;
    operation.deadline =
        limit(now, policy::OptionEffect::kSendTimeout, s.known_options().send_timeout);
    return sleep(index, s.first_sleeper, std::move(operation));
  }
  if (c.state() == tcp::State::kClosed && s.error_taken) {  // SO_ERROR has told
    connect_failed(now, index, caller.record);
    if (profile_->sockets.fetched_failure_aborts) return Outcome::failed(Errno::kECONNABORTED);
    if (!s.connect_failed) return Outcome::done(0);
    const bool refused = profile_->sockets.failed_connect == FailedConnect::kRefused;
    return Outcome::failed(refused ? Errno::kECONNREFUSED : Errno::kEINVAL);
  }
  Outcome outcome = try_connect(now, index, caller.record);
  if (outcome.error || profile_->sockets.late_success_is_reported) return outcome;
  return Outcome::failed(Errno::kEISCONN);
}

Outcome NativeStack::begin_connect(Instant now, uint32_t index, const Caller& caller,
                                   const socket::Address& peer) {
  Socket& s = *sockets_[index];
  const auto interface = route_to(peer.ip);
  // RFC 9293 3.9.1.1
  if (peer.ip.is_multicast()) return Outcome::failed(profile_->sockets.connect_to_many);
  if (peer.ip.is_broadcast() || !interface) return Outcome::failed(Errno::kENETUNREACH);
  const bool to_self = *interface == kLoopback;
  wire::IpAddress local = to_self ? peer.ip : interfaces_[*interface].address_for(peer.ip);
  if (s.bound && !s.bound->ip.is_any()) local = s.bound->ip;
  std::optional<wire::Port> port;
  if (s.bound && s.bound->port != wire::Port{}) port = s.bound->port;
  if (!port) port = pick_port(now, local, peer);
  if (!port) return Outcome::failed(profile_->ports.exhausted);
  const tcp::Endpoints ends{local, peer.ip, *port, peer.port};
  tcp::Connection::Heritage heritage;
  if (const auto old = by_ends_.find(ends); old != by_ends_.end()) {
    if (!reusable(now, ends, s.bound.has_value())) return Outcome::failed(profile_->ports.conflict);
    heritage = end_time_wait(now, old->second, caller.record);
  }
  const uint32_t number = add_connection(now, ends, *interface);
  connections_[number].socket = index;
  connections_[number].reuse_address = s.known_options().reuse_address;
  if (s.flow) connections_[number].flow = new_flow();
  s.role = Socket::Role::kConnection;
  s.connection = number;
  s.connecting = true;
  s.error_taken = s.read_shut = s.write_shut = false;
  tcp::Connection& c = *connection(s);
  if (s.options) configure(now, *s.options, c, caller.record);
  mark_packets(s, connections_[number]);
  c.open(now, heritage, caller.record);
  settle(now, number);
  return Outcome::done(0);
}

// Whether a connect may have these ends although an old connection has them: facts/linux.md E3.
bool NativeStack::reusable(Instant now, const tcp::Endpoints& ends, bool bound) const {
  const auto old = by_ends_.find(ends);
  if (old == by_ends_.end()) return true;
  const policy::TimeWaitConfig& rules = profile_->time_wait;
  const tcp::Connection& c = *connections_[old->second].connection;
  if (c.state() != tcp::State::kTimeWait || !c.uses_timestamps()) return false;
  if (bound && rules.reuse_from_bound_port) return true;
  if (rules.reuse_after.count() == 0 || now - c.time_wait_since() <= rules.reuse_after)
    return false;
  return !rules.reuse_only_own_host || is_own(ends.remote_address);
}

Outcome NativeStack::try_connect(Instant now, uint32_t index, RecordId record) {
  Socket& s = *sockets_[index];
  const tcp::Connection* c = connection(s);
  if (c == nullptr) return Outcome::failed(Errno::kECONNABORTED);
  if (tcp::is_opening(c->state())) return Outcome::sleeping(socket::kNotYet);
  if (c->error() && !s.error_taken) {
    const Errno error = *c->error();
    if (c->state() == tcp::State::kClosed) connect_failed(now, index, record);
    return Outcome::failed(error);
  }
  if (c->state() == tcp::State::kClosed) {  // somebody else was told why
    connect_failed(now, index, record);
    return Outcome::failed(Errno::kECONNABORTED);
  }
  s.connecting = false;
  return Outcome::done(0);
}

// What is left is a socket without a connection, fresh where the host lets it be used again.
void NativeStack::connect_failed(Instant now, uint32_t index, RecordId cause) {
  Socket& s = *sockets_[index];
  s.connecting = false;
  s.connect_failed = profile_->sockets.failed_connect != FailedConnect::kReusable;
  detach_connection(now, s, cause);
}

}  // namespace tcptwin::host

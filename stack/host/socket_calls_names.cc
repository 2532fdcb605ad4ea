// socket_calls_names.cc: what a program asks about its sockets: their names, what waits in them;
// and how many it may have.
#include "stack/host/native_stack.h"

namespace tcptwin::host {

using socket::Caller;
using socket::Descriptor;
using socket::Outcome;
using socket::QueueLength;
using socket::Socket;

Outcome NativeStack::queue_length(Instant, const Caller& caller, Descriptor fd, QueueLength which) {
  const Socket* s = find(caller, fd);
  if (s == nullptr) return not_found(caller, fd);
  // net/ipv4/tcp.c, tcp_ioctl: EINVAL on a listener.
  if (s->role == Socket::Role::kListener) return Outcome::failed(Errno::kEINVAL);
  if (s->datagrams) {
    const bool unread = which == QueueLength::kUnread;
    return Outcome::done(unread ? s->datagrams->queue.unread(profile_->udp) : 0);
  }
  const tcp::Connection* c = connection(*s);
  if (c == nullptr) return Outcome::done(0);
  if (which == QueueLength::kUnread) return Outcome::done(c->unread());
  if (which == QueueLength::kAtMark) return Outcome::done(c->at_urgent_mark() ? 1 : 0);
  const tcp::TcpInfo info = c->info();
  return Outcome::done(info.unacked_bytes + info.unsent_bytes);
}

Outcome NativeStack::getsockname(Instant, const Caller& caller, Descriptor fd) {
  const Socket* s = find(caller, fd);
  if (s == nullptr) return not_found(caller, fd);
  Outcome outcome;
  if (const tcp::Connection* c = connection(*s)) {
    outcome.address = {c->ends().local_address, c->ends().local_port};
  } else if (s->bound) {
    outcome.address = *s->bound;
  }
  return outcome;
}

Outcome NativeStack::getpeername(Instant, const Caller& caller, Descriptor fd) {
  const Socket* s = find(caller, fd);
  if (s == nullptr) return not_found(caller, fd);
  if (s->datagrams && s->datagrams->peer) {
    Outcome outcome;
    outcome.address = *s->datagrams->peer;
    return outcome;
  }
  const tcp::Connection* c = connection(*s);
  if (c == nullptr || tcp::is_opening(c->state()) || c->state() == tcp::State::kClosed) {
    return Outcome::failed(Errno::kENOTCONN);
  }
  Outcome outcome;
  outcome.address = {c->ends().remote_address, c->ends().remote_port};
  return outcome;
}

Outcome NativeStack::limit_descriptors(Instant, const Caller& caller, int64_t most,
                                       std::optional<int64_t> hard) {
  socket::DescriptorTable& table = processes_[static_cast<size_t>(caller.process)];
  const int64_t ceiling = table.hard_limit.value_or(profile_->sockets.descriptors_per_host);
  const int64_t new_ceiling = hard.value_or(ceiling);
  const int64_t highest = profile_->sockets.descriptors_ceiling;
  if (highest > 0 && most > highest) return Outcome::failed(Errno::kEINVAL);
  if (most < 0 || (hard && most > new_ceiling)) return Outcome::failed(Errno::kEINVAL);
  if (new_ceiling > ceiling || most > new_ceiling) return Outcome::failed(Errno::kEPERM);
  table.own_limit = static_cast<int32_t>(most);
  table.hard_limit = new_ceiling;
  return Outcome::done(0);
}

}  // namespace tcptwin::host

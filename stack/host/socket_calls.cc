// socket_calls.cc: the BSD calls of NativeStack. A call that cannot end becomes a PendingOperation
// of its socket.
#include <algorithm>
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

socket::ProcessId NativeStack::add_process() {
  processes_.emplace_back();
  return static_cast<socket::ProcessId>(processes_.size() - 1);
}

Socket* NativeStack::find(const Caller& caller, Descriptor fd) {
  const auto process = static_cast<size_t>(caller.process);
  CHECK(process < processes_.size());
  const uint32_t index = processes_[process].find(fd);
  return index == kNoIndex ? nullptr : sockets_[index].get();
}

tcp::Connection* NativeStack::connection(const Socket& s) {
  return s.connection == kNoIndex ? nullptr : connections_[s.connection].connection.get();
}

const tcp::Connection* NativeStack::connection_of(socket::ProcessId process, Descriptor fd) const {
  const uint32_t index = processes_[static_cast<size_t>(process)].find(fd);
  if (index == kNoIndex || sockets_[index]->connection == kNoIndex) return nullptr;
  return connections_[sockets_[index]->connection].connection.get();
}

uint32_t NativeStack::new_socket() {
  uint32_t index = static_cast<uint32_t>(sockets_.size());
  if (free_sockets_.empty()) {
    sockets_.emplace_back();
  } else {
    index = free_sockets_.back();
    free_sockets_.pop_back();
  }
  sockets_[index] = std::make_unique<Socket>();
  return index;
}

Outcome NativeStack::open_socket(Instant, const Caller& caller) {
  return Outcome::done(processes_[static_cast<size_t>(caller.process)].add(new_socket()));
}

bool NativeStack::port_taken(wire::Port port, wire::Ipv4Address address) const {
  return std::any_of(listeners_.begin(), listeners_.end(), [&](const auto& entry) {
    const auto& [taken_port, taken_address] = entry.first;
    const bool overlap = taken_address.is_any() || address.is_any() || taken_address == address;
    return taken_port == port && overlap;
  });
}

// By a socket that does not listen; port 0 is any.
bool NativeStack::port_bound(const socket::Address& address) const {
  if (address.port == wire::Port{}) return false;
  return std::any_of(sockets_.begin(), sockets_.end(), [&](const auto& s) {
    if (!s || !s->bound || s->bound->port != address.port) return false;
    return s->bound->ip.is_any() || address.ip.is_any() || s->bound->ip == address.ip;
  });
}

Outcome NativeStack::bind(Instant, const Caller& caller, Descriptor fd,
                          const socket::Address& address) {
  Socket* s = find(caller, fd);
  if (s == nullptr) return Outcome::failed(Errno::kEBADF);
  if (s->bound || s->role != Socket::Role::kFresh) return Outcome::failed(Errno::kEINVAL);
  if (!address.ip.is_any() && !is_own(address.ip)) return Outcome::failed(Errno::kEADDRNOTAVAIL);
  if (port_taken(address.port, address.ip) || port_bound(address)) {
    return Outcome::failed(Errno::kEADDRINUSE);
  }
  s->bound = address;
  return Outcome::done(0);
}

Outcome NativeStack::listen(Instant, const Caller& caller, Descriptor fd, int64_t backlog) {
  Socket* s = find(caller, fd);
  if (s == nullptr) return Outcome::failed(Errno::kEBADF);
  if (s->role == Socket::Role::kConnection) return Outcome::failed(Errno::kEINVAL);
  if (!s->bound) return Outcome::failed(Errno::kEDESTADDRREQ);
  s->backlog = std::clamp<int64_t>(backlog, 0, profile_->listen.largest_backlog);
  if (s->role == Socket::Role::kFresh) {
    const uint32_t index = processes_[static_cast<size_t>(caller.process)].find(fd);
    if (!listeners_.emplace(ListenerKey{s->bound->port, s->bound->ip}, index).second) {
      return Outcome::failed(Errno::kEADDRINUSE);
    }
    s->role = Socket::Role::kListener;
  }
  return Outcome::done(0);
}

// ---- sleeping and waking

Outcome NativeStack::sleep(uint32_t socket_index, PendingOperation& slot,
                           PendingOperation operation) {
  operation.id = static_cast<socket::OperationId>(++last_operation_);
  slot = std::move(operation);
  sleeping_.emplace(slot.id, socket_index);
  return Outcome::sleeping(slot.id);
}

bool NativeStack::can_finish(const Socket& s, const PendingOperation& operation) const {
  if (operation.kind == PendingOperation::Kind::kAccept) return !s.accept_queue.empty();
  const tcp::Connection& c = *connections_[s.connection].connection;
  const bool over = c.state() == tcp::State::kClosed || c.error().has_value();
  switch (operation.kind) {
    case PendingOperation::Kind::kConnect:
      return over || (c.state() != tcp::State::kSynSent && c.state() != tcp::State::kSynReceived);
    case PendingOperation::Kind::kSend: return over || c.send_room() > 0;
    case PendingOperation::Kind::kRecv: return over || c.unread() > 0 || c.peer_finished();
    case PendingOperation::Kind::kAccept:
    case PendingOperation::Kind::kNone: return false;
  }
  CHECK(false);
}

void NativeStack::wake(PendingOperation& operation, RecordId cause) {
  operation.woken = true;
  wakeups_.push_back({operation.id, cause});
}

void NativeStack::wake_sleepers(Socket& s, RecordId cause) {
  for (PendingOperation* operation : {&s.reader, &s.writer}) {
    if (operation->sleeps() && !operation->woken && can_finish(s, *operation)) {
      wake(*operation, cause);
    }
  }
}

Outcome NativeStack::resume(Instant now, socket::OperationId id, RecordId record) {
  const auto found = sleeping_.find(id);
  CHECK(found != sleeping_.end());
  Socket& s = *sockets_[found->second];
  PendingOperation& operation = s.reader.id == id ? s.reader : s.writer;
  operation.woken = false;
  Outcome outcome;
  switch (operation.kind) {
    case PendingOperation::Kind::kAccept: outcome = try_accept(s, operation.caller); break;
    case PendingOperation::Kind::kConnect: outcome = try_connect(s); break;
    case PendingOperation::Kind::kSend: outcome = try_send(now, s, operation, record); break;
    case PendingOperation::Kind::kRecv: outcome = try_recv(now, s, operation.wanted, record); break;
    case PendingOperation::Kind::kNone: CHECK(false);
  }
  if (outcome.sleeps()) {
    outcome.pending = id;
    return outcome;
  }
  operation = PendingOperation();
  sleeping_.erase(found);
  return outcome;
}

// In the try_ functions a sleeping Outcome carries no number yet: the caller enters the operation.
namespace {
const socket::OperationId kNotYet{UINT64_MAX};
}

// ---- accept and connect

Outcome NativeStack::accept(Instant, const Caller& caller, Descriptor fd) {
  Socket* s = find(caller, fd);
  if (s == nullptr) return Outcome::failed(Errno::kEBADF);
  if (s->role != Socket::Role::kListener) return Outcome::failed(Errno::kEINVAL);
  Outcome outcome = try_accept(*s, caller);
  if (!outcome.sleeps()) return outcome;
  PendingOperation operation;
  operation.kind = PendingOperation::Kind::kAccept;
  operation.caller = caller;
  const uint32_t index = processes_[static_cast<size_t>(caller.process)].find(fd);
  return sleep(index, s->reader, std::move(operation));
}

Outcome NativeStack::try_accept(Socket& s, const Caller& caller) {
  if (s.accept_queue.empty()) return Outcome::sleeping(kNotYet);
  const uint32_t index = s.accept_queue.pop_front();
  const uint32_t accepted = new_socket();
  ConnectionSlot& slot = connections_[index];
  slot.listener = kNoIndex;
  slot.in_accept_queue = false;
  slot.socket = accepted;
  sockets_[accepted]->role = Socket::Role::kConnection;
  sockets_[accepted]->connection = index;
  return Outcome::done(processes_[static_cast<size_t>(caller.process)].add(accepted));
}

// The next port that gives a 4-tuple of its own; every one is tried before giving up.
std::optional<wire::Port> NativeStack::pick_port(wire::Ipv4Address local,
                                                 const socket::Address& peer) {
  const policy::PortsConfig& range = profile_->ports;
  const int32_t count = range.last - range.first + 1;
  for (int32_t tried = 0; tried < count; ++tried) {
    const auto port = static_cast<wire::Port>(range.first + next_port_);
    next_port_ = (next_port_ + range.step) % count;
    const tcp::Endpoints ends{local, peer.ip, port, peer.port};
    if (by_ends_.find(ends) == by_ends_.end() && !port_taken(port, local)) return port;
  }
  return std::nullopt;
}

Outcome NativeStack::connect(Instant now, const Caller& caller, Descriptor fd,
                             const socket::Address& peer) {
  Socket* s = find(caller, fd);
  if (s == nullptr) return Outcome::failed(Errno::kEBADF);
  if (s->role == Socket::Role::kListener) return Outcome::failed(Errno::kEOPNOTSUPP);
  if (s->role == Socket::Role::kConnection) return Outcome::failed(Errno::kEISCONN);
  const auto interface = route_to(peer.ip);
  if (!interface) return Outcome::failed(Errno::kENETUNREACH);
  const bool to_self = *interface == kLoopback;
  const wire::Ipv4Address local = to_self ? peer.ip : interfaces_[*interface].address;
  std::optional<wire::Port> port;
  if (s->bound && s->bound->port != wire::Port{}) port = s->bound->port;
  if (!port) port = pick_port(local, peer);
  if (!port) return Outcome::failed(Errno::kEADDRNOTAVAIL);
  const tcp::Endpoints ends{local, peer.ip, *port, peer.port};
  if (by_ends_.find(ends) != by_ends_.end()) return Outcome::failed(Errno::kEADDRINUSE);

  const uint32_t socket_index = processes_[static_cast<size_t>(caller.process)].find(fd);
  const uint32_t index = add_connection(ends, *interface);
  connections_[index].socket = socket_index;
  s->role = Socket::Role::kConnection;
  s->connection = index;
  connection(*s)->set_no_delay(s->no_delay, caller.record);
  connection(*s)->open(now, caller.record);
  settle(now, index);
  PendingOperation operation;
  operation.kind = PendingOperation::Kind::kConnect;
  operation.caller = caller;
  return sleep(socket_index, s->writer, std::move(operation));
}

Outcome NativeStack::try_connect(Socket& s) {
  const tcp::Connection& c = *connection(s);
  if (c.error()) return Outcome::failed(*c.error());
  if (c.state() == tcp::State::kSynSent || c.state() == tcp::State::kSynReceived) {
    return Outcome::sleeping(kNotYet);
  }
  return Outcome::done(0);
}

// ---- data

Outcome NativeStack::send(Instant now, const Caller& caller, Descriptor fd, Payload data,
                          socket::MessageFlags flags) {
  Socket* s = find(caller, fd);
  if (s == nullptr) return Outcome::failed(Errno::kEBADF);
  if (s->role != Socket::Role::kConnection) return Outcome::failed(Errno::kENOTCONN);
  PendingOperation operation;
  operation.kind = PendingOperation::Kind::kSend;
  operation.caller = caller;
  operation.rest = std::move(data);
  Outcome outcome = try_send(now, *s, operation, caller.record);
  if (!outcome.sleeps()) return outcome;
  if (flags.dont_wait) {
    return operation.done > 0 ? Outcome::done(operation.done) : Outcome::failed(Errno::kEAGAIN);
  }
  const uint32_t index = processes_[static_cast<size_t>(caller.process)].find(fd);
  return sleep(index, s->writer, std::move(operation));
}

Outcome NativeStack::try_send(Instant now, Socket& s, PendingOperation& operation,
                              RecordId record) {
  tcp::Connection& c = *connection(s);
  const bool over = c.state() == tcp::State::kClosed || c.write_ended();
  if (c.error() || over) {  // a call that has taken something says so; the next one fails
    if (operation.done > 0) return Outcome::done(operation.done);
    return Outcome::failed(c.error().value_or(Errno::kEPIPE));
  }
  for (;;) {  // transmission may make room for more, so it happens inside (facts/linux.md C14)
    const int64_t taken = c.write(now, operation.rest, record);
    if (taken == 0) break;
    operation.done += taken;
    settle(now, s.connection);
  }
  if (operation.rest.empty()) return Outcome::done(operation.done);
  return Outcome::sleeping(kNotYet);
}

Outcome NativeStack::recv(Instant now, const Caller& caller, Descriptor fd, int64_t count,
                          socket::MessageFlags flags) {
  Socket* s = find(caller, fd);
  if (s == nullptr) return Outcome::failed(Errno::kEBADF);
  if (s->role != Socket::Role::kConnection) return Outcome::failed(Errno::kENOTCONN);
  Outcome outcome = try_recv(now, *s, count, caller.record);
  if (!outcome.sleeps()) return outcome;
  if (flags.dont_wait) return Outcome::failed(Errno::kEAGAIN);
  PendingOperation operation;
  operation.kind = PendingOperation::Kind::kRecv;
  operation.caller = caller;
  operation.wanted = count;
  const uint32_t index = processes_[static_cast<size_t>(caller.process)].find(fd);
  return sleep(index, s->reader, std::move(operation));
}

Outcome NativeStack::try_recv(Instant now, Socket& s, int64_t count, RecordId record) {
  tcp::Connection& c = *connection(s);
  if (c.unread() > 0) {
    Outcome outcome;
    outcome.data = c.read(now, count, record);
    outcome.value = static_cast<int64_t>(outcome.data.size());
    settle(now, s.connection);
    return outcome;
  }
  if (c.error()) return Outcome::failed(*c.error());
  if (c.peer_finished() || c.state() == tcp::State::kClosed) return Outcome::done(0);
  return Outcome::sleeping(kNotYet);
}

// ---- options and ends

Outcome NativeStack::setsockopt(Instant now, const Caller& caller, Descriptor fd, int32_t level,
                                int32_t number, int32_t value) {
  Socket* s = find(caller, fd);
  if (s == nullptr) return Outcome::failed(Errno::kEBADF);
  const auto& options = profile_->socket_options;
  const auto option = std::find_if(options.begin(), options.end(), [&](const auto& o) {
    return o.level == level && o.number == number;
  });
  if (option == options.end()) return Outcome::failed(Errno::kENOPROTOOPT);
  tcp::Connection* c = connection(*s);
  switch (option->effect) {
    case policy::OptionEffect::kNoDelay:
      s->no_delay = value != 0;
      if (c != nullptr) c->set_no_delay(value != 0, caller.record);
      break;
    case policy::OptionEffect::kQuickAck:
      if (c != nullptr) c->set_quick_ack(now, value, caller.record);
      break;
    case policy::OptionEffect::kReuseAddress: break;  // accepted; no rule here asks for it yet
  }
  if (c != nullptr) settle(now, s->connection);
  return Outcome::done(0);
}

Outcome NativeStack::shutdown(Instant now, const Caller& caller, Descriptor fd,
                              socket::Shutdown how) {
  Socket* s = find(caller, fd);
  if (s == nullptr) return Outcome::failed(Errno::kEBADF);
  tcp::Connection* c = connection(*s);
  if (c == nullptr || c->state() == tcp::State::kClosed) return Outcome::failed(Errno::kENOTCONN);
  if (how == socket::Shutdown::kRead) return Outcome::done(0);
  c->shutdown_write(now, caller.record);
  settle(now, s->connection);
  return Outcome::done(0);
}

Outcome NativeStack::close(Instant now, const Caller& caller, Descriptor fd) {
  Socket* s = find(caller, fd);
  if (s == nullptr) return Outcome::failed(Errno::kEBADF);
  socket::DescriptorTable& table = processes_[static_cast<size_t>(caller.process)];
  const uint32_t index = table.find(fd);
  if (s->role == Socket::Role::kListener) {
    listeners_.erase({s->bound->port, s->bound->ip});
    for (uint32_t i = 0; i < connections_.size(); ++i) {  // nobody will accept them
      if (connections_[i].listener != index) continue;
      connections_[i].listener = kNoIndex;
      connections_[i].connection->close(now, caller.record);
      settle(now, i);
    }
  }
  if (s->role == Socket::Role::kConnection) {
    connections_[s->connection].socket = kNoIndex;
    connection(*s)->close(now, caller.record);
    settle(now, s->connection);
  }
  table.remove(fd);
  for (const PendingOperation* operation : {&s->reader, &s->writer}) {
    if (operation->sleeps()) sleeping_.erase(operation->id);
  }
  sockets_[index].reset();
  free_sockets_.push_back(index);
  return Outcome::done(0);
}

}  // namespace tcptwin::host

// lwip_sockets.cc: descriptors, names, opening and closing, as lwIP's sockets layer has them.
#include <algorithm>
#include <utility>

#include "models/lwip/errors.h"
#include "models/lwip/lwip_stack.h"
#include "stack/base/check.h"

namespace tcptwin::lwip {

using socket::Caller;
using socket::Descriptor;
using socket::DescriptorTable;
using socket::FileRef;
using socket::kNoIndex;
using socket::Outcome;
using socket::PendingOperation;
using Role = LwipSocket::Role;

namespace {

constexpr int32_t kUsualDescriptors = 1024;
constexpr int32_t kStandardStreams = 3;  // which lwIP does not number

}  // namespace

// ---- descriptors

socket::ProcessId LwipStack::add_process() {
  processes_.emplace_back();
  return static_cast<socket::ProcessId>(processes_.size() - 1);
}

uint32_t LwipStack::index_of(const Caller& caller, Descriptor fd) const {
  const FileRef file = processes_[static_cast<size_t>(caller.process)].find(fd);
  return file.is_open() && file.is_socket() ? file.index() : kNoIndex;
}

LwipSocket* LwipStack::find(const Caller& caller, Descriptor fd) {
  const uint32_t index = index_of(caller, fd);
  return index == kNoIndex ? nullptr : sockets_[index].get();
}

Outcome LwipStack::not_found(const Caller& caller, Descriptor fd) const {
  const bool open = processes_[static_cast<size_t>(caller.process)].find(fd).is_open();
  return Outcome::failed(open ? Errno::kENOTSOCK : Errno::kEBADF);
}

uint32_t LwipStack::new_socket() {
  uint32_t index = static_cast<uint32_t>(sockets_.size());
  if (free_sockets_.empty()) {
    sockets_.emplace_back();
  } else {
    index = free_sockets_.back();
    free_sockets_.pop_back();
  }
  sockets_[index] = std::make_unique<LwipSocket>();
  return index;
}

void LwipStack::remove_socket(uint32_t index) {
  sockets_[index].reset();
  free_sockets_.push_back(index);
}

// A socket that is there gets a descriptor; without one it is gone.
Outcome LwipStack::enter_socket(const Caller& caller, uint32_t index) {
  DescriptorTable& table = processes_[static_cast<size_t>(caller.process)];
  const int32_t most =
      config_->descriptors > 0 ? kStandardStreams + config_->descriptors : kUsualDescriptors;
  const auto fd = table.add(FileRef::socket(index), table.own_limit.value_or(most));
  if (!fd) return Outcome::failed(Errno::kENFILE);  // lwip_socket: no free place
  sockets_[index]->open = true;
  return Outcome::done(*fd);
}

Outcome LwipStack::open_socket(Instant now, const Caller& caller) {
  const Turn turn(*this, now, {}, caller.record);
  const uint32_t index = new_socket();
  LwipSocket& s = *sockets_[index];
  s.connection = lwip().tcp_open(index + 1);
  if (s.connection == nullptr) {
    remove_socket(index);
    return Outcome::failed(Errno::kENOBUFS);
  }
  if (config_->no_delay) lwip().tcp_set(s.connection, LWIP_OPTION_NO_DELAY, 1);
  Outcome outcome = enter_socket(caller, index);
  if (outcome.error) {
    lwip().tcp_close(s.connection);
    remove_socket(index);
  }
  return outcome;
}

Outcome LwipStack::open_datagram_socket(Instant now, const Caller& caller, socket::Family family) {
  const Turn turn(*this, now, {}, caller.record);
  const uint32_t index = new_socket();
  LwipSocket& s = *sockets_[index];
  s.role = Role::kDatagram;
  s.v6 = family == socket::Family::kIpv6;
  s.writable = true;
  s.datagrams = lwip().udp_open(index + 1, s.v6 ? 1 : 0);
  if (s.datagrams == nullptr) {
    remove_socket(index);
    return Outcome::failed(Errno::kENOBUFS);
  }
  Outcome outcome = enter_socket(caller, index);
  if (outcome.error) {
    lwip().udp_close(s.datagrams);
    remove_socket(index);
  }
  return outcome;
}

Outcome LwipStack::open_flow(Instant, const Caller&, std::optional<socket::Family>) {
  return Outcome::failed(Errno::kEOPNOTSUPP);
}

Outcome LwipStack::open_file(Instant, const Caller& caller, socket::FileKind kind) {
  DescriptorTable& table = processes_[static_cast<size_t>(caller.process)];
  const auto fd = table.add(FileRef::other(kind), table.own_limit.value_or(kUsualDescriptors));
  return fd ? Outcome::done(*fd) : Outcome::failed(Errno::kENFILE);
}

Outcome LwipStack::set_non_blocking(Instant, const Caller& caller, Descriptor fd, bool on) {
  LwipSocket* s = find(caller, fd);
  if (s == nullptr) return not_found(caller, fd);
  s->non_blocking = on;
  return Outcome::done(0);
}

Outcome LwipStack::limit_descriptors(Instant, const Caller& caller, int64_t most,
                                     std::optional<int64_t> hard) {
  if (most < 0 || most > INT32_MAX || (hard && most > *hard)) {
    return Outcome::failed(Errno::kEINVAL);
  }
  processes_[static_cast<size_t>(caller.process)].own_limit = static_cast<int32_t>(most);
  return Outcome::done(0);
}

// ---- names

void LwipStack::learn_names(LwipSocket& s) {
  LwipView view;
  lwip().look(s.connection, &view);
  s.local = {from_lwip(view.local), static_cast<wire::Port>(view.local_port)};
  s.peer = {from_lwip(view.remote), static_cast<wire::Port>(view.remote_port)};
  s.has_peer = view.remote_port != 0;
}

Outcome LwipStack::getsockname(Instant, const Caller& caller, Descriptor fd) {
  const LwipSocket* s = find(caller, fd);
  if (s == nullptr) return not_found(caller, fd);
  Outcome outcome = Outcome::done(0);
  outcome.address = s->local;
  return outcome;
}

Outcome LwipStack::getpeername(Instant, const Caller& caller, Descriptor fd) {
  const LwipSocket* s = find(caller, fd);
  if (s == nullptr) return not_found(caller, fd);
  if (!s->has_peer) return Outcome::failed(Errno::kENOTCONN);
  Outcome outcome = Outcome::done(0);
  outcome.address = s->peer;
  return outcome;
}

Outcome LwipStack::bind(Instant now, const Caller& caller, Descriptor fd,
                        const socket::Address& address) {
  LwipSocket* s = find(caller, fd);
  if (s == nullptr) return not_found(caller, fd);
  const Turn turn(*this, now, {}, caller.record);
  const LwipAddress to = to_lwip(address.ip);
  const auto port = static_cast<uint16_t>(address.port);
  if (s->datagrams != nullptr) {
    if (const int error = lwip().udp_bind(s->datagrams, &to, port)) {
      return Outcome::failed(errno_of(error));
    }
    LwipAddress local{};
    uint16_t local_port = 0;
    lwip().udp_local(s->datagrams, &local, &local_port);
    s->local = {address.ip, static_cast<wire::Port>(local_port)};
    return Outcome::done(0);
  }
  if (s->connection == nullptr) return Outcome::failed(Errno::kEINVAL);
  if (const int error = lwip().tcp_bind(s->connection, &to, port)) {
    return Outcome::failed(errno_of(error));
  }
  learn_names(*s);
  s->local.ip = address.ip;
  return Outcome::done(0);
}

// ---- listening

Outcome LwipStack::listen(Instant now, const Caller& caller, Descriptor fd, int64_t backlog) {
  LwipSocket* s = find(caller, fd);
  if (s == nullptr) return not_found(caller, fd);
  if (s->datagrams != nullptr) return Outcome::failed(Errno::kEOPNOTSUPP);
  s->backlog = std::clamp<int64_t>(backlog, 0, 255);
  if (s->role == Role::kListener) return Outcome::done(0);
  if (s->role != Role::kFresh || s->connecting || s->connection == nullptr) {
    return Outcome::failed(Errno::kEINVAL);
  }
  const Turn turn(*this, now, {}, caller.record);
  LwipConnection* listener = lwip().tcp_listen(s->connection, static_cast<uint8_t>(s->backlog));
  if (listener == nullptr) return Outcome::failed(Errno::kENOMEM);
  s->connection = listener;
  s->role = Role::kListener;
  return Outcome::done(0);
}

Outcome LwipStack::accept(Instant now, const Caller& caller, Descriptor fd) {
  LwipSocket* s = find(caller, fd);
  if (s == nullptr) return not_found(caller, fd);
  if (s->role != Role::kListener) return Outcome::failed(Errno::kEINVAL);
  const Turn turn(*this, now, {}, caller.record);
  Outcome outcome = try_accept(*s, caller);
  if (!outcome.sleeps()) return outcome;
  if (s->non_blocking) return Outcome::failed(Errno::kEAGAIN);
  PendingOperation operation;
  operation.kind = PendingOperation::Kind::kAccept;
  operation.caller = caller;
  if (s->receive_timeout > Duration::zero()) operation.deadline = now + s->receive_timeout;
  return sleep(index_of(caller, fd), std::move(operation));
}

Outcome LwipStack::try_accept(LwipSocket& s, const Caller& caller) {
  if (s.accepted.empty()) return Outcome::sleeping(socket::kNotYet);
  const uint32_t index = s.accepted.pop_front();
  if (index == kNoIndex) return Outcome::failed(Errno::kECONNABORTED);
  LwipSocket& fresh = *sockets_[index];
  if (fresh.connection != nullptr) lwip().tcp_accepted(fresh.connection);
  Outcome outcome = enter_socket(caller, index);
  if (outcome.error) {
    if (fresh.connection != nullptr) lwip().tcp_abort(fresh.connection);
    empty_mailbox(fresh);
    remove_socket(index);
    return outcome;
  }
  outcome.address = fresh.peer;
  return outcome;
}

// ---- connecting

Outcome LwipStack::connect(Instant now, const Caller& caller, Descriptor fd,
                           const socket::Address& peer) {
  LwipSocket* s = find(caller, fd);
  if (s == nullptr) return not_found(caller, fd);
  const LwipAddress to = to_lwip(peer.ip);
  const auto port = static_cast<uint16_t>(peer.port);
  if (s->datagrams != nullptr) {
    const Turn turn(*this, now, {}, caller.record);
    if (const int error = lwip().udp_connect(s->datagrams, &to, port)) {
      return Outcome::failed(errno_of(error));
    }
    LwipAddress local{};
    uint16_t local_port = 0;
    lwip().udp_local(s->datagrams, &local, &local_port);
    s->local.port = static_cast<wire::Port>(local_port);
    s->peer = peer;
    s->has_peer = true;
    return Outcome::done(0);
  }
  if (s->connecting) return Outcome::failed(Errno::kEALREADY);
  if (s->connection == nullptr) return Outcome::failed(Errno::kENOTCONN);
  if (s->role != Role::kFresh) return Outcome::failed(Errno::kEISCONN);
  const Turn turn(*this, now, {}, caller.record);
  s->role = Role::kConnection;
  s->connecting = true;
  if (const int error = lwip().tcp_connect(s->connection, &to, port)) {
    s->role = Role::kFresh;
    s->connecting = false;
    return Outcome::failed(errno_of(error));
  }
  if (s->connection != nullptr) learn_names(*s);
  if (s->non_blocking) return Outcome::failed(Errno::kEINPROGRESS);
  PendingOperation operation;
  operation.kind = PendingOperation::Kind::kConnect;
  operation.caller = caller;
  return sleep(index_of(caller, fd), std::move(operation));
}

// A handshake that failed tells connect() itself; the error is no other call's any more.
Outcome LwipStack::try_connect(LwipSocket& s) {
  if (s.connecting) return Outcome::sleeping(socket::kNotYet);
  if (s.connection != nullptr || !s.pending_error) return Outcome::done(0);
  return Outcome::failed(*std::exchange(s.pending_error, std::nullopt));
}

// ---- closing

void LwipStack::empty_mailbox(LwipSocket& s) {
  while (!s.mailbox.empty()) {
    const Message message = s.mailbox.pop_front();
    if (message.data != nullptr) lwip().packet_free(message.data);
  }
  s.unread = 0;
}

// The mailbox is gone: what comes from now on is thrown away.
void LwipStack::stop_reading(LwipSocket& s) {
  empty_mailbox(s);
  s.read_shut = s.mailbox_closed = true;
}

Outcome LwipStack::shutdown(Instant now, const Caller& caller, Descriptor fd,
                            socket::Shutdown how) {
  LwipSocket* s = find(caller, fd);
  if (s == nullptr) return not_found(caller, fd);
  if (s->datagrams != nullptr) return Outcome::failed(Errno::kEOPNOTSUPP);
  if (s->connection == nullptr || s->role != Role::kConnection || s->connecting) {
    return Outcome::failed(Errno::kENOTCONN);
  }
  const Turn turn(*this, now, {.connection = s->connection}, caller.record);
  const bool read = how != socket::Shutdown::kWrite;
  const bool write = how != socket::Shutdown::kRead;
  if (read) stop_reading(*s);
  int error = 0;
  if (read && write) {
    error = lwip().tcp_close(s->connection);
    if (error == 0) s->connection = nullptr;
  } else {
    error = lwip().tcp_shutdown(s->connection, read ? 1 : 0, write ? 1 : 0);
  }
  notice(index_of(caller, fd));
  return error == 0 ? Outcome::done(0) : Outcome::failed(errno_of(error));
}

// SO_LINGER of 0 seconds aborts what still has data to send (facts/lwip.md H3). Where tcp_close
// finds no memory for its FIN it tries again by itself; any other error of it is final.
void LwipStack::end_connection(LwipSocket& s) {
  LwipView view;
  lwip().look(s.connection, &view);
  const bool pending = view.unsent > 0 || view.snd_nxt != view.lastack;
  const bool aborts = s.linger == 0 && s.role == Role::kConnection && pending;
  if (aborts || lwip().tcp_close(s.connection) != 0) lwip().tcp_abort(s.connection);
  s.connection = nullptr;
}

Outcome LwipStack::close_socket(Instant now, const Caller& caller, uint32_t index) {
  LwipSocket& s = *sockets_[index];
  const Work work{.connection = s.connection, .leaves_unread = s.unread > 0};
  const Turn turn(*this, now, work, caller.record);
  s.open = false;
  while (!s.accepted.empty()) {
    const uint32_t waiting = s.accepted.pop_front();
    if (waiting == kNoIndex) continue;
    LwipSocket& other = *sockets_[waiting];
    if (other.connection != nullptr) lwip().tcp_abort(other.connection);
    empty_mailbox(other);
    remove_socket(waiting);
  }
  stop_reading(s);
  if (s.datagrams != nullptr) lwip().udp_close(std::exchange(s.datagrams, nullptr));
  if (s.connection != nullptr) end_connection(s);
  for (uint32_t slot = s.first_sleeper; slot != kNoIndex; slot = sleepers_.at(slot).next) {
    PendingOperation& operation = sleepers_.at(slot);
    operation.fails_with = Errno::kEBADF;
    if (!operation.woken) wake(operation, caller.record);
  }
  if (s.first_sleeper == kNoIndex) remove_socket(index);
  return Outcome::done(0);
}

Outcome LwipStack::close(Instant now, const Caller& caller, Descriptor fd) {
  DescriptorTable& table = processes_[static_cast<size_t>(caller.process)];
  const FileRef file = table.find(fd);
  if (!file.is_open()) return Outcome::failed(Errno::kEBADF);
  table.remove(fd);
  if (!file.is_socket()) return Outcome::done(0);
  return close_socket(now, caller, file.index());
}

void LwipStack::exit_process(Instant now, const Caller& caller) {
  for (PendingOperation* operation : sleepers_.of_process(caller.process)) {
    const uint32_t index = operation->socket;
    if (operation->kind == PendingOperation::Kind::kPing) {
      echoes_.erase(static_cast<uint32_t>(operation->wanted));
    }
    sleepers_.remove(operation->id, sleeper_list(*operation));
    if (index != kNoIndex && !sockets_[index]->open && sockets_[index]->first_sleeper == kNoIndex) {
      remove_socket(index);
    }
  }
  std::vector<Descriptor> open;
  DescriptorTable& table = processes_[static_cast<size_t>(caller.process)];
  table.for_each([&](Descriptor fd, FileRef) { open.push_back(fd); });
  for (const Descriptor fd : open) close(now, caller, fd);
}

}  // namespace tcptwin::lwip

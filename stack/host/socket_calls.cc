// socket_calls.cc: descriptors, local names, and how sockets end.
#include <algorithm>
#include <utility>

#include "stack/base/check.h"
#include "stack/host/native_stack.h"

namespace tcptwin::host {

using socket::Caller;
using socket::Descriptor;
using socket::FileRef;
using socket::kNoIndex;
using socket::Outcome;
using socket::PendingOperation;
using socket::Socket;

using BindRule = policy::SocketConfig::BindRule;

socket::ProcessId NativeStack::add_process() {
  processes_.emplace_back();
  return static_cast<socket::ProcessId>(processes_.size() - 1);
}

// ---- descriptors

uint32_t NativeStack::socket_index(const Caller& caller, Descriptor fd) const {
  const auto process = static_cast<size_t>(caller.process);
  CHECK(process < processes_.size());
  const FileRef file = processes_[process].find(fd);
  return file.is_socket() ? file.index() : kNoIndex;
}

Socket* NativeStack::find(const Caller& caller, Descriptor fd) {
  const uint32_t index = socket_index(caller, fd);
  return index == kNoIndex ? nullptr : sockets_[index].get();
}

Outcome NativeStack::not_found(const Caller& caller, Descriptor fd) const {
  const bool open = processes_[static_cast<size_t>(caller.process)].find(fd).is_open();
  return Outcome::failed(open ? Errno::kENOTSOCK : Errno::kEBADF);
}

tcp::Connection* NativeStack::connection(const Socket& s) {
  return s.connection == kNoIndex ? nullptr : connections_[s.connection].connection.get();
}
const tcp::Connection* NativeStack::connection(const Socket& s) const {
  return s.connection == kNoIndex ? nullptr : connections_[s.connection].connection.get();
}

const tcp::Connection* NativeStack::connection_of(socket::ProcessId process, Descriptor fd) const {
  const uint32_t index = socket_index({process, RecordId::kNone}, fd);
  return index == kNoIndex ? nullptr : connection(*sockets_[index]);
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

// The descriptor of a file that is already there; without one it stays the caller's.
Outcome NativeStack::enter_file(const Caller& caller, FileRef file) {
  if (open_files_ >= profile_->sockets.descriptors_per_host) {
    return Outcome::failed(Errno::kENFILE);
  }
  socket::DescriptorTable& table = processes_[static_cast<size_t>(caller.process)];
  const auto fd =
      table.add(file, table.own_limit.value_or(profile_->sockets.descriptors_per_process));
  if (!fd) return Outcome::failed(Errno::kEMFILE);
  ++open_files_;
  return Outcome::done(*fd);
}

Outcome NativeStack::open_datagram_socket(Instant now, const Caller& caller,
                                          socket::Family family) {
  Outcome outcome = open_socket(now, caller);
  if (outcome.error) return outcome;
  become_datagrams(*find(caller, static_cast<Descriptor>(outcome.value)), family);
  return outcome;
}

void NativeStack::become_datagrams(Socket& s, socket::Family family) {
  s.role = Socket::Role::kDatagram;
  s.datagrams = std::make_unique<socket::DatagramState>();
  s.datagrams->family = family;
  s.datagrams->ip_id = static_cast<uint16_t>(datagram_rng_.next32());
}

Outcome NativeStack::open_socket(Instant, const Caller& caller) {
  const uint32_t index = new_socket();
  Outcome outcome = enter_file(caller, FileRef::socket(index));
  if (outcome.error) {
    sockets_[index].reset();
    free_sockets_.push_back(index);
  }
  return outcome;
}

Outcome NativeStack::open_flow(Instant, const Caller& caller,
                               std::optional<socket::Family> datagrams) {
  const policy::SocketConfig& rules = profile_->sockets;
  socket::DescriptorTable& table = processes_[static_cast<size_t>(caller.process)];
  if (rules.flows_per_process == 0) return Outcome::failed(Errno::kEOPNOTSUPP);
  if (table.flows() >= rules.flows_per_process) return Outcome::failed(rules.flow_table_full);
  const uint32_t index = new_socket();
  sockets_[index]->flow = true;
  if (datagrams) become_datagrams(*sockets_[index], *datagrams);
  return Outcome::done(table.add_handle(FileRef::socket(index)));
}

Outcome NativeStack::open_file(Instant, const Caller& caller, socket::FileKind kind) {
  return enter_file(caller, FileRef::other(kind));
}

Outcome NativeStack::set_non_blocking(Instant, const Caller& caller, Descriptor fd, bool on) {
  Socket* s = find(caller, fd);
  if (s == nullptr) return not_found(caller, fd);
  s->non_blocking = on;
  return Outcome::done(0);
}

// ---- bind and listen

namespace {

// Whether a packet could be meant for both; the IPv6 wildcard takes IPv4 too.
bool overlap(const wire::IpAddress& a, const wire::IpAddress& b) {
  const auto covers = [](const wire::IpAddress& wildcard, const wire::IpAddress& other) {
    return wildcard.is_any() && (wildcard.is_v6() || other.is_v4());
  };
  return a == b || covers(a, b) || covers(b, a);
}

}  // namespace

// A port that a program has asked for is not given to anybody else.
bool NativeStack::is_held(const Holders& all, wire::Port port, wire::IpAddress address) const {
  const auto holders = all.find(port);
  if (holders == all.end()) return false;
  return std::any_of(holders->second.begin(), holders->second.end(), [&](uint32_t holder) {
    return overlap(sockets_[holder]->bound->ip, address);
  });
}

bool NativeStack::holder_conflicts(const Socket& s, const socket::Address& address,
                                   const Socket& holder) const {
  if (!overlap(holder.bound->ip, address.ip)) return false;
  const socket::StoredOptions& own = s.known_options();
  const socket::StoredOptions& other = holder.known_options();
  const bool same = holder.bound->ip == address.ip;
  if (own.reuse_port && other.reuse_port) return false;
  switch (profile_->sockets.bind_rule) {
    case BindRule::kAllMustAgree:
      return !own.reuse_address || !other.reuse_address || holder.role == Socket::Role::kListener;
    case BindRule::kNewcomerDecides:
      if (!own.reuse_address && !own.reuse_port) return true;
      return same && holder.role != Socket::Role::kConnection;
    case BindRule::kAnythingGoes:
      if (own.exclusive_address || other.exclusive_address) return true;
      return same && !own.reuse_address;
  }
  CHECK(false);
}

// Connections hold their local port too, long after their sockets: TIME-WAIT.
bool NativeStack::connections_conflict(const Socket& s, const socket::Address& address) const {
  const socket::StoredOptions& own = s.known_options();
  bool met = false;
  for (auto entry = connections_on_.lower_bound({address.port, wire::IpAddress::any_v6()});
       entry != connections_on_.end() && entry->first.first == address.port; ++entry) {
    met = met || overlap(entry->first.second, address.ip);
  }
  if (!met) return false;
  if (profile_->sockets.bind_rule == BindRule::kAnythingGoes) return false;
  const bool agrees = own.reuse_address || own.reuse_port;
  const bool alone = profile_->sockets.bind_rule == BindRule::kNewcomerDecides;
  if (agrees && alone) return false;
  return std::any_of(by_ends_.begin(), by_ends_.end(), [&](const auto& entry) {
    if (entry.first.local_port != address.port) return false;
    if (!overlap(entry.first.local_address, address.ip)) return false;
    return !own.reuse_address || !connections_[entry.second].reuse_address;
  });
}

bool NativeStack::bind_conflicts(uint32_t index, const socket::Address& address) const {
  if (address.port == wire::Port{}) return false;
  const Socket& s = *sockets_[index];
  const Holders& all = s.datagrams ? datagram_holders_ : holders_;
  const auto holders = all.find(address.port);
  if (holders != all.end()) {
    for (const uint32_t holder : holders->second) {
      if (holder != index && holder_conflicts(s, address, *sockets_[holder])) return true;
    }
  }
  return !s.datagrams && connections_conflict(s, address);
}

Outcome NativeStack::bind(Instant, const Caller& caller, Descriptor fd,
                          const socket::Address& address) {
  Socket* s = find(caller, fd);
  if (s == nullptr) return not_found(caller, fd);
  if (s->bound || (s->role != Socket::Role::kFresh && !s->datagrams)) {
    return Outcome::failed(Errno::kEINVAL);
  }
  if (s->datagrams && s->datagrams->family == socket::Family::kIpv4 && address.ip.is_v6()) {
    return Outcome::failed(Errno::kEAFNOSUPPORT);
  }
  if (!address.ip.is_any() && !is_own(address.ip)) return Outcome::failed(Errno::kEADDRNOTAVAIL);
  return bind_socket(socket_index(caller, fd), address);
}

Outcome NativeStack::bind_socket(uint32_t index, socket::Address address) {
  const bool datagrams = sockets_[index]->datagrams != nullptr;
  Holders& holders = holders_of(*sockets_[index]);
  if (address.port == wire::Port{}) {
    const auto is_free = [&](uint16_t number) {
      const auto port = static_cast<wire::Port>(number);
      return !is_held(holders, port, address.ip) && !bind_conflicts(index, {address.ip, port});
    };
    const auto picked =
        datagrams ? datagram_ports_.pick_unconnected(is_free) : ports_.pick_unconnected(is_free);
    if (!picked) return Outcome::failed(profile_->ports.bind_exhausted);
    address.port = static_cast<wire::Port>(*picked);
  } else if (bind_conflicts(index, address)) {
    return Outcome::failed(Errno::kEADDRINUSE);
  }
  sockets_[index]->bound = address;
  holders[address.port].push_back(index);
  return Outcome::done(0);
}

Outcome NativeStack::listen(Instant, const Caller& caller, Descriptor fd, int64_t backlog) {
  Socket* s = find(caller, fd);
  if (s == nullptr) return not_found(caller, fd);
  if (s->datagrams) return Outcome::failed(Errno::kEOPNOTSUPP);
  if (s->role == Socket::Role::kConnection) return Outcome::failed(Errno::kEINVAL);
  const uint32_t index = socket_index(caller, fd);
  if (!s->bound) {
    using Rule = policy::SocketConfig::UnboundListen;
    const Rule rule = profile_->sockets.unbound_listen;
    if (rule == Rule::kNeedsAddress) return Outcome::failed(Errno::kEDESTADDRREQ);
    if (rule == Rule::kInvalid) return Outcome::failed(Errno::kEINVAL);
    if (Outcome outcome = bind_socket(index, {}); outcome.error) return outcome;
  }
  if (s->role == Socket::Role::kFresh) {
    std::vector<uint32_t>& sharing = listeners_[{s->bound->port, s->bound->ip}];
    const auto shares = [&](uint32_t other) {
      return s->known_options().reuse_port && sockets_[other]->known_options().reuse_port;
    };
    const auto holders = holders_.find(s->bound->port);
    const bool listened =
        holders != holders_.end() &&
        std::any_of(holders->second.begin(), holders->second.end(), [&](uint32_t other) {
          return other != index && sockets_[other]->role == Socket::Role::kListener &&
                 holder_conflicts(*s, *s->bound, *sockets_[other]);
        });
    if (listened || !std::all_of(sharing.begin(), sharing.end(), shares)) {
      return Outcome::failed(Errno::kEADDRINUSE);
    }
    sharing.push_back(index);
    s->role = Socket::Role::kListener;
    s->listening = std::make_unique<socket::ListenState>();
  }
  s->listening->backlog = backlog_of(backlog);
  return Outcome::done(0);
}

// The next port that gives a 4-tuple of its own; every one is tried before giving up.
std::optional<wire::Port> NativeStack::pick_port(Instant now, wire::IpAddress local,
                                                 const socket::Address& peer) {
  const policy::ConnectionKey key{tcp::address_key(local), tcp::address_key(peer.ip), 0,
                                  static_cast<uint16_t>(peer.port)};
  const auto is_free = [&](uint16_t number) {
    const auto port = static_cast<wire::Port>(number);
    const tcp::Endpoints ends{local, peer.ip, port, peer.port};
    return reusable(now, ends, false) && !is_held(holders_, port, local);
  };
  const auto picked = ports_.pick(key, is_free);
  if (!picked) return std::nullopt;
  return static_cast<wire::Port>(*picked);
}

// ---- shutdown and close

Outcome NativeStack::shutdown(Instant now, const Caller& caller, Descriptor fd,
                              socket::Shutdown how) {
  Socket* s = find(caller, fd);
  if (s == nullptr) return not_found(caller, fd);
  const policy::SocketConfig& rules = profile_->sockets;
  if (s->datagrams) return shutdown_datagrams(socket_index(caller, fd), how, caller.record);
  const bool read = how != socket::Shutdown::kWrite;
  if (s->role == Socket::Role::kListener) {
    if (!rules.shutdown_stops_listening) return Outcome::failed(Errno::kENOTCONN);
    const uint32_t index = socket_index(caller, fd);
    if (read) stop_listening(now, index, caller.record);
    notice(index, caller.record);
    return Outcome::done(0);
  }
  tcp::Connection* c = connection(*s);
  // A connection in TIME-WAIT is over for its socket: traces/kernel-6.18/e_more/lo_shutdown_r1.
  if (c == nullptr || c->state() == tcp::State::kClosed || c->state() == tcp::State::kTimeWait) {
    return Outcome::failed(Errno::kENOTCONN);
  }
  if (read) s->read_shut = true;
  if (how != socket::Shutdown::kRead) {
    s->write_shut = true;
    c->shutdown_write(now, caller.record);
  }
  settle(now, s->connection);
  return Outcome::done(0);
}

// The connections that nobody will accept any more are reset; handshakes end unseen.
void NativeStack::stop_listening(Instant now, uint32_t index, RecordId cause) {
  Socket& s = *sockets_[index];
  const auto entry = listeners_.find({s.bound->port, s.bound->ip});
  std::erase(entry->second, index);
  if (entry->second.empty()) listeners_.erase(entry);
  s.role = Socket::Role::kFresh;
  for (uint32_t i = 0; i < connections_.size(); ++i) {
    if (connections_[i].listener != index) continue;
    connections_[i].listener = kNoIndex;
    tcp::Connection& c = *connections_[i].connection;
    connections_[i].in_accept_queue ? c.abort(now, cause) : c.forget(cause);
    settle(now, i);
  }
  s.listening.reset();
}

Outcome NativeStack::close(Instant now, const Caller& caller, Descriptor fd) {
  socket::DescriptorTable& table = processes_[static_cast<size_t>(caller.process)];
  const FileRef file = table.find(fd);
  if (!file.is_open()) return Outcome::failed(Errno::kEBADF);
  table.remove(fd);
  if (fd < socket::kFirstHandle && file != FileRef::other(socket::FileKind::kStream)) --open_files_;
  if (file.is_queue()) {
    queues_[file.index()]->open = false;
    if (queues_[file.index()]->first_sleeper == kNoIndex) queues_[file.index()].reset();
    return Outcome::done(0);
  }
  if (!file.is_socket()) return Outcome::done(0);
  return close_socket(now, caller, file.index(), true);
}

// No descriptor names the socket any more. Its connection ends now, or when the last sleeper is
// done.
Outcome NativeStack::close_socket(Instant now, const Caller& caller, uint32_t index,
                                  bool may_sleep) {
  Socket& s = *sockets_[index];
  using Rule = policy::SocketConfig::CloseUnderSleepers;
  const policy::SocketConfig& rules = profile_->sockets;
  s.open = false;
  if (s.watched) forget_watchers(index);
  if (s.first_sleeper != kNoIndex) {
    if (rules.close_under_sleepers == Rule::kStaysOpen) return Outcome::done(0);
    const bool bad = rules.close_under_sleepers == Rule::kFailsBadDescriptor;
    for (uint32_t slot = s.first_sleeper; slot != kNoIndex; slot = sleepers_.at(slot).next) {
      PendingOperation& operation = sleepers_.at(slot);
      operation.fails_with = bad ? Errno::kEBADF : Errno::kEINTR;
      if (!operation.woken) wake(operation, caller.record);
    }
  }
  if (s.role == Socket::Role::kListener) stop_listening(now, index, caller.record);
  const socket::OptionValue linger = s.known_options().linger;
  tcp::Connection* c = connection(s);
  const bool lingers = linger.value != 0 && c != nullptr && may_sleep && linger.second > 0 &&
                       (!s.non_blocking || rules.linger_blocks_non_blocking);
  if (lingers && s.first_sleeper == kNoIndex) {
    s.closing = true;
    c->close(now, caller.record);
    settle(now, s.connection);
    PendingOperation operation;
    operation.kind = PendingOperation::Kind::kClose;
    operation.caller = caller;
    operation.socket = index;
    if (!can_finish(s, operation)) {
      const Duration time = option_time(policy::OptionEffect::kLinger, linger.second, {});
      operation.deadline = grain_.fires_after(now, time);
      return sleep(index, s.first_sleeper, std::move(operation));
    }
  } else if (c != nullptr && linger.value != 0 && linger.second == 0) {
    s.closing = true;
    c->abort(now, caller.record);
  }
  detach_connection(now, s, caller.record);
  give_back(now, index, caller.record);
  return Outcome::done(0);
}

// The connection goes on, or ends, without a socket.
void NativeStack::detach_connection(Instant now, Socket& s, RecordId cause) {
  if (s.connection == kNoIndex) return;
  const uint32_t index = std::exchange(s.connection, kNoIndex);
  s.role = Socket::Role::kFresh;
  connections_[index].socket = kNoIndex;
  if (!s.closing) connections_[index].connection->close(now, cause);
  settle(now, index);
}

// Frees the socket once neither a descriptor nor a sleeper needs it.
void NativeStack::give_back(Instant now, uint32_t index, RecordId cause) {
  Socket& s = *sockets_[index];
  if (s.open || s.first_sleeper != kNoIndex) return;
  if (s.role == Socket::Role::kListener) stop_listening(now, index, cause);
  detach_connection(now, s, cause);
  if (s.bound) {
    Holders& all = holders_of(s);
    const auto holders = all.find(s.bound->port);
    if (holders != all.end()) {
      std::erase(holders->second, index);
      if (holders->second.empty()) all.erase(holders);
    }
  }
  sockets_[index].reset();
  free_sockets_.push_back(index);
}

void NativeStack::exit_process(Instant now, const Caller& caller) {
  for (PendingOperation* operation : sleepers_.of_process(caller.process)) {
    end_operation(now, *operation, caller.record);
  }
  socket::DescriptorTable& table = processes_[static_cast<size_t>(caller.process)];
  std::vector<std::pair<Descriptor, FileRef>> open;
  table.for_each([&](Descriptor fd, FileRef file) { open.emplace_back(fd, file); });
  for (const auto& [fd, file] : open) {
    if (!file.is_socket()) {
      close(now, caller, fd);
      continue;
    }
    table.remove(fd);
    if (fd < socket::kFirstHandle) --open_files_;
    close_socket(now, caller, file.index(), false);
  }
}

}  // namespace tcptwin::host

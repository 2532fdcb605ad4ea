// socket_calls_datagram.cc: the calls of datagram sockets, which keep the bounds of what was sent.
#include <algorithm>
#include <utility>

#include "stack/host/native_stack.h"

namespace tcptwin::host {

using socket::Address;
using socket::Caller;
using socket::DatagramState;
using socket::Descriptor;
using socket::MessageFlags;
using socket::Outcome;
using socket::PendingOperation;
using socket::Socket;

int64_t NativeStack::datagram_buffer(const Socket& s) const {
  return s.known_options().receive_buffer.value_or(profile_->udp.receive_buffer);
}

// ---- connect

// Names the peer of all that follows, again if there is one already: RFC 1122 4.1.3.5.
Outcome NativeStack::connect_datagrams(uint32_t index, const Address& peer) {
  Socket& s = *sockets_[index];
  DatagramState& datagrams = *s.datagrams;
  if (datagrams.family == socket::Family::kIpv4 && peer.ip.is_v6()) {
    return Outcome::failed(Errno::kEAFNOSUPPORT);
  }
  const auto interface = route_to(peer.ip);
  if (!interface) return Outcome::failed(Errno::kENETUNREACH);
  const bool v6 = datagrams.family == socket::Family::kIpv6;
  const wire::IpAddress any = v6 ? wire::IpAddress::any_v6() : wire::IpAddress();
  if (!s.bound) {
    if (Outcome outcome = bind_socket(index, {any, wire::Port{}}); outcome.error) return outcome;
  }
  if (s.bound->ip.is_any() || datagrams.chose_address) {
    datagrams.chose_address = true;
    s.bound->ip = *interface == kLoopback ? peer.ip : interfaces_[*interface].address_for(peer.ip);
  } else if (!s.bound->ip.same_version(peer.ip)) {
    return Outcome::failed(Errno::kENETUNREACH);
  }
  datagrams.peer = peer;
  return Outcome::done(0);
}

// ---- send

Outcome NativeStack::send_to(Instant now, const Caller& caller, Descriptor fd, Payload data,
                             MessageFlags flags, const Address& to) {
  Socket* s = find(caller, fd);
  if (s == nullptr) return not_found(caller, fd);
  if (!s->datagrams) return send(now, caller, fd, std::move(data), flags);  // it has its peer
  return send_datagram(now, caller, socket_index(caller, fd), std::move(data), flags, &to);
}

int64_t NativeStack::largest_datagram(const Socket& s, const Address& to) const {
  const wire::IpHeader like{.source = to.ip, .destination = to.ip};
  const int64_t most = int64_t{like.max_payload()} - wire::kUdpHeaderSize;
  if (!profile_->udp.send_buffer_bounds) return most;
  return std::min(most, s.known_options().send_buffer.value_or(profile_->udp.send_buffer));
}

std::optional<Address> NativeStack::datagram_target(const Socket& s, const Address* to,
                                                    Errno& error) const {
  const DatagramState& datagrams = *s.datagrams;
  const auto fails = [&](Errno why) {
    error = why;
    return std::nullopt;
  };
  if (to == nullptr) {
    if (!datagrams.peer) return fails(profile_->udp.unaddressed);
    return datagrams.peer;
  }
  if (datagrams.peer && profile_->udp.connected_sendto_fails) return fails(Errno::kEISCONN);
  if (datagrams.family == socket::Family::kIpv4 && to->ip.is_v6()) {
    return fails(Errno::kEAFNOSUPPORT);
  }
  if (to->port == wire::Port{}) return fails(Errno::kEINVAL);
  return *to;
}

// Never sleeps: what cannot leave is lost on its way.
Outcome NativeStack::send_datagram(Instant now, const Caller& caller, uint32_t index, Payload data,
                                   MessageFlags flags, const Address* to) {
  Socket& s = *sockets_[index];
  DatagramState& datagrams = *s.datagrams;
  if (s.write_shut) return Outcome::failed(Errno::kEPIPE);
  if (profile_->udp.errors != policy::UdpConfig::Errors::kResets) {
    if (const auto error = take_error(s)) return Outcome::failed(*error);
  }
  Errno error{};
  const auto target = datagram_target(s, to, error);
  if (!target) return Outcome::failed(error);
  const auto taken = static_cast<int64_t>(data.size());
  const auto corked = static_cast<int64_t>(datagrams.corked.size());
  if (taken + corked > largest_datagram(s, *target)) return Outcome::failed(Errno::kEMSGSIZE);
  const auto interface = route_to(target->ip);
  if (!interface) return Outcome::failed(Errno::kENETUNREACH);
  if (!s.bound) {
    const bool v6 = datagrams.family == socket::Family::kIpv6;
    const wire::IpAddress any = v6 ? wire::IpAddress::any_v6() : wire::IpAddress();
    if (Outcome outcome = bind_socket(index, {any, wire::Port{}}); outcome.error) return outcome;
  }
  if (!s.bound->ip.is_any() && !s.bound->ip.same_version(target->ip)) {
    return Outcome::failed(Errno::kENETUNREACH);
  }
  datagrams.corked.append(std::move(data));
  if (flags.more) return Outcome::done(taken);
  emit_datagram(now, s, *target, *interface, std::exchange(datagrams.corked, Payload()),
                caller.record);
  return Outcome::done(taken);
}

// ---- recv

Outcome NativeStack::try_recv_datagram(Socket& s, const PendingOperation& operation) {
  const policy::UdpConfig& rules = profile_->udp;
  DatagramState& datagrams = *s.datagrams;
  if (datagrams.queue.empty() || rules.errors_before_data) {
    if (const auto error = take_error(s)) return Outcome::failed(*error);
  }
  if (datagrams.queue.empty()) {
    if (s.read_shut) return Outcome::done(0);
    if (!s.bound && rules.unbound_recv_fails) return Outcome::failed(Errno::kEINVAL);
    return Outcome::sleeping(socket::kNotYet);
  }
  const socket::Datagram& next = datagrams.queue.front();
  const auto size = static_cast<int64_t>(next.data.size());
  const int64_t copied = std::min(size, operation.wanted);
  Outcome outcome = Outcome::done(operation.flags.truncate ? size : copied);
  outcome.address = next.from;
  outcome.data = next.data.sub(0, static_cast<size_t>(copied));
  if (copied < size && rules.cut_fails) {
    outcome.error = Errno::kEMSGSIZE;
    outcome.value = -1;
  }
  if (!operation.flags.peek) datagrams.queue.pop(rules);
  return outcome;
}

// ---- the rest

// Without a peer it fails, and yet does its work: inet_shutdown of net/ipv4/af_inet.c, soshutdown
// of kern/uipc_socket.c.
Outcome NativeStack::shutdown_datagrams(uint32_t index, socket::Shutdown how, RecordId cause) {
  Socket& s = *sockets_[index];
  if (how != socket::Shutdown::kWrite) s.read_shut = true;
  if (how != socket::Shutdown::kRead) s.write_shut = true;
  notice(index, cause);
  return s.datagrams->peer ? Outcome::done(0) : Outcome::failed(Errno::kENOTCONN);
}

// Facts: datagram_poll of net/core/datagram.c, soreadable of sys/socketvar.h.
socket::EventQueue::Look NativeStack::look_at_datagrams(const Socket& s) const {
  const policy::SocketConfig& rules = profile_->sockets;
  const bool failed = s.datagrams->error.has_value();
  socket::EventQueue::Look look;
  look.unread = s.datagrams->queue.unread(profile_->udp);
  look.room = s.known_options().send_buffer.value_or(profile_->udp.send_buffer);
  look.events.in = !s.datagrams->queue.empty() || s.read_shut || (failed && !rules.error_event);
  look.events.out = true;
  look.events.error = failed && rules.error_event;
  look.events.read_hang_up = s.read_shut && rules.read_hang_up_event;
  look.events.hang_up = s.read_shut && s.write_shut;
  return look;
}

}  // namespace tcptwin::host

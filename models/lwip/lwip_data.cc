// lwip_data.cc: send and recv as lwIP's sockets layer does them (api_msg.c, sockets.c).
#include <algorithm>
#include <utility>

#include "models/lwip/errors.h"
#include "models/lwip/lwip_stack.h"
#include "stack/base/check.h"

namespace tcptwin::lwip {

using socket::Caller;
using socket::Descriptor;
using socket::kNoIndex;
using socket::MessageFlags;
using socket::Outcome;
using socket::PendingOperation;
using Role = LwipSocket::Role;

namespace {

constexpr size_t kMostAtOnce = 65535;  // that tcp_write takes

}  // namespace

// ---- sending

Outcome LwipStack::send(Instant now, const Caller& caller, Descriptor fd, Payload data,
                        MessageFlags flags) {
  LwipSocket* s = find(caller, fd);
  if (s == nullptr) return not_found(caller, fd);
  const Turn turn(*this, now, {.connection = s->connection}, caller.record);
  if (s->datagrams != nullptr) return send_datagram(*s, data, nullptr);
  if (s->connecting || sleeping_writer(*s) != nullptr) {
    return Outcome::failed(Errno::kEINPROGRESS);
  }
  PendingOperation operation;
  operation.kind = PendingOperation::Kind::kSend;
  operation.caller = caller;
  operation.flags = flags;
  operation.rest = std::move(data);
  Outcome outcome = write_more(*s, operation);
  if (!outcome.sleeps()) return outcome;
  if (s->send_timeout > Duration::zero()) operation.deadline = now + s->send_timeout;
  return sleep(index_of(caller, fd), std::move(operation));
}

// lwip_netconn_do_writemore: one tcp_write of what fits (several where 65535 bytes are the limit),
// then tcp_output. A write that may sleep announces more when not all of it fits.
Outcome LwipStack::write_more(LwipSocket& s, PendingOperation& operation) {
  if (s.connection == nullptr) {
    if (s.pending_error) return Outcome::failed(*std::exchange(s.pending_error, std::nullopt));
    return Outcome::failed(Errno::kENOTCONN);
  }
  const bool may_sleep = !operation.flags.dont_wait && !s.non_blocking;
  int error = 0;
  bool again = true;
  while (again && error == 0) {
    size_t size = std::min(operation.rest.size(), kMostAtOnce);
    again = operation.rest.size() > size;
    bool more = operation.flags.more || again;
    const size_t room = lwip().tcp_room(s.connection);
    if (room < size) {
      size = room;
      again = false;
      more = more || may_sleep;
      if (size == 0 && !may_sleep) break;
    }
    std::vector<uint8_t> bytes = operation.rest.sub(0, size).bytes();
    bytes.reserve(1);  // lwIP wants an address even for nothing
    error = lwip().tcp_write(s.connection, bytes.data(), static_cast<uint32_t>(size), more ? 1 : 0);
    if (error == 0) {
      operation.rest.take_front(size);
      operation.done += static_cast<int64_t>(size);
    }
  }
  if (error != 0 && error != kErrMem) return Outcome::failed(errno_of(error));
  if ((!may_sleep && !operation.rest.empty()) || lwip().tcp_is_writable(s.connection) == 0) {
    s.writable = false;
  }
  if (lwip().tcp_output(s.connection) == kErrRoute) return Outcome::failed(errno_of(kErrRoute));
  if (operation.rest.empty()) return Outcome::done(operation.done);
  if (may_sleep) return Outcome::sleeping(socket::kNotYet);
  return operation.done > 0 ? Outcome::done(operation.done) : Outcome::failed(Errno::kEAGAIN);
}

// select calls it writable again when enough is free.
void LwipStack::note_room(LwipSocket& s) {
  if (s.connection != nullptr && lwip().tcp_is_writable(s.connection) != 0) s.writable = true;
}

// ---- receiving

Outcome LwipStack::recv(Instant now, const Caller& caller, Descriptor fd, int64_t count,
                        MessageFlags flags) {
  LwipSocket* s = find(caller, fd);
  if (s == nullptr) return not_found(caller, fd);
  if (s->role == Role::kListener) return Outcome::failed(Errno::kENOTCONN);
  const Turn turn(*this, now, {.kind = Work::Kind::kRead, .connection = s->connection},
                  caller.record);
  PendingOperation operation;
  operation.kind = PendingOperation::Kind::kRecv;
  operation.caller = caller;
  operation.flags = flags;
  operation.wanted = count;
  Outcome outcome = try_recv(*s, operation);
  if (!outcome.sleeps()) return outcome;
  if (flags.dont_wait || s->non_blocking) return Outcome::failed(Errno::kEAGAIN);
  if (s->receive_timeout > Duration::zero()) operation.deadline = now + s->receive_timeout;
  return sleep(index_of(caller, fd), std::move(operation));
}

// lwip_recv_tcp: what the mailbox has, up to `wanted`; the window opens once for all of it.
// MSG_PEEK looks at one segment.
Outcome LwipStack::try_recv(LwipSocket& s, PendingOperation& operation) {
  if (s.datagrams != nullptr) return try_recv_datagram(s, operation);
  std::vector<uint8_t> bytes;
  size_t left = static_cast<size_t>(std::max<int64_t>(operation.wanted, 0));
  bool looked = false;
  while (!looked && left > 0 && !s.mailbox.empty() && s.mailbox.front().data != nullptr) {
    Message& message = s.mailbox.front();
    const size_t size = lwip().packet_size(message.data) - message.taken;
    const size_t part = std::min(size, left);
    const size_t at = bytes.size();
    bytes.resize(at + part);
    lwip().packet_copy(message.data, message.taken, bytes.data() + at, static_cast<uint32_t>(part));
    left -= part;
    looked = operation.flags.peek;
    if (looked) break;
    message.taken += static_cast<uint32_t>(part);
    s.unread -= static_cast<int64_t>(part);
    if (part == size) {
      lwip().packet_free(message.data);
      s.mailbox.pop_front();
    }
  }
  if (!bytes.empty() || operation.wanted <= 0) {
    if (!looked && s.connection != nullptr) {
      lwip().tcp_recved(s.connection, static_cast<uint32_t>(bytes.size()));
    }
    Outcome outcome = Outcome::done(static_cast<int64_t>(bytes.size()));
    outcome.data = Payload::real(bytes);
    return outcome;
  }
  if (!s.mailbox.empty()) return read_end(s);
  if (s.pending_error) return Outcome::failed(*std::exchange(s.pending_error, std::nullopt));
  if (s.mailbox_closed) return Outcome::failed(Errno::kENOTCONN);
  return Outcome::sleeping(socket::kNotYet);
}

// The message of an error, or of the end of the stream, after which there is no mailbox: a further
// recv fails with ENOTCONN.
Outcome LwipStack::read_end(LwipSocket& s) {
  const Message message = s.mailbox.pop_front();
  if (message.error) return Outcome::failed(*message.error);
  if (s.connection == nullptr) {
    return Outcome::failed(
        std::exchange(s.pending_error, std::nullopt).value_or(errno_of(kErrReset)));
  }
  stop_reading(s);
  lwip().tcp_shutdown(s.connection, 1, 0);
  return Outcome::done(0);
}

// ---- datagrams

Outcome LwipStack::send_datagram(LwipSocket& s, const Payload& data, const socket::Address* to) {
  if (to == nullptr && !s.has_peer) return Outcome::failed(Errno::kEDESTADDRREQ);
  if (data.size() > kMostAtOnce) return Outcome::failed(Errno::kEMSGSIZE);
  const std::vector<uint8_t> bytes = data.bytes();
  const LwipAddress address = to == nullptr ? LwipAddress{} : to_lwip(to->ip);
  const uint16_t port = to == nullptr ? uint16_t{0} : static_cast<uint16_t>(to->port);
  const int error = lwip().udp_send(s.datagrams, bytes.data(), static_cast<uint32_t>(bytes.size()),
                                    to == nullptr ? nullptr : &address, port);
  if (error != 0) return Outcome::failed(errno_of(error));
  LwipAddress local{};
  uint16_t local_port = 0;
  lwip().udp_local(s.datagrams, &local, &local_port);
  s.local.port = static_cast<wire::Port>(local_port);
  return Outcome::done(static_cast<int64_t>(data.size()));
}

Outcome LwipStack::send_to(Instant now, const Caller& caller, Descriptor fd, Payload data,
                           MessageFlags flags, const socket::Address& to) {
  LwipSocket* s = find(caller, fd);
  if (s == nullptr) return not_found(caller, fd);
  // lwip_sendto does not look at the address of a stream.
  if (s->datagrams == nullptr) return send(now, caller, fd, std::move(data), flags);
  if (!s->v6 && to.ip.is_v6()) return Outcome::failed(Errno::kEAFNOSUPPORT);
  const Turn turn(*this, now, {}, caller.record);
  return send_datagram(*s, data, &to);
}

Outcome LwipStack::try_recv_datagram(LwipSocket& s, const PendingOperation& operation) {
  if (s.mailbox.empty()) {
    return s.mailbox_closed ? Outcome::failed(Errno::kENOTCONN)
                            : Outcome::sleeping(socket::kNotYet);
  }
  const Message& message = s.mailbox.front();
  const size_t size = lwip().packet_size(message.data);
  std::vector<uint8_t> bytes(
      std::min(size, static_cast<size_t>(std::max<int64_t>(operation.wanted, 0))));
  lwip().packet_copy(message.data, 0, bytes.data(), static_cast<uint32_t>(bytes.size()));
  Outcome outcome = Outcome::done(static_cast<int64_t>(bytes.size()));
  outcome.data = Payload::real(bytes);
  outcome.address = message.from;
  if (operation.flags.peek) return outcome;
  lwip().packet_free(message.data);
  s.unread -= static_cast<int64_t>(size);
  s.mailbox.pop_front();
  return outcome;
}

Outcome LwipStack::queue_length(Instant, const Caller& caller, Descriptor fd,
                                socket::QueueLength which) {
  const LwipSocket* s = find(caller, fd);
  if (s == nullptr) return not_found(caller, fd);
  switch (which) {
    case socket::QueueLength::kUnread: return Outcome::done(s->unread);
    case socket::QueueLength::kUnsent:  // lwip_ioctl has no such request
    case socket::QueueLength::kAtMark: return Outcome::failed(Errno::kENOSYS);
  }
  CHECK(false);
}

}  // namespace tcptwin::lwip

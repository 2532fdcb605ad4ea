// lwip_sleep.cc: calls that sleep, what wakes them, and what select tells.
#include <utility>

#include "models/lwip/lwip_stack.h"
#include "stack/base/check.h"

namespace tcptwin::lwip {

using socket::Caller;
using socket::Descriptor;
using socket::Events;
using socket::FileRef;
using socket::kNoIndex;
using socket::Outcome;
using socket::PendingOperation;
using socket::PollRequest;
using Kind = PendingOperation::Kind;
using Role = LwipSocket::Role;

Outcome LwipStack::sleep(uint32_t index, PendingOperation operation) {
  operation.socket = index;
  uint32_t& first = sleeper_list(operation);
  return Outcome::sleeping(sleepers_.add(std::move(operation), first));
}

uint32_t& LwipStack::sleeper_list(const PendingOperation& operation) {
  if (operation.kind == Kind::kPoll) return pollers_;
  if (operation.kind == Kind::kPing) return pingers_;
  return sockets_[operation.socket]->first_sleeper;
}

void LwipStack::wake(PendingOperation& operation, RecordId cause) {
  operation.woken = true;
  wakeups_.push_back({operation.id, cause});
}

PendingOperation* LwipStack::sleeping_writer(const LwipSocket& s) {
  for (uint32_t slot = s.first_sleeper; slot != kNoIndex; slot = sleepers_.at(slot).next) {
    PendingOperation& operation = sleepers_.at(slot);
    if (operation.kind == Kind::kSend && !operation.woken) return &operation;
  }
  return nullptr;
}

bool LwipStack::can_finish(const LwipSocket& s, const PendingOperation& operation) const {
  switch (operation.kind) {
    case Kind::kAccept: return !s.accepted.empty();
    case Kind::kConnect: return !s.connecting;
    case Kind::kRecv: return !s.mailbox.empty() || s.mailbox_closed || s.pending_error;
    case Kind::kSend: return s.connection == nullptr;
    case Kind::kClose:
    case Kind::kPoll:
    case Kind::kQueueWait:
    case Kind::kPing:
    case Kind::kNone: return false;
  }
  CHECK(false);
}

// Something happened to the socket: one message wakes one reader, one connection one accept.
void LwipStack::notice(uint32_t index) {
  LwipSocket& s = *sockets_[index];
  size_t accepts = s.accepted.size();
  for (uint32_t slot = s.first_sleeper; slot != kNoIndex; slot = sleepers_.at(slot).next) {
    PendingOperation& operation = sleepers_.at(slot);
    if (operation.kind == Kind::kAccept && accepts-- == 0) break;
    if (!operation.woken && can_finish(s, operation)) wake(operation, cause_);
  }
  for (uint32_t slot = pollers_; slot != kNoIndex; slot = sleepers_.at(slot).next) {
    PendingOperation& operation = sleepers_.at(slot);
    if (!operation.woken && !try_poll(operation).sleeps()) wake(operation, cause_);
  }
}

Outcome LwipStack::retry(Instant now, PendingOperation& operation, RecordId record) {
  if (operation.fails_with) return Outcome::failed(*operation.fails_with);
  if (operation.kind == Kind::kPoll) return try_poll(operation);
  if (operation.kind == Kind::kPing) {
    const Echo& echo = echoes_.at(static_cast<uint32_t>(operation.wanted));
    if (echo.answered.is_never()) return Outcome::failed(Errno::kETIMEDOUT);
    return Outcome::done((echo.answered - echo.sent) / 1us);
  }
  LwipSocket& s = *sockets_[operation.socket];
  const auto kind = operation.kind == Kind::kRecv ? Work::Kind::kRead : Work::Kind::kCall;
  const Turn turn(*this, now, {.kind = kind, .connection = s.connection}, record);
  switch (operation.kind) {
    case Kind::kAccept: return try_accept(s, operation.caller);
    case Kind::kConnect: return try_connect(s);
    case Kind::kRecv: return try_recv(s, operation);
    case Kind::kSend:
      if (operation.rest.empty()) return Outcome::done(operation.done);
      if (operation.timed_out) {
        return operation.done > 0 ? Outcome::done(operation.done) : Outcome::failed(Errno::kEAGAIN);
      }
      return write_more(s, operation);
    case Kind::kClose:
    case Kind::kPoll:
    case Kind::kQueueWait:
    case Kind::kPing:
    case Kind::kNone: break;
  }
  CHECK(false);
}

Outcome LwipStack::resume(Instant now, socket::OperationId id, RecordId record) {
  PendingOperation* operation = sleepers_.find(id);
  CHECK(operation != nullptr);
  operation->woken = false;
  Outcome outcome = retry(now, *operation, record);
  if (outcome.sleeps() && operation->timed_out) {
    outcome = operation->kind == Kind::kPoll ? Outcome::done(0) : Outcome::failed(Errno::kEAGAIN);
  }
  if (outcome.sleeps()) {
    outcome.pending = id;
    return outcome;
  }
  const uint32_t index = operation->socket;
  if (operation->kind == Kind::kPing) echoes_.erase(static_cast<uint32_t>(operation->wanted));
  sleepers_.remove(id, sleeper_list(*operation));
  if (index != kNoIndex && !sockets_[index]->open && sockets_[index]->first_sleeper == kNoIndex) {
    remove_socket(index);
  }
  return outcome;
}

// ---- readiness

// event_callback and lwip_pollscan of sockets.c.
Events LwipStack::look(const LwipSocket& s) const {
  Events e;
  e.in = !s.mailbox.empty() || !s.accepted.empty() || s.mailbox_closed;
  e.out = s.writable;
  e.error = s.failed;
  return e;
}

Outcome LwipStack::try_poll(const PendingOperation& operation) {
  Outcome outcome;
  for (const PollRequest& request : operation.polled) {
    if (request.fd < 0) continue;
    const FileRef file = processes_[static_cast<size_t>(operation.caller.process)].find(request.fd);
    Events events;
    if (!file.is_open()) {
      events.invalid = true;
    } else if (file.is_socket()) {
      events = look(*sockets_[file.index()]);
    }
    Events asked = request.events;
    asked.error = asked.hang_up = asked.invalid = true;
    events = events & asked;
    if (events.any()) outcome.ready.push_back({request.fd, events, 0, 0});
  }
  outcome.value = static_cast<int64_t>(outcome.ready.size());
  return outcome.ready.empty() ? Outcome::sleeping(socket::kNotYet) : std::move(outcome);
}

Outcome LwipStack::poll(Instant now, const Caller& caller, std::vector<PollRequest> requests,
                        std::optional<Duration> timeout) {
  PendingOperation operation;
  operation.kind = Kind::kPoll;
  operation.caller = caller;
  operation.polled = std::move(requests);
  Outcome outcome = try_poll(operation);
  if (!outcome.sleeps()) return outcome;
  if (timeout && *timeout <= Duration::zero()) return Outcome::done(0);
  if (timeout) operation.deadline = now + *timeout;
  return sleep(kNoIndex, std::move(operation));
}

// lwIP has poll and select only.
Outcome LwipStack::open_queue(Instant, const Caller&, socket::QueueKind) {
  return Outcome::failed(Errno::kENOSYS);
}
Outcome LwipStack::change_queue(Instant, const Caller&, Descriptor, const socket::QueueChange&) {
  return Outcome::failed(Errno::kENOSYS);
}
Outcome LwipStack::wait_queue(Instant, const Caller&, Descriptor, int64_t,
                              std::optional<Duration>) {
  return Outcome::failed(Errno::kENOSYS);
}

// ---- ping

Outcome LwipStack::ping(Instant now, const Caller& caller, const wire::IpAddress& to, int64_t bytes,
                        Duration timeout) {
  constexpr int64_t kMost = 65535 - 20 - 8;  // an IPv4 packet with its headers
  if (route(to) == UINT32_MAX) return Outcome::failed(Errno::kEHOSTUNREACH);
  if (bytes > kMost) return Outcome::failed(Errno::kEMSGSIZE);
  // The identifier is the process, the sequence number counts.
  const uint32_t number =
      (static_cast<uint32_t>(caller.process) + 1) << 16 | (++last_echo_ & 0xffffU);
  if (echoes_.contains(number)) return Outcome::failed(Errno::kENOBUFS);
  PendingOperation operation;
  operation.kind = Kind::kPing;
  operation.caller = caller;
  operation.wanted = number;
  operation.deadline = now + timeout;
  const Outcome outcome = sleep(kNoIndex, std::move(operation));
  echoes_[number] = {.peer = to, .sent = now, .operation = outcome.pending};
  const Turn turn(*this, now, {}, caller.record);
  const LwipAddress address = to_lwip(to);
  if (lwip().ping(&address, static_cast<uint16_t>(number >> 16), static_cast<uint16_t>(number),
                  static_cast<uint32_t>(bytes)) != 0) {
    echoes_.erase(number);
    sleepers_.remove(outcome.pending, pingers_);
    return Outcome::failed(Errno::kENOBUFS);
  }
  return Outcome::sleeping(outcome.pending);
}

}  // namespace tcptwin::lwip

// socket_calls_sleep.cc: calls that sleep: when they wake, when their time is over, how they go on.
#include <utility>
#include <variant>

#include "stack/base/check.h"
#include "stack/host/native_stack.h"

namespace tcptwin::host {

using socket::kNoIndex;
using socket::Outcome;
using socket::PendingOperation;
using socket::Socket;
using Kind = PendingOperation::Kind;

// `index`: of the socket, or of the event queue, whose list of sleepers begins at `first`.
Outcome NativeStack::sleep(uint32_t index, uint32_t& first, PendingOperation operation) {
  operation.socket = index;
  return Outcome::sleeping(sleepers_.add(std::move(operation), first));
}

// The instant at which a call with this SO_RCVTIMEO or SO_SNDTIMEO gives up. Where it is no
// structure but a number, the option has a unit.
Instant NativeStack::limit(Instant now, policy::OptionEffect effect,
                           const socket::OptionValue& time) const {
  if (time.value == 0 && time.second == 0) return Instant::never();
  const Duration span = option_time(effect, time.value, std::chrono::seconds(time.value)) +
                        std::chrono::microseconds(time.second);
  return grain_.fires_after(now, span);
}

bool NativeStack::can_finish(const Socket& s, const PendingOperation& operation) const {
  if (operation.kind == Kind::kAccept) {
    return s.role != Socket::Role::kListener || !s.listening->accept_queue.empty();
  }
  if (s.datagrams) return look_at_datagrams(s).events.in || s.datagrams->error;
  const tcp::Connection* c = connection(s);
  if (c == nullptr) return true;
  const tcp::State state = c->state();
  const bool over = state == tcp::State::kClosed || (c->error() && !s.error_taken);
  const bool shaking = state == tcp::State::kSynSent || state == tcp::State::kSynReceived;
  switch (operation.kind) {
    case Kind::kConnect: return over || !shaking;
    case Kind::kSend: return over || c->write_ended() || (!shaking && c->writable());
    case Kind::kRecv: {
      const int64_t low_water = s.known_options().receive_low_water;
      const int64_t enough = operation.flags.wait_all ? 1 : std::min(low_water, operation.wanted);
      return over || s.read_shut || c->readable(std::max<int64_t>(enough, 1));
    }
    case Kind::kClose:
      return state == tcp::State::kClosed || state == tcp::State::kFinWait2 ||
             state == tcp::State::kTimeWait;
    case Kind::kAccept:
    case Kind::kPoll:
    case Kind::kQueueWait:
    case Kind::kPing:
    case Kind::kNone: return false;
  }
  CHECK(false);
}

void NativeStack::wake(PendingOperation& operation, RecordId cause) {
  operation.woken = true;
  wakeups_.push_back({operation.id, cause});
}

// Something happened to the socket. All who can go on are told, except that one connection wakes
// one accept.
void NativeStack::notice(uint32_t index, RecordId cause) {
  Socket& s = *sockets_[index];
  size_t accepts = s.listening ? s.listening->accept_queue.size() : SIZE_MAX;
  for (uint32_t slot = s.first_sleeper; slot != kNoIndex; slot = sleepers_.at(slot).next) {
    PendingOperation& operation = sleepers_.at(slot);
    if (operation.kind == Kind::kAccept && accepts-- == 0) break;
    if (!operation.woken && can_finish(s, operation)) wake(operation, cause);
  }
  if (s.watched) notice_watchers(index, cause);
}

// The first that sleeps in a read whose buffer the copying engine has; null: none does.
PendingOperation* NativeStack::pinned_sleeper(uint32_t index) {
  if (profile_->receive_window.pinned_read_above == 0) return nullptr;
  const uint32_t owner = connections_[index].socket;
  if (owner == kNoIndex) return nullptr;
  for (uint32_t at = sockets_[owner]->first_sleeper; at != kNoIndex; at = sleepers_.at(at).next) {
    PendingOperation& operation = sleepers_.at(at);
    if (operation.kind == Kind::kRecv && operation.pinned) return &operation;
  }
  return nullptr;
}

// facts/linux.md C18: what came while it slept is in the program's memory already. It is told only
// when the connection says so; once it has been, segments lie in the queue until it runs.
void NativeStack::hand_over(uint32_t index, RecordId record) {
  PendingOperation* operation = pinned_sleeper(index);
  if (operation == nullptr) return;
  tcp::Connection::DirectRead direct = connections_[index].connection->take_direct_read();
  operation->rest.append(std::move(direct.data));
  if (direct.wakes && !operation->woken) wake(*operation, record);
}

// facts/linux.md A15: segments are left to a reader that sleeps, but not to one that only looks.
void NativeStack::tell_of_reader(uint32_t index) {
  const PendingOperation* pinned = pinned_sleeper(index);
  const int64_t lacks = pinned == nullptr || pinned->woken
                            ? 0
                            : pinned->wanted - static_cast<int64_t>(pinned->rest.size());
  connections_[index].connection->set_direct_reader(lacks);
  const auto* rule = std::get_if<policy::QuickackPingpongConfig>(&profile_->delayed_ack);
  if (rule == nullptr || rule->sleeping_reader_guard.count() == 0) return;
  const ConnectionSlot& slot = connections_[index];
  bool sleeps = false;
  if (slot.socket != kNoIndex && pinned == nullptr) {  // the engine takes the queue's place
    const uint32_t first = sockets_[slot.socket]->first_sleeper;
    for (uint32_t at = first; at != kNoIndex && !sleeps; at = sleepers_.at(at).next) {
      const PendingOperation& operation = sleepers_.at(at);
      sleeps = operation.kind == Kind::kRecv && !operation.flags.peek && !operation.flags.truncate;
    }
  }
  slot.connection->set_reader_sleeps(sleeps);
}

void NativeStack::wake_due_sleepers(Instant now) {
  while (PendingOperation* operation = sleepers_.take_due(now)) {
    operation->timed_out = true;
    if (!operation->woken) wake(*operation, operation->caller.record);
  }
}

uint32_t& NativeStack::sleeper_list(const PendingOperation& operation) {
  if (operation.kind == Kind::kQueueWait) return queues_[operation.socket]->first_sleeper;
  if (operation.kind == Kind::kPoll) return pollers_;
  if (operation.kind == Kind::kPing) return pingers_;
  return sockets_[operation.socket]->first_sleeper;
}

Outcome NativeStack::retry(Instant now, PendingOperation& operation, RecordId record) {
  if (operation.fails_with) return Outcome::failed(*operation.fails_with);
  switch (operation.kind) {
    case Kind::kAccept: return try_accept(*sockets_[operation.socket], operation.caller);
    case Kind::kConnect: {
      Outcome outcome = try_connect(now, operation.socket, record);
      const bool late = outcome.sleeps() && operation.timed_out;
      return late ? Outcome::failed(Errno::kEINPROGRESS) : std::move(outcome);
    }
    case Kind::kSend: return try_send(now, *sockets_[operation.socket], operation, record);
    case Kind::kRecv: return try_recv(now, *sockets_[operation.socket], operation, record);
    case Kind::kClose: {
      Socket& s = *sockets_[operation.socket];
      if (!can_finish(s, operation) && !operation.timed_out) return Outcome::sleeping(operation.id);
      const bool reset = !can_finish(s, operation) && profile_->sockets.linger_timeout_resets;
      if (reset) connection(s)->abort(now, record);
      return Outcome::done(0);
    }
    case Kind::kPoll: return try_poll(operation);
    case Kind::kQueueWait: return try_wait(*queues_[operation.socket], operation.wanted);
    case Kind::kPing: return try_ping(operation);
    case Kind::kNone: break;
  }
  CHECK(false);
}

Outcome NativeStack::resume(Instant now, socket::OperationId id, RecordId record) {
  PendingOperation* operation = sleepers_.find(id);
  CHECK(operation != nullptr);
  operation->woken = false;
  Outcome outcome = retry(now, *operation, record);
  if (outcome.sleeps() && operation->timed_out) {
    const bool readiness = operation->kind == Kind::kPoll || operation->kind == Kind::kQueueWait;
    outcome = readiness ? Outcome::done(0) : Outcome::failed(Errno::kEAGAIN);
  }
  if (outcome.sleeps()) {
    outcome.pending = id;
    return outcome;
  }
  end_operation(now, *operation, record);
  return outcome;
}

// The call is over: nobody sleeps in it any more.
void NativeStack::end_operation(Instant now, PendingOperation& operation, RecordId record) {
  const Kind kind = operation.kind;
  const uint32_t index = operation.socket;
  if (kind == Kind::kPoll) watch(operation, false);
  if (kind == Kind::kPing) echoes_.erase(static_cast<uint32_t>(operation.wanted));
  sleepers_.remove(operation.id, sleeper_list(operation));
  if (kind == Kind::kPoll || kind == Kind::kPing) return;
  if (kind == Kind::kQueueWait) {
    const socket::EventQueue& queue = *queues_[index];
    if (!queue.open && queue.first_sleeper == kNoIndex) queues_[index].reset();
    return;
  }
  give_back(now, index, record);
}

}  // namespace tcptwin::host

// socket_calls_poll.cc: what is ready, and the calls that wait for it: poll, epoll, kqueue.
#include <algorithm>
#include <utility>

#include "stack/base/check.h"
#include "stack/host/native_stack.h"

namespace tcptwin::host {

using socket::Caller;
using socket::Descriptor;
using socket::EventQueue;
using socket::Events;
using socket::FileRef;
using socket::kNoIndex;
using socket::OperationId;
using socket::Outcome;
using socket::PendingOperation;
using socket::PollRequest;
using socket::QueueChange;
using socket::Socket;

namespace {

// What comes whether or not it was asked for.
Events with_unasked(Events events) {
  events.error = events.hang_up = events.invalid = true;
  return events;
}

}  // namespace

// Facts: tcp_poll of net/ipv4/tcp.c, soreadable and sowriteable of sys/socketvar.h.
EventQueue::Look NativeStack::look(uint32_t index) const {
  const Socket& s = *sockets_[index];
  if (s.datagrams) return look_at_datagrams(s);
  const policy::SocketConfig& rules = profile_->sockets;
  EventQueue::Look look;
  Events& e = look.events;
  if (s.role == Socket::Role::kListener) {
    look.unread = static_cast<int64_t>(s.listening->accept_queue.size());
    e.in = look.unread > 0;
    return look;
  }
  const tcp::Connection* c = connection(s);
  if (c == nullptr) {
    e.out = e.hang_up = rules.fresh_is_hung_up;
    return look;
  }
  const socket::StoredOptions& options = s.known_options();
  const bool failed = c->error() && !s.error_taken;
  e.error = failed && rules.error_event;
  if (c->state() == tcp::State::kSynSent || c->state() == tcp::State::kSynReceived) {
    e.in = e.out = failed;
    return look;
  }
  const bool closed = c->state() == tcp::State::kClosed;
  const bool read_over = c->peer_finished() || s.read_shut || closed;
  look.unread = c->unread();
  look.room = c->send_room();
  e.in = failed || read_over || c->readable(options.receive_low_water);
  e.out = failed || closed || c->write_ended() || c->writable();
  e.priority = c->urgent_pending();
  e.read_hang_up = read_over && rules.read_hang_up_event;
  e.hang_up = closed || (read_over && c->write_ended());
  return look;
}

// ---- poll

Outcome NativeStack::poll(Instant now, const Caller& caller, std::vector<PollRequest> requests,
                          std::optional<Duration> timeout) {
  PendingOperation operation;
  operation.kind = PendingOperation::Kind::kPoll;
  operation.caller = caller;
  operation.polled = std::move(requests);
  Outcome outcome = try_poll(operation);
  if (!outcome.sleeps()) return outcome;
  if (timeout && *timeout <= Duration::zero()) return Outcome::done(0);
  if (timeout) operation.deadline = grain_.fires_after(now, *timeout);
  outcome = sleep(kNoIndex, pollers_, std::move(operation));
  watch(*sleepers_.find(outcome.pending), true);
  return outcome;
}

Outcome NativeStack::try_poll(PendingOperation& operation) {
  Outcome outcome;
  for (const PollRequest& request : operation.polled) {
    if (request.fd < 0) continue;
    const FileRef file = processes_[static_cast<size_t>(operation.caller.process)].find(request.fd);
    Events events;
    if (!file.is_open()) {
      events.invalid = true;
    } else if (file.is_queue()) {
      events.in = !queues_[file.index()]->empty();
    } else if (file.is_socket()) {
      events = look(file.index()).events;
    }
    events = events & with_unasked(request.events);
    if (events.any()) outcome.ready.push_back({request.fd, events, 0, 0});
  }
  outcome.value = static_cast<int64_t>(outcome.ready.size());
  return outcome.ready.empty() ? Outcome::sleeping(socket::kNotYet) : std::move(outcome);
}

// Enters a sleeping poll with its sockets, or takes it out.
void NativeStack::watch(const PendingOperation& operation, bool on) {
  for (const PollRequest& request : operation.polled) {
    const uint32_t index = socket_index(operation.caller, request.fd);
    if (index == kNoIndex) continue;
    std::vector<OperationId>& ids = polled_by_[index];
    std::erase(ids, operation.id);
    if (on) {
      ids.push_back(operation.id);
      sockets_[index]->watched = true;
    } else if (ids.empty()) {
      polled_by_.erase(index);
    }
  }
}

void NativeStack::notice_watchers(uint32_t index, RecordId cause) {
  bool watched = false;
  const auto polls = polled_by_.find(index);
  if (polls != polled_by_.end()) {
    watched = true;
    for (const OperationId id : polls->second) {
      PendingOperation& operation = *sleepers_.find(id);
      if (!operation.woken && !try_poll(operation).sleeps()) wake(operation, cause);
    }
  }
  for (const auto& queue : queues_) {
    if (!queue || !queue->watches(index)) continue;
    watched = true;
    if (!queue->notice(index, look(index))) continue;
    for (uint32_t slot = queue->first_sleeper; slot != kNoIndex; slot = sleepers_.at(slot).next) {
      if (sleepers_.at(slot).woken) continue;
      wake(sleepers_.at(slot), cause);
      break;  // one thread is enough
    }
  }
  sockets_[index]->watched = watched;
}

// The socket has no descriptor any more: event queues drop it, polls go on without it.
void NativeStack::forget_watchers(uint32_t index) {
  for (const auto& queue : queues_) {
    if (queue) queue->forget(index);
  }
  polled_by_.erase(index);
  sockets_[index]->watched = false;
}

// ---- epoll and kqueue

EventQueue* NativeStack::find_queue(const Caller& caller, Descriptor fd) {
  const FileRef file = processes_[static_cast<size_t>(caller.process)].find(fd);
  return file.is_queue() ? queues_[file.index()].get() : nullptr;
}

Outcome NativeStack::open_queue(Instant, const Caller& caller, socket::QueueKind kind) {
  const bool exists =
      kind == socket::QueueKind::kEpoll ? profile_->sockets.epoll : profile_->sockets.kqueue;
  if (!exists) return Outcome::failed(Errno::kENOSYS);
  const auto gap = std::find(queues_.begin(), queues_.end(), nullptr);
  const auto index = static_cast<uint32_t>(gap - queues_.begin());
  const bool own = kind == socket::QueueKind::kWorkloop;
  socket::DescriptorTable& table = processes_[static_cast<size_t>(caller.process)];
  Outcome outcome = own ? Outcome::done(table.add_handle(FileRef::queue(index)))
                        : enter_file(caller, FileRef::queue(index));
  if (outcome.error) return outcome;
  if (gap == queues_.end()) queues_.emplace_back();
  queues_[index] = std::make_unique<EventQueue>(kind);
  return outcome;
}

Outcome NativeStack::change_queue(Instant, const Caller& caller, Descriptor fd,
                                  const QueueChange& change) {
  const socket::DescriptorTable& files = processes_[static_cast<size_t>(caller.process)];
  if (!files.find(fd).is_open() || !files.find(change.fd).is_open()) {
    return Outcome::failed(Errno::kEBADF);
  }
  EventQueue* queue = find_queue(caller, fd);
  if (queue == nullptr) return Outcome::failed(Errno::kEINVAL);
  const uint32_t index = socket_index(caller, change.fd);
  if (index == kNoIndex) return Outcome::failed(Errno::kEPERM);
  const EventQueue::Key key{change.fd, change.filter};
  const bool epoll = queue->kind() == socket::QueueKind::kEpoll;
  const bool there = queue->contains(key);
  const bool adds = change.action == QueueChange::Action::kAdd;
  if (epoll && adds && there) return Outcome::failed(Errno::kEEXIST);
  if (!there && !adds) return Outcome::failed(Errno::kENOENT);
  if (change.action == QueueChange::Action::kRemove) {
    queue->remove(key);
    return Outcome::done(0);
  }
  EventQueue::Interest interest;
  interest.socket = index;
  interest.events = with_unasked(change.events);
  interest.edge = change.edge;
  interest.one_shot = change.one_shot;
  interest.data = change.data;
  queue->set(key, interest);
  sockets_[index]->watched = true;
  notice_watchers(index, caller.record);
  return Outcome::done(0);
}

Outcome NativeStack::wait_queue(Instant now, const Caller& caller, Descriptor fd, int64_t most,
                                std::optional<Duration> timeout) {
  EventQueue* queue = find_queue(caller, fd);
  if (queue == nullptr) {
    const bool open = processes_[static_cast<size_t>(caller.process)].find(fd).is_open();
    return Outcome::failed(open ? Errno::kEINVAL : Errno::kEBADF);
  }
  if (most <= 0) return Outcome::failed(Errno::kEINVAL);
  Outcome outcome = try_wait(*queue, most);
  if (!outcome.sleeps()) return outcome;
  if (timeout && *timeout <= Duration::zero()) return Outcome::done(0);
  PendingOperation operation;
  operation.kind = PendingOperation::Kind::kQueueWait;
  operation.caller = caller;
  operation.wanted = most;
  if (timeout) operation.deadline = grain_.fires_after(now, *timeout);
  const uint32_t index = processes_[static_cast<size_t>(caller.process)].find(fd).index();
  return sleep(index, queue->first_sleeper, std::move(operation));
}

Outcome NativeStack::try_wait(EventQueue& queue, int64_t most) {
  Outcome outcome;
  outcome.ready = queue.collect(most, [this](uint32_t index) { return look(index); });
  outcome.value = static_cast<int64_t>(outcome.ready.size());
  return outcome.ready.empty() ? Outcome::sleeping(socket::kNotYet) : std::move(outcome);
}

}  // namespace tcptwin::host

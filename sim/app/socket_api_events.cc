// socket_api_events.cc: the calls that ask about sockets, that wait for several of them, and those
// of threads.
#include <utility>

#include "sim/app/socket_api.h"
#include "stack/base/check.h"

namespace tcptwin::app {

using socket::Descriptor;
using trace::CallKind;

namespace {

std::string request_text(const std::vector<socket::PollRequest>& requests) {
  std::string text;
  for (const socket::PollRequest& request : requests) {
    text += (text.empty() ? "" : ", ") + std::to_string(request.fd) + ":" +
            socket::events_text(request.events);
  }
  return text;
}

std::string change_text(const socket::QueueChange& change) {
  using Action = socket::QueueChange::Action;
  std::string text = change.action == Action::kAdd      ? "add "
                     : change.action == Action::kModify ? "modify "
                                                        : "remove ";
  text += std::to_string(change.fd);
  if (change.action == Action::kRemove) return text;
  text += ":" + socket::events_text(change.events);
  return text + (change.edge ? ", edge" : "") + (change.one_shot ? ", one shot" : "");
}

}  // namespace

// ---- asking

SocketApi::Calling SocketApi::getsockopt(Descriptor fd, std::string_view level,
                                         std::string_view name) {
  const policy::SocketOption* found = option(level, name);
  if (found == nullptr) return getsockopt(fd, -1, -1, std::string(name));
  return getsockopt(fd, found->level, found->number, std::string(name));
}
SocketApi::Calling SocketApi::getsockopt(Descriptor fd, int32_t level, int32_t number,
                                         std::string name) {
  host::Call& call = fresh(CallKind::kGetsockopt, fd);
  call.level = level;
  call.number = number;
  call.value = std::move(name);
  return calling();
}
SocketApi::Calling SocketApi::ioctl(Descriptor fd, socket::QueueLength which) {
  host::Call& call = fresh(CallKind::kIoctl, fd);
  call.length = which;
  call.value = which == socket::QueueLength::kUnread   ? "SIOCINQ"
               : which == socket::QueueLength::kUnsent ? "SIOCOUTQ"
                                                       : "SIOCATMARK";
  return calling();
}
SocketApi::Calling SocketApi::set_non_blocking(Descriptor fd, bool on) {
  host::Call& call = fresh(CallKind::kFcntl, fd);
  call.on = on;
  call.value = on ? "O_NONBLOCK" : "0";
  return calling();
}
SocketApi::Calling SocketApi::getsockname(Descriptor fd) {
  fresh(CallKind::kGetsockname, fd);
  return calling();
}
SocketApi::Calling SocketApi::getpeername(Descriptor fd) {
  fresh(CallKind::kGetpeername, fd);
  return calling();
}
SocketApi::Calling SocketApi::setrlimit(int64_t descriptors, std::optional<int64_t> hard) {
  host::Call& call = fresh(CallKind::kSetrlimit, -1);
  call.amount = descriptors;
  call.hard_limit = hard;
  call.value = "RLIMIT_NOFILE, " + std::to_string(descriptors);
  return calling();
}

// ---- waiting

SocketApi::Calling SocketApi::poll(std::vector<socket::PollRequest> requests,
                                   std::optional<Duration> timeout) {
  host::Call& call = fresh(CallKind::kPoll, requests.empty() ? -1 : requests.front().fd);
  call.value = request_text(requests);
  call.polled = std::move(requests);
  call.timeout = timeout;
  return calling();
}
SocketApi::Calling SocketApi::select(std::vector<socket::PollRequest> requests,
                                     std::optional<Duration> timeout) {
  const Calling same = poll(std::move(requests), timeout);
  thread_->call.kind = CallKind::kSelect;
  return same;
}
SocketApi::Calling SocketApi::epoll_create() {
  fresh(CallKind::kEpollCreate, -1);
  return calling();
}
SocketApi::Calling SocketApi::kqueue() {
  fresh(CallKind::kKqueue, -1);
  return calling();
}
SocketApi::Calling SocketApi::workloop() {
  host::Call& call = fresh(CallKind::kKqueue, -1);
  call.queue = socket::QueueKind::kWorkloop;
  call.value = "workloop";
  return calling();
}
SocketApi::Calling SocketApi::epoll_ctl(Descriptor queue, const socket::QueueChange& change) {
  host::Call& call = fresh(CallKind::kEpollCtl, queue);
  call.change = change;
  call.value = change_text(change);
  return calling();
}
SocketApi::Calling SocketApi::kevent(Descriptor queue, const socket::QueueChange& change) {
  const Calling same = epoll_ctl(queue, change);
  thread_->call.kind = CallKind::kKevent;
  return same;
}
SocketApi::Calling SocketApi::epoll_wait(Descriptor queue, int64_t most,
                                         std::optional<Duration> timeout) {
  host::Call& call = fresh(CallKind::kEpollWait, queue);
  call.amount = most;
  call.timeout = timeout;
  return calling();
}
SocketApi::Calling SocketApi::kevent(Descriptor queue, int64_t most,
                                     std::optional<Duration> timeout) {
  const Calling same = epoll_wait(queue, most, timeout);
  thread_->call.kind = CallKind::kKevent;
  return same;
}

// ---- threads

Task SocketApi::run_thread(const std::function<Task(SocketApi)>& body, SocketApi api) {
  const Task program = body(api);
  co_await program;
  api.kernel_->end_thread(*api.thread_);
}

// Threads that are over go now and then: half of those that are kept may be.
Process::Child& Process::add_child() {
  if (children.size() >= most_children) {
    std::erase_if(children, [](const auto& child) { return child.second.thread.has_left; });
    most_children = std::max<size_t>(64, 2 * children.size());
  }
  return children[spawned++];
}

SocketApi::Calling SocketApi::spawn(std::function<Task(SocketApi)> body) {
  CHECK(process_ != nullptr);
  Process::Child& child = process_->add_child();
  child.body = std::move(body);
  child.task = run_thread(child.body, SocketApi(*kernel_, child.thread, process_));
  child.thread.waiting = child.task->handle();
  host::Call& call = fresh(CallKind::kSpawn, -1);
  call.thread = &child.thread;
  call.amount = process_->spawned - 1;
  return calling();
}
SocketApi::Calling SocketApi::join(int64_t number) {
  CHECK(process_ != nullptr && number >= 0 && number < process_->spawned);
  const auto child = process_->children.find(number);
  fresh(CallKind::kJoin, -1).thread =
      child == process_->children.end() ? nullptr : &child->second.thread;
  return calling();
}
SocketApi::Calling SocketApi::lock(std::string_view mutex) {
  CHECK(process_ != nullptr);
  host::Call& call = fresh(CallKind::kLock, -1);
  call.mutex = &process_->mutexes[std::string(mutex)];
  call.value = mutex;
  return calling();
}
SocketApi::Calling SocketApi::unlock(std::string_view mutex) {
  const Calling same = lock(mutex);
  thread_->call.kind = CallKind::kUnlock;
  return same;
}
SocketApi::Calling SocketApi::exit_process() {
  fresh(CallKind::kExit, -1);
  return calling();
}

}  // namespace tcptwin::app

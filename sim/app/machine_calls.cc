// machine_calls.cc: the calls that each operation makes.
#include <algorithm>
#include <utility>

#include "sim/app/machine.h"
#include "stack/base/check.h"

namespace tcptwin::app {

// The place of a name, which may be new.
Machine::Slot& Machine::slot(const SocketRef& ref) {
  std::vector<Slot>& slots = slots_[ref.slot];
  size_t index = 0;
  if (ref.of == SocketRef::Of::kElement) index = ref.index;
  if (ref.of == SocketRef::Of::kCounter) {
    index = static_cast<size_t>(frames_.repeats[ref.index].done);
  }
  if (slots.size() <= index) slots.resize(index + 1);
  return slots[index];
}

// -1: nothing has made it yet.
socket::Descriptor Machine::fd_of(const SocketRef& ref) { return slot(ref).fd; }

std::vector<socket::PollRequest> Machine::requests(const std::vector<Watched>& watched) {
  std::vector<socket::PollRequest> all;
  for (const Watched& w : watched) {
    if (w.socket.of != SocketRef::Of::kAll) {
      all.push_back({fd_of(w.socket), w.events});
      continue;
    }
    for (const Slot& s : slots_[w.socket.slot]) {
      if (s.fd >= 0) all.push_back({s.fd, w.events});
    }
  }
  return all;
}

// One entry a descriptor, as select's sets have it.
std::vector<socket::PollRequest> Machine::sets(const std::vector<Watched>& watched) {
  std::vector<socket::PollRequest> merged;
  for (const socket::PollRequest& r : requests(watched)) {
    const auto same = std::find_if(merged.begin(), merged.end(),
                                   [&](const auto& other) { return other.fd == r.fd; });
    if (same == merged.end()) {
      merged.push_back(r);
      continue;
    }
    same->events.in |= r.events.in;
    same->events.out |= r.events.out;
    same->events.priority |= r.events.priority;
  }
  return merged;
}

SocketApi::Calling Machine::single_call(const Instruction& i) {
  const socket::Descriptor fd = fd_of(i.socket);
  switch (i.kind) {
    case Kind::kSocket: return new_socket(i);
    case Kind::kSendTo:
    case Kind::kRecvFrom:
    case Kind::kPing: return datagram_call(i);
    case Kind::kAccept: return api_.accept(fd);
    case Kind::kWrite:
      if (stage_ == 0) left_ = i.text.empty() ? i.amount : static_cast<int64_t>(i.text.size());
      if (i.text.empty()) return api_.send(fd, generated(left_), i.flags);
      return api_.send(fd, Payload::text(i.text.substr(i.text.size() - static_cast<size_t>(left_))),
                       i.flags);
    case Kind::kSend:
      return api_.send(fd, i.text.empty() ? generated(i.amount) : Payload::text(i.text), i.flags);
    case Kind::kRead:
      if (stage_ == 0) left_ = i.amount;
      return api_.recv(fd, left_, i.flags);
    case Kind::kRecv: return api_.recv(fd, i.amount, i.flags);
    case Kind::kShutdown: return api_.shutdown(fd, i.how);
    case Kind::kClose: return api_.close(fd);
    case Kind::kSleep: return api_.sleep(i.span);
    case Kind::kLock: return api_.lock(i.name);
    case Kind::kUnlock: return api_.unlock(i.name);
    case Kind::kSetrlimit: return api_.setrlimit(i.amount, i.hard_limit);
    case Kind::kSetsockopt:
    case Kind::kGetsockopt:
    case Kind::kTcpInfo:
    case Kind::kIoctl:
    case Kind::kNonBlocking: return option_call(i);
    default: return event_call(i);
  }
}

SocketApi::Calling Machine::option_call(const Instruction& i) {
  const socket::Descriptor fd = fd_of(i.socket);
  switch (i.kind) {
    case Kind::kSetsockopt: return api_.setsockopt(fd, i.level, i.number, i.option, i.name);
    case Kind::kGetsockopt:
    case Kind::kTcpInfo: return api_.getsockopt(fd, i.level, i.number, i.name);
    case Kind::kIoctl: return api_.ioctl(fd, i.length);
    case Kind::kNonBlocking: return api_.set_non_blocking(fd, i.on);
    default: CHECK(false);
  }
}

SocketApi::Calling Machine::event_call(const Instruction& i) {
  const socket::Descriptor fd = fd_of(i.socket);
  switch (i.kind) {
    case Kind::kPoll: return api_.poll(requests(i.watched), i.timeout);
    case Kind::kSelect: return api_.select(sets(i.watched), i.timeout);
    case Kind::kEpollCreate: return api_.epoll_create();
    case Kind::kKqueue: return api_.kqueue();
    case Kind::kEpollWait: return api_.epoll_wait(fd, i.amount, i.timeout);
    case Kind::kKeventWait: return api_.kevent(fd, i.amount, i.timeout);
    case Kind::kEpollCtl:
    case Kind::kKeventChange: {
      socket::QueueChange change = i.change;
      change.fd = fd_of(i.into);
      change.events = i.events;
      return i.kind == Kind::kEpollCtl ? api_.epoll_ctl(fd, change) : api_.kevent(fd, change);
    }
    default: CHECK(false);
  }
}

// As one number: struct timeval in microseconds, struct linger its seconds or -1 when it is off,
// SO_ERROR 1 when there was one, which counts under its name.
int64_t Machine::fetched_option(const Instruction& i, const host::CallResult& result) {
  if (i.kind == Kind::kTcpInfo) {
    for (const socket::NamedValue& member : result.details) {
      if (i.name == member.name) return member.value;
    }
    return 0;
  }
  if (result.fetched_error) {
    (*metrics_)[process_ + "." + errno_name(*result.fetched_error)].add_number(1);
    return 1;
  }
  constexpr int64_t kUsPerS = 1'000'000;
  for (const policy::SocketOption& option : api_.profile().socket_options) {
    if (option.level != i.level || option.number != i.number) continue;
    if (option.effect == policy::OptionEffect::kLinger) {
      return result.value != 0 ? result.second : -1;
    }
    if (policy::is_pair(option.effect)) return result.value * kUsPerS + result.second;
  }
  return result.value;
}

Task Machine::compound(const Instruction& i) {
  switch (i.kind) {
    case Kind::kBind:
    case Kind::kListen: return listen(i);
    case Kind::kConnect: return connect(i);
    case Kind::kFill: return fill(i);
    case Kind::kServe: return serve_clients(i);
    case Kind::kSpawn: return spawn(i);
    case Kind::kJoin: return join(i);
    case Kind::kExit: return exit(i);
    default: CHECK(false);
  }
}

// A socket with the own name that the operation wants, unless `socket` and `bind` have made one.
Task Machine::prepare(const Instruction& i, bool& ready) {
  Slot& own = slot(i.socket);
  ready = false;
  if (!own.fresh) {
    const SocketApi::Calling opening = new_socket(i);
    const host::CallResult opened = co_await opening;
    if (opened.error) {
      failed(i, "socket", opened);
      co_return;
    }
    own = {opened.fd(), true};
  }
  if (i.reuse_address) {
    for (const policy::SocketOption& option : api_.profile().socket_options) {
      if (option.effect != policy::OptionEffect::kReuseAddress) continue;
      co_await api_.setsockopt(own.fd, option.level, option.number, 1, option.name);
    }
  }
  const bool connects = i.kind == Kind::kConnect;
  if (connects ? i.from.has_value() : i.binds) {
    socket::Address name = i.address;
    if (connects) {
      name = {i.address.ip.is_v6() ? wire::IpAddress::any_v6() : wire::IpAddress(), *i.from};
    }
    const host::CallResult bound = co_await api_.bind(own.fd, name);
    if (bound.error) {
      failed(i, "bind", bound);
      if (connects) own.fresh = false;  // it stays open, the next connect makes another
      co_return;
    }
  }
  ready = true;
}

Task Machine::listen(const Instruction& i) {
  bool ready = false;
  const Task preparing = prepare(i, ready);
  co_await preparing;
  if (!ready) co_return;
  if (i.kind == Kind::kBind) {
    succeeded(i, 0);
    co_return;
  }
  slot(i.socket).fresh = false;
  const host::CallResult result = co_await api_.listen(fd_of(i.socket), i.amount);
  if (result.error) {
    failed(i, "listen", result);
  } else {
    succeeded(i, 0);
  }
}

Task Machine::connect(const Instruction& i) {
  bool ready = false;
  const Task preparing = prepare(i, ready);
  co_await preparing;
  if (!ready) co_return;
  slot(i.socket).fresh = false;
  const host::CallResult result = co_await api_.connect(fd_of(i.socket), i.address, i.name);
  if (result.error) {
    failed(i, "connect", result);
  } else {
    succeeded(i, 0);
  }
}

Task Machine::fill(const Instruction& i) {
  socket::MessageFlags flags = i.flags;
  flags.dont_wait = true;
  int64_t total = 0;
  for (;;) {
    const host::CallResult result = co_await api_.send(fd_of(i.socket), generated(i.amount), flags);
    if (!result.error) {
      total += result.value;
      sent_ += static_cast<uint64_t>(result.value);
      continue;
    }
    if (*result.error == Errno::kEAGAIN) break;
    failed(i, "send", result);
    co_return;
  }
  succeeded(i, total);
}

// Records how many requests were answered; `name` is the measure of their times.
Task Machine::serve_clients(const Instruction& i) {
  ServePlan plan = i.serve;
  plan.broken_pipe_ends = program_->broken_pipe_ends;
  ServeOutcome served{.metrics = metrics_, .process = process_, .measure = i.name};
  const Task serving = serve(api_, fd_of(i.socket), plan, pattern_, served);
  co_await serving;
  if (served.failure) {
    failed(i, served.failed_call, *served.failure);
  } else {
    succeeded(i, served.requests);
  }
}

// ---- threads

Task Machine::run_thread(SocketApi api, Machine thread) {
  thread.api_ = api;
  const Task body = thread.run();
  co_await body;
}

std::function<Task(SocketApi)> Machine::thread_at(const Instruction& i) const {
  Machine thread = *this;
  thread.threads_.clear();
  thread.frames_ = {.repeats = frames_.repeats};  // for their counters
  thread.pc_ = pc_ + 1;
  thread.end_ = i.partner;
  return [thread](const SocketApi& api) -> Task { return run_thread(api, thread); };
}

Task Machine::spawn(const Instruction& i) {
  const SocketApi::Calling call = api_.spawn(thread_at(i));
  const host::CallResult result = co_await call;
  threads_[i.name].push_back(result.value);
  pc_ = i.partner;  // and on
}

// All that this thread has spawned under the name.
Task Machine::join(const Instruction& i) {
  for (const int64_t number : std::exchange(threads_[i.name], {})) co_await api_.join(number);
}

Task Machine::exit(const Instruction&) {
  co_await api_.exit_process();
  exited_ = true;
  conclude_process();
}

}  // namespace tcptwin::app

#include "sim/programs/readiness.h"

#include <utility>

namespace tcptwin::programs {

namespace {

using Change = socket::QueueChange;

socket::Events events_of(Readiness::Interest interest) {
  const bool writes = interest == Readiness::Interest::kWrite;
  return {.in = !writes, .out = writes};
}

Change change_of(Change::Action action, socket::Descriptor fd, Readiness::Interest interest,
                 bool by_filter) {
  Change change{.action = action, .fd = fd, .events = events_of(interest)};
  if (!by_filter) return change;
  const bool writes = interest == Readiness::Interest::kWrite;
  change.filter = writes ? Change::Filter::kWrite : Change::Filter::kRead;
  return change;
}

}  // namespace

Readiness::Readiness(SocketApi api)
    : api_(api),
      way_(api.profile().sockets.epoll    ? Way::kEpoll
           : api.profile().sockets.kqueue ? Way::kKqueue
                                          : Way::kPoll) {}

Task Readiness::open(const ProgramRun& run) {
  if (way_ == Way::kPoll) co_return;
  const SocketApi::Calling opening = way_ == Way::kKqueue ? api_.kqueue() : api_.epoll_create();
  const host::CallResult opened = co_await opening;
  if (opened.error) run.fail("open", *opened.error);
  queue_ = opened.fd();
}

Task Readiness::watch(socket::Descriptor fd, Interest interest) {
  const auto found = watched_.find(fd);
  const std::optional<Interest> before =
      found == watched_.end() ? std::nullopt : std::optional(found->second);
  if (before == interest) co_return;
  watched_[fd] = interest;
  if (way_ == Way::kPoll) co_return;
  if (way_ == Way::kEpoll) {
    const auto action = before ? Change::Action::kModify : Change::Action::kAdd;
    co_await api_.epoll_ctl(queue_, change_of(action, fd, interest, false));
    co_return;
  }
  if (before) {
    co_await api_.kevent(queue_, change_of(Change::Action::kRemove, fd, *before, true));
  }
  co_await api_.kevent(queue_, change_of(Change::Action::kAdd, fd, interest, true));
}

Task Readiness::wait(std::optional<Duration> timeout, std::vector<socket::Descriptor>& ready) {
  constexpr int64_t kMost = 64;
  std::vector<socket::PollRequest> requests;
  if (way_ == Way::kPoll) {
    for (const auto& [fd, interest] : watched_) requests.push_back({fd, events_of(interest)});
  }
  const SocketApi::Calling call = way_ == Way::kPoll     ? api_.poll(std::move(requests), timeout)
                                  : way_ == Way::kKqueue ? api_.kevent(queue_, kMost, timeout)
                                                         : api_.epoll_wait(queue_, kMost, timeout);
  const host::CallResult result = co_await call;
  ready.clear();
  for (const socket::Ready& answer : result.ready) ready.push_back(answer.fd);
}

}  // namespace tcptwin::programs

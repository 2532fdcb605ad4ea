#include "tun/system_events.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

namespace tcptwin::tun {

using host::Call;
using host::CallResult;
using socket::Events;
using trace::CallKind;

namespace {

// POLLIN and EPOLLIN, and so on, are the same numbers.
uint32_t bits_of(const Events& events) {
  uint32_t bits = 0;
  if (events.in) bits |= POLLIN;
  if (events.out) bits |= POLLOUT;
  if (events.priority) bits |= POLLPRI;
  if (events.read_hang_up) bits |= POLLRDHUP;
  return bits;
}

Events events_of(uint32_t bits) {
  return {.in = (bits & POLLIN) != 0,
          .out = (bits & POLLOUT) != 0,
          .priority = (bits & POLLPRI) != 0,
          .error = (bits & POLLERR) != 0,
          .hang_up = (bits & POLLHUP) != 0,
          .read_hang_up = (bits & POLLRDHUP) != 0,
          .invalid = (bits & POLLNVAL) != 0};
}

// Absent: for ever; a part of a second as the call takes it.
const timespec* limit_of(const std::optional<Duration>& timeout, timespec& room) {
  constexpr int64_t kNsPerS = 1'000'000'000;
  if (!timeout) return nullptr;
  room = {timeout->count() / kNsPerS, timeout->count() % kNsPerS};
  return &room;
}

bool poll(const CallSite& site, const Call& call, CallResult& result) {
  std::vector<pollfd> watched;
  for (const socket::PollRequest& request : call.polled) {
    // poll(2) passes over numbers below 0; those that are not open are to be reported.
    const int fd = request.fd < 0 ? -1 : site.descriptors->system_fd(request.fd);
    watched.push_back({request.fd < 0 ? -1
                       : fd < 0       ? INT_MAX
                                      : fd,
                       static_cast<short>(bits_of(request.events)), 0});
  }
  timespec room{};
  result.value = ::ppoll(watched.data(), watched.size(), limit_of(call.timeout, room), nullptr);
  if (result.value < 0) return false;
  for (size_t i = 0; i < watched.size(); ++i) {
    if (watched[i].revents == 0) continue;
    result.ready.push_back(
        {.fd = call.polled[i].fd, .events = events_of(static_cast<uint16_t>(watched[i].revents))});
  }
  return true;
}

// fd_set of any size.
class DescriptorSet {
 public:
  explicit DescriptorSet(int most) : words_(static_cast<size_t>(most) / kBits + 1) {}
  void add(int fd) { words_[index(fd)] |= mask(fd); }
  bool has(int fd) const { return (words_[index(fd)] & mask(fd)) != 0; }
  fd_set* raw() { return reinterpret_cast<fd_set*>(words_.data()); }

 private:
  static constexpr size_t kBits = sizeof(unsigned long) * CHAR_BIT;
  static size_t index(int fd) { return static_cast<size_t>(fd) / kBits; }
  static unsigned long mask(int fd) { return 1UL << (static_cast<size_t>(fd) % kBits); }
  std::vector<unsigned long> words_;
};

bool select(const CallSite& site, const Call& call, CallResult& result) {
  std::vector<int> fds;
  int most = 0;
  for (const socket::PollRequest& request : call.polled) {
    fds.push_back(site.descriptors->system_fd(request.fd));
    if (fds.back() < 0) {
      errno = EBADF;
      return false;
    }
    most = std::max(most, fds.back());
  }
  DescriptorSet in(most), out(most), priority(most);
  for (size_t i = 0; i < fds.size(); ++i) {
    if (call.polled[i].events.in) in.add(fds[i]);
    if (call.polled[i].events.out) out.add(fds[i]);
    if (call.polled[i].events.priority) priority.add(fds[i]);
  }
  timespec room{};
  result.value = ::pselect(most + 1, in.raw(), out.raw(), priority.raw(),
                           limit_of(call.timeout, room), nullptr);
  if (result.value < 0) return false;
  if (result.value == 0) return true;  // the sets are as they were
  for (size_t i = 0; i < fds.size(); ++i) {
    const Events sets{
        .in = in.has(fds[i]), .out = out.has(fds[i]), .priority = priority.has(fds[i])};
    if (sets.any()) result.ready.push_back({.fd = call.polled[i].fd, .events = sets});
  }
  return true;
}

bool change(const CallSite& site, const Call& call, CallResult&) {
  const socket::QueueChange& c = *call.change;
  const bool removes = c.action == socket::QueueChange::Action::kRemove;
  epoll_event event{};
  event.events = bits_of(c.events);
  if (c.edge) event.events |= EPOLLET;
  if (c.one_shot) event.events |= EPOLLONESHOT;
  event.data.fd = c.fd;
  const int operation = removes                                            ? EPOLL_CTL_DEL
                        : c.action == socket::QueueChange::Action::kModify ? EPOLL_CTL_MOD
                                                                           : EPOLL_CTL_ADD;
  if (::epoll_ctl(site.descriptors->system_fd(call.descriptor), operation,
                  site.descriptors->system_fd(c.fd), &event) < 0) {
    return false;
  }
  site.descriptors->attach(call.descriptor, c.fd, removes ? std::nullopt : std::optional(c.data));
  return true;
}

bool wait(const CallSite& site, const Call& call, CallResult& result) {
  constexpr int64_t kMost = 4096;
  std::vector<epoll_event> events(static_cast<size_t>(std::clamp<int64_t>(call.amount, 1, kMost)));
  timespec room{};
  const int most = static_cast<int>(std::min(call.amount, kMost));
  result.value = ::epoll_pwait2(site.descriptors->system_fd(call.descriptor), events.data(), most,
                                limit_of(call.timeout, room), nullptr);
  if (result.value < 0) return false;
  for (int64_t i = 0; i < result.value; ++i) {
    const epoll_event& event = events[static_cast<size_t>(i)];
    result.ready.push_back({.fd = event.data.fd,
                            .events = events_of(event.events),
                            .data = site.descriptors->attached(call.descriptor, event.data.fd)});
  }
  return true;
}

}  // namespace

bool wait_for_events(const CallSite& site, const Call& call, CallResult& result) {
  switch (call.kind) {
    case CallKind::kPoll: return poll(site, call, result);
    case CallKind::kSelect: return select(site, call, result);
    case CallKind::kEpollCreate: {
      const int fd = ::epoll_create1(EPOLL_CLOEXEC);
      if (fd < 0) return false;
      result.value = site.descriptors->add(fd);
      return true;
    }
    case CallKind::kEpollCtl: return change(site, call, result);
    case CallKind::kEpollWait: return wait(site, call, result);
    default: errno = ENOSYS; return false;
  }
}

}  // namespace tcptwin::tun

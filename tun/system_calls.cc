#include "tun/system_calls.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <string_view>

#include "stack/base/check.h"
#include "tun/system_address.h"
#include "tun/system_errno.h"
#include "tun/system_events.h"
#include "tun/system_options.h"
#include "tun/system_ping.h"

namespace tcptwin::tun {

using host::Call;
using host::CallResult;
using socket::Descriptor;
using trace::CallKind;

// ---- descriptors

Descriptor Descriptors::add(int system_fd) {
  constexpr Descriptor kFirst = 3;  // behind the standard streams
  const std::lock_guard lock(mutex_);
  Descriptor fd = kFirst;
  while (entries_.contains(fd)) ++fd;
  entries_.emplace(fd, Entry{system_fd});
  return fd;
}

int Descriptors::system_fd(Descriptor fd) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(fd);
  return found == entries_.end() ? -1 : found->second.system_fd;
}

int Descriptors::remove(Descriptor fd) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(fd);
  if (found == entries_.end()) return -1;
  const int system_fd = found->second.system_fd;
  entries_.erase(found);
  return system_fd;
}

void Descriptors::close_all() {
  for (const Descriptor fd : open()) ::close(remove(fd));
}

std::vector<Descriptor> Descriptors::open() const {
  const std::lock_guard lock(mutex_);
  std::vector<Descriptor> all;
  for (const auto& [fd, entry] : entries_) all.push_back(fd);
  return all;
}

void Descriptors::attach(Descriptor queue, Descriptor fd, std::optional<uint64_t> data) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(queue);
  if (found == entries_.end()) return;
  if (data) {
    found->second.attached[fd] = *data;
  } else {
    found->second.attached.erase(fd);
  }
}

uint64_t Descriptors::attached(Descriptor queue, Descriptor fd) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(queue);
  if (found == entries_.end()) return 0;
  const auto data = found->second.attached.find(fd);
  return data == found->second.attached.end() ? 0 : data->second;
}

namespace {

int flag_bits(const socket::MessageFlags& flags) {
  int bits = MSG_NOSIGNAL;
  if (flags.dont_wait) bits |= MSG_DONTWAIT;
  if (flags.wait_all) bits |= MSG_WAITALL;
  if (flags.peek) bits |= MSG_PEEK;
  if (flags.more) bits |= MSG_MORE;
  if (flags.out_of_band) bits |= MSG_OOB;
  if (flags.truncate) bits |= MSG_TRUNC;
  return bits;
}

// ---- each says whether the call succeeded; the reason is in errno

// The usual one: what the C function returns, below 0 after an error.
bool done(CallResult& result, int64_t returned) {
  result.value = returned;
  return returned >= 0;
}

bool open_socket(const CallSite& site, const Call& call, CallResult& result) {
  const bool ipv6 = call.datagram ? *call.datagram == socket::Family::kIpv6 : site.ipv6;
  const int type = call.datagram ? SOCK_DGRAM : SOCK_STREAM;
  const int fd = ::socket(ipv6 ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  // What a namespace may not have as its default a socket of its owner may; those that it accepts
  // have it, too.
  if (!call.datagram && *site.congestion != '\0') {
    const std::string_view name = site.congestion;
    ::setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name.data(), static_cast<socklen_t>(name.size()));
  }
  return done(result, site.descriptors->add(fd));
}

bool accept(const CallSite& site, int fd, CallResult& result) {
  SystemAddress peer;
  const int accepted = ::accept4(fd, peer.raw(), &peer.size, SOCK_CLOEXEC);
  if (accepted < 0) return false;
  result.address = from_system(peer);
  return done(result, site.descriptors->add(accepted));
}

bool is_ipv6(int fd) {
  int family = AF_INET;
  socklen_t size = sizeof family;
  return ::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size) == 0 && family == AF_INET6;
}

bool name(const Call& call, int fd, CallResult& result) {
  const SystemAddress address = to_system(call.address, is_ipv6(fd));
  return done(result, call.kind == CallKind::kBind ? ::bind(fd, address.raw(), address.size)
                                                   : ::connect(fd, address.raw(), address.size));
}

bool ask_name(const Call& call, int fd, CallResult& result) {
  SystemAddress address;
  const int returned = call.kind == CallKind::kGetsockname
                           ? ::getsockname(fd, address.raw(), &address.size)
                           : ::getpeername(fd, address.raw(), &address.size);
  if (returned == 0) result.address = from_system(address);
  return done(result, returned);
}

bool send(const Call& call, int fd, std::span<const uint8_t> data, CallResult& result) {
  SystemAddress to;
  const bool named = call.kind == CallKind::kSendTo;
  if (named) to = to_system(call.address, is_ipv6(fd));
  const ssize_t sent = ::sendto(fd, data.data(), data.size(), flag_bits(call.flags),
                                named ? to.raw() : nullptr, named ? to.size : 0);
  result.broken_pipe_signal = sent < 0 && errno == EPIPE && !call.flags.no_signal;
  return done(result, sent);
}

bool receive(const Call& call, int fd, std::span<uint8_t> room, CallResult& result) {
  SystemAddress from;
  const bool named = call.kind == CallKind::kRecvFrom;
  const ssize_t got = ::recvfrom(fd, room.data(), room.size(), flag_bits(call.flags),
                                 named ? from.raw() : nullptr, named ? &from.size : nullptr);
  if (got > 0 && !call.flags.truncate) {
    result.data = Payload::real(room.first(static_cast<size_t>(got)));
  }
  // A connected stream tells no sender.
  if (got >= 0 && named && from.storage.ss_family != AF_UNSPEC) result.address = from_system(from);
  return done(result, got);
}

bool queue_length(const Call& call, int fd, CallResult& result) {
  const auto request = [&]() -> unsigned long {
    switch (call.length) {
      case socket::QueueLength::kUnread: return SIOCINQ;
      case socket::QueueLength::kUnsent: return SIOCOUTQ;
      case socket::QueueLength::kAtMark: return SIOCATMARK;
    }
    CHECK(false);
  }();
  int length = 0;
  if (::ioctl(fd, request, &length) < 0) return false;
  return done(result, length);
}

bool set_non_blocking(const Call& call, int fd, CallResult& result) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0) return false;
  return done(result, ::fcntl(fd, F_SETFL, call.on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK));
}

int how_of(socket::Shutdown how) {
  switch (how) {
    case socket::Shutdown::kRead: return SHUT_RD;
    case socket::Shutdown::kWrite: return SHUT_WR;
    case socket::Shutdown::kBoth: return SHUT_RDWR;
  }
  CHECK(false);
}

bool dispatch(const CallSite& site, const Call& call, std::span<uint8_t> data, CallResult& result) {
  const int fd = site.descriptors->system_fd(call.descriptor);
  switch (call.kind) {
    case CallKind::kSocket: return open_socket(site, call, result);
    case CallKind::kBind:
    case CallKind::kConnect: return name(call, fd, result);
    case CallKind::kListen: return done(result, ::listen(fd, static_cast<int>(call.amount)));
    case CallKind::kAccept: return accept(site, fd, result);
    case CallKind::kSend:
    case CallKind::kSendTo: return send(call, fd, data, result);
    case CallKind::kRecv:
    case CallKind::kRecvFrom: return receive(call, fd, data, result);
    case CallKind::kSetsockopt: return set_option(site, call, fd);
    case CallKind::kGetsockopt: return get_option(site, call, fd, result);
    case CallKind::kIoctl: return queue_length(call, fd, result);
    case CallKind::kFcntl: return set_non_blocking(call, fd, result);
    case CallKind::kGetsockname:
    case CallKind::kGetpeername: return ask_name(call, fd, result);
    case CallKind::kShutdown: return done(result, ::shutdown(fd, how_of(call.how)));
    case CallKind::kClose: return done(result, ::close(site.descriptors->remove(call.descriptor)));
    case CallKind::kPing: return ping(call, result);
    default: return wait_for_events(site, call, result);
  }
}

}  // namespace

bool is_system_call(CallKind kind) {
  switch (kind) {
    case CallKind::kSleep:
    case CallKind::kSpawn:
    case CallKind::kJoin:
    case CallKind::kLock:
    case CallKind::kUnlock:
    case CallKind::kExit: return false;
    default: return true;
  }
}

std::span<uint8_t> prepare(const CallSite& site, const Call& call) {
  switch (call.kind) {
    case CallKind::kSend:
    case CallKind::kSendTo: {
      const auto range = call.data.range();
      if (range && site.pattern != nullptr && range->pattern == site.pattern->number &&
          range->offset + call.data.size() <= site.pattern->bytes.size()) {
        return std::span(site.pattern->bytes).subspan(range->offset, call.data.size());
      }
      site.buffer->clear();
      call.data.materialize(*site.buffer);
      return *site.buffer;
    }
    case CallKind::kRecv:
    case CallKind::kRecvFrom: {
      const auto most = static_cast<size_t>(std::max<int64_t>(call.amount, 0));
      if (site.buffer->size() < most) site.buffer->resize(most);
      return std::span(*site.buffer).first(most);
    }
    default: return {};
  }
}

CallResult perform(const CallSite& site, const Call& call, std::span<uint8_t> data,
                   int& unknown_errno) {
  CallResult result;
  if (dispatch(site, call, data, result)) return result;
  const int why = errno;
  result.value = -1;
  result.error = errno_of(why);
  if (!result.error) unknown_errno = why;
  return result;
}

}  // namespace tcptwin::tun

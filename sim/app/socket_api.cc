#include "sim/app/socket_api.h"

#include <algorithm>

#include "stack/base/check.h"

namespace tcptwin::app {

using trace::CallKind;

host::Call& SocketApi::fresh(CallKind kind, socket::Descriptor fd) {
  thread_->call = host::Call();
  thread_->call.kind = kind;
  thread_->call.descriptor = fd;
  return thread_->call;
}

SocketApi::Calling SocketApi::socket(std::string why) {
  fresh(CallKind::kSocket, -1).value = std::move(why);
  return calling();
}
SocketApi::Calling SocketApi::udp_socket(socket::Family family) {
  host::Call& call = fresh(CallKind::kSocket, -1);
  call.datagram = family;
  call.value = family == socket::Family::kIpv4 ? "AF_INET,SOCK_DGRAM" : "AF_INET6,SOCK_DGRAM";
  return calling();
}
SocketApi::Calling SocketApi::open(socket::FileKind kind, std::string name) {
  host::Call& call = fresh(CallKind::kOpen, -1);
  call.file = kind;
  call.value = std::move(name);
  return calling();
}
SocketApi::Calling SocketApi::open_flow(std::optional<socket::Family> datagrams) {
  host::Call& call = fresh(CallKind::kOpenFlow, -1);
  call.datagram = datagrams;
  call.value = datagrams ? "UDP" : "TCP";
  return calling();
}
SocketApi::Calling SocketApi::bind(socket::Descriptor fd, const socket::Address& address) {
  fresh(CallKind::kBind, fd).address = address;
  return calling();
}
SocketApi::Calling SocketApi::listen(socket::Descriptor fd, int64_t backlog) {
  fresh(CallKind::kListen, fd).amount = backlog;
  return calling();
}
SocketApi::Calling SocketApi::accept(socket::Descriptor fd) {
  fresh(CallKind::kAccept, fd);
  return calling();
}
SocketApi::Calling SocketApi::connect(socket::Descriptor fd, const socket::Address& peer,
                                      std::string name) {
  host::Call& call = fresh(CallKind::kConnect, fd);
  call.address = peer;
  call.name = std::move(name);
  return calling();
}
SocketApi::Calling SocketApi::send(socket::Descriptor fd, Payload data,
                                   socket::MessageFlags flags) {
  host::Call& call = fresh(CallKind::kSend, fd);
  call.data = std::move(data);
  call.flags = flags;
  return calling();
}
SocketApi::Calling SocketApi::recv(socket::Descriptor fd, int64_t count,
                                   socket::MessageFlags flags) {
  host::Call& call = fresh(CallKind::kRecv, fd);
  call.amount = count;
  call.flags = flags;
  return calling();
}
SocketApi::Calling SocketApi::sendto(socket::Descriptor fd, Payload data, const socket::Address& to,
                                     socket::MessageFlags flags, std::string name) {
  host::Call& call = fresh(CallKind::kSendTo, fd);
  call.data = std::move(data);
  call.address = to;
  call.flags = flags;
  call.name = (name.empty() ? to.ip.to_string() : std::move(name)) + '.' +
              std::to_string(static_cast<uint16_t>(to.port));
  return calling();
}
SocketApi::Calling SocketApi::recvfrom(socket::Descriptor fd, int64_t count,
                                       socket::MessageFlags flags) {
  const Calling same = recv(fd, count, flags);
  thread_->call.kind = CallKind::kRecvFrom;
  return same;
}
SocketApi::Calling SocketApi::ping(const wire::IpAddress& to, int64_t bytes, Duration timeout,
                                   std::string name) {
  host::Call& call = fresh(CallKind::kPing, -1);
  call.address.ip = to;
  call.amount = bytes;
  call.timeout = timeout;
  call.name = name.empty() ? to.to_string() : std::move(name);
  return calling();
}
const policy::SocketOption* SocketApi::option(std::string_view level, std::string_view name) const {
  const auto& options = kernel_->profile().socket_options;
  const auto found = std::find_if(options.begin(), options.end(), [&](const auto& o) {
    return o.level_name == level && o.name == name;
  });
  return found == options.end() ? nullptr : &*found;
}
SocketApi::Calling SocketApi::setsockopt(socket::Descriptor fd, std::string_view level,
                                         std::string_view name, const socket::OptionValue& value) {
  const policy::SocketOption* found = option(level, name);
  if (found == nullptr) return setsockopt(fd, -1, -1, value, std::string(name));
  return setsockopt(fd, found->level, found->number, value, std::string(name));
}
SocketApi::Calling SocketApi::setsockopt(socket::Descriptor fd, int32_t level, int32_t number,
                                         const socket::OptionValue& value, std::string name) {
  host::Call& call = fresh(CallKind::kSetsockopt, fd);
  call.level = level;
  call.number = number;
  call.option = value;
  call.name = std::move(name);
  for (const policy::SocketOption& option : kernel_->profile().socket_options) {
    if (option.level != level || option.number != number) continue;
    if (!policy::is_pair(option.effect)) break;
    call.value = "{" + std::to_string(value.value) + "," + std::to_string(value.second) + "}";
  }
  return calling();
}
SocketApi::Calling SocketApi::shutdown(socket::Descriptor fd, socket::Shutdown how) {
  host::Call& call = fresh(CallKind::kShutdown, fd);
  call.how = how;
  call.name = how == socket::Shutdown::kRead    ? "SHUT_RD"
              : how == socket::Shutdown::kWrite ? "SHUT_WR"
                                                : "SHUT_RDWR";
  return calling();
}
SocketApi::Calling SocketApi::close(socket::Descriptor fd) {
  fresh(CallKind::kClose, fd);
  return calling();
}
SocketApi::Calling SocketApi::sleep(Duration span) {
  fresh(CallKind::kSleep, -1).sleep = span;
  return calling();
}

}  // namespace tcptwin::app

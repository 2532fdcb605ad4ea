// machine_calls.cc: the calls that each operation makes.
#include "sim/app/machine.h"
#include "stack/base/check.h"

namespace tcptwin::app {

SocketApi::Calling Machine::single_call(const Instruction& i) {
  const socket::Descriptor fd = slots_[i.socket].fd;
  switch (i.kind) {
    case Kind::kSocket: return api_.socket();
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
    case Kind::kPoll: {
      std::vector<socket::PollRequest> requests;
      for (const uint32_t slot : i.sockets) requests.push_back({slots_[slot].fd, i.events});
      return api_.poll(std::move(requests), i.timeout);
    }
    case Kind::kSetsockopt: return api_.setsockopt(fd, i.level, i.number, i.option, i.name);
    case Kind::kShutdown: return api_.shutdown(fd, i.how);
    case Kind::kClose: return api_.close(fd);
    case Kind::kSleep: return api_.sleep(i.span);
    default: CHECK(false);
  }
}

Task Machine::compound(const Instruction& i) {
  switch (i.kind) {
    case Kind::kBind:
    case Kind::kListen: return listen(i);
    case Kind::kConnect: return connect(i);
    case Kind::kFill: return fill(i);
    default: CHECK(false);
  }
}

// A socket with the own name that the operation wants, unless `socket` and `bind` have made one.
Task Machine::prepare(const Instruction& i, bool& ready) {
  Slot& slot = slots_[i.socket];
  ready = false;
  if (!slot.fresh) {
    const host::CallResult opened = co_await api_.socket();
    if (opened.error) {
      failed(i, "socket", *opened.error);
      co_return;
    }
    slot = {opened.fd(), true};
  }
  if (i.reuse_address) {
    for (const policy::SocketOption& option : api_.profile().socket_options) {
      if (option.effect != policy::OptionEffect::kReuseAddress) continue;
      co_await api_.setsockopt(slot.fd, option.level, option.number, 1, option.name);
    }
  }
  const bool connects = i.kind == Kind::kConnect;
  if (connects ? i.from.has_value() : i.address.port != wire::Port{} || i.kind == Kind::kBind) {
    socket::Address own = i.address;
    if (connects) {
      own = {i.address.ip.is_v6() ? wire::IpAddress::any_v6() : wire::IpAddress(), *i.from};
    }
    const host::CallResult bound = co_await api_.bind(slot.fd, own);
    if (bound.error) {
      failed(i, "bind", *bound.error);
      if (connects) slot.fresh = false;  // it stays open, the next connect makes another
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
  slots_[i.socket].fresh = false;
  const host::CallResult result = co_await api_.listen(slots_[i.socket].fd, i.amount);
  if (result.error) {
    failed(i, "listen", *result.error);
  } else {
    succeeded(i, 0);
  }
}

Task Machine::connect(const Instruction& i) {
  bool ready = false;
  const Task preparing = prepare(i, ready);
  co_await preparing;
  if (!ready) co_return;
  slots_[i.socket].fresh = false;
  const host::CallResult result = co_await api_.connect(slots_[i.socket].fd, i.address, i.name);
  if (result.error) {
    failed(i, "connect", *result.error);
  } else {
    succeeded(i, 0);
  }
}

Task Machine::fill(const Instruction& i) {
  socket::MessageFlags flags = i.flags;
  flags.dont_wait = true;
  int64_t total = 0;
  for (;;) {
    const host::CallResult result =
        co_await api_.send(slots_[i.socket].fd, generated(i.amount), flags);
    if (!result.error) {
      total += result.value;
      sent_ += static_cast<uint64_t>(result.value);
      continue;
    }
    if (*result.error == Errno::kEAGAIN) break;
    failed(i, "send", *result.error);
    co_return;
  }
  succeeded(i, total);
}

}  // namespace tcptwin::app

// kernel_sockets.cc: what a process of the machine can tell of its sockets, and which programs it
// cannot run.
#include <sys/socket.h>

#include <type_traits>
#include <variant>

#include "tun/kernel_process.h"
#include "tun/system_options.h"

namespace tcptwin::tun {

using trace::CallKind;

namespace {

host::CallResult ask(const CallSite& site, CallKind kind, socket::Descriptor fd, int level = 0,
                     int number = 0) {
  host::Call call;
  call.kind = kind;
  call.descriptor = fd;
  call.level = level;
  call.number = number;
  int unknown = 0;
  return perform(site, call, {}, unknown);
}

int64_t queued(const CallSite& site, socket::Descriptor fd, socket::QueueLength which) {
  host::Call call;
  call.kind = CallKind::kIoctl;
  call.descriptor = fd;
  call.length = which;
  int unknown = 0;
  return std::max<int64_t>(perform(site, call, {}, unknown).value, 0);
}

const policy::SocketOption* info_option(const policy::Profile& profile) {
  for (const policy::SocketOption& option : profile.socket_options) {
    if (option.effect == policy::OptionEffect::kInfo) return &option;
  }
  return nullptr;
}

using Kind = app::Instruction::Kind;

const char* foreign_call(const app::Instruction& i) {
  switch (i.kind) {
    case Kind::kKqueue:
    case Kind::kKeventChange:
    case Kind::kKeventWait: return "kqueue, which this kernel has not";
    case Kind::kSetrlimit: return "setrlimit, which would bind tcptwin itself";
    case Kind::kServe:
      if (i.serve.way == app::ServePlan::Way::kKqueue) return "kqueue, which this kernel has not";
      return nullptr;
    default: return nullptr;
  }
}

}  // namespace

std::optional<std::string> unsuitable(const scenario::ProcessSpec& spec) {
  const std::string begin = "process " + spec.name + " uses ";
  for (const app::Instruction& i : spec.program.code) {
    if (const char* what = foreign_call(i)) return begin + what;
  }
  if (spec.ready && std::holds_alternative<programs::NetworkAppPlan>(*spec.ready))
    return begin + "network_app, whose flows this kernel has not";
  return std::nullopt;
}

bool uses_ipv6(const scenario::ProcessSpec& spec) {
  for (const app::Instruction& i : spec.program.code) {
    if (i.address.ip.is_v6()) return true;
  }
  if (!spec.ready) return false;
  return std::visit(
      [](const auto& plan) {
        constexpr auto kV6 = socket::Family::kIpv6;
        if constexpr (requires { plan.family; }) {
          if (plan.family == kV6) return true;
        }
        if constexpr (requires { plan.peer.family; }) return plan.peer.family == kV6;
        if constexpr (requires { plan.origin.family; }) return plan.origin.family == kV6;
        return false;
      },
      *spec.ready);
}

// Its own ones only; those without a descriptor (TIME-WAIT, orphans) are not seen.
std::vector<host::SocketRow> KernelProcess::sockets() const {
  std::vector<host::SocketRow> rows;
  const CallSite site = this->site(nullptr);
  const policy::SocketOption* info = info_option(*setup_.profile);
  for (const socket::Descriptor fd : descriptors_.open()) {
    const auto listening = ask(site, CallKind::kGetsockopt, fd, SOL_SOCKET, SO_ACCEPTCONN);
    if (listening.error) continue;  // no socket
    host::SocketRow row;
    row.descriptor = fd;
    row.owner = main_.stack_process;
    row.listening = listening.value != 0;
    row.datagram = ask(site, CallKind::kGetsockopt, fd, SOL_SOCKET, SO_TYPE).value == SOCK_DGRAM;
    row.local = ask(site, CallKind::kGetsockname, fd).address;
    row.remote = ask(site, CallKind::kGetpeername, fd).address;
    if (!row.listening) {
      row.receive_queue = queued(site, fd, socket::QueueLength::kUnread);
      row.send_queue = queued(site, fd, socket::QueueLength::kUnsent);
    }
    if (!row.datagram && info != nullptr) {
      const auto told = ask(site, CallKind::kGetsockopt, fd, info->level, info->number);
      if (!told.details.empty()) row.state = static_cast<tcp::State>(told.details.front().value);
    }
    rows.push_back(row);
  }
  return rows;
}

}  // namespace tcptwin::tun

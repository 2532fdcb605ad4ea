// echo.cc: a program asks whether a host is there: ICMP echo requests and what comes of them.
#include <utility>

#include "stack/host/native_stack.h"
#include "stack/wire/icmp_error.h"

namespace tcptwin::host {

using socket::Caller;
using socket::Outcome;
using socket::PendingOperation;
using wire::IcmpKind;

Outcome NativeStack::ping(Instant now, const Caller& caller, const wire::IpAddress& to,
                          int64_t bytes, Duration timeout) {
  const auto interface = route_to(to);
  if (!interface) return Outcome::failed(Errno::kENETUNREACH);
  if (bytes > int64_t{wire::kIpv4MaxPacketSize - wire::kIpv4HeaderSize - wire::kIcmpHeaderSize}) {
    return Outcome::failed(Errno::kEMSGSIZE);
  }
  // The identifier is the process, the sequence number counts.
  const uint32_t number =
      (static_cast<uint32_t>(caller.process) + 1) << 16 | (++last_echo_ & 0xffffU);
  if (echoes_.contains(number)) return Outcome::failed(Errno::kENOBUFS);
  wire::IcmpMessage request;
  request.type = icmp_numbers(to.is_v4(), IcmpKind::kEchoRequest)->first;
  request.rest = number;
  request.body = Payload::synthetic(0, 0, static_cast<size_t>(bytes));
  wire::IpHeader ip{
      .source = *interface == kLoopback ? to : interfaces_[*interface].address_for(to),
      .destination = to,
      .ttl = static_cast<uint8_t>(profile_->ip.ttl)};
  const uint32_t size = ip.size() + request.size();
  ip.dont_fragment = to.is_v4() && profile_->udp.dont_fragment &&
                     size <= path_mtus_.of(now, to, interfaces_[*interface].mtu);
  PendingOperation operation;
  operation.kind = PendingOperation::Kind::kPing;
  operation.caller = caller;
  operation.wanted = number;
  operation.deadline = grain_.fires_after(now, timeout);
  Outcome outcome = sleep(socket::kNoIndex, pingers_, std::move(operation));
  echoes_[number] = {.peer = to, .sent = now, .operation = outcome.pending};
  send_packet(now, wire::Packet::of(ip, std::move(request)), caller.record,
              tcp::IcmpSent{IcmpKind::kEchoRequest});
  return outcome;
}

// The answer to an echo request, or an error about it.
void NativeStack::echo_over(uint32_t number, const wire::IpAddress& peer,
                            std::optional<Errno> error, Instant now, RecordId record) {
  const auto found = echoes_.find(number);
  if (found == echoes_.end() || found->second.peer != peer) return;
  Echo& echo = found->second;
  if (!echo.answered.is_never()) return;  // doubled on its way
  echo.answered = now;
  echo.error = error;
  PendingOperation& operation = *sleepers_.find(echo.operation);
  if (!operation.woken) wake(operation, record);
}

Outcome NativeStack::try_ping(const PendingOperation& operation) {
  const Echo& echo = echoes_.at(static_cast<uint32_t>(operation.wanted));
  if (echo.error) return Outcome::failed(*echo.error);
  if (!echo.answered.is_never()) {
    const Duration took = echo.answered - echo.sent;
    return Outcome::done(std::chrono::duration_cast<std::chrono::microseconds>(took).count());
  }
  return operation.timed_out ? Outcome::failed(Errno::kETIMEDOUT)
                             : Outcome::sleeping(socket::kNotYet);
}

}  // namespace tcptwin::host

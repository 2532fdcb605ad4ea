// host_stack.h: the interface of any host's network stack: ours, or a real user-space one. Packets
// and calls in, packets and wake-ups out; the caller owns time.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "stack/base/errno.h"
#include "stack/base/record.h"
#include "stack/base/time.h"
#include "stack/socket/calls.h"
#include "stack/tcp/reason.h"
#include "stack/wire/tcp.h"

namespace tcptwin::host {

struct Interface {
  wire::Ipv4Address address;
  uint32_t mtu = 1500;  // bytes of IP packet
};

// Interface 0 is always the loopback (127.0.0.1, and every own address).
inline constexpr uint32_t kLoopback = 0;

struct Route {
  wire::Ipv4Address destination;
  uint32_t interface = kLoopback;
};

struct OutPacket {
  wire::Packet packet;
  uint32_t interface = kLoopback;
  RecordId id = RecordId::kNone;     // of this packet
  RecordId cause = RecordId::kNone;  // of what made it leave
  tcp::Reason reason;
};

class HostStack {
 public:
  virtual ~HostStack() = default;

  // ---- inputs. `record`: of the arrival.
  virtual void on_packet(Instant now, wire::Packet&& packet, RecordId record) = 0;
  // Deadlines that are not due yet make this do nothing.
  virtual void on_deadline(Instant now) = 0;

  // ---- outputs; pull each until false after every input and call
  virtual bool poll_packet(OutPacket& out) = 0;
  virtual bool poll_wakeup(socket::Wakeup& out) = 0;
  virtual bool poll_note(tcp::Note& out) = 0;
  // When on_deadline should be called next; may be early, never late.
  virtual Instant next_deadline() const = 0;

  // ---- calls of programs, by the name of the BSD call. A bad descriptor fails with EBADF.
  virtual socket::ProcessId add_process() = 0;
  virtual socket::Outcome open_socket(Instant now, const socket::Caller& caller) = 0;
  // EADDRINUSE, EADDRNOTAVAIL, EINVAL (bound already).
  virtual socket::Outcome bind(Instant now, const socket::Caller& caller, socket::Descriptor fd,
                               const socket::Address& address) = 0;
  virtual socket::Outcome listen(Instant now, const socket::Caller& caller, socket::Descriptor fd,
                                 int64_t backlog) = 0;
  // Sleeps until a connection is there; its value is the new descriptor. EINVAL: not listening.
  virtual socket::Outcome accept(Instant now, const socket::Caller& caller,
                                 socket::Descriptor fd) = 0;
  // Sleeps until the handshake ends. ECONNREFUSED, ETIMEDOUT, EADDRNOTAVAIL (no port left),
  // ENETUNREACH, EISCONN.
  virtual socket::Outcome connect(Instant now, const socket::Caller& caller, socket::Descriptor fd,
                                  const socket::Address& peer) = 0;
  // Sleeps until all bytes are taken. ENOTCONN, EPIPE, ECONNRESET; EAGAIN with dont_wait.
  virtual socket::Outcome send(Instant now, const socket::Caller& caller, socket::Descriptor fd,
                               Payload data, socket::MessageFlags flags) = 0;
  // Sleeps until a byte or the end of the stream is there; 0 at the end.
  virtual socket::Outcome recv(Instant now, const socket::Caller& caller, socket::Descriptor fd,
                               int64_t count, socket::MessageFlags flags) = 0;
  // By raw level and number of this host. ENOPROTOOPT: it has no such option.
  virtual socket::Outcome setsockopt(Instant now, const socket::Caller& caller,
                                     socket::Descriptor fd, int32_t level, int32_t number,
                                     int32_t value) = 0;
  virtual socket::Outcome shutdown(Instant now, const socket::Caller& caller, socket::Descriptor fd,
                                   socket::Shutdown how) = 0;
  virtual socket::Outcome close(Instant now, const socket::Caller& caller,
                                socket::Descriptor fd) = 0;
  // The thread that slept in `operation` runs again; `record` is its waking. May go on sleeping.
  virtual socket::Outcome resume(Instant now, socket::OperationId operation, RecordId record) = 0;
};

}  // namespace tcptwin::host

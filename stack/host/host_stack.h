// host_stack.h: the interface of any host's network stack: ours, or a real user-space one. Packets
// and calls in, packets and wake-ups out; the caller owns time.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "stack/base/errno.h"
#include "stack/base/record.h"
#include "stack/base/time.h"
#include "stack/socket/calls.h"
#include "stack/tcp/own_packet.h"
#include "stack/tcp/reason.h"
#include "stack/tcp/state.h"
#include "stack/tcp/tcp_info.h"
#include "stack/wire/packet.h"

namespace tcptwin::host {

struct Interface {
  wire::IpAddress address;
  uint32_t mtu = 1500;                                     // bytes of IP packet
  wire::IpAddress address_v6 = wire::IpAddress::any_v6();  // any: it has none

  // Of the version of `peer`.
  wire::IpAddress address_for(const wire::IpAddress& peer) const {
    return peer.is_v4() ? address : address_v6;
  }
};

// Interface 0 is always the loopback (127.0.0.1, ::1, and every own address).
inline constexpr uint32_t kLoopback = 0;

struct Route {
  wire::IpAddress destination;
  uint32_t interface = kLoopback;
  bool neighbour = false;  // it is on that link itself, behind no router
};

// A socket or connection as netstat shows it.
struct SocketRow {
  tcp::State state{};
  bool listening = false;
  bool datagram = false;      // UDP: it has no state
  int64_t receive_queue = 0;  // bytes; listening: connections that wait for accept
  int64_t send_queue = 0;     // bytes; listening: the backlog
  int64_t dropped = 0;        // datagrams that found no room
  socket::Address local;
  socket::Address remote;
  Instant next_timer = Instant::never();
  tcp::TcpInfo info{};                     // of a connection
  std::optional<socket::ProcessId> owner;  // absent: no descriptor names it
  socket::Descriptor descriptor = -1;
  std::optional<socket::FlowCounts>
      flow;  // carried by its process: it is no socket of the kernel's
};

// What a descriptor names that is none of the above.
struct FileRow {
  socket::ProcessId owner{};
  socket::Descriptor descriptor = -1;
  std::optional<socket::FileKind> kind;  // absent: an event queue
};

struct OutPacket {
  wire::Packet packet;
  uint32_t interface = kLoopback;
  RecordId id = RecordId::kNone;     // of this packet
  RecordId cause = RecordId::kNone;  // of what made it leave
  tcp::Reason reason;
  bool continues = false;     // it was cut from the same burst as the one before
  uint32_t segment_size = 0;  // of TCP, where it is longer than that; 0: it is one segment
  bool inferred = false;      // the reason, from outside: the stack itself does not say why
};

class HostStack {
 public:
  virtual ~HostStack() = default;

  // ---- inputs. `record`: of the arrival.
  virtual void on_packet(Instant now, wire::Packet&& packet, RecordId record,
                         const tcp::OwnPacket& own = {}) = 0;
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
  // SOCK_DGRAM.
  virtual socket::Outcome open_datagram_socket(Instant now, const socket::Caller& caller,
                                               socket::Family family) = 0;
  // A connection (`datagrams`: a UDP exchange of that family) that the process carries itself, with
  // the same TCP. Its value is a handle, which the other calls take like a descriptor; a descriptor
  // it has none. EOPNOTSUPP: the host offers no flows; what its table of flows is full with.
  virtual socket::Outcome open_flow(Instant now, const socket::Caller& caller,
                                    std::optional<socket::Family> datagrams) = 0;
  // A descriptor of something that is not this stack's. EMFILE, ENFILE.
  virtual socket::Outcome open_file(Instant now, const socket::Caller& caller,
                                    socket::FileKind kind) = 0;
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
  // sendto: a datagram to `to`. EMSGSIZE, EDESTADDRREQ (from send, without a peer), EISCONN,
  // EAFNOSUPPORT; EOPNOTSUPP: not a datagram socket.
  virtual socket::Outcome send_to(Instant now, const socket::Caller& caller, socket::Descriptor fd,
                                  Payload data, socket::MessageFlags flags,
                                  const socket::Address& to) = 0;
  // Sleeps until a byte or the end of the stream is there; 0 at the end. Of datagrams it gives the
  // next one, cut to `count`, and its sender.
  virtual socket::Outcome recv(Instant now, const socket::Caller& caller, socket::Descriptor fd,
                               int64_t count, socket::MessageFlags flags) = 0;
  // By raw level and number of this host. ENOPROTOOPT: it has no such option.
  virtual socket::Outcome setsockopt(Instant now, const socket::Caller& caller,
                                     socket::Descriptor fd, int32_t level, int32_t number,
                                     const socket::OptionValue& value) = 0;
  virtual socket::Outcome getsockopt(Instant now, const socket::Caller& caller,
                                     socket::Descriptor fd, int32_t level, int32_t number) = 0;
  // ioctl: bytes that wait to be read, or to be acknowledged.
  virtual socket::Outcome queue_length(Instant now, const socket::Caller& caller,
                                       socket::Descriptor fd, socket::QueueLength which) = 0;
  // The address of this end, or of the other: ENOTCONN without one.
  virtual socket::Outcome getsockname(Instant now, const socket::Caller& caller,
                                      socket::Descriptor fd) = 0;
  virtual socket::Outcome getpeername(Instant now, const socket::Caller& caller,
                                      socket::Descriptor fd) = 0;
  // setrlimit(RLIMIT_NOFILE): how many descriptors the process may have, and a limit for that
  // (absent: as it is). EINVAL: below 0 or above the limit given with it, EPERM: above the limit
  // before.
  virtual socket::Outcome limit_descriptors(Instant now, const socket::Caller& caller, int64_t most,
                                            std::optional<int64_t> hard) = 0;
  // O_NONBLOCK, by fcntl or ioctl.
  virtual socket::Outcome set_non_blocking(Instant now, const socket::Caller& caller,
                                           socket::Descriptor fd, bool on) = 0;
  // Sleeps until one of the descriptors has something to tell or `timeout` is over (never: no
  // limit; 0: does not sleep). Its value is how many have. An unknown descriptor is an answer, not
  // an error.
  virtual socket::Outcome poll(Instant now, const socket::Caller& caller,
                               std::vector<socket::PollRequest> requests,
                               std::optional<Duration> timeout) = 0;
  // epoll_create or kqueue. ENOSYS: the host has none.
  virtual socket::Outcome open_queue(Instant now, const socket::Caller& caller,
                                     socket::QueueKind kind) = 0;
  // epoll_ctl or one change of kevent. EEXIST, ENOENT, EBADF; EINVAL: `queue` is none.
  virtual socket::Outcome change_queue(Instant now, const socket::Caller& caller,
                                       socket::Descriptor queue,
                                       const socket::QueueChange& change) = 0;
  // epoll_wait or the waiting half of kevent. EINVAL: `most` is not positive.
  virtual socket::Outcome wait_queue(Instant now, const socket::Caller& caller,
                                     socket::Descriptor queue, int64_t most,
                                     std::optional<Duration> timeout) = 0;
  virtual socket::Outcome shutdown(Instant now, const socket::Caller& caller, socket::Descriptor fd,
                                   socket::Shutdown how) = 0;
  virtual socket::Outcome close(Instant now, const socket::Caller& caller,
                                socket::Descriptor fd) = 0;
  // An ICMP echo of `bytes` bytes to `to`: sleeps until it is answered; its value is how long that
  // took, in microseconds. ETIMEDOUT, or what an ICMP error says.
  virtual socket::Outcome ping(Instant now, const socket::Caller& caller, const wire::IpAddress& to,
                               int64_t bytes, Duration timeout) = 0;
  // The process is over: its calls end unfinished, its descriptors are closed.
  virtual void exit_process(Instant now, const socket::Caller& caller) = 0;
  // Every socket and connection: listeners first, then by addresses.
  virtual std::vector<SocketRow> snapshot() const = 0;
  // Every descriptor that is no socket's, by process.
  virtual std::vector<FileRow> files() const = 0;
  // The thread that slept in `operation` runs again; `record` is its waking. May go on sleeping.
  virtual socket::Outcome resume(Instant now, socket::OperationId operation, RecordId record) = 0;
};

}  // namespace tcptwin::host

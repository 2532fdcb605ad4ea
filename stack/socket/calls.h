// calls.h: the vocabulary of socket calls: addresses, flags, and what a call comes back with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "stack/base/errno.h"
#include "stack/base/payload.h"
#include "stack/base/record.h"
#include "stack/base/time.h"
#include "stack/wire/tcp.h"

namespace tcptwin::socket {

enum class ProcessId : uint32_t {};
using Descriptor = int32_t;

// A call that sleeps inside the stack. The number is the host's own and is never used twice.
enum class OperationId : uint64_t { kNone = 0 };

// AF_INET and AF_INET6.
enum class Family : uint8_t { kIpv4, kIpv6 };

struct Address {
  wire::IpAddress ip;
  wire::Port port{};
};

struct MessageFlags {
  bool dont_wait = false;    // MSG_DONTWAIT
  bool wait_all = false;     // MSG_WAITALL
  bool peek = false;         // MSG_PEEK
  bool more = false;         // MSG_MORE
  bool no_signal = false;    // MSG_NOSIGNAL
  bool out_of_band = false;  // MSG_OOB
  bool truncate = false;     // MSG_TRUNC: recv drops what it would have copied
};

enum class Shutdown : uint8_t { kRead, kWrite, kBoth };

// The value of an option as its C type has it: an int is `value`; struct linger is {l_onoff,
// l_linger}; struct timeval is {tv_sec, tv_usec}.
struct OptionValue {
  OptionValue(int64_t first = 0, int64_t other = 0) : value(first), second(other) {}
  int64_t value;
  int64_t second;
};

// One member of the structure that TCP_INFO fills; times in microseconds.
struct NamedValue {
  const char* name = "";
  int64_t value = 0;
};

// All of them, in the order in which TCP_INFO has them: as in struct tcp_info where it has them.
inline constexpr const char* kTcpInfoNames[] = {
    "tcpi_state",         "tcpi_retransmits",   "tcpi_snd_wscale",
    "tcpi_rcv_wscale",    "tcpi_rto",           "tcpi_rtt",
    "tcpi_snd_mss",       "tcpi_rcv_mss",       "tcpi_unacked",
    "tcpi_snd_cwnd",      "tcpi_snd_ssthresh",  "tcpi_total_retrans",
    "tcpi_notsent_bytes", "tcpi_unacked_bytes", "tcpi_snd_wnd",
    "tcpi_rcv_wnd",       "timestamps",         "sack"};

// What poll, epoll and kqueue tell about a descriptor.
struct Events {
  bool in = false;            // POLLIN: a call that reads would not sleep
  bool out = false;           // POLLOUT: one that writes would not
  bool priority = false;      // POLLPRI: urgent data
  bool error = false;         // POLLERR
  bool hang_up = false;       // POLLHUP: both directions have ended
  bool read_hang_up = false;  // POLLRDHUP: the peer has ended its direction
  bool invalid = false;       // POLLNVAL: no such descriptor

  bool any() const { return in || out || priority || error || hang_up || read_hang_up || invalid; }
  Events operator&(const Events& o) const {
    return {in && o.in,          out && o.out,         priority && o.priority,
            error && o.error,    hang_up && o.hang_up, read_hang_up && o.read_hang_up,
            invalid && o.invalid};
  }
  bool operator==(const Events&) const = default;
};
// "POLLIN|POLLOUT"; "0" for none.
std::string events_text(const Events& events);

struct PollRequest {
  Descriptor fd = -1;
  Events events;  // asked for; error, hang_up and invalid come unasked
};

// One line of the answer of poll, epoll_wait or kevent.
struct Ready {
  Descriptor fd = -1;
  Events events;
  uint64_t data = 0;   // what the caller had attached
  int64_t amount = 0;  // kevent: bytes to read, room to write, connections to accept
};

// What waits in a socket: FIONREAD and SIOCINQ; SIOCOUTQ and FIONWRITE; SIOCATMARK: whether
// the urgent byte comes next.
enum class QueueLength : uint8_t { kUnread, kUnsent, kAtMark };

// kWorkloop: the kqueue of a process for its own threads, which has no descriptor.
enum class QueueKind : uint8_t { kEpoll, kKqueue, kWorkloop };

// What a descriptor may stand for besides a socket or an event queue.
enum class FileKind : uint8_t {
  kStream,       // standard input, output or error
  kFile,         // a file, a pipe, a device
  kFlowClient,   // through it a process asks for flows
  kFlowChannel,  // the packets of all its flows go through it
  kUnixSocket,   // AF_UNIX: no packet of it is ever seen
};

// One epoll_ctl or one change of kevent.
struct QueueChange {
  enum class Action : uint8_t { kAdd, kModify, kRemove };
  // kevent keeps reading and writing apart, epoll does not.
  enum class Filter : uint8_t { kAll, kRead, kWrite };
  Action action = Action::kAdd;
  Filter filter = Filter::kAll;
  Descriptor fd = -1;
  Events events;
  bool edge = false;      // EPOLLET, EV_CLEAR
  bool one_shot = false;  // EPOLLONESHOT, EV_DISPATCH: silent after one report, until modified
  uint64_t data = 0;
};

// Every call carries the process that made it and the record of the call, the cause of all it sets
// off.
struct Caller {
  ProcessId process{};
  RecordId record = RecordId::kNone;
};

// What went through a flow: IP packets with their headers.
struct FlowCounts {
  int64_t place = 0;  // in the table of its process
  int64_t bytes_in = 0;
  int64_t bytes_out = 0;
  int64_t packets_in = 0;
  int64_t packets_out = 0;
  Duration round_trip{};  // smoothed; 0: no sample
};

// How a call ended, or that it sleeps. `value` is what the C function would return; `data` only for
// recv.
struct Outcome {
  std::optional<Errno> error;
  int64_t value = 0;
  Payload data;
  std::vector<Ready> ready;            // poll, epoll_wait, kevent
  std::vector<NamedValue> details;     // getsockopt(TCP_INFO)
  int64_t second = 0;                  // getsockopt: the second member of a structure
  Address address;                     // accept and getpeername: of the peer; getsockname: own
  std::optional<Errno> fetched_error;  // getsockopt(SO_ERROR)
  // EPIPE that comes with SIGPIPE, if the process does not ignore it.
  bool broken_pipe_signal = false;
  OperationId pending = OperationId::kNone;

  bool sleeps() const { return pending != OperationId::kNone; }
  static Outcome done(int64_t value) {
    Outcome o;
    o.value = value;
    return o;
  }
  static Outcome failed(Errno e) {
    Outcome o;
    o.error = e;
    o.value = -1;
    return o;
  }
  static Outcome sleeping(OperationId id) {
    Outcome o;
    o.pending = id;
    return o;
  }
};

// The thread that sleeps in `operation` has something to do: it should run and call resume().
struct Wakeup {
  OperationId operation = OperationId::kNone;
  RecordId cause = RecordId::kNone;  // the segment, timer or call that made it ready
};

}  // namespace tcptwin::socket

// record.h: everything that happens in a run, each with a number and the number of what made it
// happen.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "stack/base/errno.h"
#include "stack/base/record.h"
#include "stack/base/time.h"
#include "stack/tcp/reason.h"
#include "stack/wire/packet.h"

namespace tcptwin::trace {

// A packet left its host. The other end's PacketReceived names this record as its cause.
struct PacketSent {
  wire::Packet packet;
  bool loopback = false;
  tcp::Reason reason;
  bool forwarded = false;    // a router passed it on; it has left its host before
  uint32_t flipped_bit = 0;  // as in PacketReceived
  bool inferred = false;     // the reason, from outside: the host's stack does not say why
};

// It arrived. `sent`: the record of its departure, which knows the packet; the rest is what
// happened to it on its way.
struct PacketReceived {
  RecordId sent = RecordId::kNone;
  bool loopback = false;
  uint32_t flipped_bit = 0;  // counted from 1 behind the IP header; 0: none
  bool doubled = false;      // the link made two of one
  bool marked = false;       // ECN: congestion experienced
};

enum class DropWhy : uint8_t {
  kListed,  // the scenario named this packet
  kQueueFull,
  kChance,
  kBurst,       // of a Gilbert-Elliott line
  kDamaged,     // its checksum was wrong
  kMalformed,   // its headers are not those of a packet
  kTimeToLive,  // a router took the last of it
  kTooBig,      // for the next link, and may not be cut
  kUnroutable,  // a router knows no way to its destination
};

inline constexpr uint32_t kNoLink = UINT32_MAX;

// A link lost it, or with kNoLink the host of the record, which had received it. The record of a
// link's loss belongs to the sending host.
struct PacketDropped {
  RecordId sent = RecordId::kNone;
  uint32_t link = 0;
  DropWhy why{};
};

enum class CallKind : uint8_t {
  kSocket,
  kBind,
  kListen,
  kAccept,
  kConnect,
  kSend,
  kRecv,
  kSetsockopt,
  kShutdown,
  kClose,
  kSleep,
  kPoll,
  kGetsockopt,
  kIoctl,
  kFcntl,
  kGetsockname,
  kGetpeername,
  kSelect,
  kEpollCreate,
  kEpollCtl,
  kEpollWait,
  kKqueue,
  kKevent,
  kSpawn,
  kJoin,
  kLock,
  kUnlock,
  kSetrlimit,
  kExit,
  kSendTo,
  kRecvFrom,
  kPing,
  kOpen,
  kOpenFlow,
};

// A program called its host.
struct CallStarted {
  uint32_t process = 0;
  CallKind kind{};
  int32_t descriptor = -1;
  int64_t amount =
      0;  // bytes to send or receive, backlog, port to bind, nanoseconds to sleep, option value
  std::string name;     // of the option, or of the peer
  std::string value{};  // of an option that is no plain number, events asked for, message flags
};

// The call came back; `call` is its CallStarted. `cause` of the record: the call itself, or what
// woke its thread.
struct CallReturned {
  RecordId call = RecordId::kNone;
  int64_t value = 0;
  std::optional<Errno> error;
};

// A sleeping thread runs again. `cause`: the segment or timer that woke it.
struct ThreadWoken {
  RecordId call = RecordId::kNone;
};

using Event = std::variant<PacketSent, PacketReceived, PacketDropped, CallStarted, CallReturned,
                           ThreadWoken, tcp::Note>;

struct Record {
  RecordId id = RecordId::kNone;
  RecordId cause = RecordId::kNone;
  Instant at;
  Event event;

  uint16_t host() const { return RecordIds::host_of(id); }
};

// "send", "recv": the C name.
const char* call_name(CallKind kind);

}  // namespace tcptwin::trace

// calls.h: the vocabulary of socket calls: addresses, flags, and what a call comes back with.
#pragma once

#include <cstdint>
#include <optional>

#include "stack/base/errno.h"
#include "stack/base/payload.h"
#include "stack/base/record.h"
#include "stack/wire/tcp.h"

namespace tcptwin::socket {

enum class ProcessId : uint32_t {};
using Descriptor = int32_t;

// A call that sleeps inside the stack. The number is the host's own and is never used twice.
enum class OperationId : uint64_t { kNone = 0 };

struct Address {
  wire::Ipv4Address ip;
  wire::Port port{};
};

struct MessageFlags {
  bool dont_wait = false;  // MSG_DONTWAIT
};

enum class Shutdown : uint8_t { kRead, kWrite, kBoth };

// Every call carries the process that made it and the record of the call, the cause of all it sets
// off.
struct Caller {
  ProcessId process{};
  RecordId record = RecordId::kNone;
};

// How a call ended, or that it sleeps. `value` is what the C function would return; `data` only for
// recv.
struct Outcome {
  std::optional<Errno> error;
  int64_t value = 0;
  Payload data;
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

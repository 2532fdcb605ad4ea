// sleepers.h: the calls that sleep in the sockets of one host, and until when. Decides nothing
// about them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "stack/base/deadline_heap.h"
#include "stack/base/payload.h"
#include "stack/base/time.h"
#include "stack/socket/calls.h"
#include "stack/socket/descriptors.h"

namespace tcptwin::socket {

// A call that sleeps. It stays here, visible to the stack, until its thread resumes and it can end.
struct PendingOperation {
  enum class Kind : uint8_t {
    kNone,
    kAccept,
    kConnect,
    kSend,
    kRecv,
    kClose,
    kPoll,
    kQueueWait,
    kPing
  };
  Kind kind = Kind::kNone;
  bool woken = false;      // the thread has been told and has not resumed yet
  bool timed_out = false;  // its deadline has come
  bool pinned = false;     // recv: what it takes stays charged until it returns
  MessageFlags flags;
  std::optional<Errno> fails_with;  // its descriptor was closed
  OperationId id = OperationId::kNone;
  Caller caller;
  uint32_t socket = kNoIndex;  // or the event queue of kQueueWait
  uint32_t next = kNoIndex;    // sleeper in the same socket
  int64_t wanted = 0;          // recv: bytes asked for; queue wait: most events; ping: its number
  int64_t done = 0;            // send: bytes taken so far
  Instant deadline = Instant::never();
  Payload rest;                     // send: bytes not taken yet; recv: bytes collected
  std::vector<PollRequest> polled;  // poll
};

// The number in a sleeping Outcome whose operation has not been entered yet.
inline constexpr OperationId kNotYet{UINT64_MAX};

// All of them, found by number in constant time. Objects stay where they are and are used again.
class Sleepers {
 public:
  // Enters it at the end of the list that begins at `first`; gives it its number.
  OperationId add(PendingOperation&& operation, uint32_t& first);
  // Null: unknown.
  PendingOperation* find(OperationId id);
  // All of one process, oldest slot first.
  std::vector<PendingOperation*> of_process(ProcessId process);
  PendingOperation& at(uint32_t slot) { return *slots_[slot]; }
  // Takes it out of the list that begins at `first`.
  void remove(OperationId id, uint32_t& first);

  Instant next_deadline() const {
    return deadlines_.empty() ? Instant::never() : deadlines_.top_key();
  }
  // The next whose time is over, without its deadline from now on; null: none.
  PendingOperation* take_due(Instant now);

 private:
  static constexpr uint64_t kSlotBits = 24;
  static uint32_t slot_of(OperationId id) {
    return static_cast<uint32_t>(static_cast<uint64_t>(id) & ((uint64_t{1} << kSlotBits) - 1));
  }

  std::vector<std::unique_ptr<PendingOperation>> slots_;
  std::vector<uint32_t> free_;
  DeadlineHeap<Instant> deadlines_;  // by slot
  uint64_t last_ = 0;
};

}  // namespace tcptwin::socket

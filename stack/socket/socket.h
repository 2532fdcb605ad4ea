// socket.h: what stands behind a descriptor, and the calls that sleep in it. Knows no packets.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "stack/base/payload.h"
#include "stack/base/ring.h"
#include "stack/socket/calls.h"

namespace tcptwin::socket {

inline constexpr uint32_t kNoIndex = UINT32_MAX;

// A call that sleeps. It stays here, visible to the stack, until its thread resumes and it can end.
struct PendingOperation {
  enum class Kind : uint8_t { kNone, kAccept, kConnect, kSend, kRecv };
  Kind kind = Kind::kNone;
  OperationId id = OperationId::kNone;
  Caller caller;
  bool woken = false;  // the thread has been told and has not resumed yet
  int64_t wanted = 0;  // kRecv: bytes asked for
  int64_t done = 0;    // kSend: bytes taken so far
  Payload rest;        // kSend: bytes not taken yet

  bool sleeps() const { return kind != Kind::kNone; }
};

struct Socket {
  enum class Role : uint8_t { kFresh, kListener, kConnection };
  Role role = Role::kFresh;
  bool no_delay = false;  // kept until there is a connection to tell
  std::optional<Address> bound;
  uint32_t connection = kNoIndex;  // kConnection: the host's number of it
  // kListener: established connections that wait for accept, and how many may.
  Ring<uint32_t> accept_queue;
  int64_t backlog = 0;
  int64_t handshakes = 0;   // connections in SYN-RECEIVED that will end up in the queue
  PendingOperation reader;  // recv or accept
  PendingOperation writer;  // send or connect
};

// The descriptors of one process: the lowest free number first, from 3 (0 to 2 are the standard
// streams).
class DescriptorTable {
 public:
  Descriptor add(uint32_t socket_index);
  // The index of the socket behind `fd`, or kNoIndex.
  uint32_t find(Descriptor fd) const;
  void remove(Descriptor fd);
  const std::vector<uint32_t>& entries() const { return entries_; }

 private:
  static constexpr Descriptor kFirst = 3;
  std::vector<uint32_t> entries_;  // entries_[fd - kFirst]
};

}  // namespace tcptwin::socket

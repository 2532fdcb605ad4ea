// lwip_socket.h: what stands behind a descriptor of a host that runs lwIP: the part that lwIP's
// own sockets layer (api/sockets.c, api/api_msg.c) would keep.
#pragma once

#include <cstdint>
#include <optional>

#include "models/lwip/glue/glue.h"
#include "stack/base/errno.h"
#include "stack/base/ring.h"
#include "stack/base/time.h"
#include "stack/socket/calls.h"
#include "stack/socket/descriptors.h"

namespace tcptwin::lwip {

// What lies in a mailbox: a segment's data, a datagram, or the message of an end or an error.
struct Message {
  LwipPacket* data = nullptr;    // null: nothing comes after it
  uint32_t taken = 0;            // bytes of it that have been read
  socket::Address from{};        // of a datagram
  std::optional<Errno> error{};  // absent and no data: the end of the stream
};

struct LwipSocket {
  enum class Role : uint8_t { kFresh, kListener, kConnection, kDatagram };
  Role role = Role::kFresh;
  bool open = true;  // some descriptor names it
  bool non_blocking = false;
  bool connecting = false;               // connect() began and has not ended
  bool writable = false;                 // what select tells (event_callback's sendevent)
  bool failed = false;                   // and its errevent
  bool mailbox_closed = false;           // nothing will come any more
  bool read_shut = false;                // SHUT_RD, or the end was read: what comes is thrown away
  bool v6 = false;                       // kDatagram
  LwipConnection* connection = nullptr;  // null: lwIP has none (any more)
  LwipDatagrams* datagrams = nullptr;
  uint32_t first_sleeper = socket::kNoIndex;
  socket::Address local;
  socket::Address peer;
  bool has_peer = false;
  int64_t backlog = 0;
  int64_t unread = 0;                  // bytes in the mailbox
  int64_t dropped = 0;                 // datagrams that found no room in it
  std::optional<int64_t> most_unread;  // SO_RCVBUF, of datagrams
  Ring<Message> mailbox;
  Ring<uint32_t> accepted;             // connections; kNoIndex: one that found no memory
  std::optional<Errno> pending_error;  // that nobody has been told of
  Duration receive_timeout{};          // 0: none
  Duration send_timeout{};
  std::optional<int64_t> linger;  // seconds
};

}  // namespace tcptwin::lwip

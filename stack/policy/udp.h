// udp.h: how a host's UDP sockets behave where systems differ. Numbers and choices only;
// stack/socket and stack/host carry them out.
#pragma once

#include <bit>
#include <cstdint>

#include "stack/base/errno.h"

namespace tcptwin::policy {

struct UdpConfig {
  // ---- what waits in a socket; what finds no room is dropped
  int64_t receive_buffer = 65536;  // SO_RCVBUF at first
  int64_t overhead = 0;            // a datagram takes its bytes and this
  // Added before the bytes are rounded up to a power of two; 0: they are not rounded.
  int64_t headroom = 0;
  int64_t least_charge = 0;      // and no datagram takes less
  bool last_may_exceed = false;  // one is taken whole while the buffer is not exceeded
  int64_t memory = 0;            // besides, each takes so much memory ...
  int32_t memory_factor = 0;     // ... of this many times the buffer; 0: not counted
  bool unread_is_next = true;    // FIONREAD: the next datagram; else all of them
  bool cut_fails = false;  // recv into less than a datagram: EMSGSIZE; the rest is lost anyway
  bool unbound_recv_fails = false;  // recv on a socket without a port: EINVAL; else it waits

  // ---- sending
  int64_t send_buffer = 65536;          // SO_SNDBUF at first
  bool send_buffer_bounds = false;      // a longer datagram fails with EMSGSIZE, however it is sent
  bool dont_fragment = false;           // DF on what fits the path: IP_PMTUDISC_WANT
  bool connected_sendto_fails = false;  // EISCONN: to a named peer although there is one
  Errno unaddressed = Errno::kEDESTADDRREQ;  // a send without a peer
  bool random_ports = false;  // ephemeral ports are random, whatever those of TCP are

  // ---- errors of routers and peers
  enum class Errors : uint8_t {
    kHard,    // told to connected sockets: nobody listens, or a filter forbids
    kAll,     // told to connected sockets, whatever they are
    kResets,  // nobody listens: ECONNRESET for the next recv of any socket that has sent there
  };
  Errors errors = Errors::kAll;
  bool errors_before_data = false;  // recv tells them although datagrams wait

  // What a datagram of so many bytes takes from the buffer while it waits.
  int64_t charge(int64_t bytes) const {
    int64_t taken = bytes;
    if (headroom > 0) {
      taken = static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(bytes + headroom)));
    }
    return taken + overhead < least_charge ? least_charge : taken + overhead;
  }
};

}  // namespace tcptwin::policy

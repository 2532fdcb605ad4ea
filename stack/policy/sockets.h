// sockets.h: how a host's sockets behave where systems differ: limits, errors, closing, readiness.
// Numbers and choices only; stack/host carries them out.
#pragma once

#include <cstdint>

#include "stack/base/errno.h"
#include "stack/base/time.h"

namespace tcptwin::policy {

struct SocketConfig {
  // ---- limits
  int32_t descriptors_per_process = 1024;  // standard streams included; beyond: EMFILE
  int64_t descriptors_per_host = 1 << 20;  // beyond: ENFILE
  // That setrlimit(RLIMIT_NOFILE) may ask for; beyond: EINVAL. 0: only the hard limit counts.
  int64_t descriptors_ceiling = 0;
  // Flows of a process: connections that it carries itself, without a descriptor. 0: the host
  // offers none.
  int32_t flows_per_process = 0;
  Errno flow_table_full = Errno::kENOSPC;  // what one more fails with

  // ---- names
  // Whether a port may be bound that others hold (POSIX leaves it open).
  enum class BindRule : uint8_t {
    kAllMustAgree,     // every holder has SO_REUSEADDR and none of them listens
    kNewcomerDecides,  // with SO_REUSEADDR only the same address unconnected stands in the way
    kAnythingGoes,     // with SO_REUSEADDR always; without it only the very same address counts
  };
  BindRule bind_rule = BindRule::kNewcomerDecides;
  // listen() on a socket without a local port.
  enum class UnboundListen : uint8_t {
    kNeedsAddress,  // EDESTADDRREQ
    kInvalid,       // EINVAL
    kPicksPort,     // as bind to port 0 does
  };
  UnboundListen unbound_listen = UnboundListen::kNeedsAddress;

  // ---- connect
  enum class FailedConnect : uint8_t {
    kReusable,  // connect may be called again
    kRefused,   // it fails with ECONNREFUSED from then on
    kInvalid,   // it fails with EINVAL from then on
  };
  FailedConnect failed_connect = FailedConnect::kReusable;
  bool late_success_is_reported = false;  // the first connect() after the handshake returns 0, not
                                          // EISCONN
  Errno connect_on_listener =
      Errno::kEOPNOTSUPP;                       // what connect() on a listening socket fails with
  Errno connect_to_many = Errno::kENETUNREACH;  // and to a multicast address
  // A connect() that finds its failure already fetched by SO_ERROR: ECONNABORTED once; else it
  // simply begins anew.
  bool fetched_failure_aborts = false;

  // ---- errors
  bool errors_are_sticky = false;  // every call reports a connection's error, not only the first
  bool broken_pipe_signal = true;  // a send on a broken stream signals the process: POSIX
  bool unconnected_send_is_broken_pipe = false;  // EPIPE where POSIX has ENOTCONN
  bool reset_after_fin_is_broken_pipe = false;   // a reset in CLOSE-WAIT; else ECONNRESET
  bool connecting_send_waits = true;  // a send during the handshake sleeps: RFC 9293 3.10.2

  // A recv() with MSG_WAITALL that the receive buffer can hold leaves the data there until all has
  // come; else it takes what comes.
  bool wait_all_leaves_data = false;

  // ---- shutdown and close
  enum class ShutdownRead : uint8_t {
    kDrains,    // what is there and what comes can still be read; then 0
    kDiscards,  // thrown away, now and later
  };
  ShutdownRead shutdown_read = ShutdownRead::kDrains;
  bool shutdown_stops_listening = false;  // else ENOTCONN
  // What close() does to threads that sleep in the socket.
  enum class CloseUnderSleepers : uint8_t {
    kStaysOpen,           // nothing; the socket lives until they are done
    kFailsBadDescriptor,  // their calls fail with EBADF
    kInterrupts,          // their calls fail with EINTR
  };
  CloseUnderSleepers close_under_sleepers = CloseUnderSleepers::kStaysOpen;
  bool linger_blocks_non_blocking = false;  // SO_LINGER makes close() sleep even then
  bool linger_timeout_resets = false;       // when the time is over: RST; else it goes on unseen

  // ---- accept
  bool accept_reports_abort = false;  // ECONNABORTED for a connection that has been reset meanwhile
  bool accepted_inherits_non_blocking = false;

  // ---- buffers, SO_RCVBUF and SO_SNDBUF: min(value, cap) * factor, at least the floor
  int64_t send_cap = 1 << 21;
  int64_t receive_cap = 1 << 21;
  int32_t buffer_factor = 1;
  int64_t send_floor = 1;
  int64_t receive_floor = 256;
  bool beyond_cap_fails = false;  // ENOBUFS; else it is cut

  // ---- readiness
  bool epoll = false;               // epoll_create, epoll_ctl, epoll_wait exist; else ENOSYS
  bool kqueue = false;              // kqueue and kevent exist; else ENOSYS
  bool fresh_is_hung_up = false;    // poll of a socket that was never connected: HUP and OUT
  bool error_event = false;         // poll reports a pending error as ERR
  bool read_hang_up_event = false;  // and the peer's FIN as RDHUP
};

}  // namespace tcptwin::policy

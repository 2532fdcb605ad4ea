// tcp_info.h: what a connection tells of itself to programs and to those who watch. Decides
// nothing.
#pragma once

#include <cstdint>
#include <optional>

#include "stack/base/time.h"
#include "stack/tcp/reason.h"
#include "stack/tcp/state.h"

namespace tcptwin::tcp {

// What TCP_INFO tells, in the host's own units where it has any.
struct TcpInfo {
  State state{};
  uint32_t mss = 0;       // of segments we send
  uint32_t peer_mss = 0;  // our idea of those we get; 0: unknown
  Duration rto{};
  Duration srtt{};
  Duration rtt_variation{};
  int32_t backoff = 0;          // times that the RTO was doubled
  int64_t window_segments = 0;  // congestion window
  int64_t slow_start_threshold = 0;
  int64_t in_flight = 0;  // segments
  int64_t unacked_bytes = 0;
  int64_t unsent_bytes = 0;
  int64_t send_window = 0;
  int64_t receive_window = 0;
  int32_t retransmissions = 0;         // in a row, unanswered
  int64_t retransmitted_segments = 0;  // in all
  int64_t bytes_acked = 0;             // a SYN of our own open and the FIN included
  int64_t bytes_received = 0;          // in order; FIN included
  int64_t receive_pace = 0;    // bytes that a round trip brought, as the receiver's tuning sees it
  int64_t receive_opened = 0;  // how far the window has been opened; 0: at once
  uint32_t own_mss = 0;        // payload that the peer's segments may carry
  uint32_t path_mtu = 0;
  std::optional<TimerKind> timer{};  // of those that retransmit, probe or end
  Instant timer_due = Instant::never();
  bool timestamps = false;
  bool sack = false;
  uint8_t own_shift = 0;
  uint8_t peer_shift = 0;
};

}  // namespace tcptwin::tcp

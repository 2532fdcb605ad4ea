// user_stack.h: the settings of a host that runs the code of a real user-space stack instead of
// ours. The names are lwIP's, the only such stack there is: models/lwip carries them out.
#pragma once

#include <cstdint>

#include "stack/base/time.h"

namespace tcptwin::policy {

struct UserStackConfig {
  // What only its compilation decides: segment size, options, window scaling.
  enum class Build : uint8_t {
    kDefault,   // the project's own defaults
    kPackaged,  // those of the package of the distribution
    kLarge,     // scaled windows, SACK, timestamps, backlog
  };
  Build build = Build::kDefault;
  // ---- windows and buffers, bytes
  int64_t window = 2144;       // TCP_WND
  int32_t window_scale = 0;    // TCP_RCV_SCALE, where the build scales windows
  int64_t send_buffer = 1072;  // TCP_SND_BUF
  int32_t queue_length = 8;    // TCP_SND_QUEUELEN: pieces of memory in the send queue
  // TCP_WND_UPDATE_THRESHOLD: a read that opens the window so far is told at once
  int64_t update_threshold = 536;
  bool no_delay = false;  // TCP_NODELAY of every new socket
  // ---- timers
  Duration fast_interval = std::chrono::milliseconds(250);
  Duration slow_interval = std::chrono::milliseconds(500);  // a multiple of the fast one
  Duration msl = std::chrono::minutes(1);                   // TCP_MSL
  int32_t data_retries = 12;                                // TCP_MAXRTX
  int32_t syn_retries = 6;                                  // TCP_SYNMAXRTX
  Duration keep_idle = std::chrono::hours(2);               // TCP_KEEPIDLE_DEFAULT
  Duration keep_interval = std::chrono::seconds(75);        // TCP_KEEPINTVL_DEFAULT
  int32_t keep_count = 9;                                   // TCP_KEEPCNT_DEFAULT
  // ---- how many there may be; 0: no limit
  int32_t connections = 5;       // MEMP_NUM_TCP_PCB
  int32_t listeners = 8;         // MEMP_NUM_TCP_PCB_LISTEN
  int32_t segments = 16;         // MEMP_NUM_TCP_SEG
  int32_t datagram_sockets = 4;  // MEMP_NUM_UDP_PCB
  int32_t packet_buffers = 16;   // PBUF_POOL_SIZE
  int32_t reassemblies = 5;      // MEMP_NUM_REASSDATA
  int32_t descriptors = 0;       // NUM_SOCKETS; 0: 1024
  int32_t mailbox = 127;         // segments, datagrams or connections that wait for the program
  // ---- IP and numbers
  int32_t ttl = 255;               // IP_DEFAULT_TTL
  bool random_isn = false;         // LWIP_HOOK_TCP_ISN: else counted on from 6510
  bool random_first_port = false;  // LWIP_RAND: else the lowest, 49153
};

}  // namespace tcptwin::policy

// profile.h: how a host behaves, as data: the sum of all Config structs. An instance lives as long
// as its hosts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stack/policy/clocks.h"
#include "stack/policy/congestion.h"
#include "stack/policy/delayed_ack.h"
#include "stack/policy/nagle.h"
#include "stack/policy/receive_window.h"
#include "stack/policy/rto.h"
#include "stack/policy/send_buffer.h"
#include "stack/policy/time_model.h"
#include "stack/policy/timer_grain.h"

namespace tcptwin::policy {

struct IpConfig {
  int32_t ttl = 64;
  bool dont_fragment = true;
  bool id_counter = true;  // a counter per connection from a random start; false: always 0
};

// An option of a SYN, in the order of the profile (facts/linux.md F1).
enum class SynOption : uint8_t { kMss, kSackPermitted, kTimestamps, kNop, kWindowScale };

struct SynConfig {
  std::vector<SynOption> options;
  int32_t default_mss = 536;  // the peer's, when its SYN names none: RFC 9293 3.7.1 (MUST-15)
};

struct CloseConfig {
  Duration msl = std::chrono::minutes(2);  // TIME-WAIT lasts 2 MSL: RFC 9293 3.6.1
  Duration orphan_fin_wait_2{};            // how long FIN-WAIT-2 outlives its socket; 0: for ever
  bool reset_on_unread_data = true;  // close with unread data sends RST: RFC 9293 3.6.1 (SHLD-3)
};

struct PortsConfig {
  int32_t first = 49152;  // ephemeral range, both ends included: RFC 6335 6
  int32_t last = 65535;
  int32_t step = 1;
};

struct ListenConfig {
  int32_t largest_backlog = 128;
  int32_t backlog_extra = 0;  // connections accepted beyond the backlog (facts/linux.md G2)
};

// What a socket option does, whatever its number.
enum class OptionEffect : uint8_t { kNoDelay, kQuickAck, kReuseAddress };

struct SocketOption {
  std::string level_name;
  int32_t level = 0;
  std::string name;
  int32_t number = 0;
  OptionEffect effect{};
};

struct Profile {
  std::string name;
  std::string title;
  TimerGrainConfig timer_grain;
  TimeModelConfig time_model;
  IpConfig ip;
  IsnConfig isn;
  TimestampConfig timestamps;
  SynConfig syn;
  DelayedAckConfig delayed_ack;
  NagleConfig nagle;
  ReceiveWindowConfig receive_window;
  SendBufferConfig send_buffer;
  RtoConfig rto;
  CongestionConfig congestion;
  CloseConfig close;
  PortsConfig ports;
  ListenConfig listen;
  std::vector<SocketOption> socket_options;
};

}  // namespace tcptwin::policy

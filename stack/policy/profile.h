// profile.h: how a host behaves, as data: the sum of all Config structs. An instance lives as long
// as its hosts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "stack/policy/bursts.h"
#include "stack/policy/clocks.h"
#include "stack/policy/congestion.h"
#include "stack/policy/delayed_ack.h"
#include "stack/policy/destination_cache.h"
#include "stack/policy/ecn.h"
#include "stack/policy/fragments.h"
#include "stack/policy/icmp.h"
#include "stack/policy/keep_alive.h"
#include "stack/policy/listen.h"
#include "stack/policy/nagle.h"
#include "stack/policy/ports.h"
#include "stack/policy/receive_window.h"
#include "stack/policy/recovery.h"
#include "stack/policy/rto.h"
#include "stack/policy/send_buffer.h"
#include "stack/policy/socket_options.h"
#include "stack/policy/sockets.h"
#include "stack/policy/syn.h"
#include "stack/policy/time_model.h"
#include "stack/policy/timer_grain.h"
#include "stack/policy/udp.h"
#include "stack/policy/user_stack.h"
#include "stack/policy/validation.h"

namespace tcptwin::policy {

struct IpConfig {
  int32_t ttl = 64;
  bool dont_fragment = true;
  uint32_t loopback_mtu = 65536;  // bytes
  // RFC 6864 4.1: any value will do for what is never fragmented.
  enum class Id : uint8_t {
    kZero,
    kPerConnection,  // a counter from a random start: facts/linux.md F5
    kGlobal,         // one counter for the host: facts/windows.md F1
  };
  Id id = Id::kPerConnection;
  bool zero_id_in_replies = true;  // SYN-ACK, RST and the ACK of a TIME-WAIT: facts/linux.md F5
};

struct CloseConfig {
  Duration msl = std::chrono::minutes(2);  // TIME-WAIT lasts 2 MSL: RFC 9293 3.6.1
  Duration orphan_fin_wait_2{};            // how long FIN-WAIT-2 outlives its socket; 0: for ever
  int32_t orphan_half_rtos = 0;            // but at least so many halves of the RTO
  bool reset_on_unread_data = true;  // close with unread data sends RST: RFC 9293 3.6.1 (SHLD-3)
};

struct TimeWaitConfig {
  // What a SYN must be to open a new connection in place of one in TIME-WAIT.
  enum class Syn : uint8_t {
    kNewer,         // a newer timestamp or a higher number: RFC 6191, facts/linux.md E2
    kHigher,        // a higher number: RFC 9293 3.6.1 (MAY-2), facts/freebsd.md E4
    kBeyondWindow,  // no older timestamp, and a number beyond the window: facts/darwin.md 4.2
    kNever,
  };
  enum class Restart : uint8_t {
    kFin,     // a repeated FIN starts the wait afresh: RFC 9293 3.10.7.4
    kAnyAck,  // and so does whatever carries an ACK
  };
  Syn syn = Syn::kNewer;
  Restart restart = Restart::kFin;
  bool reset_ends_it = true;       // false: RST is ignored (RFC 1337)
  bool towards_own_host = true;    // false: none when the peer is an address of this host
  bool continues_numbers = false;  // the next connection's ISN follows the old one's numbers
  bool syn_needs_listener = true;  // a SYN that nobody listens for leaves it as it is
  int32_t most = 0;  // of the host at a time; further connections end without one. 0: no limit
  // A program may connect over an old connection of its own that has been waiting for this long and
  // used timestamps; 0: never (facts/linux.md E3).
  Duration reuse_after{};
  bool reuse_only_own_host = true;  // only when the peer is an address of this host
  // A program that has bound the port may do so at once, wherever the peer is:
  // traces/kernel-6.18/d_close/tw_client_r1.
  bool reuse_from_bound_port = false;
};

struct Profile {
  std::string name;
  std::string title;
  std::optional<std::string> settings;  // the family whose names of settings it takes
  // The host runs that stack; of what follows only the time model and the sockets' names count.
  std::optional<UserStackConfig> user_stack;
  TimerGrainConfig timer_grain;
  TimeModelConfig time_model;
  IpConfig ip;
  IcmpConfig icmp;
  IsnConfig isn;
  TimestampConfig timestamps;
  SynConfig syn;
  DelayedAckConfig delayed_ack;
  NagleConfig nagle;
  BurstConfig bursts;
  ReceiveWindowConfig receive_window;
  SendBufferConfig send_buffer;
  RtoConfig rto;
  CongestionConfig congestion;
  RecoveryConfig recovery;
  ValidationConfig validation;
  EcnConfig ecn;
  KeepAliveConfig keep_alive;
  PersistConfig persist;
  CloseConfig close;
  TimeWaitConfig time_wait;
  PortsConfig ports;
  ListenConfig listen;
  DestinationCacheConfig destination_cache;
  UdpConfig udp;
  FragmentConfig fragments;
  SocketConfig sockets;
  std::vector<SocketOption> socket_options;
  std::vector<MessageFlag> message_flags;
  std::vector<SocketRequest> socket_requests;
};

}  // namespace tcptwin::policy

// socket.h: what stands behind a descriptor: its role, its options, who sleeps in it. Knows no
// packets. What an idle connected socket does not need is allocated on demand.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "stack/base/ring.h"
#include "stack/base/time.h"
#include "stack/socket/calls.h"
#include "stack/socket/datagrams.h"
#include "stack/socket/descriptors.h"

namespace tcptwin::socket {

// Options that somebody has set; what is absent is the host's default.
struct StoredOptions {
  bool no_delay = false;
  bool cork = false;
  bool no_options = false;
  bool keep_alive = false;
  bool reuse_address = false;
  bool reuse_port = false;
  bool exclusive_address = false;
  bool out_of_band_inline = false;
  bool no_signal = false;
  std::optional<int64_t> quick_ack;
  std::optional<int64_t> max_segment;
  std::optional<int64_t> keep_idle;  // times in the unit of the option
  std::optional<int64_t> keep_interval;
  std::optional<int64_t> keep_count;
  std::optional<int64_t> syn_count;
  std::optional<int64_t> connect_timeout;
  std::optional<int64_t> orphan_time;
  std::optional<int64_t> defer_accept;
  std::optional<int64_t> window_clamp;
  std::optional<int64_t> user_timeout;
  std::optional<int64_t> not_sent_low_water;
  std::optional<int64_t> receive_buffer;  // caps and factor applied
  std::optional<int64_t> send_buffer;
  std::optional<int64_t> type_of_service;
  std::optional<int64_t> time_to_live;
  std::optional<int64_t> traffic_class;
  std::optional<int64_t> hop_limit;
  int64_t receive_low_water = 1;
  int64_t send_low_water = 0;   // 0: never set
  OptionValue receive_timeout;  // 0: for ever
  OptionValue send_timeout;
  OptionValue linger;
  std::map<std::pair<int32_t, int32_t>, int64_t> noted;  // by level and number: no effect
};

// Of a listening socket.
struct ListenState {
  Ring<uint32_t> accept_queue;  // established connections that wait for accept
  int64_t backlog = 0;
  int64_t handshakes = 0;  // connections in SYN-RECEIVED that will end up in the queue
  Instant cookie_sent_at = Instant::never();  // the last one
};

struct Socket {
  enum class Role : uint8_t { kFresh, kListener, kConnection, kDatagram };
  Role role = Role::kFresh;
  bool non_blocking : 1 = false;
  bool open : 1 = true;               // some descriptor still names it
  bool closing : 1 = false;           // close() sleeps; the connection has been told
  bool connecting : 1 = false;        // connect() began and nobody has seen how it ended
  bool error_taken : 1 = false;       // the connection's error has been reported
  bool connect_failed : 1 = false;    // connect may not begin anew
  bool read_shut : 1 = false;         // SHUT_RD
  bool write_shut : 1 = false;        // SHUT_WR
  bool watched : 1 = false;           // by a poll or an event queue
  bool flow : 1 = false;              // the process itself carries it: it has no descriptor
  uint32_t connection = kNoIndex;     // kConnection: the host's number of it
  uint32_t first_sleeper = kNoIndex;  // in the host's Sleepers, oldest first
  std::optional<Address> bound;
  std::unique_ptr<ListenState> listening;
  std::unique_ptr<DatagramState> datagrams;  // kDatagram
  std::unique_ptr<StoredOptions> options;

  StoredOptions& own_options() {
    if (!options) options = std::make_unique<StoredOptions>();
    return *options;
  }
  // For reading; the defaults when nothing was set.
  const StoredOptions& known_options() const {
    static const StoredOptions defaults;
    return options ? *options : defaults;
  }
};

}  // namespace tcptwin::socket

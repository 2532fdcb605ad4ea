// clocks.h: initial sequence numbers and timestamp values.
#pragma once

#include <cstdint>

#include "stack/base/rng.h"
#include "stack/base/seq.h"
#include "stack/base/time.h"

namespace tcptwin::policy {

struct IsnConfig {
  Duration tick{4000};  // the clock part rises by one in this time: RFC 9293 3.4.1 (4 us)
};

struct TimestampConfig {
  bool offered = true;
  Duration tick = std::chrono::milliseconds(1);  // RFC 7323 5.4: 1 ms .. 1 s
  bool random_offset = true;                     // a random start per connection
};

// The two ends of a connection, as the hashes see them.
struct ConnectionKey {
  uint32_t local_address = 0;
  uint32_t remote_address = 0;
  uint16_t local_port = 0;
  uint16_t remote_port = 0;
};

// Owned by the host: the secret makes the numbers of two hosts, or of two seeds, unlike (RFC 6528
// 3).
class Clocks {
 public:
  Clocks(const IsnConfig& isn, const TimestampConfig& timestamps, Rng rng);

  // `uptime`: of the host, now.
  SeqNum initial_sequence(Duration uptime, const ConnectionKey& key) const;
  uint32_t timestamp_offset(const ConnectionKey& key) const;
  uint32_t timestamp(Duration uptime, uint32_t offset) const {
    return static_cast<uint32_t>(static_cast<uint64_t>(uptime / timestamps_->tick)) + offset;
  }

 private:
  uint64_t hash(const ConnectionKey& key, uint64_t secret) const;

  const IsnConfig* isn_;
  const TimestampConfig* timestamps_;
  uint64_t isn_secret_;
  uint64_t timestamp_secret_;
};

}  // namespace tcptwin::policy

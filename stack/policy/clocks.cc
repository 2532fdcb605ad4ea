#include "stack/policy/clocks.h"

namespace tcptwin::policy {

Clocks::Clocks(const IsnConfig& isn, const TimestampConfig& timestamps, Rng rng)
    : isn_(&isn),
      timestamps_(&timestamps),
      isn_secret_(rng.next()),
      timestamp_secret_(rng.next()) {}

// Any well-mixed keyed function serves here; kernels use SipHash or MD5 (RFC 6528 3).
uint64_t Clocks::hash(const ConnectionKey& key, uint64_t secret) const {
  const uint64_t addresses = uint64_t{key.local_address} << 32 | key.remote_address;
  const uint64_t ports = uint64_t{key.local_port} << 16 | key.remote_port;
  uint64_t h = secret;
  for (const uint64_t word : {addresses, ports, ~secret}) {
    h = (h ^ word) * 0xff51afd7ed558ccdu;
    h ^= h >> 32;
  }
  return h;
}

SeqNum Clocks::initial_sequence(Duration uptime, const ConnectionKey& key) const {
  const auto clock = static_cast<uint64_t>(uptime / isn_->tick);
  return SeqNum(static_cast<uint32_t>(hash(key, isn_secret_) + clock));
}

uint32_t Clocks::timestamp_offset(const ConnectionKey& key) const {
  if (!timestamps_->random_offset) return 0;
  return static_cast<uint32_t>(hash(key, timestamp_secret_));
}

}  // namespace tcptwin::policy

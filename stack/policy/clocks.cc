#include "stack/policy/clocks.h"

#include <algorithm>

#include "stack/base/check.h"

namespace tcptwin::policy {

Clocks::Clocks(const IsnConfig& isn, const TimestampConfig& timestamps, Rng rng)
    : isn_(&isn),
      timestamps_(&timestamps),
      isn_secret_(rng.next()),
      timestamp_secret_(rng.next()),
      rng_(rng) {}

namespace {
void mix(uint64_t& h, uint64_t word) {
  h = (h ^ word) * 0xff51afd7ed558ccdu;
  h ^= h >> 32;
}
}  // namespace

uint64_t keyed_hash(const ConnectionKey& key, uint64_t secret) {
  const uint64_t ports = uint64_t{key.local_port} << 16 | key.remote_port;
  uint64_t h = secret;
  mix(h, key.local_address.low << 32 | (key.remote_address.low & UINT32_MAX));
  mix(h, ports);
  const uint64_t upper = key.local_address.low >> 32 | (key.remote_address.low >> 32 << 32);
  if (upper != 0 || key.local_address.high != 0 || key.remote_address.high != 0) {
    mix(h, upper);
    mix(h, key.local_address.high);
    mix(h, key.remote_address.high);
  }
  mix(h, ~secret);
  return h;
}

// Every connection takes a step; where the clock is ahead, the counter catches up with it.
uint32_t Clocks::step_counter(Duration uptime) {
  counter_ += isn_->step;
  if (isn_->random_step > 0) counter_ += rng_.below(isn_->random_step);
  const auto clock = static_cast<uint64_t>(uptime / isn_->tick);
  if (clock != counter_clock_) {
    counter_ = std::max(counter_, counter_then_ + (clock - counter_clock_));
    counter_then_ = counter_;
    counter_clock_ = clock;
  }
  return static_cast<uint32_t>(counter_);
}

SeqNum Clocks::initial_sequence(Duration uptime, const ConnectionKey& key) {
  switch (isn_->behaviour) {
    case IsnConfig::Behaviour::kHashAndClock: {
      const auto clock = static_cast<uint64_t>(uptime / isn_->tick);
      return SeqNum(static_cast<uint32_t>(keyed_hash(key, isn_secret_) + clock));
    }
    case IsnConfig::Behaviour::kRandom: return SeqNum(rng_.next32());
    case IsnConfig::Behaviour::kHashAndSteps:
      return SeqNum(static_cast<uint32_t>(keyed_hash(key, isn_secret_)) + step_counter(uptime));
  }
  CHECK(false);
}

uint32_t Clocks::timestamp_offset(const ConnectionKey& key) {
  switch (timestamps_->offset) {
    case TimestampConfig::Offset::kNone: return 0;
    case TimestampConfig::Offset::kPerConnection: return rng_.next32();
    case TimestampConfig::Offset::kPerFourTuple:
      return static_cast<uint32_t>(keyed_hash(key, timestamp_secret_));
    case TimestampConfig::Offset::kPerAddressPair: {
      ConnectionKey pair = key;
      pair.local_port = pair.remote_port = 0;
      return static_cast<uint32_t>(keyed_hash(pair, timestamp_secret_));
    }
  }
  CHECK(false);
}

}  // namespace tcptwin::policy

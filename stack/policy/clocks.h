// clocks.h: decides initial sequence numbers and timestamp values. Keeps no connection.
#pragma once

#include <compare>
#include <cstdint>

#include "stack/base/rng.h"
#include "stack/base/seq.h"
#include "stack/base/time.h"

namespace tcptwin::policy {

struct IsnConfig {
  enum class Behaviour : uint8_t {
    kHashAndClock,  // a keyed hash of the ends plus a clock: RFC 6528 3
    kRandom,        // a fresh random number each: facts/darwin.md 4.3 (up to 14)
    kHashAndSteps,  // a keyed hash plus a counter that random steps and the time push on:
                    // facts/freebsd.md F3
  };
  Behaviour behaviour = Behaviour::kHashAndClock;
  Duration tick{4000};  // the clock part rises by one in this time: RFC 9293 3.4.1 (4 us)
  // kHashAndSteps: each connection moves the counter on by `step` plus less than `random_step`; it
  // rises at least as fast as the clock.
  uint32_t step = 4096;
  uint32_t random_step = 4096;
};

struct TimestampConfig {
  enum class Offset : uint8_t {
    kNone,
    kPerConnection,   // a fresh random number each: facts/darwin.md 3.4 (11.3 to 14)
    kPerFourTuple,    // a keyed hash of both ends: RFC 7323 7.1, facts/linux.md F3
    kPerAddressPair,  // a keyed hash of the addresses: facts/linux.md F3 (before 6.12)
  };
  bool offered = true;
  Duration tick = std::chrono::milliseconds(1);  // RFC 7323 5.4: 1 ms .. 1 s
  Offset offset = Offset::kPerFourTuple;
  Duration at_boot{};  // what the clock shows at uptime 0; may be negative: facts/linux.md F3
};

// An IPv6 address, or an IPv4 address in the low 32 bits.
struct AddressKey {
  constexpr AddressKey() = default;
  constexpr AddressKey(uint32_t ipv4) : low(ipv4) {}  // NOLINT: an IPv4 address is its own key
  constexpr AddressKey(uint64_t upper, uint64_t lower) : high(upper), low(lower) {}
  auto operator<=>(const AddressKey&) const = default;
  uint64_t high = 0;
  uint64_t low = 0;
};

// The two ends of a connection, as the hashes see them.
struct ConnectionKey {
  AddressKey local_address;
  AddressKey remote_address;
  uint16_t local_port = 0;
  uint16_t remote_port = 0;
};

// Any well-mixed keyed function serves here; kernels use SipHash or MD5 (RFC 6528 3).
uint64_t keyed_hash(const ConnectionKey& key, uint64_t secret);

// Owned by the host: the secret makes the numbers of two hosts, or of two seeds, unlike (RFC 6528
// 3).
class Clocks {
 public:
  Clocks(const IsnConfig& isn, const TimestampConfig& timestamps, Rng rng);

  // `uptime`: of the host, now. Asked once for each connection.
  SeqNum initial_sequence(Duration uptime, const ConnectionKey& key);
  uint32_t timestamp_offset(const ConnectionKey& key);
  uint32_t timestamp(Duration uptime, uint32_t offset) const {
    const Duration shown = uptime + timestamps_->at_boot;
    return static_cast<uint32_t>(static_cast<uint64_t>(shown / timestamps_->tick)) + offset;
  }

 private:
  uint32_t step_counter(Duration uptime);

  const IsnConfig* isn_;
  const TimestampConfig* timestamps_;
  uint64_t isn_secret_;
  uint64_t timestamp_secret_;
  Rng rng_;
  uint64_t counter_ = 0;        // kHashAndSteps
  uint64_t counter_then_ = 0;   // its value at the clock's last tick that was looked at
  uint64_t counter_clock_ = 0;  // and that tick
};

}  // namespace tcptwin::policy

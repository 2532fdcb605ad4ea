// destination_cache.h: decides what a host remembers of the path to another one when a connection
// ends, and for how long. What a later connection makes of it is its own business.
#pragma once

#include <cstdint>
#include <limits>
#include <map>

#include "stack/base/ring.h"
#include "stack/base/time.h"
#include "stack/policy/clocks.h"

namespace tcptwin::policy {

struct DestinationCacheConfig {
  bool enabled = false;
  Duration lifetime{};        // without renewal; 0: for ever
  int32_t entries = 4096;     // the oldest goes when there are more
  int32_t least_samples = 1;  // round trips a connection must have measured to be remembered
  // What a remembered round-trip time is good for.
  enum class Use : uint8_t {
    kFirstTimeout,    // the first timeout after a handshake that was quicker: facts/linux.md D8
    kLargerEstimate,  // the estimate after such a handshake: facts/linux.md D8 (2.6.32)
    kEstimate,       // the estimate that the handshake then adds its sample to: facts/freebsd.md D8
    kWithHandshake,  // the same, and the timeout of the SYN: facts/darwin.md 5
  };
  Use use = Use::kFirstTimeout;
  enum class Renewal : uint8_t {
    kMean,    // of the old and the new
    kDamped,  // a larger time replaces the old one, a smaller one pulls it by an eighth
  };
  Renewal renewal = Renewal::kMean;
  // When a slow start threshold is remembered.
  enum class Threshold : uint8_t {
    kNever,
    kWhenLow,  // once it has fallen below half of the send buffer: facts/freebsd.md D8
    kByPhase,  // what the phase in which the connection ended says of it: facts/linux.md D8
               // (2.6.32)
  };
  Threshold threshold = Threshold::kNever;
};

inline constexpr int64_t kNoThreshold = std::numeric_limits<int32_t>::max();

// How a connection ended. The window, the threshold and the buffer in units of its congestion
// control.
struct PathReport {
  Duration srtt{};
  Duration variation{};
  int32_t samples = 0;
  bool backed_off = false;  // the last timeout is still unanswered
  bool in_recovery = false;
  int64_t window = 0;
  int64_t threshold = kNoThreshold;
  int64_t send_buffer = 0;
};

// What is known; 0: nothing.
struct PathMemory {
  Duration srtt{};
  Duration variation{};
  int64_t threshold = 0;
  Instant renewed;
};

class DestinationCache {
 public:
  explicit DestinationCache(const DestinationCacheConfig& config) : config_(&config) {}

  // Null: nothing, or nothing that still counts.
  const PathMemory* find(Instant now, const AddressKey& remote) const;
  void learn(Instant now, const AddressKey& remote, const PathReport& report);

 private:
  PathMemory& entry(Instant now, const AddressKey& remote);
  void renew_times(PathMemory& memory, const PathReport& report) const;
  void renew_threshold(PathMemory& memory, const PathReport& report) const;

  const DestinationCacheConfig* config_;
  std::map<AddressKey, PathMemory> memories_;
  Ring<AddressKey> order_;  // in which they came
};

}  // namespace tcptwin::policy

// hystart.h: HyStart, which ends slow start before the queue of the path overflows: when the ACKs
// of one round arrive in a train as long as the path holds, or when the round trip has grown
// (facts/linux.md D10). Keeps no window.
#pragma once

#include <cstdint>

#include "stack/base/seq.h"
#include "stack/base/time.h"

namespace tcptwin::policy {

struct HyStartConfig {
  bool ack_train = false;    // looks at trains of ACKs
  bool delay_rise = false;   // looks at the round trip
  int32_t low_window = 16;   // segments; below it slow start goes on
  Duration train_gap = 2ms;  // a longer gap between ACKs ends the train
  Duration cushion = 1ms;    // what a train may be longer for bursts of the sender, at most
  // The round trip has grown when the shortest of more than `samples` is longer than the shortest
  // of all by an eighth, within these bounds.
  Duration least_rise = 4ms;
  Duration most_rise = 16ms;
  int32_t samples = 8;
};

// An ACK of new data in slow start, with a round-trip sample.
struct HyStartView {
  StreamPos una;            // after it
  StreamPos nxt;            // of the sender
  int64_t window = 0;       // segments
  Duration rtt{};           // of the last segment that it acknowledges
  Duration shortest_rtt{};  // of all, this one included
  Duration burst_time{};    // what some of the sender's largest bursts take to leave
};

class HyStart {
 public:
  explicit HyStart(const HyStartConfig& config) : config_(&config) {}

  // Whether slow start ends with this ACK. Says so once, until start_over().
  bool ends_slow_start(Instant now, const HyStartView& view);
  // A timeout: slow start begins anew, `nxt` as above.
  void start_over(Instant now, StreamPos nxt);

 private:
  void begin_round(Instant now, StreamPos nxt);
  bool train_is_long(Instant now, const HyStartView& view);
  bool round_trip_has_grown(const HyStartView& view);

  const HyStartConfig* config_;
  StreamPos round_end_{1};  // a round ends when data beyond is acknowledged
  Instant round_start_;
  Instant last_in_train_;
  Duration round_rtt_ = Duration::max();  // shortest of the round
  int32_t samples_ = 0;                   // of the round, as far as they count
  bool found_ = false;
};

}  // namespace tcptwin::policy

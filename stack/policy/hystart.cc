#include "stack/policy/hystart.h"

#include <algorithm>

namespace tcptwin::policy {

void HyStart::begin_round(Instant now, StreamPos nxt) {
  round_start_ = last_in_train_ = now;
  round_end_ = nxt;
  round_rtt_ = Duration::max();
  samples_ = 0;
}

void HyStart::start_over(Instant now, StreamPos nxt) {
  found_ = false;
  begin_round(now, nxt);
}

bool HyStart::ends_slow_start(Instant now, const HyStartView& view) {
  if (found_ || (!config_->ack_train && !config_->delay_rise)) return false;
  if (view.una > round_end_) begin_round(now, view.nxt);
  if (view.window < config_->low_window) return false;
  const bool long_train = config_->ack_train && train_is_long(now, view);
  const bool grown = config_->delay_rise && round_trip_has_grown(view);
  found_ = long_train || grown;
  return found_;
}

// Half of the shortest round trip and of the cushion: a train that long comes from a window that
// fills the path.
bool HyStart::train_is_long(Instant now, const HyStartView& view) {
  if (now - last_in_train_ > config_->train_gap) return false;
  last_in_train_ = now;
  const Duration cushion = std::min(view.burst_time, config_->cushion);
  return now - round_start_ > (view.shortest_rtt + cushion) / 2;
}

bool HyStart::round_trip_has_grown(const HyStartView& view) {
  round_rtt_ = std::min(round_rtt_, view.rtt);
  if (samples_ < config_->samples) {
    ++samples_;
    return false;
  }
  const Duration rise = std::clamp(view.shortest_rtt / 8, config_->least_rise, config_->most_rise);
  return round_rtt_ > view.shortest_rtt + rise;
}

}  // namespace tcptwin::policy

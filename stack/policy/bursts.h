// bursts.h: decides how much leaves as one burst, when a burst waits to become larger, and which
// segments are pushed. Sends nothing.
#pragma once

#include <cstdint>
#include <optional>

#include "stack/base/time.h"

namespace tcptwin::policy {

struct BurstConfig {
  enum class Size : uint8_t {
    kAllowed,  // all that the windows allow
    kByRate,   // what the connection sends in about a millisecond: facts/linux.md D11
  };
  enum class Push : uint8_t {
    kWrite,        // the last segment of what one call wrote: RFC 9293 3.9.1.2
    kEmptyBuffer,  // the segment after which nothing is left to send: facts/freebsd.md B6
  };
  Size size = Size::kAllowed;
  Push push = Push::kWrite;
  bool push_half_window = false;  // and so is half of the peer's largest window without PSH: B7
  bool push_bursts = false;       // and the last segment of a burst of several
  bool push_forced = false;       // and what a timer sends although it is small: B11
  int64_t largest = 65536;        // bytes; no burst is larger
  // A burst to the host itself is one packet, whatever the MSS, if that is shorter than so many
  // bytes; 0: never.
  int64_t own_host_whole = 0;
  // The buffer that leaves next takes in bytes of the one behind it, up to a burst, even while it
  // has to wait.
  bool fills_waiting = false;
  // kByRate only.
  int32_t least_segments = 2;
  int32_t slow_start_percent = 200;  // of window / SRTT, below half of the threshold
  int32_t avoidance_percent = 120;   // and above it
  // While an ACK is due within `defer_within` and less than 1/window_divisor of the window is free,
  // a burst waits for more: facts/linux.md B5. 0: never.
  Duration defer_within{};
  int32_t window_divisor = 3;
};

// What the rules may look at. Sizes in bytes.
struct BurstView {
  int64_t mss = 0;
  int64_t window_segments = 0;     // congestion window
  int64_t threshold_segments = 0;  // slow-start threshold
  Duration srtt{};
  // For waits() only.
  int64_t length = 0;           // what is left of the buffer that leaves next
  bool last_buffer = false;     // no other is queued behind it
  int64_t send_window = 0;      // free of the peer's window
  int64_t congestion_free = 0;  // free of the congestion window
  int64_t peer_window = 0;      // all of it
  bool fin = false;             // the connection's last data
  bool recovering = false;
  Duration since_last_sent{};                 // any segment
  std::optional<Duration> since_head_sent{};  // the oldest data in flight; none: nothing is
};

class Bursts {
 public:
  explicit Bursts(const BurstConfig& config) : config_(&config) {}

  void on_sample(Instant now, Duration rtt);
  // How many segments one burst may have, as far as the rule goes.
  int64_t most_segments(const BurstView& view) const;
  // The same with the bound that the congestion window sets.
  int64_t quota_segments(const BurstView& view) const;
  // How long `bursts` of the largest size take at the rate of the connection; 0 without one.
  Duration time_of(int64_t bursts, const BurstView& view) const;
  // Whether the burst that could leave now waits for an ACK to make it larger.
  bool waits(const BurstView& view) const;
  bool fills_waiting() const { return config_->fills_waiting; }
  bool stays_whole(int64_t packet_bytes) const { return packet_bytes < config_->own_host_whole; }
  // `unpushed`: bytes written since the last pushed one.
  bool push_is_overdue(int64_t unpushed, int64_t largest_window) const {
    return config_->push_half_window && unpushed > largest_window / 2;
  }
  // Whether PSH goes with the last segment of a burst.
  struct Departure {
    bool write_ends = false;      // where a write did
    bool empties_buffer = false;  // nothing is left to send
    bool forced = false;          // by a timer
    int64_t segments = 1;
  };
  bool pushed(const Departure& burst) const {
    const bool by_rule =
        config_->push == BurstConfig::Push::kWrite ? burst.write_ends : burst.empties_buffer;
    return by_rule || (config_->push_bursts && burst.segments > 1) ||
           (config_->push_forced && burst.forced);
  }

 private:
  int64_t rate(const BurstView& view) const;

  const BurstConfig* config_;
  Duration least_rtt_{};  // of the last minutes; 0: none yet
  Instant least_at_;
};

}  // namespace tcptwin::policy

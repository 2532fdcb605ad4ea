// cubic.h: the growth curve of CUBIC (RFC 9438) in the integers that kernels use. Keeps no window.
#pragma once

#include <cstdint>
#include <memory>

#include "stack/base/time.h"
#include "stack/policy/hystart.h"
#include "stack/policy/timer_grain.h"

namespace tcptwin::policy {

struct CubicConfig {
  int32_t beta_1024 = 717;       // window after a loss, of 1024: 0.7, RFC 9438 4.6
  int32_t c_1024 = 410;          // how steep the curve is, of 1024: 0.4, RFC 9438 5.1
  bool fast_convergence = true;  // gives way when the last maximum was not reached: RFC 9438 4.7
  HyStartConfig hystart{};
};

// Amounts are in the unit of the window: segments, or bytes. `step` is one segment in that unit.
class Cubic {
 public:
  Cubic(const CubicConfig& config, const TimerGrain& grain) : config_(&config), grain_(&grain) {}

  // A round-trip sample. Those of the first second after a loss are not used; false for these.
  bool on_rtt(Instant now, Duration rtt);
  Duration shortest_rtt() const { return shortest_rtt_; }  // 0: none yet
  // How much must be acknowledged before `window` grows by one `step`; at least two steps. `acked`
  // was acknowledged just now, in congestion avoidance. RFC 9438 4.2 to 4.5.
  int64_t acked_per_step(Instant now, int64_t window, int64_t acked, int64_t step);
  // A loss ended the growth at `window`; returns what is left of it, beta * window.
  int64_t reduce(int64_t window);
  // A timeout: nothing that was learned counts any more.
  void forget();
  // Nothing was sent for `idle`: the curve waits as long.
  void on_idle(Instant now, Duration idle);

 private:
  // From the first loss or congestion avoidance on. Most connections end before, and an idle one is
  // to be small.
  struct Curve {
    int64_t last_max = 0;     // window before the last reduction; 0: none
    int64_t origin = 0;       // where the curve is flat
    int64_t k_1024 = 0;       // how long the curve takes to get there, 1/1024 s
    int64_t reno_window = 0;  // what Reno would have by now
    int64_t acked = 0;        // acknowledged since reno_window last grew
    int64_t per_step = 0;     // last answer
    int64_t last_window = 0;  // when the target was last computed
    int64_t last_tick = 0;    // the same
    int64_t epoch_tick = 0;   // begin of the curve, host ticks
    bool in_epoch = false;
  };
  void begin_epoch(Curve& c, int64_t tick, int64_t window, int64_t acked, int64_t step) const;
  int64_t target(const Curve& c, int64_t tick, int64_t step) const;
  int64_t reno_friendly(Curve& c, int64_t window, int64_t step) const;
  bool in_epoch() const { return curve_ && curve_->in_epoch; }
  Curve& curve() {
    if (!curve_) curve_ = std::make_unique<Curve>();
    return *curve_;
  }

  const CubicConfig* config_;
  const TimerGrain* grain_;
  std::unique_ptr<Curve> curve_;
  Duration shortest_rtt_{};  // 0: none yet
};

}  // namespace tcptwin::policy

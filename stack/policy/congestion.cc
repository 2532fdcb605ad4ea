#include "stack/policy/congestion.h"

#include <algorithm>

namespace tcptwin::policy {

namespace {

constexpr int64_t kUnlimited = std::numeric_limits<int32_t>::max();
constexpr int64_t kLargestWindow = 1 << 30;  // units; what 14 bits of scale can open

using Config = CongestionConfig;

int64_t limited_to(int64_t acked, int64_t limit) {
  return limit > 0 ? std::min(acked, limit) : acked;
}

}  // namespace

Congestion::Congestion(const CongestionConfig& config, const TimerGrain& grain)
    : config_(&config),
      cubic_(config.cubic, grain),
      hystart_(config.cubic.hystart),
      window_(initial_window()) {}

int64_t Congestion::initial_window() const {
  switch (config_->initial_window) {
    case Config::InitialWindow::kSegments: break;
    case Config::InitialWindow::kByMss: return step() * (mss_ > 1460 ? 2 : mss_ > 1095 ? 3 : 4);
    case Config::InitialWindow::kBytes: {
      const int64_t bytes =
          std::min(config_->initial_segments * mss_, std::max(2 * mss_, config_->initial_bytes));
      return by_bytes() ? bytes : std::max<int64_t>(bytes / mss_, 1);
    }
  }
  return step() * config_->initial_segments;
}

int64_t Congestion::allowance(const Flight& flight) const {
  if (config_->behaviour == Config::Behaviour::kNone) return kUnlimited * int64_t{flight.mss};
  const int64_t free = std::max<int64_t>(window_ - units(flight), 0);
  return by_bytes() ? free : free * int64_t{flight.mss};
}

int64_t Congestion::window_segments(uint32_t mss) const {
  return by_bytes() ? window_ / std::max<int64_t>(mss, 1) : window_;
}

int64_t Congestion::threshold_segments(uint32_t mss) const {
  if (!by_bytes()) return slow_start_threshold_;
  return slow_start_threshold_ / std::max<int64_t>(mss, 1);
}

void Congestion::on_established(uint32_t mss, int32_t losses) {
  mss_ = std::max<int64_t>(mss, 1);
  window_ = losses > config_->syn_losses_allowed ? step() : initial_window();
}

void Congestion::seed(int64_t window, int64_t slow_start_threshold) {
  if (window > 0) window_ = std::min(window, kLargestWindow);
  if (slow_start_threshold > 0) {
    slow_start_threshold_ = std::max(slow_start_threshold, 2 * step());
  }
}

bool Congestion::may_grow(const Acknowledged& acked) const {
  const int64_t free = window_ - units(acked.before);
  switch (config_->growth) {
    case Config::Growth::kWindowFull: return acked.limited;
    case Config::Growth::kHalfInSlowStart:
      return acked.limited || half_in_slow_start(acked.largest_flight);
    case Config::Growth::kNearlyFull: return acked.limited || free <= config_->burst * step();
    case Config::Growth::kBelowPeerWindow:
      return window_ * (by_bytes() ? 1 : mss_) <= acked.peer_window;
  }
  return false;
}

void Congestion::on_ack(Instant now, const Acknowledged& acked) {
  const bool cubic = config_->behaviour == Config::Behaviour::kCubic;
  if (cubic && acked.rtt.count() > 0) look_for_full_path(now, acked);
  if (!may_grow(acked)) return;
  int64_t amount = by_bytes() ? acked.bytes : acked.segments;
  if (in_slow_start()) {
    amount = limited_to(amount, config_->slow_start_limit * step());
    const int64_t growth = std::min(amount, slow_start_threshold_ - window_);
    window_ = std::min(window_ + growth, kLargestWindow);
    amount -= growth;
    if (!cubic || amount == 0) return;
  }
  avoid_congestion(now, limited_to(amount, config_->avoidance_limit * step()));
}

void Congestion::look_for_full_path(Instant now, const Acknowledged& acked) {
  if (!cubic_.on_rtt(now, acked.rtt) || !in_slow_start()) return;
  const HyStartView view{.una = acked.una,
                         .nxt = acked.nxt,
                         .window = by_bytes() ? window_ / mss_ : window_,
                         .rtt = acked.rtt,
                         .shortest_rtt = cubic_.shortest_rtt(),
                         .burst_time = acked.burst_time};
  if (hystart_.ends_slow_start(now, view)) slow_start_threshold_ = window_;
}

// RFC 5681 3.1, equation 3: a segment for each window that is acknowledged; CUBIC names another
// amount.
void Congestion::avoid_congestion(Instant now, int64_t acked) {
  if (config_->behaviour != Config::Behaviour::kCubic) {
    credit_ += acked;
    if (credit_ < window_) return;
    credit_ -= window_;
    window_ = std::min(window_ + step(), kLargestWindow);
    return;
  }
  const int64_t needed = cubic_.acked_per_step(now, window_, acked, step());
  if (credit_ >= needed) {  // it needs less than it did
    credit_ = 0;
    window_ += step();
  }
  credit_ += acked;
  window_ = std::min(window_ + credit_ / needed * step(), kLargestWindow);
  credit_ %= needed;
}

int64_t Congestion::reduced(const Flight& flight) {
  const int64_t base = config_->reduction == Config::Reduction::kFlight ? units(flight) : window_;
  const bool cubic = config_->behaviour == Config::Behaviour::kCubic;
  const int64_t left = cubic ? cubic_.reduce(base) : base / 2;
  // Where bytes are counted, the threshold is whole segments: facts/freebsd.md D5.
  return std::max(left - left % step(), 2 * step());
}

void Congestion::remember() {
  window_before_ = window_;
  threshold_before_ = slow_start_threshold_;
}

void Congestion::on_loss(Instant, const Flight& flight) {
  remember();
  slow_start_threshold_ = reduced(flight);
  credit_ = 0;
  window_ = slow_start_threshold_;
  // Three duplicate ACKs mean that three segments have left the network: RFC 5681 3.2 (3).
  if (config_->recovery == Config::Recovery::kInflate) window_ += 3 * step();
}

void Congestion::on_recovery_progress(Instant, const RecoveryProgress& progress) {
  if (config_->recovery != Config::Recovery::kInflate) return;
  if (progress.duplicate) {
    window_ = std::min(window_ + step(), kLargestWindow);
    return;
  }
  const int64_t acked = by_bytes() ? progress.bytes : progress.segments;
  window_ -= acked;
  if (acked >= step()) window_ += step();
  window_ = std::max(window_, step());
}

void Congestion::on_recovery_end(Instant, const Flight& flight) {
  window_ = slow_start_threshold_;
  if (config_->recovery != Config::Recovery::kInflate) return;
  // RFC 6582 3.2 (3): no burst after the full acknowledgment.
  window_ = std::min(window_, std::max(units(flight), step()) + step());
}

void Congestion::on_timeout(Instant now, const Flight& flight, bool again, StreamPos nxt) {
  if (!again) {
    remember();
    slow_start_threshold_ = reduced(flight);
  }
  cubic_.forget();
  hystart_.start_over(now, nxt);
  window_ = step();
  credit_ = 0;
}

void Congestion::on_ecn_echo(Instant, const Flight& flight) {
  remember();
  slow_start_threshold_ = reduced(flight);
  window_ = slow_start_threshold_;
  credit_ = 0;
}

// RFC 2861 2: what the window had reached may be reached again quickly.
void Congestion::keep_three_quarters() {
  slow_start_threshold_ = std::max(slow_start_threshold_, window_ / 2 + window_ / 4);
}

void Congestion::on_idle(Instant now, Duration idle, Duration rto) {
  const Duration limit =
      config_->idle_restart_after.count() > 0 ? config_->idle_restart_after : rto;
  if (config_->behaviour == Config::Behaviour::kCubic) cubic_.on_idle(now, idle);
  if (config_->idle_restart == Config::IdleRestart::kNone || idle <= limit) return;
  const int64_t least = std::min(initial_window(), window_);
  keep_three_quarters();
  credit_ = 0;
  if (config_->idle_restart == Config::IdleRestart::kInitialWindow) {
    window_ = least;
    return;
  }
  for (Duration left = idle - limit; left.count() > 0 && window_ > least; left -= limit) {
    window_ /= 2;
  }
  window_ = std::max(window_, least);
  full_at_ = now;
  largest_used_ = 0;
}

void Congestion::on_sent(Instant now, const Flight& flight, bool limited, Duration rto,
                         int64_t largest_flight) {
  if (config_->unused == Config::Unused::kKept) return;
  largest_used_ = std::max(largest_used_, units(flight));
  if (limited || half_in_slow_start(largest_flight)) {
    full_at_ = now;
    largest_used_ = 0;
    return;
  }
  if (now - full_at_ < rto) return;
  const int64_t used = std::max(largest_used_, initial_window());
  if (used < window_) {
    keep_three_quarters();
    window_ = (window_ + used) / 2;
  }
  full_at_ = now;
  largest_used_ = 0;
}

void Congestion::undo() {
  if (window_before_ == 0) return;
  window_ = std::max(window_, window_before_);
  slow_start_threshold_ = std::max(slow_start_threshold_, threshold_before_);
  window_before_ = 0;
}

}  // namespace tcptwin::policy

// congestion.h: decides how much may be in flight. Detects no loss; sends nothing.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

namespace tcptwin::policy {

struct CongestionConfig {
  enum class Behaviour : uint8_t {
    kNone,  // only the peer's window limits
    kReno,  // slow start and congestion avoidance: RFC 5681 3.1
  };
  Behaviour behaviour = Behaviour::kReno;
  int32_t initial_segments = 10;  // RFC 6928 2
};

// Counts segments, as kernels do: a small one uses as much of the window as a full one.
class Congestion {
 public:
  explicit Congestion(const CongestionConfig& config)
      : config_(&config), window_(config.initial_segments) {}

  // How many more segments may leave while `in_flight` are out.
  int64_t allowance(int64_t in_flight) const {
    if (config_->behaviour == CongestionConfig::Behaviour::kNone) {
      return std::numeric_limits<int32_t>::max();
    }
    return std::max<int64_t>(window_ - in_flight, 0);
  }
  // `acked` segments were acknowledged. `limited`: the window was what held data back; else it does
  // not grow (RFC 7661).
  void on_ack(int64_t acked, bool limited) {
    if (!limited) return;
    if (window_ < slow_start_threshold_) {
      window_ += std::min(acked, slow_start_threshold_ - window_);
      return;
    }
    credit_ += acked;
    if (credit_ >= window_) {
      credit_ -= window_;
      ++window_;
    }
  }
  // The retransmission timer fired with `in_flight` segments out: RFC 5681 3.1, equation 4.
  // `again`: for a segment that it has repeated before.
  void on_timeout(int64_t in_flight, bool again) {
    if (!again) slow_start_threshold_ = std::max<int64_t>(in_flight / 2, 2);
    window_ = 1;
    credit_ = 0;
  }
  int64_t window() const { return window_; }
  int64_t slow_start_threshold() const { return slow_start_threshold_; }

 private:
  const CongestionConfig* config_;
  int64_t window_;
  int64_t slow_start_threshold_ = std::numeric_limits<int32_t>::max();
  int64_t credit_ = 0;  // segments acknowledged since the window last grew in congestion avoidance
};

}  // namespace tcptwin::policy

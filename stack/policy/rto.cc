#include "stack/policy/rto.h"

#include <algorithm>

#include "stack/base/check.h"

namespace tcptwin::policy {

namespace {

constexpr int32_t kMostDoublings = 30;

int64_t to_us(Duration d) { return d / 1us; }

Duration doubled(Duration base, int32_t times, Duration max) {
  for (int32_t i = 0; i < std::min(times, kMostDoublings) && base < max; ++i) base *= 2;
  return std::min(base, max);
}

}  // namespace

int64_t Rto::min_us() const { return to_us(config_->min); }

void Rto::on_sample(Duration rtt, StreamPos una, StreamPos nxt) {
  const int64_t rtt_us =
      std::max<int64_t>(to_us(rtt), 1);  // a clock that stands still still measured something
  switch (config_->behaviour) {
    case RtoConfig::Behaviour::kRfc6298: sample_rfc6298(rtt_us); break;
    case RtoConfig::Behaviour::kFlooredDeviation: sample_floored_deviation(rtt_us, una, nxt); break;
  }
  has_sample_ = true;
}

// RFC 6298 2.2 and 2.3, alpha 1/8, beta 1/4.
void Rto::sample_rfc6298(int64_t rtt_us) {
  if (!has_sample_) {
    srtt_us_x8_ = rtt_us * 8;
    rttvar_us_x4_ = rtt_us * 2;
    return;
  }
  const int64_t error = rtt_us - srtt_us_x8_ / 8;
  rttvar_us_x4_ += std::abs(error) - rttvar_us_x4_ / 4;
  srtt_us_x8_ += error;
}

// facts/linux.md D2. rttvar_us_x4_ is the mean deviation (mdev), deviation_us_ what the RTO adds.
void Rto::sample_floored_deviation(int64_t rtt_us, StreamPos una, StreamPos nxt) {
  if (!has_sample_) {
    srtt_us_x8_ = rtt_us * 8;
    rttvar_us_x4_ = rtt_us * 2;
    deviation_us_ = deviation_max_us_ = std::max(rttvar_us_x4_, min_us());
    round_end_ = nxt;
    return;
  }
  const int64_t error = rtt_us - srtt_us_x8_ / 8;
  srtt_us_x8_ += error;
  int64_t change = std::abs(error) - rttvar_us_x4_ / 4;
  if (error < 0 && change > 0) change /= 8;  // a falling RTT must not look like a varying one
  rttvar_us_x4_ += change;
  if (rttvar_us_x4_ > deviation_max_us_) {
    deviation_max_us_ = rttvar_us_x4_;
    deviation_us_ = std::max(deviation_us_, deviation_max_us_);
  }
  if (una > round_end_) {
    if (deviation_max_us_ < deviation_us_) deviation_us_ -= (deviation_us_ - deviation_max_us_) / 4;
    round_end_ = nxt;
    deviation_max_us_ = min_us();
  }
}

Duration Rto::base() const {
  if (!has_sample_) return syn_lost_ ? config_->initial_after_syn_loss : config_->initial;
  switch (config_->behaviour) {
    case RtoConfig::Behaviour::kRfc6298:
      return std::max<Duration>(std::chrono::microseconds(srtt_us_x8_ / 8 + rttvar_us_x4_),
                                config_->min);
    case RtoConfig::Behaviour::kFlooredDeviation:
      return std::chrono::microseconds(srtt_us_x8_ / 8 + deviation_us_);
  }
  CHECK(false);
}

Duration Rto::rto() const {
  return doubled(std::min(base(), config_->max), backoff_, config_->max);
}

Duration Rto::handshake_rto(int32_t retransmissions, bool linear_first) const {
  const int32_t linear = linear_first ? config_->syn_linear_timeouts : 0;
  return doubled(config_->initial, std::max(retransmissions - linear, 0), config_->max);
}

}  // namespace tcptwin::policy

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
  // A clock that stands still still measured something.
  const int64_t rtt_us = std::max<int64_t>({to_us(rtt), to_us(config_->sample_floor), 1});
  switch (config_->behaviour) {
    case RtoConfig::Behaviour::kRfc6298:
    case RtoConfig::Behaviour::kSloppy: sample_rfc6298(rtt_us); break;
    case RtoConfig::Behaviour::kFlooredDeviation: sample_floored_deviation(rtt_us, una, nxt); break;
  }
  has_sample_ = true;
  first_timeout_ = Duration{};
  ++samples_;
}

void Rto::seed(Duration srtt, Duration variation) {
  srtt_us_x8_ = to_us(srtt) * 8;
  rttvar_us_x4_ = to_us(variation.count() > 0 ? variation : srtt) * 4;
  deviation_us_ = deviation_max_us_ = std::max(rttvar_us_x4_, min_us());
  has_sample_ = seeded_ = true;
}

void Rto::raise(Duration srtt, Duration variation) {
  if (!has_sample_) return;
  srtt_us_x8_ = std::max(srtt_us_x8_, to_us(srtt) * 8);
  if (to_us(variation) * 4 <= rttvar_us_x4_) return;
  rttvar_us_x4_ = to_us(variation) * 4;
  deviation_us_ = deviation_max_us_ = std::max(rttvar_us_x4_, min_us());
}

Duration Rto::initial() const {
  if (!seeded_) return config_->initial;
  const Duration wait = std::chrono::microseconds(srtt_us_x8_ / 8 + rttvar_us_x4_);
  return std::clamp(wait, least(), config_->max);
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
  if (first_timeout_.count() > 0) return first_timeout_;
  if (!has_sample_) return syn_lost_ ? config_->initial_after_syn_loss : config_->initial;
  switch (config_->behaviour) {
    case RtoConfig::Behaviour::kRfc6298:
      return std::max<Duration>(std::chrono::microseconds(srtt_us_x8_ / 8 + rttvar_us_x4_),
                                config_->min);
    case RtoConfig::Behaviour::kFlooredDeviation:
      return std::chrono::microseconds(srtt_us_x8_ / 8 + deviation_us_);
    case RtoConfig::Behaviour::kSloppy:
      return std::max<Duration>(std::chrono::microseconds(srtt_us_x8_ / 8 + rttvar_us_x4_),
                                least());
  }
  CHECK(false);
}

Duration Rto::least() const {
  return local_ && config_->local_min.count() > 0 ? config_->local_min : config_->min;
}

// The backoff, up to the largest factor.
Duration Rto::backed_off(Duration start) const {
  Duration limit = config_->max;
  if (config_->largest_backoff > 0) limit = std::min(limit, start * config_->largest_backoff);
  return doubled(std::min(start, config_->max), backoff_, limit);
}

void Rto::back_off() {
  ++backoff_;
  if (config_->forget_after == 0 || backoff_ != config_->forget_after + 1 || !has_sample_) return;
  rttvar_us_x4_ += srtt_us_x8_ / 8 * 4;  // the next RTO is as long; the next sample starts afresh
  srtt_us_x8_ = 0;
}

Duration Rto::rto() const {
  const Duration wait = backed_off(base());
  if (config_->behaviour != RtoConfig::Behaviour::kSloppy || !has_sample_) return wait;
  return wait + config_->slop;
}

bool Rto::gives_up(int32_t retransmissions, Duration since, bool orphan,
                   Duration user_timeout) const {
  if (user_timeout.count() > 0) return since >= user_timeout;
  const bool fewer = orphan && config_->orphan_retries > 0;
  const int32_t limit = fewer ? config_->orphan_retries : config_->data_retries;
  if (!config_->retries_are_time) return retransmissions >= limit;
  Duration total{};
  for (int32_t i = 0; i <= limit; ++i) total += doubled(config_->min, i, config_->max);
  return retransmissions > 0 && since >= total;
}

Duration Rto::handshake_rto(int32_t retransmissions, bool linear_first) const {
  const int32_t linear = linear_first ? config_->syn_linear_timeouts : 0;
  return doubled(initial(), std::max(retransmissions - linear, 0), config_->max);
}

}  // namespace tcptwin::policy

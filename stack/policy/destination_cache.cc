#include "stack/policy/destination_cache.h"

#include <algorithm>

namespace tcptwin::policy {

const PathMemory* DestinationCache::find(Instant now, const AddressKey& remote) const {
  const auto found = memories_.find(remote);
  if (!config_->enabled || found == memories_.end()) return nullptr;
  const bool stale =
      config_->lifetime.count() > 0 && now - found->second.renewed > config_->lifetime;
  return stale ? nullptr : &found->second;
}

PathMemory& DestinationCache::entry(Instant now, const AddressKey& remote) {
  const bool known = memories_.contains(remote);
  if (known && find(now, remote) == nullptr) memories_[remote] = PathMemory();
  if (!known) {
    order_.push_back(remote);
    if (static_cast<int64_t>(order_.size()) > config_->entries) {
      memories_.erase(order_.pop_front());
    }
  }
  return memories_[remote];
}

void DestinationCache::learn(Instant now, const AddressKey& remote, const PathReport& report) {
  if (!config_->enabled) return;
  const bool damped = config_->renewal == DestinationCacheConfig::Renewal::kDamped;
  if (damped && (report.backed_off || report.samples == 0)) {
    if (memories_.contains(remote)) memories_[remote].srtt = Duration{};
    return;
  }
  if (report.samples < config_->least_samples) return;
  PathMemory& memory = entry(now, remote);
  memory.renewed = now;
  renew_times(memory, report);
  renew_threshold(memory, report);
}

// facts/linux.md D8: what is larger is believed at once, for too long a time does no harm.
void DestinationCache::renew_times(PathMemory& memory, const PathReport& report) const {
  if (config_->renewal == DestinationCacheConfig::Renewal::kMean) {
    const bool first = memory.srtt.count() == 0;
    memory.srtt = first ? report.srtt : (memory.srtt + report.srtt) / 2;
    memory.variation = first ? report.variation : (memory.variation + report.variation) / 2;
    return;
  }
  const Duration fall = memory.srtt - report.srtt;
  memory.srtt = fall.count() <= 0 ? report.srtt : memory.srtt - fall / 8;
  const Duration change = std::max(fall.count() < 0 ? -fall : fall, report.variation);
  if (change >= memory.variation) {
    memory.variation = change;
  } else {
    memory.variation -= (memory.variation - change) / 4;
  }
}

void DestinationCache::renew_threshold(PathMemory& memory, const PathReport& report) const {
  using Threshold = DestinationCacheConfig::Threshold;
  const int64_t old = memory.threshold;
  switch (config_->threshold) {
    case Threshold::kNever: return;
    case Threshold::kWhenLow: {
      const bool low = report.threshold < report.send_buffer / 2;
      if (low) memory.threshold = old == 0 ? report.threshold : (old + report.threshold) / 2;
      return;
    }
    case Threshold::kByPhase: break;
  }
  if (report.threshold >= kNoThreshold) {  // the first slow start did not end
    if (old > 0 && report.window / 2 > old) memory.threshold = report.window / 2;
  } else if (report.window >= report.threshold && !report.in_recovery) {
    memory.threshold = std::max(report.window / 2, report.threshold);
  } else if (old > 0 && report.threshold > old) {
    memory.threshold = report.threshold;
  }
}

}  // namespace tcptwin::policy

// time_model.h: turns a host's TimeModelConfig into the cost of one step, jitter included.
#pragma once

#include <string>
#include <string_view>

#include "stack/base/rng.h"
#include "stack/base/time.h"
#include "stack/policy/time_model.h"

namespace tcptwin::host {

class TimeModel {
 public:
  TimeModel(const policy::TimeModelConfig& config, uint64_t seed, std::string_view host)
      : config_(&config), rng_(Rng::stream(seed, std::string(host) + "/time")) {}

  const policy::TimeModelConfig& config() const { return *config_; }
  // `cost` as it turns out this time.
  Duration spend(Duration cost) {
    const auto most = config_->jitter.count();
    if (most == 0) return cost;
    return cost + Duration(static_cast<int64_t>(rng_.below(static_cast<uint64_t>(most) + 1)));
  }
  Duration copy(int64_t bytes) const { return config_->copy_per_kib * bytes / 1024; }

 private:
  const policy::TimeModelConfig* config_;
  Rng rng_;
};

}  // namespace tcptwin::host

// token_bucket.h: so many of something a second, and so many at once.
#pragma once

#include <algorithm>
#include <cstdint>

#include "stack/base/time.h"

namespace tcptwin {

class TokenBucket {
 public:
  // Full at the beginning. `per_second` > 0.
  TokenBucket(int64_t per_second, int64_t burst)
      : each_(kSecond / per_second), burst_(burst), left_(burst) {}

  // Takes one, if there is one.
  bool take(Instant now) {
    const int64_t gained = (now - filled_) / each_;
    filled_ = filled_ + gained * each_;
    left_ = std::min(left_ + gained, burst_);
    if (left_ == 0) return false;
    --left_;
    return true;
  }

 private:
  static constexpr Duration kSecond = std::chrono::seconds(1);
  Duration each_;
  int64_t burst_;
  int64_t left_;
  Instant filled_;
};

}  // namespace tcptwin

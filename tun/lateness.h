// lateness.h: how late events of virtual time happened by the clock: counts in buckets, 3 % apart,
// in a fixed amount of memory.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "stack/base/time.h"

namespace tcptwin::tun {

class Lateness {
 public:
  // Early counts as 0.
  void add(Duration late) {
    const auto ns = static_cast<uint64_t>(std::max<int64_t>(late.count(), 0));
    ++buckets_[bucket_of(ns)];
    ++count_;
    max_ = std::max(max_, Duration(static_cast<int64_t>(ns)));
  }
  uint64_t count() const { return count_; }
  Duration max() const { return max_; }
  // By nearest rank, `percent` from 1 to 100; the upper end of its bucket. 0 without events.
  Duration percentile(uint64_t percent) const {
    const uint64_t rank = (count_ * percent + 99) / 100;
    uint64_t seen = 0;
    for (size_t i = 0; i < buckets_.size(); ++i) {
      seen += buckets_[i];
      if (seen >= rank && seen > 0) return std::min(max_, Duration(upper_end(i)));
    }
    return Duration(0);
  }

 private:
  static constexpr uint64_t kSteps = 32;  // buckets a factor of two
  static size_t bucket_of(uint64_t ns) {
    if (ns < kSteps) return ns;
    const auto shift = static_cast<uint64_t>(std::bit_width(ns)) - 6;  // leaves 32 to 63
    return shift * kSteps + (ns >> shift);
  }
  static int64_t upper_end(size_t bucket) {
    if (bucket < kSteps) return static_cast<int64_t>(bucket);
    const uint64_t shift = bucket / kSteps - 1;
    const uint64_t first = bucket - shift * kSteps;
    return static_cast<int64_t>(((first + 1) << shift) - 1);
  }

  std::array<uint64_t, 60 * kSteps> buckets_{};
  uint64_t count_ = 0;
  Duration max_{};
};

}  // namespace tcptwin::tun

// right_sizing.h: dynamic right-sizing: how large a window the receiver's own pace calls for. Knows
// no buffer and no memory; sends nothing.
#pragma once

#include <algorithm>
#include <cstdint>

#include "stack/base/time.h"

namespace tcptwin::policy {

// The round-trip time as a receiver sees it, an average over eight samples of echoed timestamps:
// facts/linux.md C7.
class ReceiverRtt {
 public:
  void on_sample(Duration rtt) {
    const Duration sample = std::max<Duration>(rtt, 1us);
    rtt_ = rtt_.count() == 0 ? sample : rtt_ + (sample - rtt_) / 8;
  }
  // Without timestamps: how long a whole window took to arrive; the shortest counts.
  void on_window(Duration took) { rtt_ = rtt_.count() == 0 ? took : std::min(rtt_, took); }
  Duration rtt() const { return rtt_; }  // 0: unknown

 private:
  Duration rtt_{};
};

class RightSizing {
 public:
  // `space`: the smaller of the first window and ten segments, bytes.
  void begin(Instant now, int64_t space) {
    began_ = now;
    space_ = space;
  }
  // After a read; `copied` bytes in all have gone to the application and `unread` wait. Returns the
  // window that the pace calls for, bytes, or 0: no opinion. Looks once a round trip.
  int64_t on_read(Instant now, int64_t copied, int64_t unread, Duration rtt) {
    if (rtt.count() == 0 || now - began_ < rtt || space_ == 0) return 0;
    const int64_t pace = copied - copied_before_ - unread;
    began_ = now;
    copied_before_ = copied;
    if (pace <= space_) return 0;
    // The measure is a round trip old, and the sender may have doubled its rate since.
    const int64_t window = 2 * pace;
    const int64_t rise = window * (pace - space_) / space_;
    space_ = pace;
    return window + 2 * rise;
  }

 private:
  Instant began_;
  int64_t copied_before_ = 0;
  int64_t space_ = 0;
};

}  // namespace tcptwin::policy

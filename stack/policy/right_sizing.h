// right_sizing.h: dynamic right-sizing: how large a receive buffer the receiver's own pace calls
// for. Knows no memory and no limit; sends nothing.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "stack/base/seq.h"
#include "stack/base/time.h"

namespace tcptwin::policy {

// When a receive buffer grows by itself.
enum class Autotune : uint8_t {
  kNone,
  kPace,           // to twice what a round trip brought, and more while that rises:
                   // facts/linux.md C7
  kLargestPace,    // to twice the most that a round trip brought: facts/linux.md C7 (2.6.32)
  kHalfAgain,      // by half of itself, when half a round trip brought three eighths of it:
                   // facts/freebsd.md C5
  kBestRoundTrip,  // to twice what a round trip brought if that is the best so far, four times if
                   // it is half as much again: facts/darwin.md 3.3
};

// The round-trip time as a receiver sees it, an average over eight samples of echoed timestamps:
// facts/linux.md C7.
class ReceiverRtt {
 public:
  // `drained`: nothing waited for the reader as the segment came. Without that only a shorter
  // sample counts, and a shorter one counts as it is; `plain` (2.6.32) averages whatever comes.
  void on_sample(Duration rtt, bool drained = true, bool plain = false) {
    const Duration sample = std::max<Duration>(rtt, 1us);
    if (rtt_.count() == 0 || (sample < rtt_ && !plain)) {
      rtt_ = sample;
    } else if (drained || plain) {
      rtt_ = rtt_ + (sample - rtt_) / 8;
    }
  }
  // Without timestamps: how long a whole window took to arrive; the shortest counts.
  void on_data(Instant now, StreamPos next, int64_t window) {
    if (!window_began_.is_never() && next < window_end_) return;
    if (!window_began_.is_never()) on_window(std::max<Duration>(now - window_began_, 1us));
    window_began_ = now;
    window_end_ = next + window;
  }
  void on_window(Duration took) { rtt_ = rtt_.count() == 0 ? took : std::min(rtt_, took); }
  Duration rtt() const { return rtt_; }  // 0: unknown

 private:
  Duration rtt_{};
  Instant window_began_ = Instant::never();
  StreamPos window_end_;
};

class RightSizing {
 public:
  // `space`: what counts as the pace before anything was measured, bytes.
  void begin(Instant now, int64_t space) {
    began_ = now;
    space_ = space;
  }
  // After a read; `copied` bytes in all have gone to the application and `unread` wait. Returns the
  // window that the pace calls for, bytes, or 0: no opinion. Looks once a round trip.
  int64_t on_read(Instant now, int64_t copied, int64_t unread, Duration rtt) {
    if (rtt.count() == 0 || now - began_ < rtt || space_ == 0) return 0;
    const int64_t pace = copied - copied_before_ - unread;
    restart(now, copied);
    if (pace <= space_) return 0;
    // The measure is a round trip old, and the sender may have doubled its rate since.
    const int64_t window = 2 * pace;
    const int64_t rise = 2 * window * (pace - space_) / space_;
    space_ = pace;
    return window + rise;
  }
  // The same by the older rule: the most that a round trip brought, doubled.
  int64_t on_read_largest(Instant now, int64_t copied, Duration rtt) {
    if (rtt.count() == 0 || now - began_ < rtt) return 0;
    const int64_t window = 2 * (copied - copied_before_);
    restart(now, copied);
    if (window <= space_) return 0;
    space_ = window;
    return window;
  }
  // Data waits behind a gap, up to `ahead` bytes beyond what is in order.
  int64_t on_gap(int64_t ahead) const { return 2 * space_ + ahead; }
  int64_t space() const { return space_; }
  // No window can be larger.
  void limit(int64_t window) { space_ = std::min(space_, window); }

 private:
  void restart(Instant now, int64_t copied) {
    began_ = now;
    copied_before_ = copied;
  }

  Instant began_;
  int64_t copied_before_ = 0;
  int64_t space_ = 0;
};

// What arrives in a round trip, counted as it comes. Bytes are below 4 GiB, as a window is below 1
// GiB (RFC 7323 2.3); of what comes without end only so much is counted.
class ArrivalCount {
 public:
  // kHalfAgain: `own_rtt` is the sender's estimate. Returns the buffer, 0: as it is.
  int64_t half_again(Instant now, int64_t length, int64_t buffer, Duration own_rtt) {
    const bool running = !began_.is_never();
    if (own_rtt.count() == 0 || !running || now - began_ <= own_rtt / 2) {
      add(length);
      return 0;
    }
    const bool enough = int64_t{bytes_} > buffer / 2 / 4 * 3;
    began_ = Instant::never();
    bytes_ = 0;
    return enough ? buffer + buffer / 2 : 0;
  }
  // kBestRoundTrip: `ended`: the round trip that began with the last count is over; the next count
  // begins. Returns the buffer, 0: as it is.
  int64_t best_round_trip(Instant now, uint32_t clock, int64_t length, bool ended) {
    add(length);
    if (!ended) return 0;
    const uint32_t bytes = std::exchange(bytes_, 0);
    began_ = now;
    began_clock_ = clock;
    if (bytes <= best_) return 0;
    const bool leap = bytes - best_ > best_ / 2;
    best_ = bytes;
    return (leap ? 4 : 2) * int64_t{bytes};
  }
  // A segment leaves: the count begins with it, if none runs.
  void on_sent(Instant now) {
    if (began_.is_never()) began_ = now;
  }
  // What counts as the best round trip before there was one, bytes.
  void set_best(int64_t bytes) { best_ = static_cast<uint32_t>(bytes); }
  // The largest buffer that the pace has called for.
  int64_t called_for() const { return called_for_; }
  void call_for(int64_t bytes) {
    called_for_ = std::max(called_for_, static_cast<uint32_t>(std::min(bytes, kMost)));
  }
  bool running() const { return !began_.is_never(); }
  Instant began() const { return began_; }
  uint32_t began_clock() const { return began_clock_; }  // by the clock of the timestamps

 private:
  static constexpr int64_t kMost = UINT32_MAX;
  void add(int64_t length) { bytes_ = static_cast<uint32_t>(std::min(bytes_ + length, kMost)); }

  Instant began_ = Instant::never();
  uint32_t began_clock_ = 0;
  uint32_t bytes_ = 0;
  uint32_t best_ = 0;
  uint32_t called_for_ = 0;
};

}  // namespace tcptwin::policy

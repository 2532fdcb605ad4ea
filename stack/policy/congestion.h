// congestion.h: decides how much may be in flight. Detects no loss; sends nothing.
#pragma once

#include <cstdint>
#include <limits>

#include "stack/base/seq.h"
#include "stack/base/time.h"
#include "stack/policy/cubic.h"
#include "stack/policy/timer_grain.h"

namespace tcptwin::policy {

struct CongestionConfig {
  enum class Behaviour : uint8_t {
    kNone,   // only the peer's window limits
    kReno,   // slow start and congestion avoidance: RFC 5681 3.1
    kCubic,  // slow start, then a cubic curve: RFC 9438
  };
  // What is counted. Segments: a small one uses as much of the window as a full one.
  enum class Unit : uint8_t { kSegments, kBytes };
  enum class InitialWindow : uint8_t {
    kSegments,  // `initial_segments`
    kByMss,     // 2 segments above 1460 bytes, 3 above 1095, else 4: facts/linux.md D7
    kBytes,     // min(initial_segments MSS, max(2 MSS, initial_bytes)): RFC 6928 2, RFC 3390 1
  };
  // When an acknowledgment may open the window.
  enum class Growth : uint8_t {
    kWindowFull,       // the window was what held data back: RFC 7661 4.3
    kHalfInSlowStart,  // the same, or in slow start half of it was in use: facts/linux.md D9
    kNearlyFull,       // at most `burst` segments of it were free: facts/linux.md D9 (2.6.32)
    kBelowPeerWindow,  // it is not larger than the peer's: facts/freebsd.md D7 (newcwv off)
  };
  // What a threshold is computed from when the window has to shrink.
  enum class Reduction : uint8_t {
    kFlight,  // RFC 5681 3.1, equation 4
    kWindow,
  };
  enum class IdleRestart : uint8_t {
    kNone,
    kInitialWindow,  // back to the initial window: RFC 5681 4.1
    kHalves,         // a half for each RTO, down to the initial window: facts/linux.md D9
  };
  // What happens when less than the window is used for an RTO.
  enum class Unused : uint8_t {
    kKept,
    kMeets,  // it shrinks to the mean of itself and of what is used: RFC 2861 2
  };
  // The window during fast recovery.
  enum class Recovery : uint8_t {
    kPipe,          // stays at the threshold; what was lost or arrived is not in flight: RFC 6675 5
    kInflate,       // grows with each duplicate ACK, shrinks with a partial one: RFC 6582 3.2
    kProportional,  // RFC 6937; has its place here, is not built: no profile can name it
    kRateHalving,   // one segment for two ACKs; the same
  };
  Behaviour behaviour = Behaviour::kReno;
  Unit unit = Unit::kSegments;
  InitialWindow initial_window = InitialWindow::kSegments;
  int32_t initial_segments = 10;   // RFC 6928 2
  int64_t initial_bytes = 14600;   // RFC 6928 2
  int32_t syn_losses_allowed = 1;  // more, and the window begins with one segment: RFC 6928 2
  Growth growth = Growth::kWindowFull;
  int32_t burst = 3;  // kNearlyFull only, segments
  // The most that one ACK counts for, segments; 0: all that it acknowledges. 2: RFC 3465 2.2; 1:
  // one segment an ACK, RFC 5681 3.1.
  int32_t slow_start_limit = 0;
  int32_t avoidance_limit = 0;
  Reduction reduction = Reduction::kFlight;
  IdleRestart idle_restart = IdleRestart::kInitialWindow;
  Duration idle_restart_after{};        // 0: an RTO
  bool window_update_restarts = false;  // so does a window that opens after such a time
  Unused unused = Unused::kKept;
  Recovery recovery = Recovery::kPipe;
  CubicConfig cubic{};
};

// What is in flight: sent, neither acknowledged nor taken for lost.
struct Flight {
  int64_t segments = 0;
  int64_t bytes = 0;
  uint32_t mss = 0;
};

// An acknowledgment of new data.
struct Acknowledged {
  int64_t segments = 0;
  int64_t bytes = 0;
  Flight before;               // what was in flight when it came
  bool limited = false;        // the window was what held data back when something last left
  int64_t largest_flight = 0;  // most segments out in this round trip (Growth::kHalfInSlowStart)
  int64_t peer_window = std::numeric_limits<int64_t>::max();  // bytes (Growth::kBelowPeerWindow)
  // A sample of the last segment acknowledged; 0: none. Only CUBIC looks at these four.
  Duration rtt{};
  StreamPos una{};        // of the sender, after it
  StreamPos nxt{};        // the same
  Duration burst_time{};  // as in HyStartView
};

// How far the window was in use, seen at the end of each burst: facts/linux.md D9.
class WindowUsage {
 public:
  // `una`, `nxt`: of the sender. Until a window is acknowledged the strongest sign counts.
  void on_sent(const Flight& flight, bool limited, StreamPos una, StreamPos nxt) {
    const bool more = !limited_ && flight.segments > largest_flight_;
    if (una < window_end_ && !limited && !more) return;
    limited_ = limited;
    largest_flight_ = flight.segments;
    window_end_ = nxt;
  }
  bool limited() const { return limited_; }                   // the window held data back
  int64_t largest_flight() const { return largest_flight_; }  // segments

 private:
  bool limited_ = false;
  int64_t largest_flight_ = 0;
  StreamPos window_end_;
};

// An ACK during fast recovery.
struct RecoveryProgress {
  int64_t segments = 0;  // acknowledged by it
  int64_t bytes = 0;
  bool duplicate = false;  // it acknowledged nothing
};

class Congestion {
 public:
  Congestion(const CongestionConfig& config, const TimerGrain& grain);

  // How many bytes may leave while `flight` is out; never negative.
  int64_t allowance(const Flight& flight) const;

  // The handshake ended after `losses` repetitions of the SYN or SYN-ACK.
  void on_established(uint32_t mss, int32_t losses);
  // From an earlier connection to the same peer, in units; 0: unknown.
  void seed(int64_t window, int64_t slow_start_threshold);
  // Not for ACKs during fast recovery.
  void on_ack(Instant now, const Acknowledged& acked);
  // Fast recovery begins: RFC 5681 3.2 (2), RFC 6675 5 (4.2).
  void on_loss(Instant now, const Flight& flight);
  void on_recovery_progress(Instant now, const RecoveryProgress& progress);
  // All is acknowledged that was out when it began.
  void on_recovery_end(Instant now, const Flight& flight);
  // The retransmission timer fired: RFC 5681 3.1, equation 4. `again`: for a segment that it has
  // repeated before; `nxt`: of the sender.
  void on_timeout(Instant now, const Flight& flight, bool again, StreamPos nxt = {});
  // The peer echoed a congestion mark; at most once a window: RFC 3168 6.1.2.
  void on_ecn_echo(Instant now, const Flight& flight);
  // Data is about to leave, nothing was in flight, and nothing had left for `idle`.
  void on_idle(Instant now, Duration idle, Duration rto);
  // Everything that could leave has left. `limited`: the window holds data back;
  // `largest_flight`: as in Acknowledged.
  void on_sent(Instant now, const Flight& flight, bool limited, Duration rto,
               int64_t largest_flight = 0);
  // The last reduction was a mistake: RFC 5682, RFC 4015.
  void undo();

  int64_t window() const { return window_; }  // in units
  int64_t slow_start_threshold() const { return slow_start_threshold_; }
  // The same in segments, rounded down; `mss` as in Flight.
  int64_t window_segments(uint32_t mss) const;
  int64_t threshold_segments(uint32_t mss) const;
  bool in_slow_start() const { return window_ < slow_start_threshold_; }

 private:
  bool by_bytes() const { return config_->unit == CongestionConfig::Unit::kBytes; }
  int64_t step() const { return by_bytes() ? mss_ : 1; }  // one segment in units
  int64_t units(const Flight& flight) const { return by_bytes() ? flight.bytes : flight.segments; }
  int64_t initial_window() const;
  int64_t reduced(const Flight& flight);
  void remember();
  void keep_three_quarters();
  bool may_grow(const Acknowledged& acked) const;
  bool half_in_slow_start(int64_t largest_flight) const {
    return config_->growth == CongestionConfig::Growth::kHalfInSlowStart && in_slow_start() &&
           window_ < 2 * step() * largest_flight;
  }
  void avoid_congestion(Instant now, int64_t acked);
  void look_for_full_path(Instant now, const Acknowledged& acked);

  const CongestionConfig* config_;
  Cubic cubic_;
  HyStart hystart_;
  int64_t mss_ = 536;  // RFC 9293 3.7.1, until the handshake tells
  int64_t window_;
  int64_t slow_start_threshold_ = std::numeric_limits<int32_t>::max();
  int64_t credit_ = 0;         // acknowledged since the window last grew in congestion avoidance
  int64_t window_before_ = 0;  // the last reduction; 0: nothing to undo
  int64_t threshold_before_ = 0;
  int64_t largest_used_ = 0;  // most in flight since the window was last full
  Instant full_at_;           // when it was
};

}  // namespace tcptwin::policy

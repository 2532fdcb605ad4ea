// receive_window.h: decides how much the peer may send. Keeps no data; sends nothing.
#pragma once

#include <cstdint>

#include "stack/base/seq.h"
#include "stack/base/time.h"
#include "stack/policy/right_sizing.h"

namespace tcptwin::policy {

struct ReceiveWindowConfig {
  enum class Behaviour : uint8_t {
    kFixedBuffer,    // the buffer less unread bytes
    kMemoryCharged,  // a share of the memory that segments may take, opened slowly: facts/linux.md
                     // C3-C9
  };
  // The window of a SYN or SYN-ACK.
  enum class First : uint8_t {
    kBuffer,    // what the buffer holds
    kByMss,     // 2 segments above 4380 bytes, 3 above 1460, else 4: facts/linux.md C5 (2.6.32)
    kSegments,  // first_segments
  };
  // Which shift of the window a SYN offers, for the largest window M.
  enum class Scale : uint8_t {
    kFits,    // the smallest s with M >> s <= 65535, which is log2(M) - 15, rounded down:
              // facts/freebsd.md F1, facts/linux.md C5
    kCovers,  // the smallest s with 65536 << s >= M: facts/darwin.md 3.4
  };
  // kFixedBuffer: when the right edge moves.
  enum class Edge : uint8_t {
    kUsefulSteps,  // by at least min(half the buffer, one segment): RFC 9293 3.8.6.2.2
    kQuarter,      // always, but no window below both a quarter of the buffer and one segment:
                   // facts/freebsd.md C6, facts/darwin.md 3.2
  };
  // kFixedBuffer: windows that the field cannot say exactly.
  enum class Rounding : uint8_t { kDown, kUp };
  // When a read is worth a segment of its own. kMemoryCharged: facts/linux.md C9 whatever stands
  // here.
  enum class Update : uint8_t {
    kAnyStep,               // the edge moves at all: RFC 9293 3.8.6.2.2
    kTwoSegmentsAndShare,   // facts/freebsd.md C7
    kTwoSegmentsOrQuarter,  // facts/darwin.md 3.2
    kTwoSegmentsOrHalf,     // facts/windows.md C5
  };
  Behaviour behaviour = Behaviour::kFixedBuffer;
  int64_t buffer = 65535;      // bytes of buffer (kMemoryCharged: of memory) a socket starts with
  int64_t max_buffer = 65535;  // the largest it may become; sets the window scale
  bool scaling = true;         // offer a window scale: RFC 7323 2
  Scale scale = Scale::kFits;
  int32_t least_shift = 0;  // no smaller one is offered
  First first_window = First::kBuffer;
  int32_t first_segments = 10;
  Autotune autotune = Autotune::kNone;
  int64_t best_at_first = 0;  // kBestRoundTrip: what the first round trips must exceed, bytes
  int32_t step_segments = 0;  // less than so many segments free: grows by as many at once, to one
                              // step more than the pace has called for at most
  Edge edge = Edge::kUsefulSteps;
  Rounding rounding = Rounding::kDown;
  Update update = Update::kAnyStep;
  bool whole_segments = false;  // the buffer becomes a multiple of the MSS: facts/darwin.md 3.3
  // kMemoryCharged only. A segment is charged its payload plus `headroom`, rounded up to a power of
  // two, plus `segment_struct` (facts/linux.md C4); `ratio_256` of 256 bytes of memory count as
  // window (C3).
  int64_t headroom = 0;
  int64_t segment_struct = 0;
  int32_t ratio_256 = 256;
  bool ratio_follows_segments = false;  // it becomes that of the segments that come: C3
  int64_t own_host_overhead = 0;  // a segment from this host is charged its payload and this: C4;
                                  // 0: as any other
  // And joins the one before it in the queue once the sender has let go of that one, as long as
  // both lie in no more than so many blocks of `own_host_block` bytes; then only its payload is
  // charged. 0: never.
  int32_t own_host_blocks = 0;
  int64_t own_host_block = 32768;
  // A read that asks for more bytes than this and has to wait leaves what it takes from the queue
  // charged until it returns; what comes while it sleeps goes past the queue: facts/linux.md C18.
  // 0: never.
  int64_t pinned_read_above = 0;
  bool small_share_closes = false;  // less than a sixteenth free: no window: C8
  bool gap_opens = false;  // with SACK, data behind a gap opens the window as any other: C6
};

struct WindowView {
  int64_t remaining = 0;  // advertised and not used yet: right edge - rcv_nxt; never negative
  int64_t charged = 0;    // charge() of all that is queued and unread
  uint32_t mss = 0;       // largest segment we accept
  uint32_t segment_estimate = 0;  // how large the peer's segments are, 0 unknown
  uint8_t shift = 0;              // our window scale, once agreed
  int64_t advertised = 0;         // the last window that was told
  int64_t unread = 0;             // in order and unread, bytes
  bool ack_waits = false;         // received data waits for its ACK
};

// A segment that was queued in order.
struct WindowArrival {
  uint32_t length = 0;
  uint32_t segment = 0;       // the same, or that of each segment in it; 0: the same
  int64_t held = 0;           // memory that waits to be handed over, this included
  StreamPos next{};           // RCV.NXT, after it
  bool answers_ours = false;  // it echoes a timestamp not seen before
  Duration echo{};            // and this is how old that is; 0: unknown
  bool echoes = false;        // it has a timestamp at all
  uint32_t echoed_clock = 0;  // the one that it echoes
  uint32_t clock = 0;         // the one that would be sent now
  bool drained = true;        // nothing was unread as it came
  Duration own_rtt{};         // the sender's half's estimate; 0: none
};

class ReceiveWindow {
 public:
  explicit ReceiveWindow(const ReceiveWindowConfig& config)
      : config_(&config), buffer_(config.buffer), ratio_256_(config.ratio_256) {
    count_.set_best(config.best_at_first);
    count_.call_for(config.buffer);
  }

  // The peer is an address of this host: its segments are passed on as they are.
  void set_own_host() { own_host_ = true; }
  // SO_RCVBUF: it stays like that. Before the handshake it also limits the scale.
  void set_buffer(int64_t bytes);
  void set_clamp(int64_t bytes);      // TCP_WINDOW_CLAMP: no window beyond; 0: none
  void set_low_water(int64_t bytes);  // SO_RCVLOWAT must fit: facts/linux.md C19
  int64_t buffer() const { return buffer_; }

  // The scale to offer in a SYN: 0 .. 14.
  uint8_t scale_to_offer() const;
  // What the peer may send at first, bytes; the field of a SYN says at most 65535 of it. `mss`:
  // payload that one segment can hold.
  int64_t initial_window(uint32_t mss) const;
  // The handshake ended; `mss` as above, `window` as told in it.
  void on_established(Instant now, uint32_t mss, int64_t window, bool scaling);
  // What a segment of `length` bytes takes from the buffer while it is unread.
  int64_t charge(uint32_t length) const;
  // Blocks of memory that text from `begin` on lies in, if a program of this host wrote it.
  int64_t blocks(StreamPos begin, uint32_t length) const;
  // Whether text in `blocks` may share a buffer.
  bool shares_buffer(int64_t blocks) const {
    return own_host_ && blocks <= config_->own_host_blocks;
  }
  // A segment was queued in order; may open the window further. `view` is of the time before the
  // segment's size was learned, `charged` includes it.
  void on_data(Instant now, const WindowArrival& in, const WindowView& view);
  // One was queued behind a gap; `ahead`: how far the furthest reaches beyond RCV.NXT.
  void on_gap(int64_t ahead);
  // It was reported with SACK; may open the window further, as on_data.
  void on_reported_gap(uint32_t length, const WindowView& view) {
    if (is_charged() && config_->gap_opens) open_up(length, view);
  }
  // A program took `bytes`; `unread` are left.
  void on_read(Instant now, int64_t bytes, int64_t unread, uint32_t mss);
  // A segment with a timestamp leaves.
  void on_sent(Instant now) { count_.on_sent(now); }
  // Whether there is room to queue one more; the last may go beyond: facts/linux.md C10. Raises the
  // buffer to what is taken if it may.
  bool take_in(int64_t charged, uint32_t mss);
  // How far the window has been opened, bytes; 0 when the rule opens it at once.
  int64_t opened() const { return slow_start_; }
  // What counts as the bytes of a round trip.
  int64_t pace() const { return sizing_.space(); }
  // Less than half of the buffer is free: facts/linux.md C8.
  bool space_below_half(const WindowView& view) const;
  // The window to advertise now, bytes; never less than what is still promised. It may be more than
  // the field of a segment can say; then as much is said as fits.
  int64_t select(const WindowView& view) const;
  // After a read: is the change worth a segment of its own?
  bool update_is_due(const WindowView& view) const;
  Duration round_trip() const { return rtt_.rtt(); }  // as the receiver sees it; 0 unknown

 private:
  bool is_charged() const {
    return config_->behaviour == ReceiveWindowConfig::Behaviour::kMemoryCharged;
  }
  int64_t window_of(int64_t memory) const { return memory * ratio_256_ / 256; }
  int64_t memory_for(int64_t window) const { return window * 256 / ratio_256_; }
  int64_t largest_buffer() const;
  int64_t select_fixed(const WindowView& view) const;
  int64_t select_charged(const WindowView& view) const;
  void open_up(uint32_t length, const WindowView& view, int64_t held = 0);
  int64_t growth(uint32_t length, const WindowView& view) const;
  bool fixed_update_is_due(const WindowView& view) const;
  void learn_ratio(const WindowArrival& in, const WindowView& view);
  void follow_clamp(int64_t clamp, int64_t advertised);
  void measure(Instant now, const WindowArrival& in, const WindowView& view);
  void tune_on_arrival(Instant now, const WindowArrival& in, uint32_t mss);
  bool round_trip_ended(Instant now, const WindowArrival& in) const;
  void step_up(int64_t charged, uint32_t mss);
  void grow_to_window(int64_t window);
  void grow_to_segments(int64_t window, uint32_t mss);

  const ReceiveWindowConfig* config_;
  int64_t buffer_;
  int64_t wanted_clamp_ = 0;  // TCP_WINDOW_CLAMP; 0: none
  int64_t clamp_ = 0;         // kMemoryCharged: largest window
  int64_t slow_start_ = 0;    // kMemoryCharged: rcv_ssthresh, how far the window has been opened
  int64_t copied_ = 0;        // read in all
  RightSizing sizing_;
  ArrivalCount count_;
  ReceiverRtt rtt_;
  int32_t ratio_256_;
  bool locked_ = false;  // the program has set the buffer
  bool own_host_ = false;
};

}  // namespace tcptwin::policy

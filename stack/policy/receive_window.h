// receive_window.h: decides how much the peer may send. Keeps no data; sends nothing.
#pragma once

#include <cstdint>

namespace tcptwin::policy {

struct ReceiveWindowConfig {
  enum class Behaviour : uint8_t {
    kFixedBuffer,    // buffer less unread bytes, moved in useful steps: RFC 9293 3.8.6.2.2
    kMemoryCharged,  // a share of the memory that segments may take, opened slowly: facts/linux.md
                     // C3-C9
  };
  Behaviour behaviour = Behaviour::kFixedBuffer;
  int64_t buffer = 65535;      // bytes of buffer (kMemoryCharged: of memory) a socket starts with
  int64_t max_buffer = 65535;  // the largest it may become; sets the window scale
  bool scaling = true;         // offer a window scale: RFC 7323 2
  // kMemoryCharged only. A segment is charged its payload plus `headroom`, rounded up to a power of
  // two, plus `segment_struct` (facts/linux.md C4); `ratio_256` of 256 bytes of memory count as
  // window (C3).
  int64_t headroom = 0;
  int64_t segment_struct = 0;
  int32_t ratio_256 = 256;
};

struct WindowView {
  int64_t remaining = 0;  // advertised and not used yet: right edge - rcv_nxt; never negative
  int64_t charged = 0;    // charge() of all that is queued and unread
  uint32_t mss = 0;       // largest segment we accept
  uint32_t segment_estimate = 0;  // how large the peer's segments are, 0 unknown
  uint8_t shift = 0;              // our window scale, once agreed
};

class ReceiveWindow {
 public:
  explicit ReceiveWindow(const ReceiveWindowConfig& config) : config_(&config) {}

  // The scale to offer in a SYN: 0 .. 14.
  uint8_t scale_to_offer() const;
  // The window field of a SYN or SYN-ACK, bytes, at most 65535; `mss`: payload that one segment can
  // hold.
  uint32_t initial_window(uint32_t mss) const;
  // The handshake ended; `mss` as above.
  void on_established(uint32_t mss);
  // What a segment of `length` bytes takes from the buffer while it is unread.
  int64_t charge(uint32_t length) const;
  // A segment was queued in order; may open the window further.
  void on_data(uint32_t length, const WindowView& view);
  // How far the window has been opened, bytes; 0 when the rule opens it at once.
  int64_t opened() const { return slow_start_; }
  // Less than half of the buffer is free: facts/linux.md C8.
  bool space_below_half(const WindowView& view) const { return 2 * view.charged > config_->buffer; }
  // The window to advertise now, bytes; never less than what is still promised.
  int64_t select(const WindowView& view) const;
  // After a read: is the change worth a segment of its own?
  bool update_is_due(const WindowView& view) const;

 private:
  int64_t window_of(int64_t memory) const { return memory * config_->ratio_256 / 256; }
  int64_t select_fixed(const WindowView& view) const;
  int64_t select_charged(const WindowView& view) const;
  int64_t growth(uint32_t length, const WindowView& view) const;

  const ReceiveWindowConfig* config_;
  int64_t clamp_ = 0;       // kMemoryCharged: largest window
  int64_t slow_start_ = 0;  // kMemoryCharged: rcv_ssthresh, how far the window has been opened
};

}  // namespace tcptwin::policy

// send_buffer.h: decides how much written data a socket takes, how it is cut into chunks, when a
// program is told that there is room again, and how large the buffer becomes. Keeps no data.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

namespace tcptwin::policy {

struct SendBufferConfig {
  enum class Behaviour : uint8_t {
    kBytes,         // as many bytes as the buffer holds
    kChunkCharged,  // chunks are charged with their overhead; the last may overshoot:
                    // facts/linux.md C13-C16
    kWholeWrites,   // a write is taken whole while less than the buffer waits: facts/windows.md C2
  };
  enum class Growth : uint8_t {
    kNone,
    kWithWindow,  // room for two congestion windows, when the program and not the window is the
                  // limit: facts/linux.md C13
    kSteps,       // by growth_step while the peer and the network could take more:
                  // facts/freebsd.md C4
  };
  Behaviour behaviour = Behaviour::kBytes;
  int64_t buffer = 65536;
  Growth growth = Growth::kNone;
  int64_t max_buffer = 0;       // growth ends here, bytes
  int64_t growth_step = 8192;   // kSteps, bytes
  int64_t low_water = 1;        // SO_SNDLOWAT to begin with: bytes that must be free
  bool whole_calls = false;     // kBytes: a call is queued in one go; else segment by segment
  bool whole_segments = false;  // rounded up to a multiple of the MSS: facts/darwin.md 3.3
  // No segment is longer than half of the peer's largest window: facts/linux.md B9.
  bool half_window_segments = false;
  // kChunkCharged only. A chunk is charged its payload and `chunk_overhead`. A segment costs
  // (mss + `segment_headroom`), rounded up to a power of two when `costs_are_rounded`, and
  // `segment_struct`. An established socket holds `established_segments` of them (0: two windows,
  // as kWithWindow), a window counts as `least_segments` at least. A chunk grows to the largest
  // multiple of the MSS below `largest_chunk`. All in bytes.
  int64_t chunk_overhead = 0;
  int64_t segment_headroom = 0;
  int64_t segment_struct = 0;
  int64_t largest_chunk = 65536;
  bool costs_are_rounded = true;
  int32_t established_segments = 0;
  int32_t least_segments = 10;
};

// What is in the buffer. Sizes in bytes.
struct SendBufferView {
  int64_t queued = 0;  // payload that is not acknowledged
  int64_t chunks = 0;
  int64_t unsent = 0;
};

// What kSteps looks at, as data leaves. Sizes in bytes.
struct SendGrowthView {
  int64_t queued = 0;
  int64_t unsent = 0;
  int64_t peer_window = 0;
  int64_t congestion_window = 0;
};

class SendBuffer {
 public:
  explicit SendBuffer(const SendBufferConfig& config)
      : config_(&config), size_(config.buffer), low_water_(config.low_water) {}

  // SO_SNDBUF: the size is the program's from now on.
  void set_size(int64_t bytes);
  void set_low_water(int64_t bytes) { low_water_ = std::max<int64_t>(bytes, 1); }  // SO_SNDLOWAT
  void set_not_sent_low_water(int64_t bytes);  // TCP_NOTSENT_LOWAT

  void on_established(uint32_t mss, int64_t window_segments);
  // A program found no room, and an ACK has come that leaves the congestion window open.
  void on_window_open(int64_t window_segments);
  void on_output(const SendGrowthView& view);

  // The size to which a chunk is filled before the next begins; `largest_window`: the peer's
  // largest so far.
  int64_t chunk_goal(uint32_t mss, int64_t largest_window) const;
  // The longest segment for a peer that never offered more than `largest_window`.
  uint32_t segment_limit(uint32_t mss, int64_t largest_window) const;
  // How many of `wanted` bytes a new chunk may take; 0: none now.
  int64_t room(const SendBufferView& view, int64_t wanted) const;
  // The same for a chunk that may grow by `free` bytes more.
  int64_t room_in_chunk(const SendBufferView& view, int64_t free, int64_t wanted) const;
  // Whether poll says so, and whether a sleeping writer is woken.
  bool writable(const SendBufferView& view) const;
  // A call ends only when all that it wrote is acknowledged: facts/windows.md B4.
  bool holds_nothing() const {
    return config_->behaviour == SendBufferConfig::Behaviour::kWholeWrites && size_ == 0;
  }
  int64_t size() const { return size_; }

 private:
  int64_t charge(const SendBufferView& view) const {
    return view.queued + view.chunks * config_->chunk_overhead;
  }
  int64_t segment_cost(int64_t mss) const;
  void grow_to(int64_t size);

  const SendBufferConfig* config_;
  int64_t size_;
  int64_t low_water_;
  int64_t not_sent_low_water_ = std::numeric_limits<int64_t>::max() / 2;
  int64_t segment_cost_ = 0;
  bool fixed_ = false;
};

}  // namespace tcptwin::policy

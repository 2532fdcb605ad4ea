// send_buffer.h: decides how much written data a socket takes and how it is cut into chunks.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

namespace tcptwin::policy {

struct SendBufferConfig {
  enum class Behaviour : uint8_t {
    kBytes,         // as many bytes as the buffer holds
    kChunkCharged,  // chunks are charged with their overhead; the last may overshoot:
                    // facts/linux.md C13-C16
  };
  Behaviour behaviour = Behaviour::kBytes;
  int64_t buffer = 65536;
  // kChunkCharged only. A chunk is charged its payload and `chunk_overhead`. An established socket
  // holds at least 2 x initial segments x cost, where cost = power of two over (mss +
  // `segment_headroom`) + `segment_struct`: facts/linux.md C13. A chunk grows to the largest
  // multiple of the MSS below `largest_chunk`. All in bytes.
  int64_t chunk_overhead = 0;
  int64_t segment_headroom = 0;
  int64_t segment_struct = 0;
  int64_t largest_chunk = 65536;
};

class SendBuffer {
 public:
  explicit SendBuffer(const SendBufferConfig& config) : config_(&config), size_(config.buffer) {}

  void on_established(uint32_t mss, int64_t window_segments) {
    if (config_->behaviour != SendBufferConfig::Behaviour::kChunkCharged) return;
    const auto block = static_cast<uint64_t>(mss + config_->segment_headroom);
    const int64_t cost = static_cast<int64_t>(std::bit_ceil(block)) + config_->segment_struct;
    size_ = std::max(size_, 2 * window_segments * cost);
  }
  int64_t chunk_overhead() const { return config_->chunk_overhead; }
  // The size to which a chunk is filled before the next begins; `largest_window`: the peer's
  // largest so far.
  int64_t chunk_goal(uint32_t mss, int64_t largest_window) const {
    if (config_->behaviour == SendBufferConfig::Behaviour::kBytes) return mss;
    int64_t goal = config_->largest_chunk;
    if (largest_window > 536) goal = std::min(goal, largest_window / 2);  // facts/linux.md B9
    return std::max<int64_t>(goal - goal % mss, mss);
  }
  // How many of `wanted` bytes a new chunk may take while `charged` are queued; 0: none now.
  int64_t room(int64_t charged, int64_t wanted) const {
    if (config_->behaviour == SendBufferConfig::Behaviour::kBytes) {
      return std::clamp<int64_t>(size_ - charged, 0, wanted);
    }
    return charged < size_ ? wanted : 0;
  }
  // The same for a chunk that has room for `free` bytes more.
  int64_t room_in_chunk(int64_t charged, int64_t free) const {
    if (config_->behaviour == SendBufferConfig::Behaviour::kBytes) return room(charged, free);
    return free;
  }
  int64_t size() const { return size_; }

 private:
  const SendBufferConfig* config_;
  int64_t size_;
};

}  // namespace tcptwin::policy

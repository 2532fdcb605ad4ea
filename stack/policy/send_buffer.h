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
  // kChunkCharged only.
  int64_t chunk_overhead = 0;  // bytes charged for a chunk besides its payload
  int64_t segment_headroom =
      0;  // an established socket holds at least 2 x initial segments x cost, where
  int64_t segment_struct =
      0;  // cost = power of two over (mss + headroom) + struct: facts/linux.md C13
  int64_t largest_chunk = 65536;  // a chunk grows to the largest multiple of the MSS below this
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

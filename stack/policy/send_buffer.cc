#include "stack/policy/send_buffer.h"

#include <bit>

#include "stack/base/check.h"

namespace tcptwin::policy {

namespace {

using SendBehaviour = SendBufferConfig::Behaviour;

constexpr int64_t kStream = int64_t{1} << 40;  // a chunk without bound: the queue is one stream
constexpr int64_t kSmallWindow = 536;          // TCP_MSS_DEFAULT: facts/linux.md B9
constexpr int64_t kSmallestSegment = 36;       // 68 bytes of IP and TCP less the headers

int64_t half_of_large(int64_t window) { return window > kSmallWindow ? window / 2 : window; }

}  // namespace

void SendBuffer::set_size(int64_t bytes) {
  size_ = bytes;
  fixed_ = true;
}

void SendBuffer::set_not_sent_low_water(int64_t bytes) {
  not_sent_low_water_ = bytes > 0 ? bytes : std::numeric_limits<int64_t>::max() / 2;
}

int64_t SendBuffer::segment_cost(int64_t mss) const {
  auto block = static_cast<uint64_t>(mss + config_->segment_headroom);
  if (config_->costs_are_rounded) block = std::bit_ceil(block);
  return static_cast<int64_t>(block) + config_->segment_struct;
}

void SendBuffer::grow_to(int64_t size) {
  const int64_t limit = config_->max_buffer > 0 ? config_->max_buffer : size;
  size_ = std::max(size_, std::min(size, limit));
}

void SendBuffer::on_established(uint32_t mss, int64_t window_segments) {
  if (config_->whole_segments) size_ = (size_ + mss - 1) / mss * mss;
  if (config_->behaviour != SendBehaviour::kChunkCharged) return;
  segment_cost_ = segment_cost(mss);
  if (fixed_) return;
  if (config_->established_segments > 0)
    return grow_to(config_->established_segments * segment_cost_);
  grow_to(2 * std::max<int64_t>(window_segments, config_->least_segments) * segment_cost_);
}

void SendBuffer::on_window_open(int64_t window_segments) {
  if (fixed_ || config_->growth != SendBufferConfig::Growth::kWithWindow) return;
  grow_to(2 * std::max<int64_t>(window_segments, config_->least_segments) * segment_cost_);
}

void SendBuffer::on_output(const SendGrowthView& view) {
  if (fixed_ || config_->growth != SendBufferConfig::Growth::kSteps) return;
  const int64_t send_window = std::min(view.peer_window, view.congestion_window);
  const bool peer_has_room = view.peer_window / 4 * 5 >= size_;
  const bool nearly_full = view.queued >= size_ / 8 * 7;
  if (peer_has_room && nearly_full && view.queued < config_->max_buffer &&
      send_window >= view.unsent) {
    grow_to(size_ + config_->growth_step);
  }
}

int64_t SendBuffer::chunk_goal(uint32_t mss, int64_t largest_window) const {
  const bool bytes = config_->behaviour == SendBehaviour::kBytes;
  if (bytes && !config_->whole_calls) return mss;
  if (config_->behaviour != SendBehaviour::kChunkCharged) return kStream;
  int64_t goal = config_->largest_chunk;
  if (largest_window > 0) goal = std::min(goal, half_of_large(largest_window));
  return std::max<int64_t>(goal - goal % mss, mss);
}

uint32_t SendBuffer::segment_limit(uint32_t mss, int64_t largest_window) const {
  if (!config_->half_window_segments || largest_window == 0) return mss;
  const int64_t limit = std::max(half_of_large(largest_window), kSmallestSegment);
  return static_cast<uint32_t>(std::min<int64_t>(mss, limit));
}

int64_t SendBuffer::room(const SendBufferView& view, int64_t wanted) const {
  if (view.unsent >= not_sent_low_water_) return 0;
  switch (config_->behaviour) {
    case SendBehaviour::kBytes: {
      const int64_t free = std::max<int64_t>(size_ - view.queued, 0);
      if (free < wanted && free < std::min(low_water_, size_)) return 0;
      return std::min(free, wanted);
    }
    case SendBehaviour::kChunkCharged: return charge(view) < size_ ? wanted : 0;
    case SendBehaviour::kWholeWrites: return view.queued == 0 || view.queued < size_ ? wanted : 0;
  }
  CHECK(false);
}

int64_t SendBuffer::room_in_chunk(const SendBufferView& view, int64_t free, int64_t wanted) const {
  if (config_->behaviour == SendBehaviour::kChunkCharged) return std::min(free, wanted);
  return room(view, std::min(free, wanted));
}

bool SendBuffer::writable(const SendBufferView& view) const {
  switch (config_->behaviour) {
    case SendBehaviour::kBytes:
      return size_ - view.queued >= std::min(low_water_, size_) &&
             view.unsent < not_sent_low_water_;
    case SendBehaviour::kChunkCharged: {
      const int64_t charged = charge(view);
      return charged < size_ && size_ - charged >= charged / 2 &&
             2 * view.unsent < not_sent_low_water_;
    }
    case SendBehaviour::kWholeWrites: return view.queued == 0 || view.queued < size_;
  }
  CHECK(false);
}

}  // namespace tcptwin::policy

#include "stack/policy/receive_window.h"

#include <algorithm>
#include <bit>

namespace tcptwin::policy {

namespace {

constexpr int64_t kLargestUnscaled = 65535;
constexpr uint8_t kLargestShift = 14;  // RFC 7323 2.3
constexpr uint32_t kSmallestGrowing =
    128;  // shorter segments do not open the window: facts/linux.md C6

int64_t round_down(int64_t value, int64_t unit) { return value - value % unit; }
int64_t round_up(int64_t value, int64_t unit) { return round_down(value + unit - 1, unit); }

}  // namespace

uint8_t ReceiveWindow::scale_to_offer() const {
  const int64_t largest = std::max(config_->buffer, config_->max_buffer);
  uint8_t shift = 0;
  switch (config_->behaviour) {
    case ReceiveWindowConfig::Behaviour::kFixedBuffer:
      while (shift < kLargestShift && largest >> shift > kLargestUnscaled) ++shift;
      break;
    case ReceiveWindowConfig::Behaviour::kMemoryCharged:  // floor(log2) - 15: facts/linux.md C5
      while (shift < kLargestShift && largest >> (shift + 16) > 0) ++shift;
      break;
  }
  return shift;
}

uint32_t ReceiveWindow::initial_window(uint32_t mss) const {
  int64_t space = window_of(config_->buffer);
  if (config_->behaviour == ReceiveWindowConfig::Behaviour::kMemoryCharged && space > mss) {
    space = round_down(space, mss);
  }
  return static_cast<uint32_t>(std::min(space, kLargestUnscaled));
}

void ReceiveWindow::on_established(uint32_t mss) {
  const int64_t whole = window_of(config_->buffer);
  clamp_ = whole;
  // One segment is kept in reserve, unless that would leave less than two.
  if (whole > 2 * int64_t{mss}) clamp_ = std::max<int64_t>(2 * int64_t{mss}, whole - mss);
  slow_start_ = std::min<int64_t>(initial_window(mss), clamp_);
}

int64_t ReceiveWindow::charge(uint32_t length) const {
  if (config_->behaviour == ReceiveWindowConfig::Behaviour::kFixedBuffer) return length;
  const auto block = static_cast<uint64_t>(length + config_->headroom);
  return static_cast<int64_t>(std::bit_ceil(block)) + config_->segment_struct;
}

// facts/linux.md C6.
int64_t ReceiveWindow::growth(uint32_t length, const WindowView& view) const {
  int64_t cost = window_of(charge(length));
  if (cost <= length) return std::max<int64_t>(2 * int64_t{view.mss}, 2 * int64_t{length});
  cost /= 2;
  for (int64_t half = window_of(config_->max_buffer) / 2; slow_start_ <= half; half /= 2) {
    if (cost <= length) {
      return std::max<int64_t>(2 * int64_t{view.segment_estimate}, 2 * int64_t{length});
    }
    cost /= 2;
  }
  return 0;
}

void ReceiveWindow::on_data(uint32_t length, const WindowView& view) {
  if (config_->behaviour == ReceiveWindowConfig::Behaviour::kFixedBuffer) return;
  if (length < kSmallestGrowing) return;
  const int64_t free = window_of(config_->buffer - view.charged);
  const int64_t room = std::min(clamp_, free) - slow_start_;
  if (room > 0) slow_start_ += std::min(room, growth(length, view));
}

int64_t ReceiveWindow::select(const WindowView& view) const {
  const int64_t chosen = config_->behaviour == ReceiveWindowConfig::Behaviour::kFixedBuffer
                             ? select_fixed(view)
                             : select_charged(view);
  const int64_t unit = int64_t{1} << view.shift;
  // The right edge never moves left (RFC 9293 SHLD-14), and the field can only say multiples of
  // `unit`.
  const int64_t promised = round_up(std::max(chosen, view.remaining), unit);
  return std::min(promised, kLargestUnscaled << view.shift);
}

// RFC 9293 3.8.6.2.2: the edge moves by at least min(half the buffer, one segment).
int64_t ReceiveWindow::select_fixed(const WindowView& view) const {
  const int64_t free = std::max<int64_t>(config_->buffer - view.charged, 0);
  const int64_t step = std::min<int64_t>(config_->buffer / 2, view.mss);
  const int64_t unit = int64_t{1} << view.shift;
  return free - view.remaining >= step ? round_down(free, unit) : view.remaining;
}

// facts/linux.md C8.
int64_t ReceiveWindow::select_charged(const WindowView& view) const {
  const int64_t whole = window_of(config_->buffer);
  int64_t free = window_of(std::max<int64_t>(config_->buffer - view.charged, 0));
  const int64_t segment = std::min<int64_t>(view.segment_estimate, std::min(clamp_, whole));
  if (free < std::min(clamp_, whole) / 2) {
    free = round_down(free, int64_t{1} << view.shift);
    if (free < whole / 16 || free < segment) return 0;
  }
  free = std::min(free, slow_start_);
  if (view.shift > 0 || segment == 0) return free;
  // Without scaling the edge moves in whole segments.
  if (view.remaining <= free - segment || view.remaining > free) return round_down(free, segment);
  return view.remaining;
}

bool ReceiveWindow::update_is_due(const WindowView& view) const {
  const int64_t next = select(view);
  if (config_->behaviour == ReceiveWindowConfig::Behaviour::kMemoryCharged) {
    return 2 * view.remaining <= clamp_ && next > 0 &&
           next >= 2 * view.remaining;  // facts/linux.md C9
  }
  return select_fixed(view) > view.remaining;  // rounding up to the scale moves no edge
}

}  // namespace tcptwin::policy

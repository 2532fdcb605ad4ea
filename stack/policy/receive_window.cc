#include "stack/policy/receive_window.h"

#include <algorithm>
#include <bit>

namespace tcptwin::policy {

namespace {

using WindowConfig = ReceiveWindowConfig;

constexpr int64_t kLargestUnscaled = 65535;
constexpr uint8_t kLargestShift = 14;  // RFC 7323 2.3
constexpr int64_t kLargestScaled = kLargestUnscaled << kLargestShift;
constexpr uint32_t kSmallestGrowing =
    128;  // shorter segments do not open the window: facts/linux.md C6
constexpr int64_t kSmallestClamp = 1152;    // half of the smallest buffer: facts/linux.md C2
constexpr int64_t kFirstPaceSegments = 10;  // facts/linux.md C7
constexpr int64_t kOverheadStep = 128;      // facts/linux.md C7 (2.6.32)

int64_t round_down(int64_t value, int64_t unit) { return value - value % unit; }
int64_t round_up(int64_t value, int64_t unit) { return round_down(value + unit - 1, unit); }

}  // namespace

// ---- what a program sets

void ReceiveWindow::set_buffer(int64_t bytes) {
  buffer_ = bytes;
  locked_ = true;
}

void ReceiveWindow::set_clamp(int64_t bytes) {
  wanted_clamp_ = bytes;
  if (bytes > 0 && clamp_ > 0) follow_clamp(std::max(bytes, kSmallestClamp), slow_start_);
}

void ReceiveWindow::set_low_water(int64_t bytes) {
  if (!is_charged() || locked_) return;
  const int64_t window = std::min(bytes, config_->max_buffer / 2);
  if (memory_for(window) <= buffer_) return;
  buffer_ = memory_for(window);
  if (clamp_ > 0 && clamp_ < window) follow_clamp(window, slow_start_);
}

// ---- the handshake

// A buffer set by the program is also the largest.
int64_t ReceiveWindow::largest_buffer() const {
  if (!locked_) return std::max(buffer_, config_->max_buffer);
  return is_charged() ? window_of(buffer_) : buffer_;
}

uint8_t ReceiveWindow::scale_to_offer() const {
  int64_t largest = largest_buffer();
  if (wanted_clamp_ > 0) largest = std::min(largest, wanted_clamp_);
  auto shift = static_cast<uint8_t>(config_->least_shift);
  const auto too_small = [&] {
    switch (config_->scale) {
      case WindowConfig::Scale::kFits: return largest >> shift > kLargestUnscaled;
      case WindowConfig::Scale::kCovers: return (int64_t{65536} << shift) < largest;
    }
    return false;
  };
  while (shift < kLargestShift && too_small()) ++shift;
  return shift;
}

int64_t ReceiveWindow::initial_window(uint32_t mss) const {
  int64_t space = window_of(buffer_);
  if (wanted_clamp_ > 0) space = std::min(space, wanted_clamp_);
  if (!is_charged()) return std::min(space, kLargestUnscaled);
  if (space > mss) space = round_down(space, mss);
  switch (config_->first_window) {
    case WindowConfig::First::kBuffer: break;
    case WindowConfig::First::kByMss:
      return std::min<int64_t>(space, int64_t{mss > 4380 ? 2 : mss > 1460 ? 3 : 4} * mss);
    case WindowConfig::First::kSegments:
      return std::min<int64_t>(space, int64_t{config_->first_segments} * mss);
  }
  return std::min(space, kLargestScaled);
}

void ReceiveWindow::on_established(Instant now, uint32_t mss, int64_t window, bool scaling) {
  if (config_->whole_segments && mss > 0) buffer_ = round_up(buffer_, mss);
  const int64_t whole = window_of(buffer_);
  clamp_ = whole;
  // One segment is kept in reserve, unless that would leave less than two.
  if (whole > 2 * int64_t{mss}) clamp_ = std::max<int64_t>(2 * int64_t{mss}, whole - mss);
  if (wanted_clamp_ > 0) clamp_ = std::min(clamp_, wanted_clamp_);
  if (!scaling) clamp_ = std::min(clamp_, kLargestUnscaled);
  slow_start_ = std::min(window, clamp_);
  const bool largest = config_->autotune == Autotune::kLargestPace;
  const int64_t first = std::min(std::min(slow_start_, window), kFirstPaceSegments * int64_t{mss});
  sizing_.begin(now, largest ? window : first);
  step_up(0, mss);
}

int64_t ReceiveWindow::charge(uint32_t length) const {
  if (!is_charged()) return length;
  if (own_host_ && config_->own_host_overhead > 0) return length + config_->own_host_overhead;
  const auto block = static_cast<uint64_t>(length + config_->headroom);
  return static_cast<int64_t>(std::bit_ceil(block)) + config_->segment_struct;
}

// What a program writes fills block after block, from the first byte of the stream on.
int64_t ReceiveWindow::blocks(StreamPos begin, uint32_t length) const {
  const int64_t first = begin.value() - 1;
  const int64_t last = first + std::max<int64_t>(length, 1) - 1;
  return last / config_->own_host_block - first / config_->own_host_block + 1;
}

// ---- data comes

void ReceiveWindow::on_data(Instant now, const WindowArrival& in, const WindowView& view) {
  measure(now, in, view);
  if (!is_charged()) {
    tune_on_arrival(now, in, view.mss);
    step_up(view.charged, view.mss);
    return;
  }
  learn_ratio(in, view);
  if (in.length >= kSmallestGrowing) open_up(in.length, view, in.held);
}

void ReceiveWindow::open_up(uint32_t length, const WindowView& view, int64_t held) {
  const int64_t free = window_of(buffer_ - view.charged - held);
  const int64_t room = std::min(clamp_, free) - slow_start_;
  if (room > 0) slow_start_ += std::min(room, growth(length, view));
}

void ReceiveWindow::measure(Instant now, const WindowArrival& in, const WindowView& view) {
  rtt_.on_data(now, in.next, view.advertised);
  if (in.answers_ours && in.echo.count() > 0 && in.length >= view.segment_estimate) {
    rtt_.on_sample(in.echo, in.drained, config_->autotune == Autotune::kLargestPace);
  }
}

// facts/linux.md C3: what one segment is worth in memory decides how much memory is window.
void ReceiveWindow::learn_ratio(const WindowArrival& in, const WindowView& view) {
  const uint32_t segment = in.segment > 0 ? in.segment : in.length;
  if (!config_->ratio_follows_segments || segment <= view.segment_estimate) return;
  const int64_t ratio = std::max<int64_t>(int64_t{in.length} * 256 / charge(in.length), 1);
  if (ratio == ratio_256_) return;
  ratio_256_ = static_cast<int32_t>(ratio);
  follow_clamp(std::max(window_of(buffer_), kSmallestClamp), view.advertised);
  sizing_.limit(clamp_);
}

void ReceiveWindow::follow_clamp(int64_t clamp, int64_t advertised) {
  if (wanted_clamp_ > 0) clamp = std::min(clamp, std::max(wanted_clamp_, kSmallestClamp));
  if (clamp < clamp_) {
    slow_start_ = std::min(slow_start_, clamp);
  } else {
    slow_start_ = std::max(slow_start_, std::min(advertised, clamp));
  }
  clamp_ = clamp;
}

// facts/linux.md C6.
int64_t ReceiveWindow::growth(uint32_t length, const WindowView& view) const {
  int64_t cost = window_of(charge(length));
  if (cost <= length) return std::max<int64_t>(2 * int64_t{view.mss}, 2 * int64_t{length});
  const int64_t estimate = std::max(view.segment_estimate, std::min(length, view.mss));
  cost /= 2;
  for (int64_t half = window_of(config_->max_buffer) / 2; slow_start_ <= half; half /= 2) {
    if (cost <= length) return std::max<int64_t>(2 * estimate, 2 * int64_t{length});
    cost /= 2;
  }
  return 0;
}

void ReceiveWindow::on_gap(int64_t ahead) {
  if (config_->autotune == Autotune::kPace) grow_to_window(sizing_.on_gap(ahead));
}

bool ReceiveWindow::take_in(int64_t charged, uint32_t mss) {
  if (!is_charged() || charged <= buffer_) return true;
  if (!locked_ && buffer_ < config_->max_buffer) buffer_ = std::min(charged, config_->max_buffer);
  if (charged <= buffer_) return true;
  slow_start_ = std::min<int64_t>(clamp_, 2 * int64_t{mss});
  return false;
}

// ---- the buffer grows

void ReceiveWindow::grow_to_window(int64_t window) {
  const int64_t wish = std::min(memory_for(window), config_->max_buffer);
  if (locked_ || wish <= buffer_) return;
  buffer_ = wish;
  clamp_ = window_of(buffer_);
  if (wanted_clamp_ > 0) clamp_ = std::min(clamp_, wanted_clamp_);
}

// The older rule: whole segments, each with what it takes besides its payload.
void ReceiveWindow::grow_to_segments(int64_t window, uint32_t mss) {
  if (locked_ || mss == 0) return;
  int64_t each = mss + config_->headroom + config_->segment_struct;
  while (window_of(each) < mss) each += kOverheadStep;
  const int64_t wish = std::min(std::max<int64_t>(window / mss, 1) * each, config_->max_buffer);
  if (wish <= buffer_) return;
  buffer_ = wish;
  clamp_ = window;
}

void ReceiveWindow::on_read(Instant now, int64_t bytes, int64_t unread, uint32_t mss) {
  copied_ += bytes;
  switch (config_->autotune) {
    case Autotune::kPace: return grow_to_window(sizing_.on_read(now, copied_, unread, rtt_.rtt()));
    case Autotune::kLargestPace: {
      const int64_t window = sizing_.on_read_largest(now, copied_, rtt_.rtt());
      if (window > 0) grow_to_segments(window, mss);
      return;
    }
    case Autotune::kNone:
    case Autotune::kHalfAgain:
    case Autotune::kBestRoundTrip: return;
  }
}

void ReceiveWindow::tune_on_arrival(Instant now, const WindowArrival& in, uint32_t mss) {
  int64_t wish = 0;
  switch (config_->autotune) {
    case Autotune::kHalfAgain: wish = count_.half_again(now, in.length, buffer_, in.own_rtt); break;
    case Autotune::kBestRoundTrip:
      wish = count_.best_round_trip(now, in.clock, in.length, round_trip_ended(now, in));
      break;
    case Autotune::kNone:
    case Autotune::kPace:
    case Autotune::kLargestPace: return;
  }
  if (locked_ || wish <= buffer_) return;
  buffer_ = std::min(wish, std::max(buffer_, config_->max_buffer));
  if (config_->whole_segments && mss > 0) buffer_ = round_down(buffer_, mss);
  count_.call_for(std::min(wish, config_->max_buffer));
}

// kBestRoundTrip. Timestamps are compared by their clock: what left in the tick in which the count
// began ends it, too.
bool ReceiveWindow::round_trip_ended(Instant now, const WindowArrival& in) const {
  if (!count_.running()) return true;
  if (in.echoes) return static_cast<int32_t>(in.echoed_clock - count_.began_clock()) >= 0;
  return rtt_.rtt().count() > 0 && now - count_.began() >= rtt_.rtt();
}

// facts/darwin.md 3.3: a buffer that is nearly full grows at once, as long as it is not a step
// beyond what the pace has called for.
void ReceiveWindow::step_up(int64_t charged, uint32_t mss) {
  const int64_t step = int64_t{config_->step_segments} * mss;
  if (step == 0 || locked_ || buffer_ - charged >= step || buffer_ >= config_->max_buffer) return;
  if (buffer_ > count_.called_for() + step) return;
  buffer_ = std::min(buffer_ + step, std::max(buffer_, config_->max_buffer));
}

// ---- the window

int64_t ReceiveWindow::select(const WindowView& view) const {
  const int64_t chosen = is_charged() ? select_charged(view) : select_fixed(view);
  const int64_t unit = int64_t{1} << view.shift;
  // The right edge never moves left (RFC 9293 SHLD-14), and the field can only say multiples of
  // `unit`.
  const int64_t promised = round_up(std::max(chosen, view.remaining), unit);
  // The host itself may reckon with more than the field can say.
  return is_charged() ? promised : std::min(promised, kLargestUnscaled << view.shift);
}

int64_t ReceiveWindow::select_fixed(const WindowView& view) const {
  int64_t free = std::max<int64_t>(buffer_ - view.charged, 0);
  if (wanted_clamp_ > 0) free = std::min(free, wanted_clamp_);
  const int64_t unit = int64_t{1} << view.shift;
  if (config_->edge == WindowConfig::Edge::kQuarter) {
    if (free < buffer_ / 4 && free < view.mss) free = 0;
    return config_->rounding == WindowConfig::Rounding::kUp ? free : round_down(free, unit);
  }
  const int64_t step = std::min<int64_t>(buffer_ / 2, view.mss);
  return free - view.remaining >= step ? round_down(free, unit) : view.remaining;
}

bool ReceiveWindow::space_below_half(const WindowView& view) const {
  const int64_t whole = window_of(buffer_);
  const int64_t free = window_of(std::max<int64_t>(buffer_ - view.charged, 0));
  return free < (clamp_ > 0 ? std::min(clamp_, whole) : whole) / 2;
}

// facts/linux.md C8.
int64_t ReceiveWindow::select_charged(const WindowView& view) const {
  const int64_t whole = window_of(buffer_);
  const int64_t full = std::min(clamp_, whole);
  int64_t free = window_of(std::max<int64_t>(buffer_ - view.charged, 0));
  const int64_t segment = std::min<int64_t>(view.segment_estimate, full);
  if (free < full / 2) {
    if (config_->small_share_closes) {
      free = round_down(free, int64_t{1} << view.shift);
      if (free < whole / 16) return 0;
    }
    if (free < segment) return 0;
  }
  free = std::min(free, slow_start_);
  if (view.shift > 0 || segment == 0) return free;
  // Without scaling the edge moves in whole segments.
  if (view.advertised <= free - segment || view.advertised > free) return round_down(free, segment);
  if (segment == full && free > view.advertised + full / 2) return free;
  return view.advertised;
}

bool ReceiveWindow::update_is_due(const WindowView& view) const {
  if (!is_charged()) return fixed_update_is_due(view);
  if (2 * view.remaining > clamp_) return false;
  const int64_t next = select(view);
  return next > 0 && next >= 2 * view.remaining;  // facts/linux.md C9
}

bool ReceiveWindow::fixed_update_is_due(const WindowView& view) const {
  const int64_t next = select(view);
  const int64_t gain = next - view.remaining;
  const bool two_segments = gain >= 2 * int64_t{view.mss};
  switch (config_->update) {
    case WindowConfig::Update::kAnyStep: return gain > 0;
    case WindowConfig::Update::kTwoSegmentsAndShare: {
      const bool share =
          gain >= buffer_ / 4 || next <= buffer_ / 8 || buffer_ <= 8 * int64_t{view.mss};
      return !view.ack_waits && ((two_segments && share) || 2 * gain >= buffer_);
    }
    case WindowConfig::Update::kTwoSegmentsOrQuarter: {
      const bool drained = view.unread < 1;
      const bool told = next >> view.shift != view.remaining >> view.shift || view.ack_waits;
      return (two_segments && drained && told) || (gain > 0 && gain >= buffer_ / 4);
    }
    case WindowConfig::Update::kTwoSegmentsOrHalf:
      return two_segments || (gain > 0 && 2 * gain >= buffer_);
  }
  return false;
}

}  // namespace tcptwin::policy

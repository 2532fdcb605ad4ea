#include "stack/tcp/sack_report.h"

#include <algorithm>

namespace tcptwin::tcp {

void SackReport::erase(size_t index) {
  std::move(ranges_.begin() + static_cast<ptrdiff_t>(index) + 1,
            ranges_.begin() + static_cast<ptrdiff_t>(count_),
            ranges_.begin() + static_cast<ptrdiff_t>(index));
  --count_;
}

void SackReport::add(StreamPos begin, StreamPos end) {
  Range whole{begin, end};
  for (size_t i = 0; i < count_;) {
    const Range& other = ranges_[i];
    if (other.begin > whole.end || other.end < whole.begin) {
      ++i;
      continue;
    }
    whole = {std::min(whole.begin, other.begin), std::max(whole.end, other.end)};
    erase(i);
    i = 0;  // the larger one may touch those passed over
  }
  if (count_ == kKept) --count_;
  std::move_backward(ranges_.begin(), ranges_.begin() + static_cast<ptrdiff_t>(count_),
                     ranges_.begin() + static_cast<ptrdiff_t>(count_) + 1);
  ranges_[0] = whole;
  ++count_;
}

bool SackReport::holds(StreamPos begin, StreamPos end) const {
  return std::any_of(ranges_.begin(), ranges_.begin() + static_cast<ptrdiff_t>(count_),
                     [&](const Range& r) { return r.begin <= begin && end <= r.end; });
}

void SackReport::advance(StreamPos next) {
  for (size_t i = 0; i < count_;) {
    if (ranges_[i].end <= next) {
      erase(i);
    } else {
      ranges_[i].begin = std::max(ranges_[i].begin, next);
      ++i;
    }
  }
}

StreamPos SackReport::highest_end() const {
  StreamPos highest;
  for (size_t i = 0; i < count_; ++i) highest = std::max(highest, ranges_[i].end);
  return highest;
}

size_t SackReport::take(SeqNum isn, size_t room, std::array<wire::SackBlock, 4>& out) {
  size_t written = 0;
  const auto write = [&](const Range& range) {
    if (written == std::min(room, out.size())) return;
    out[written++] = {to_wire(range.begin, isn), to_wire(range.end, isn)};
  };
  if (!duplicate_.empty()) write(duplicate_);
  duplicate_ = {};
  for (size_t i = 0; i < count_; ++i) write(ranges_[i]);
  return written;
}

}  // namespace tcptwin::tcp

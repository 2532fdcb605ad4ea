#include "stack/tcp/send_queue.h"

#include <algorithm>
#include <utility>

#include "stack/base/check.h"

namespace tcptwin::tcp {

int64_t SendQueue::unsent_bytes() const {
  return unsent_.empty() ? 0 : end_ - unsent_.front().begin;
}

int64_t SendQueue::tail_room(int64_t goal) const {
  return unsent_.empty() ? 0 : std::max<int64_t>(goal - unsent_.back().size(), 0);
}

void SendQueue::append_to_tail(Payload data) {
  CHECK(!unsent_.empty());
  end_ += static_cast<int64_t>(data.size());
  unsent_.back().data.append(std::move(data));
}

void SendQueue::append_chunk(Payload data) {
  CHECK(!data.empty());
  Chunk chunk;
  chunk.begin = end_;
  end_ += static_cast<int64_t>(data.size());
  chunk.data = std::move(data);
  unsent_.push_back(std::move(chunk));
}

void SendQueue::mark_push() {
  if (!unsent_.empty()) unsent_.back().push = true;
}

void SendQueue::unmark_push() {
  if (!unsent_.empty()) unsent_.back().push = false;
}

void SendQueue::mark_push_next() {
  if (!unsent_.empty()) unsent_.front().push = true;
}

const Chunk* SendQueue::next_unsent() const { return unsent_.empty() ? nullptr : &unsent_.front(); }

size_t SendQueue::index_of(StreamPos pos) const {
  size_t low = 0;
  size_t high = sent_.size();
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (sent_[middle].end() <= pos) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

const Chunk* SendQueue::next_lost() const {
  return lost_count_ == 0 ? nullptr : &sent_[index_of(first_lost_)];
}

void SendQueue::enter_flight(const Chunk& chunk, int sign) {
  in_flight_ += sign * chunk.segments;
  in_flight_bytes_ += sign * chunk.size();
}

// Takes the first `bytes` out of a sent chunk. Both parts are what the whole was; segments are
// counted again, which matters when the MSS has changed or the cut is inside a segment.
Chunk SendQueue::cut(size_t index, int64_t bytes, uint32_t mss) {
  Chunk& rest = sent_[index];
  CHECK(bytes > 0 && bytes < rest.size());
  const bool flying = !rest.lost && !rest.sacked;
  if (flying) enter_flight(rest, -1);
  if (rest.sacked) sacked_ -= rest.segments;
  Chunk head;
  head.begin = rest.begin;
  head.sent_at = rest.sent_at;
  head.sacked = rest.sacked;
  head.lost = rest.lost;
  head.retransmitted = rest.retransmitted;
  head.repaired = rest.repaired;
  head.copied = rest.copied;
  head.data = rest.data.take_front(static_cast<size_t>(bytes));
  head.segments = segments(bytes, mss);
  rest.begin += bytes;
  rest.segments = segments(rest.size(), mss);
  if (flying) {
    enter_flight(head, 1);
    enter_flight(rest, 1);
  }
  if (head.sacked) sacked_ += head.segments + rest.segments;
  if (head.lost) ++lost_count_;
  return head;
}

void SendQueue::split(size_t index, int64_t bytes, uint32_t mss) {
  sent_.insert(index, cut(index, bytes, mss));
}

int64_t SendQueue::growable_to(int64_t most) const {
  const int64_t own = unsent_.front().size();
  if (own >= most || unsent_.size() < 2) return own;
  return std::min(own + unsent_[1].size(), most);
}

void SendQueue::grow_next(int64_t bytes) {
  Chunk& next = unsent_.front();
  const int64_t missing = bytes - next.size();
  if (missing <= 0 || unsent_.size() < 2) return;
  Chunk& donor = unsent_[1];
  const int64_t moved = std::min(missing, donor.size());
  next.data.append(donor.data.take_front(static_cast<size_t>(moved)));
  donor.begin += moved;
  if (!donor.data.empty()) return;
  next.push |= donor.push;
  unsent_.erase(1);
}

void SendQueue::mark_sent(Instant now, int64_t bytes, uint32_t mss, bool push) {
  CHECK(!unsent_.empty());
  Chunk& next = unsent_.front();
  Chunk chunk;
  if (bytes < next.size()) {
    chunk.begin = next.begin;
    chunk.data = next.data.take_front(static_cast<size_t>(bytes));
    next.begin += bytes;
  } else {
    unsent_.pop_front(chunk);
  }
  chunk.sent_at = now;
  chunk.segments = segments(bytes, mss);
  chunk.push |= push;
  enter_flight(chunk, 1);
  sent_.push_back(std::move(chunk));
}

void SendQueue::mark_resent(Instant now, int64_t bytes, uint32_t mss, bool push) {
  CHECK(lost_count_ > 0);
  size_t index = index_of(first_lost_);
  if (bytes < sent_[index].size()) split(index, bytes, mss);
  Chunk& chunk = sent_[index];
  chunk.lost = false;
  chunk.retransmitted = chunk.repaired = true;
  chunk.push |= push;
  chunk.sent_at = now;
  chunk.segments = segments(bytes, mss);
  --lost_count_;
  enter_flight(chunk, 1);
  find_next_lost(index + 1);
}

bool SendQueue::shares(StreamPos pos) const {
  if (pos < begin_ || pos >= (unsent_.empty() ? end_ : unsent_.front().begin)) return false;
  return !sent_[index_of(pos)].copied;
}

// The first lost chunk is at `index` or later.
void SendQueue::find_next_lost(size_t index) {
  if (lost_count_ == 0) return;
  while (!sent_[index].lost) ++index;
  first_lost_ = sent_[index].begin;
}

int64_t SendQueue::mark_sacked(StreamPos from, StreamPos to, uint32_t mss) {
  from = std::max(from, begin_);
  to = std::min(to, unsent_.empty() ? end_ : unsent_.front().begin);
  int64_t news = 0;
  for (size_t i = index_of(from); i < sent_.size() && sent_[i].begin < to; ++i) {
    if (sent_[i].sacked) continue;
    if (sent_[i].begin < from) {
      split(i, from - sent_[i].begin, mss);
      continue;
    }
    if (sent_[i].end() > to) split(i, to - sent_[i].begin, mss);
    Chunk& chunk = sent_[i];
    if (chunk.lost) {
      --lost_count_;
      chunk.lost = false;
      if (chunk.begin == first_lost_) find_next_lost(i + 1);
    } else {
      enter_flight(chunk, -1);
    }
    chunk.sacked = true;
    sacked_ += chunk.segments;
    news += chunk.segments;
    highest_sacked_ = std::max(highest_sacked_, chunk.end());
    if (merge_sacked(i, mss)) --i;
  }
  return news;
}

// A chunk that was just sacked becomes part of a sacked one before it, so that a long run of
// segments is not walked again with every ACK. Only whole segments, as those can be counted again.
bool SendQueue::merge_sacked(size_t index, uint32_t mss) {
  if (index == 0) return false;
  Chunk& left = sent_[index - 1];
  Chunk& right = sent_[index];
  if (!left.sacked || left.size() != int64_t{left.segments} * mss) return false;
  left.data.append(std::move(right.data));
  left.segments += right.segments;
  left.push = right.push;
  left.retransmitted |= right.retransmitted;
  sent_.erase(index);
  return true;
}

void SendQueue::lose(Chunk& chunk) {
  enter_flight(chunk, -1);
  chunk.lost = true;
  chunk.repaired = false;
  first_lost_ = lost_count_ == 0 ? chunk.begin : std::min(first_lost_, chunk.begin);
  ++lost_count_;
}

bool SendQueue::mark_lost_below(StreamPos limit, uint32_t mss) {
  bool news = false;
  judged_ = std::max(judged_, begin_);
  for (size_t i = index_of(judged_); i < sent_.size() && sent_[i].begin < limit; ++i) {
    Chunk& chunk = sent_[i];
    if (!chunk.sacked && !chunk.lost && !chunk.repaired) {
      if (chunk.end() > limit) {
        const int64_t whole = (limit - chunk.begin) / mss * mss;
        if (whole == 0) break;
        split(i, whole, mss);
      }
      lose(sent_[i]);
      news = true;
    }
    judged_ = sent_[i].end();
  }
  return news;
}

bool SendQueue::mark_head_lost(uint32_t mss) {
  for (size_t i = 0; i < sent_.size(); ++i) {
    if (sent_[i].sacked) continue;
    if (sent_[i].lost || sent_[i].repaired) return false;
    if (sent_[i].size() > mss) split(i, mss, mss);
    lose(sent_[i]);
    return true;
  }
  return false;
}

bool SendQueue::mark_tail_lost(uint32_t mss) {
  if (sent_.empty()) return false;
  size_t last = sent_.size() - 1;
  if (sent_[last].sacked || sent_[last].lost) return false;
  const int64_t before = (sent_[last].size() - 1) / mss * mss;
  if (before > 0) split(last++, before, mss);
  lose(sent_[last]);
  return true;
}

void SendQueue::mark_all_lost(bool forget_sacks) {
  for (size_t i = 0; i < sent_.size(); ++i) {
    Chunk& chunk = sent_[i];
    if (chunk.sacked) {
      if (!forget_sacks) continue;
      chunk.sacked = false;
      sacked_ -= chunk.segments;
      enter_flight(chunk, 1);
    }
    if (!chunk.lost) lose(chunk);
  }
  if (forget_sacks) highest_sacked_ = begin_;
  judged_ = begin_;
}

bool SendQueue::mark_larger_lost(uint32_t mss) {
  bool any = false;
  for (size_t i = 0; i < sent_.size(); ++i) {
    Chunk& chunk = sent_[i];
    if (chunk.sacked || chunk.lost || chunk.size() <= int64_t{mss}) continue;
    lose(chunk);
    any = true;
  }
  judged_ = begin_;
  return any;
}

void SendQueue::mark_none_lost() {
  for (size_t i = 0; i < sent_.size() && lost_count_ > 0; ++i) {
    Chunk& chunk = sent_[i];
    if (!chunk.lost) continue;
    chunk.lost = false;
    --lost_count_;
    enter_flight(chunk, 1);
  }
  judged_ = begin_;
}

void SendQueue::forget_repairs() {
  for (size_t i = 0; i < sent_.size(); ++i) sent_[i].repaired = false;
  judged_ = begin_;
}

std::optional<StreamPos> SendQueue::below_sacked(int64_t count, bool holes_count) const {
  if (sacked_ == 0 || highest_sacked_ <= begin_) return std::nullopt;
  if (sacked_ < count && !holes_count) return std::nullopt;
  int64_t above = 0;
  for (size_t i = index_of(highest_sacked_ - 1) + 1; i-- > 0;) {
    if (sent_[i].sacked || holes_count) above += sent_[i].segments;
    if (above >= count) return sent_[i].begin;
  }
  return std::nullopt;
}

SendQueue::Acked SendQueue::acknowledge(StreamPos upto, uint32_t mss) {
  Acked acked;
  bool retransmitted = false;
  while (begin_ < upto && !sent_.empty()) {
    const int64_t bytes = upto - begin_;
    const Chunk chunk = bytes < sent_.front().size() ? cut(0, bytes, mss) : sent_.pop_front();
    if (chunk.lost) {
      --lost_count_;
    } else if (chunk.sacked) {
      sacked_ -= chunk.segments;
    } else {
      enter_flight(chunk, -1);
    }
    if (!acked.sampled_at && !chunk.sacked) acked.sampled_at = chunk.sent_at;
    if (!chunk.sacked) acked.newest_at = chunk.sent_at;
    retransmitted |= chunk.retransmitted;
    acked.bytes += chunk.size();
    acked.segments += chunk.segments;
    begin_ = chunk.end();
  }
  CHECK(begin_ >= upto || unsent_.empty());
  if (first_lost_ < begin_) find_next_lost(0);
  if (retransmitted) {
    acked.sampled_at.reset();
    acked.newest_at.reset();
  }
  return acked;
}

}  // namespace tcptwin::tcp

#include "stack/tcp/send_queue.h"

#include <algorithm>
#include <utility>

#include "stack/base/check.h"

namespace tcptwin::tcp {

int64_t SendQueue::unsent_bytes() const {
  return sent_count_ < chunks_.size() ? end_ - chunks_[sent_count_].begin : 0;
}

int64_t SendQueue::tail_room(int64_t goal) const {
  if (sent_count_ == chunks_.size()) return 0;
  return std::max<int64_t>(goal - chunks_.back().size(), 0);
}

void SendQueue::append_to_tail(Payload data) {
  CHECK(sent_count_ < chunks_.size());
  end_ += static_cast<int64_t>(data.size());
  chunks_.back().data.append(std::move(data));
}

void SendQueue::append_chunk(Payload data) {
  CHECK(!data.empty());
  Chunk chunk;
  chunk.begin = end_;
  end_ += static_cast<int64_t>(data.size());
  chunk.data = std::move(data);
  chunks_.push_back(std::move(chunk));
}

void SendQueue::mark_push() {
  if (sent_count_ < chunks_.size()) chunks_.back().push = true;
}

void SendQueue::mark_push_next() {
  if (sent_count_ < chunks_.size()) chunks_[sent_count_].push = true;
}

const Chunk* SendQueue::next_unsent() const {
  return sent_count_ < chunks_.size() ? &chunks_[sent_count_] : nullptr;
}

size_t SendQueue::index_of(StreamPos pos) const {
  size_t low = 0;
  size_t high = sent_count_;
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (chunks_[middle].end() <= pos) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

const Chunk* SendQueue::next_lost() const {
  if (lost_count_ == 0) return nullptr;
  for (size_t i = index_of(first_lost_); i < sent_count_; ++i) {
    if (chunks_[i].lost) return &chunks_[i];
  }
  CHECK(false);
}

void SendQueue::enter_flight(const Chunk& chunk, int sign) {
  in_flight_ += sign * chunk.segments;
  in_flight_bytes_ += sign * chunk.size();
}

// Both parts are what the whole was; segments are counted again, which matters when the MSS has
// changed or the cut is inside a segment.
void SendQueue::split(size_t index, int64_t bytes, uint32_t mss) {
  Chunk& whole = chunks_[index];
  CHECK(bytes > 0 && bytes < whole.size());
  const bool sent = index < sent_count_;
  const bool flying = sent && !whole.lost && !whole.sacked;
  if (flying) enter_flight(whole, -1);
  if (whole.sacked) sacked_ -= whole.segments;
  Chunk head;
  head.begin = whole.begin;
  head.sent_at = whole.sent_at;
  head.sacked = whole.sacked;
  head.lost = whole.lost;
  head.retransmitted = whole.retransmitted;
  head.repaired = whole.repaired;
  head.data = whole.data.take_front(static_cast<size_t>(bytes));
  whole.begin += bytes;
  if (sent) {
    head.segments = segments(bytes, mss);
    whole.segments = segments(whole.size(), mss);
    ++sent_count_;
  }
  if (flying) {
    enter_flight(head, 1);
    enter_flight(whole, 1);
  }
  if (head.sacked) sacked_ += head.segments + whole.segments;
  if (head.lost) ++lost_count_;
  chunks_.insert(index, std::move(head));
}

int64_t SendQueue::growable_to(int64_t most) const {
  const int64_t own = chunks_[sent_count_].size();
  if (own >= most || sent_count_ + 1 >= chunks_.size()) return own;
  return std::min(own + chunks_[sent_count_ + 1].size(), most);
}

void SendQueue::grow_next(int64_t bytes) {
  Chunk& next = chunks_[sent_count_];
  const int64_t missing = bytes - next.size();
  if (missing <= 0 || sent_count_ + 1 >= chunks_.size()) return;
  Chunk& donor = chunks_[sent_count_ + 1];
  const int64_t moved = std::min(missing, donor.size());
  next.data.append(donor.data.take_front(static_cast<size_t>(moved)));
  donor.begin += moved;
  if (!donor.data.empty()) return;
  next.push |= donor.push;
  for (size_t i = sent_count_ + 1; i + 1 < chunks_.size(); ++i) chunks_[i] = std::move(chunks_[i + 1]);
  chunks_.drop_back();
}

void SendQueue::mark_sent(Instant now, int64_t bytes, uint32_t mss, bool push) {
  CHECK(sent_count_ < chunks_.size());
  if (bytes < chunks_[sent_count_].size()) split(sent_count_, bytes, mss);
  Chunk& chunk = chunks_[sent_count_];
  chunk.sent_at = now;
  chunk.segments = segments(bytes, mss);
  chunk.push |= push;
  ++sent_count_;
  enter_flight(chunk, 1);
}

void SendQueue::mark_resent(Instant now, int64_t bytes, uint32_t mss, bool push) {
  size_t index = index_of(first_lost_);
  while (!chunks_[index].lost) ++index;
  if (bytes < chunks_[index].size()) split(index, bytes, mss);
  Chunk& chunk = chunks_[index];
  chunk.lost = false;
  chunk.retransmitted = chunk.repaired = true;
  chunk.push |= push;
  chunk.sent_at = now;
  chunk.segments = segments(bytes, mss);
  first_lost_ = chunk.end();
  --lost_count_;
  enter_flight(chunk, 1);
}

int64_t SendQueue::mark_sacked(StreamPos from, StreamPos to, uint32_t mss) {
  from = std::max(from, begin_);
  const StreamPos sent_end = sent_count_ < chunks_.size() ? chunks_[sent_count_].begin : end_;
  to = std::min(to, sent_end);
  int64_t news = 0;
  for (size_t i = index_of(from); i < sent_count_ && chunks_[i].begin < to; ++i) {
    if (chunks_[i].sacked) continue;
    if (chunks_[i].begin < from) {
      split(i, from - chunks_[i].begin, mss);
      continue;
    }
    if (chunks_[i].end() > to) split(i, to - chunks_[i].begin, mss);
    Chunk& chunk = chunks_[i];
    if (chunk.lost) {
      --lost_count_;
      chunk.lost = false;
    } else {
      enter_flight(chunk, -1);
    }
    chunk.sacked = true;
    sacked_ += chunk.segments;
    news += chunk.segments;
    highest_sacked_ = std::max(highest_sacked_, chunk.end());
  }
  return news;
}

void SendQueue::lose(Chunk& chunk) {
  enter_flight(chunk, -1);
  chunk.lost = true;
  chunk.repaired = false;
  ++lost_count_;
  first_lost_ = std::min(first_lost_, chunk.begin);
}

bool SendQueue::mark_lost_below(StreamPos limit, uint32_t mss) {
  bool news = false;
  judged_ = std::max(judged_, begin_);
  for (size_t i = index_of(judged_); i < sent_count_ && chunks_[i].begin < limit; ++i) {
    Chunk& chunk = chunks_[i];
    if (!chunk.sacked && !chunk.lost && !chunk.repaired) {
      if (chunk.end() > limit) {
        const int64_t whole = (limit - chunk.begin) / mss * mss;
        if (whole == 0) break;
        split(i, whole, mss);
      }
      lose(chunks_[i]);
      news = true;
    }
    judged_ = chunks_[i].end();
  }
  return news;
}

bool SendQueue::mark_head_lost(uint32_t mss) {
  for (size_t i = 0; i < sent_count_; ++i) {
    if (chunks_[i].sacked) continue;
    if (chunks_[i].lost || chunks_[i].repaired) return false;
    if (chunks_[i].size() > mss) split(i, mss, mss);
    lose(chunks_[i]);
    return true;
  }
  return false;
}

void SendQueue::mark_all_lost(bool forget_sacks) {
  for (size_t i = 0; i < sent_count_; ++i) {
    Chunk& chunk = chunks_[i];
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
  for (size_t i = 0; i < sent_count_; ++i) {
    Chunk& chunk = chunks_[i];
    if (chunk.sacked || chunk.lost || chunk.size() <= int64_t{mss}) continue;
    lose(chunk);
    any = true;
  }
  judged_ = begin_;
  return any;
}

void SendQueue::mark_none_lost() {
  for (size_t i = 0; i < sent_count_ && lost_count_ > 0; ++i) {
    Chunk& chunk = chunks_[i];
    if (!chunk.lost) continue;
    chunk.lost = false;
    --lost_count_;
    enter_flight(chunk, 1);
  }
  judged_ = begin_;
}

void SendQueue::forget_repairs() {
  for (size_t i = 0; i < sent_count_; ++i) chunks_[i].repaired = false;
  judged_ = begin_;
}

std::optional<StreamPos> SendQueue::below_sacked(int64_t count, bool holes_count) const {
  if (sacked_ == 0 || highest_sacked_ <= begin_) return std::nullopt;
  int64_t above = 0;
  for (size_t i = index_of(highest_sacked_ - 1) + 1; i-- > 0;) {
    if (chunks_[i].sacked || holes_count) above += chunks_[i].segments;
    if (above >= count) return chunks_[i].begin;
  }
  return std::nullopt;
}

SendQueue::Acked SendQueue::acknowledge(StreamPos upto, uint32_t mss) {
  Acked acked;
  bool retransmitted = false;
  while (!chunks_.empty() && begin_ < upto) {
    if (upto < chunks_.front().end()) split(0, upto - begin_, mss);
    const Chunk& chunk = chunks_.front();
    CHECK(sent_count_ > 0);
    if (chunk.lost) {
      --lost_count_;
    } else if (chunk.sacked) {
      sacked_ -= chunk.segments;
    } else {
      enter_flight(chunk, -1);
    }
    if (!acked.sampled_at && !chunk.sacked) acked.sampled_at = chunk.sent_at;
    retransmitted |= chunk.retransmitted;
    acked.bytes += chunk.size();
    acked.segments += chunk.segments;
    begin_ = chunk.end();
    --sent_count_;
    chunks_.drop_front();
  }
  first_lost_ = std::max(first_lost_, begin_);
  if (retransmitted) acked.sampled_at.reset();
  return acked;
}

}  // namespace tcptwin::tcp

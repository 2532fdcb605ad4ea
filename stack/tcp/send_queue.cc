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
  if (!chunks_.empty()) chunks_.back().push = true;
}

const Chunk* SendQueue::next_unsent() const {
  return sent_count_ < chunks_.size() ? &chunks_[sent_count_] : nullptr;
}

const Chunk* SendQueue::next_lost() const {
  if (lost_count_ == 0) return nullptr;
  for (size_t i = 0; i < sent_count_; ++i) {
    if (chunks_[i].lost) return &chunks_[i];
  }
  CHECK(false);
}

void SendQueue::split(size_t index, int64_t bytes) {
  Chunk& whole = chunks_[index];
  CHECK(bytes > 0 && bytes < whole.size());
  Chunk head;
  head.begin = whole.begin;
  head.sent_at = whole.sent_at;
  head.lost = whole.lost;
  head.retransmitted = whole.retransmitted;
  head.data = whole.data.take_front(static_cast<size_t>(bytes));
  whole.begin += bytes;
  if (head.lost) ++lost_count_;
  chunks_.insert(index, std::move(head));
}

void SendQueue::mark_sent(Instant now, int64_t bytes, uint32_t mss) {
  CHECK(sent_count_ < chunks_.size());
  if (bytes < chunks_[sent_count_].size()) split(sent_count_, bytes);
  chunks_[sent_count_].sent_at = now;
  ++sent_count_;
  in_flight_ += segments(bytes, mss);
}

void SendQueue::mark_resent(Instant now, int64_t bytes, uint32_t mss) {
  size_t index = 0;
  while (!chunks_[index].lost) ++index;
  if (bytes < chunks_[index].size()) {
    split(index, bytes);
    ++sent_count_;
  }
  Chunk& chunk = chunks_[index];
  chunk.lost = false;
  chunk.retransmitted = true;
  chunk.sent_at = now;
  --lost_count_;
  in_flight_ += segments(bytes, mss);
}

void SendQueue::mark_all_lost() {
  for (size_t i = 0; i < sent_count_; ++i) chunks_[i].lost = true;
  lost_count_ = sent_count_;
  in_flight_ = 0;
}

SendQueue::Acked SendQueue::acknowledge(StreamPos upto, uint32_t mss) {
  Acked acked;
  bool retransmitted = false;
  while (!chunks_.empty() && begin_ < upto) {
    if (upto < chunks_.front().end()) {
      split(0, upto - begin_);  // an ACK inside a chunk: the acknowledged part goes
      ++sent_count_;
    }
    const Chunk chunk = chunks_.pop_front();
    CHECK(sent_count_ > 0);
    --sent_count_;
    if (chunk.lost) {
      --lost_count_;
    } else {
      in_flight_ = std::max<int64_t>(in_flight_ - segments(chunk.size(), mss), 0);
    }
    if (!acked.sampled_at) acked.sampled_at = chunk.sent_at;
    retransmitted |= chunk.retransmitted;
    acked.bytes += chunk.size();
    acked.segments += segments(chunk.size(), mss);
    begin_ = chunk.end();
  }
  if (retransmitted) acked.sampled_at.reset();
  return acked;
}

}  // namespace tcptwin::tcp

#include "stack/tcp/receive_queue.h"

#include <algorithm>
#include <utility>

namespace tcptwin::tcp {

void ReceiveQueue::push(Payload data, const Buffer& buffer) {
  unread_ += static_cast<int64_t>(data.size());
  charged_ += buffer.charge;
  readable_.push_back({std::move(data), buffer});
}

void ReceiveQueue::push_joined(Payload data, const Buffer& more) {
  unread_ += static_cast<int64_t>(data.size());
  charged_ += more.charge;
  Segment& last = readable_.back();
  last.data.append(std::move(data));
  last.buffer.charge += more.charge;
  last.buffer.pieces += more.pieces;
}

void ReceiveQueue::release() {
  charged_ -= pinned_;
  pinned_ = 0;
}

Payload ReceiveQueue::read(int64_t count, bool pinned) {
  Payload out;
  while (count > 0 && !readable_.empty()) {
    Segment& first = readable_.front();
    const int64_t n = std::min(count, static_cast<int64_t>(first.data.size()));
    out.append(first.data.take_front(static_cast<size_t>(n)));
    count -= n;
    unread_ -= n;
    if (first.data.empty()) {
      const int64_t charge = first.buffer.charge;
      (pinned ? pinned_ : charged_) += pinned ? charge : -charge;
      readable_.pop_front();
    }
  }
  return out;
}

Payload ReceiveQueue::peek(int64_t count) const {
  Payload out;
  for (size_t i = 0; count > 0 && i < readable_.size(); ++i) {
    const Payload& data = readable_[i].data;
    const int64_t n = std::min(count, static_cast<int64_t>(data.size()));
    out.append(data.sub(0, static_cast<size_t>(n)));
    count -= n;
  }
  return out;
}

void ReceiveQueue::keep_early(StreamPos begin, Payload data, int64_t charge) {
  if (!early_) early_ = std::make_unique<std::map<StreamPos, Segment>>();
  StreamPos end = begin + static_cast<int64_t>(data.size());
  auto after = early_->upper_bound(begin);
  if (after != early_->begin()) {  // cut off what the segment before covers already
    const auto before = std::prev(after);
    const StreamPos covered = before->first + static_cast<int64_t>(before->second.data.size());
    if (covered >= end) return;
    if (covered > begin) {
      data.take_front(static_cast<size_t>(covered - begin));
      begin = covered;
    }
  }
  while (after != early_->end() && after->first < end) {  // and what later ones cover
    const StreamPos later_end = after->first + static_cast<int64_t>(after->second.data.size());
    if (later_end > end) {
      data = data.sub(0, static_cast<size_t>(after->first - begin));
      end = after->first;
      break;
    }
    charged_ -= after->second.buffer.charge;
    after = early_->erase(after);
  }
  if (data.empty()) return;
  charged_ += charge;
  early_->emplace(begin, Segment{std::move(data), {.charge = charge, .first_end = end}});
}

void ReceiveQueue::drop_early() {
  if (!early_) return;
  for (const auto& [begin, segment] : *early_) charged_ -= segment.buffer.charge;
  early_->clear();
}

StreamPos ReceiveQueue::early_end() const {
  const auto& [begin, last] = *early_->rbegin();
  return begin + static_cast<int64_t>(last.data.size());
}

StreamPos ReceiveQueue::join(StreamPos next) {
  while (early_ && !early_->empty() && early_->begin()->first <= next) {
    auto node = early_->extract(early_->begin());
    Segment& segment = node.mapped();
    const int64_t covered = next - node.key();
    charged_ -= segment.buffer.charge;
    if (covered >= static_cast<int64_t>(segment.data.size())) continue;
    segment.data.take_front(static_cast<size_t>(covered));
    next += static_cast<int64_t>(segment.data.size());
    push(std::move(segment.data), segment.buffer);
  }
  return next;
}

}  // namespace tcptwin::tcp

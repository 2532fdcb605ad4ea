#include "sim/engine/engine.h"

#include "stack/base/check.h"

namespace tcptwin::engine {

Transit Transit::copy() const {
  Transit other;
  other.packet = packet.clone();
  other.sent = sent;
  other.sender_ids = sender_ids;
  other.flipped_bit = flipped_bit;
  other.doubled = true;
  other.marked = marked;
  return other;
}

void Transit::mark_congestion() {
  constexpr uint8_t kCongestionExperienced = 3;
  const uint8_t ecn = packet.ip.tos & kCongestionExperienced;
  if (ecn == 0 || ecn == kCongestionExperienced) return;
  packet.ip.tos |= kCongestionExperienced;
  marked = true;
}

void Node::reschedule() {
  if (engine_ != nullptr) engine_->update(number_);
}

void Engine::add(Node& node) {
  const auto number = static_cast<uint32_t>(nodes_.size());
  nodes_.push_back(&node);
  node.enter(*this, number);
  update(number);
}

void Engine::update(uint32_t node) {
  if (node != running_) enter_next(node);  // a running one is asked when it is done
}

void Engine::enter_next(uint32_t node) {
  const Due next = nodes_[node]->next();
  if (next.at.is_never()) {
    queue_.remove(node);
  } else {
    queue_.set(node, next);
  }
}

Instant Engine::run_until(Instant limit) {
  Instant last;
  while (!queue_.empty() && queue_.top_key().at <= limit) {
    const Due due = queue_.top_key();
    const uint32_t node = queue_.top_id();
    CHECK(due.at >= last);  // time never runs backwards
    last = due.at;
    ++events_;
    running_ = node;
    nodes_[node]->run(due.at, due.phase);
    running_ = kNone;
    enter_next(node);
  }
  return last;
}

}  // namespace tcptwin::engine

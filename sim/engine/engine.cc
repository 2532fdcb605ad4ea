#include "sim/engine/engine.h"

#include "stack/base/check.h"

namespace tcptwin::engine {

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
    nodes_[node]->run(due.at, due.phase);
    update(node);
  }
  return last;
}

}  // namespace tcptwin::engine

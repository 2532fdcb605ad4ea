#include "stack/socket/sleepers.h"

#include <utility>

#include "stack/base/check.h"

namespace tcptwin::socket {

OperationId Sleepers::add(PendingOperation&& operation, uint32_t& first) {
  if (free_.empty()) {
    free_.push_back(static_cast<uint32_t>(slots_.size()));
    slots_.push_back(std::make_unique<PendingOperation>());
    CHECK(slots_.size() < size_t{1} << kSlotBits);
  }
  const uint32_t slot = free_.back();
  free_.pop_back();
  operation.id = static_cast<OperationId>(++last_ << kSlotBits | slot);
  operation.next = kNoIndex;
  if (!operation.deadline.is_never()) deadlines_.set(slot, operation.deadline);
  *slots_[slot] = std::move(operation);
  uint32_t* end = &first;
  while (*end != kNoIndex) end = &slots_[*end]->next;
  *end = slot;
  return slots_[slot]->id;
}

PendingOperation* Sleepers::find(OperationId id) {
  const uint32_t slot = slot_of(id);
  if (slot >= slots_.size() || slots_[slot]->id != id) return nullptr;
  return slots_[slot].get();
}

std::vector<PendingOperation*> Sleepers::of_process(ProcessId process) {
  std::vector<PendingOperation*> found;
  for (const auto& slot : slots_) {
    const bool sleeps = slot->kind != PendingOperation::Kind::kNone;
    if (sleeps && slot->caller.process == process) found.push_back(slot.get());
  }
  return found;
}

void Sleepers::remove(OperationId id, uint32_t& first) {
  const uint32_t slot = slot_of(id);
  uint32_t* link = &first;
  while (*link != slot) {
    CHECK(*link != kNoIndex);
    link = &slots_[*link]->next;
  }
  *link = slots_[slot]->next;
  *slots_[slot] = PendingOperation();
  deadlines_.remove(slot);
  free_.push_back(slot);
}

PendingOperation* Sleepers::take_due(Instant now) {
  if (deadlines_.empty() || now < deadlines_.top_key()) return nullptr;
  PendingOperation* due = slots_[deadlines_.top_id()].get();
  deadlines_.remove(deadlines_.top_id());
  return due;
}

}  // namespace tcptwin::socket

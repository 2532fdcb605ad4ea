#include "models/lwip/host_memory.h"

#include <new>

namespace tcptwin::lwip {

HostMemory::~HostMemory() {
  while (head_.next != &head_) release(head_.next + 1);
}

void* HostMemory::allocate(size_t size) {
  auto* block = static_cast<Block*>(::operator new(sizeof(Block) + size, std::nothrow));
  if (block == nullptr) return nullptr;
  block->next = head_.next;
  block->previous = &head_;
  head_.next->previous = block;
  head_.next = block;
  ++blocks_;
  return block + 1;
}

void HostMemory::release(void* memory) {
  if (memory == nullptr) return;
  Block* block = static_cast<Block*>(memory) - 1;
  block->previous->next = block->next;
  block->next->previous = block->previous;
  --blocks_;
  ::operator delete(block);
}

}  // namespace tcptwin::lwip

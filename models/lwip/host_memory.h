// host_memory.h: the memory that lwIP takes for one host. What a host never gave back goes with it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tcptwin::lwip {

class HostMemory {
 public:
  HostMemory() { head_.next = head_.previous = &head_; }
  ~HostMemory();
  HostMemory(const HostMemory&) = delete;
  HostMemory& operator=(const HostMemory&) = delete;

  // Aligned for any type; null: the machine has no more.
  void* allocate(size_t size);
  void release(void* memory);
  int64_t blocks() const { return blocks_; }

 private:
  struct alignas(16) Block {
    Block* next;
    Block* previous;
  };
  Block head_;
  int64_t blocks_ = 0;
};

}  // namespace tcptwin::lwip

#include "stack/socket/socket.h"

#include <algorithm>

namespace tcptwin::socket {

Descriptor DescriptorTable::add(uint32_t socket_index) {
  const auto free = std::find(entries_.begin(), entries_.end(), kNoIndex);
  const auto fd = static_cast<Descriptor>(free - entries_.begin()) + kFirst;
  if (free == entries_.end()) {
    entries_.push_back(socket_index);
  } else {
    *free = socket_index;
  }
  return fd;
}

uint32_t DescriptorTable::find(Descriptor fd) const {
  const int64_t at = int64_t{fd} - kFirst;
  if (at < 0 || at >= static_cast<int64_t>(entries_.size())) return kNoIndex;
  return entries_[static_cast<size_t>(at)];
}

void DescriptorTable::remove(Descriptor fd) {
  if (find(fd) != kNoIndex) entries_[static_cast<size_t>(fd - kFirst)] = kNoIndex;
}

}  // namespace tcptwin::socket

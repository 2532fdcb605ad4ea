#include "stack/socket/descriptors.h"

#include <algorithm>

namespace tcptwin::socket {

DescriptorTable::DescriptorTable() {
  constexpr size_t kStandardStreams = 3;
  entries_.assign(kStandardStreams, FileRef::stream());
  lowest_free_ = kStandardStreams;
}

std::optional<Descriptor> DescriptorTable::add(FileRef file, int32_t limit) {
  while (lowest_free_ < entries_.size() && entries_[lowest_free_].is_open()) ++lowest_free_;
  if (lowest_free_ >= static_cast<size_t>(limit)) return std::nullopt;
  if (lowest_free_ == entries_.size()) entries_.emplace_back();
  entries_[lowest_free_] = file;
  return static_cast<Descriptor>(lowest_free_++);
}

FileRef DescriptorTable::find(Descriptor fd) const {
  if (fd < 0 || static_cast<size_t>(fd) >= entries_.size()) return FileRef();
  return entries_[static_cast<size_t>(fd)];
}

void DescriptorTable::remove(Descriptor fd) {
  if (!find(fd).is_open()) return;
  entries_[static_cast<size_t>(fd)] = FileRef();
  lowest_free_ = std::min(lowest_free_, static_cast<size_t>(fd));
}

}  // namespace tcptwin::socket

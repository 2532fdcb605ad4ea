#include "stack/socket/descriptors.h"

#include <algorithm>

namespace tcptwin::socket {

DescriptorTable::DescriptorTable() {
  constexpr size_t kStandardStreams = 3;
  descriptors_.entries.assign(kStandardStreams, FileRef::other(FileKind::kStream));
  descriptors_.lowest_free = kStandardStreams;
}

Descriptor DescriptorTable::Numbers::add(FileRef file) {
  while (lowest_free < entries.size() && entries[lowest_free].is_open()) ++lowest_free;
  if (lowest_free == entries.size()) entries.emplace_back();
  entries[lowest_free] = file;
  return first + static_cast<Descriptor>(lowest_free++);
}

std::optional<Descriptor> DescriptorTable::add(FileRef file, int32_t limit) {
  const Descriptor fd = descriptors_.add(file);
  if (fd < limit) return fd;
  remove(fd);
  return std::nullopt;
}

Descriptor DescriptorTable::add_handle(FileRef file) {
  flows_ += file.is_socket() ? 1 : 0;
  return handles_.add(file);
}

FileRef DescriptorTable::find(Descriptor fd) const {
  const Numbers& numbers = fd < kFirstHandle ? descriptors_ : handles_;
  const Descriptor place = fd - numbers.first;
  if (place < 0 || static_cast<size_t>(place) >= numbers.entries.size()) return FileRef();
  return numbers.entries[static_cast<size_t>(place)];
}

void DescriptorTable::remove(Descriptor fd) {
  const FileRef file = find(fd);
  if (!file.is_open()) return;
  const bool handle = fd >= kFirstHandle;
  if (handle && file.is_socket()) --flows_;
  Numbers& numbers = handle ? handles_ : descriptors_;
  const auto place = static_cast<size_t>(fd - numbers.first);
  numbers.entries[place] = FileRef();
  numbers.lowest_free = std::min(numbers.lowest_free, place);
}

}  // namespace tcptwin::socket

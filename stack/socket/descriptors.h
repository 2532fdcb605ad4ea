// descriptors.h: the descriptor numbers of one process and what stands behind each. Opens and
// closes nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "stack/socket/calls.h"

namespace tcptwin::socket {

inline constexpr uint32_t kNoIndex = UINT32_MAX;

// What a descriptor stands for, in one word: a socket's index, an event queue's, or a stream that
// is none of ours.
class FileRef {
 public:
  FileRef() = default;
  static FileRef socket(uint32_t index) { return FileRef(index); }
  static FileRef queue(uint32_t index) { return FileRef(index | kQueueBit); }
  static FileRef stream() { return FileRef(kStream); }

  bool is_open() const { return word_ != kNoIndex; }
  bool is_socket() const { return (word_ & kQueueBit) == 0; }
  bool is_queue() const { return !is_socket() && word_ < kStream; }
  uint32_t index() const { return word_ & ~kQueueBit; }
  bool operator==(const FileRef&) const = default;

 private:
  static constexpr uint32_t kQueueBit = 1U << 31;
  static constexpr uint32_t kStream = kNoIndex - 1;
  explicit FileRef(uint32_t word) : word_(word) {}
  uint32_t word_ = kNoIndex;
};

// The lowest free number first (POSIX 2.6); 0 to 2 are the standard streams.
class DescriptorTable {
 public:
  DescriptorTable();
  // nullopt: `limit` descriptors are open.
  std::optional<Descriptor> add(FileRef file, int32_t limit);
  // Not open: FileRef().
  FileRef find(Descriptor fd) const;
  void remove(Descriptor fd);
  // RLIMIT_NOFILE of the process; absent: the host's.
  std::optional<int32_t> own_limit;
  std::optional<int64_t> hard_limit;  // that own_limit may not pass, and that only falls
  // One past the highest number ever used.
  Descriptor end() const { return static_cast<Descriptor>(entries_.size()); }

 private:
  std::vector<FileRef> entries_;
  size_t lowest_free_ = 0;  // none below it is free
};

}  // namespace tcptwin::socket

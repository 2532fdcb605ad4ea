// descriptors.h: the descriptor numbers of one process and what stands behind each. Opens and
// closes nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "stack/socket/calls.h"

namespace tcptwin::socket {

inline constexpr uint32_t kNoIndex = UINT32_MAX;

// What a descriptor stands for, in one word: a socket's index, an event queue's, or a file that is
// none of ours.
class FileRef {
 public:
  FileRef() = default;
  static FileRef socket(uint32_t index) { return FileRef(index); }
  static FileRef queue(uint32_t index) { return FileRef(index | kQueueBit); }
  static FileRef other(FileKind kind) { return FileRef(kOther + static_cast<uint32_t>(kind)); }

  bool is_open() const { return word_ != kNoIndex; }
  bool is_socket() const { return (word_ & kQueueBit) == 0; }
  bool is_queue() const { return !is_socket() && word_ < kOther; }
  uint32_t index() const { return word_ & ~kQueueBit; }
  // Of what is open and neither a socket nor a queue.
  FileKind kind() const { return static_cast<FileKind>(word_ - kOther); }
  bool operator==(const FileRef&) const = default;

 private:
  static constexpr uint32_t kQueueBit = 1U << 31;
  static constexpr uint32_t kOther = kNoIndex - 16;
  explicit FileRef(uint32_t word) : word_(word) {}
  uint32_t word_ = kNoIndex;
};

// Numbers from here on are no descriptors: they name what a process has without one.
inline constexpr Descriptor kFirstHandle = 1 << 30;

// The lowest free number first (POSIX 2.6); 0 to 2 are the standard streams.
class DescriptorTable {
 public:
  DescriptorTable();
  // nullopt: `limit` descriptors are open.
  std::optional<Descriptor> add(FileRef file, int32_t limit);
  // Without a descriptor: a flow, or the event queue that belongs to the process itself.
  Descriptor add_handle(FileRef file);
  // How many handles name sockets.
  int64_t flows() const { return flows_; }
  // Not open: FileRef().
  FileRef find(Descriptor fd) const;
  void remove(Descriptor fd);
  // RLIMIT_NOFILE of the process; absent: the host's.
  std::optional<int32_t> own_limit;
  std::optional<int64_t> hard_limit;  // that own_limit may not pass, and that only falls
  // Descriptors, then handles, each in the order of the numbers: visit(Descriptor, FileRef).
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const Numbers* numbers : {&descriptors_, &handles_}) {
      for (size_t i = 0; i < numbers->entries.size(); ++i) {
        const FileRef file = numbers->entries[i];
        if (file.is_open()) visit(numbers->first + static_cast<Descriptor>(i), file);
      }
    }
  }

 private:
  struct Numbers {
    Descriptor first = 0;
    std::vector<FileRef> entries{};
    size_t lowest_free = 0;  // none below it is free

    Descriptor add(FileRef file);
  };
  Numbers descriptors_;
  Numbers handles_{kFirstHandle};
  int64_t flows_ = 0;
};

}  // namespace tcptwin::socket

// receive_queue.h: received data until it is read, and what came too early. Decides nothing.
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "stack/base/payload.h"
#include "stack/base/ring.h"
#include "stack/base/seq.h"

namespace tcptwin::tcp {

class ReceiveQueue {
 public:
  int64_t unread() const { return unread_; }
  int64_t charged() const {
    return charged_;
  }                                           // of everything held, by the receive window's tariff
  int64_t pinned() const { return pinned_; }  // of that, what was read and not released
  bool has_gap() const { return early_ != nullptr && !early_->empty(); }

  // What holds a segment until it is read.
  struct Buffer {
    int64_t charge = 0;     // of all
    StreamPos first_end{};  // one past the last byte of the first segment in it
    int64_t pieces = 1;     // blocks of memory
  };
  void push(Payload data, const Buffer& buffer);
  // The last buffer, which the next segment may join; null when all is read.
  const Buffer* last() const { return readable_.empty() ? nullptr : &readable_.back().buffer; }
  void push_joined(Payload data, const Buffer& more);
  // Up to `count` bytes from the front; a buffer's charge ends when its last byte is read.
  // `pinned`: it goes on until release().
  Payload read(int64_t count, bool pinned = false);
  // Ends the charge of what was read so far.
  void release();
  // A copy of up to `count` bytes from the front; nothing changes.
  Payload peek(int64_t count) const;

  // Keeps a segment that begins beyond `next`; overlapping parts are kept once.
  void keep_early(StreamPos begin, Payload data, int64_t charge);
  // Forgets all that came early.
  void drop_early();
  StreamPos early_end() const;  // one past the furthest byte kept; only while has_gap()
  // Bytes of the buffer that is read next; 0 when there is none.
  int64_t front_size() const {
    return readable_.empty() ? 0 : static_cast<int64_t>(readable_.front().data.size());
  }
  // Moves what follows `next` without a gap to the readable part; returns the new end.
  StreamPos join(StreamPos next);

 private:
  struct Segment {
    Payload data;
    Buffer buffer;
  };
  Ring<Segment> readable_;
  int64_t unread_ = 0;
  int64_t charged_ = 0;
  int64_t pinned_ = 0;  // of charged_: was read already
  std::unique_ptr<std::map<StreamPos, Segment>>
      early_;  // by first byte; made when the first gap opens
};

}  // namespace tcptwin::tcp

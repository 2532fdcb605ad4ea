// send_queue.h: written data until it is acknowledged, in the chunks that the host would queue.
// Decides nothing.
#pragma once

#include <cstdint>
#include <optional>

#include "stack/base/payload.h"
#include "stack/base/ring.h"
#include "stack/base/seq.h"
#include "stack/base/time.h"

namespace tcptwin::tcp {

// One queued buffer. A chunk that left in part is split, so that each is sent whole or not at all.
struct Chunk {
  StreamPos begin;
  Payload data;
  Instant sent_at;             // last time it left
  bool push = false;           // a write ended here
  bool lost = false;           // to be sent again
  bool retransmitted = false;  // gives no round-trip sample (Karn)

  int64_t size() const { return static_cast<int64_t>(data.size()); }
  StreamPos end() const { return begin + size(); }
};

// Invariants: chunks are adjacent and never empty; sent chunks come before unsent ones; in_flight()
// counts the segments of sent chunks that are not marked lost.
class SendQueue {
 public:
  struct Acked {
    int64_t bytes = 0;
    int64_t segments = 0;
    std::optional<Instant> sampled_at;  // when the first of them left, if none was retransmitted
  };

  StreamPos begin() const { return begin_; }  // first byte not acknowledged
  StreamPos end() const { return end_; }      // one past the last byte written
  bool empty() const { return chunks_.empty(); }
  int64_t chunk_count() const { return static_cast<int64_t>(chunks_.size()); }
  int64_t unsent_bytes() const;
  int64_t in_flight() const { return in_flight_; }

  // Bytes that fit into the last chunk before it reaches `goal`; 0 when it has left already.
  int64_t tail_room(int64_t goal) const;
  void append_to_tail(Payload data);
  void append_chunk(Payload data);
  void mark_push();  // on the last chunk

  // The chunk that leaves next, lost ones first; null when all are out.
  const Chunk* next_unsent() const;
  const Chunk* next_lost() const;
  bool is_last(const Chunk& chunk) const { return &chunk == &chunks_.back(); }
  // Marks the first `bytes` of that chunk as sent now; the rest stays behind as a chunk of its own.
  void mark_sent(Instant now, int64_t bytes, uint32_t mss);
  void mark_resent(Instant now, int64_t bytes, uint32_t mss);
  // Everything in flight counts as lost.
  void mark_all_lost();

  Acked acknowledge(StreamPos upto, uint32_t mss);

 private:
  static int64_t segments(int64_t bytes, uint32_t mss) { return (bytes + mss - 1) / mss; }
  void split(size_t index, int64_t bytes);

  Ring<Chunk> chunks_;
  size_t sent_count_ = 0;  // chunks before this index have left at least once
  size_t lost_count_ = 0;
  int64_t in_flight_ = 0;
  StreamPos begin_{1};
  StreamPos end_{1};
};

}  // namespace tcptwin::tcp

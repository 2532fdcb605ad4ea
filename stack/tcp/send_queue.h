// send_queue.h: written data until it is acknowledged, in the chunks that the host would queue, and
// what is known of each: out, selectively acknowledged, lost. Decides nothing.
#pragma once

#include <cstdint>
#include <optional>

#include "stack/base/payload.h"
#include "stack/base/ring.h"
#include "stack/base/seq.h"
#include "stack/base/time.h"

namespace tcptwin::tcp {

// One queued buffer. A chunk of which a part left, was lost or was selectively acknowledged is
// split, so that each is one of these as a whole; sacked neighbours become one again.
struct Chunk {
  StreamPos begin;
  Payload data;
  Instant sent_at;             // last time it left
  int32_t segments = 0;        // into how many it was cut when it left
  bool push = false;           // a write ended here
  bool sacked = false;         // the receiver has it: RFC 2018
  bool lost = false;           // to be sent again
  bool retransmitted = false;  // gives no round-trip sample (Karn)
  bool repaired = false;       // sent again since losses were last counted afresh
  bool copied = false;         // what left of it shares no memory with it

  int64_t size() const { return static_cast<int64_t>(data.size()); }
  StreamPos end() const { return begin + size(); }
};

// Invariants: chunks are adjacent and never empty; a chunk is not lost and sacked at once;
// in_flight() counts sent chunks that are neither.
class SendQueue {
 public:
  struct Acked {
    int64_t bytes = 0;
    int64_t segments = 0;
    // When the first and the last of them left, if none was retransmitted.
    std::optional<Instant> sampled_at;
    std::optional<Instant> newest_at;
  };

  StreamPos begin() const { return begin_; }  // first byte not acknowledged
  StreamPos end() const { return end_; }      // one past the last byte written
  bool empty() const { return sent_.empty() && unsent_.empty(); }
  int64_t chunk_count() const { return static_cast<int64_t>(sent_.size() + unsent_.size()); }
  int64_t unsent_bytes() const;
  int64_t in_flight() const { return in_flight_; }  // segments
  int64_t in_flight_bytes() const { return in_flight_bytes_; }
  int64_t sacked_segments() const { return sacked_; }
  bool head_is_sacked() const { return !sent_.empty() && sent_.front().sacked; }
  // One past the highest byte that was selectively acknowledged.
  StreamPos highest_sacked() const { return highest_sacked_; }

  // Bytes that fit into the last chunk before it reaches `goal`; 0 when it has left already.
  int64_t tail_room(int64_t goal) const;
  void append_to_tail(Payload data);
  void append_chunk(Payload data);
  void mark_push();       // on the last chunk, unless it has left
  void unmark_push();     // the same
  void mark_push_next();  // on the one that leaves next

  // The chunk that leaves next, lost ones first; null when all are out.
  const Chunk* next_unsent() const;
  const Chunk* next_lost() const;
  bool is_last(const Chunk& chunk) const { return chunk.end() == end_; }
  // How large next_unsent() could be made with bytes of the chunk behind it, `most` at most.
  int64_t growable_to(int64_t most) const;
  // Moves bytes there so that it has `bytes` at least, as far as growable_to() allows.
  void grow_next(int64_t bytes);
  // Marks the first `bytes` of that chunk as sent now; the rest stays behind as a chunk of its own.
  // `push`: PSH goes with the last of them.
  void mark_sent(Instant now, int64_t bytes, uint32_t mss, bool push = false);
  void mark_resent(Instant now, int64_t bytes, uint32_t mss, bool push = false);
  void mark_last_copied() { sent_.back().copied = true; }
  // Whether a receiver on this host shares the memory of the byte at `pos`.
  bool shares(StreamPos pos) const;
  // When the oldest data in the queue left; nothing when none has.
  std::optional<Instant> head_sent_at() const {
    return sent_.empty() ? std::nullopt : std::optional(sent_.front().sent_at);
  }

  // Data in [from, to) has arrived out of order. Returns how many segments that is news of.
  int64_t mark_sacked(StreamPos from, StreamPos to, uint32_t mss);
  // What is out, not sacked, not repaired and ends at or before `limit` counts as lost. True when
  // that is new for any of it.
  bool mark_lost_below(StreamPos limit, uint32_t mss);
  // The same for the first segment that is out, if it was not repaired yet.
  bool mark_head_lost(uint32_t mss);
  // The same for the last segment that is out, unless the peer has it.
  bool mark_tail_lost(uint32_t mss);
  // Everything that is not sacked counts as lost, repaired or not. `forget_sacks`: sacked data too.
  void mark_all_lost(bool forget_sacks = false);
  // What is out and larger than a segment of `mss` counts as lost. True when that is anything.
  bool mark_larger_lost(uint32_t mss);
  // What counts as lost is out after all.
  void mark_none_lost();
  // Losses are counted afresh: what was repaired may be lost again.
  void forget_repairs();
  // Where the `count`-th sacked segment from the top begins; every byte before it has at least
  // `count` sacked segments above it. Nothing when there are not so many. `holes_count`: segments
  // below the highest sacked one count whether sacked or not.
  std::optional<StreamPos> below_sacked(int64_t count, bool holes_count) const;

  Acked acknowledge(StreamPos upto, uint32_t mss);

 private:
  static int32_t segments(int64_t bytes, uint32_t mss) {
    return static_cast<int32_t>((bytes + mss - 1) / mss);
  }
  // The sent chunk that holds `pos`; begin() <= pos, and some sent chunk ends after it.
  size_t index_of(StreamPos pos) const;
  Chunk cut(size_t index, int64_t bytes, uint32_t mss);
  void split(size_t index, int64_t bytes, uint32_t mss);
  bool merge_sacked(size_t index, uint32_t mss);
  void find_next_lost(size_t index);
  void enter_flight(const Chunk& chunk, int sign);
  void lose(Chunk& chunk);

  Ring<Chunk> sent_;    // have left at least once
  Ring<Chunk> unsent_;  // follow them
  size_t lost_count_ = 0;
  int64_t in_flight_ = 0;
  int64_t in_flight_bytes_ = 0;
  int64_t sacked_ = 0;
  StreamPos begin_{1};
  StreamPos end_{1};
  StreamPos highest_sacked_;
  StreamPos judged_;      // below it every chunk is sacked, lost or repaired
  StreamPos first_lost_;  // begin of the first lost chunk, when there is one
};

}  // namespace tcptwin::tcp

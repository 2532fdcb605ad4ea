// sack_report.h: what a receiver tells of data that arrived out of order: the blocks of its SACK
// options, latest first (RFC 2018 4), and duplicates (RFC 2883). Keeps no data.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "stack/base/seq.h"
#include "stack/wire/tcp_options.h"

namespace tcptwin::tcp {

class SackReport {
 public:
  // Data in [begin, end) was kept; the blocks that it touches become one, the first of the report.
  void add(StreamPos begin, StreamPos end);
  // Data in [begin, end) had arrived before. Reported once, before all else.
  void add_duplicate(StreamPos begin, StreamPos end) { duplicate_ = {begin, end}; }
  // Whether [begin, end) lies inside one of the blocks.
  bool holds(StreamPos begin, StreamPos end) const;
  // Everything before `next` is acknowledged now.
  void advance(StreamPos next);
  StreamPos highest_end() const;  // of the blocks; 0 when there are none
  bool empty() const { return count_ == 0 && duplicate_.empty(); }
  // Writes at most `room` blocks in the order of the wire, relative to `isn`; returns how many. A
  // duplicate is forgotten by it.
  size_t take(SeqNum isn, size_t room, std::array<wire::SackBlock, 4>& out);

 private:
  // Older ones are forgotten: an option holds no more than four.
  static constexpr size_t kKept = 4;
  struct Range {
    StreamPos begin;
    StreamPos end;
    bool empty() const { return end <= begin; }
  };
  void erase(size_t index);

  std::array<Range, kKept> ranges_{};  // latest first
  size_t count_ = 0;
  Range duplicate_;
};

}  // namespace tcptwin::tcp

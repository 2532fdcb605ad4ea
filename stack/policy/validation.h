// validation.h: how suspicious a host is of segments that could be forged or stale. Pure data; the
// connection applies it.
#pragma once

#include <cstdint>

#include "stack/base/time.h"

namespace tcptwin::policy {

struct ValidationConfig {
  enum class Reset : uint8_t {
    kExact,        // believed at RCV.NXT only, challenged elsewhere in the window: RFC 5961 3.2
    kExactOrEdge,  // and just before a FIN, or where the furthest sacked data ends:
                   // facts/linux.md E6
    kInWindow,     // believed anywhere in the window: RFC 793
  };
  enum class Syn : uint8_t {
    kChallenge,  // a SYN on a synchronized connection is challenged: RFC 5961 4.2
    kReset,      // one in the window resets: RFC 793
  };
  Reset reset = Reset::kExact;
  Syn syn = Syn::kChallenge;
  // An ACK older than the largest window before SND.UNA is challenged and its text dropped: RFC
  // 5961 5.2.
  bool check_old_acks = true;
  // An ACK of what was never sent draws one in ESTABLISHED: RFC 9293 3.10.7.4, fifth.
  bool answer_future_acks = true;
  int32_t challenges_per_second = 0;  // challenge ACKs of one connection; 0: no limit (RFC 5961 7)
  // Or: the shortest time between two of them, and between answers to segments without text that do
  // not fit; 0: none.
  Duration challenge_interval{};
  // Text that was received and reaches beyond our last ACK is acceptable: what it acknowledges
  // counts, and its own ACK may wait. Else it is answered at once and dropped: RFC 9293 3.10.7.4,
  // first.
  bool takes_repeated_text = false;
  bool tolerate_missing_timestamp = true;  // false: such segments are dropped: RFC 7323 3.2
  Duration paws_idle_limit = std::chrono::hours(24 * 24);  // TS.Recent is not trusted after this
                                                           // long: RFC 7323 5.5
};

}  // namespace tcptwin::policy

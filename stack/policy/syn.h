// syn.h: what a SYN looks like and when it is repeated. Builds no segment and keeps no timer.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "stack/base/time.h"

namespace tcptwin::policy {

// An option of a SYN, in the order of the profile (facts/linux.md F1). NOPs belong to the option
// that follows them: they stand when it stands. kEnd closes the list; what follows is padding.
enum class SynOption : uint8_t { kMss, kSackPermitted, kTimestamps, kNop, kWindowScale, kEnd };

struct SynConfig {
  std::vector<SynOption> options;
  // The same for a SYN without timestamps, where the padding differs. Empty: as above.
  std::vector<SynOption> options_without_timestamps;
  int32_t default_mss = 536;  // the peer's, when its SYN names none: RFC 9293 3.7.1 (MUST-15)
  int32_t default_mss_v6 = 1220;
  int32_t window = 0;         // the window field of a SYN; 0: the receive window's own choice
  int32_t answer_window = 0;  // the same for a SYN-ACK
  // What the initial RTO is multiplied with before the first, second, ... repetition; the last one
  // goes on for ever. Empty: the retransmission timeout's own doubling.
  std::vector<int32_t> retry_multipliers;
  Duration retry_slop{};         // added to every multiple from the second on: facts/freebsd.md D3
  Duration connect_limit{};      // an attempt ends after this; 0: by the number of retries alone
  bool limits_answers = false;   // the limit also ends what a listener has begun
  int32_t plain_from_retry = 0;  // from this repetition on without window scale and timestamps; 0:
                                 // never (facts/darwin.md 4.5)
  int32_t refused_retries =
      0;                    // SYNs that follow a reset before connect fails: facts/windows.md D3
  Duration refused_wait{};  // and how long each waits
  // What TCP_MAXSEG does.
  enum class MaxSegment : uint8_t {
    kOffered,  // before the handshake: the largest segment that is offered and used
    kAtOnce,   // after it: the largest that is used from then on (facts/darwin.md 1.1)
  };
  MaxSegment max_segment = MaxSegment::kOffered;
  // With TCP_NOOPT a listener takes the window scale from a SYN although its answer offers none:
  // facts/darwin.md 1.2.
  bool scales_without_offer = false;
};

// How long a SYN waits that has been sent `retransmissions` + 1 times, `initial` being the RTO; at
// most `longest`. Nothing when the profile leaves it to the retransmission timeout.
std::optional<Duration> syn_wait(const SynConfig& config, Duration initial, Duration longest,
                                 int32_t retransmissions);
// How many timeouts of a SYN-ACK, doubling from `initial`, it takes to wait for `time`.
int32_t retries_within(Duration time, Duration initial, Duration longest);
// Whether that repetition leaves the window scale and the timestamps out.
bool syn_is_plain(const SynConfig& config, int32_t retransmissions);

}  // namespace tcptwin::policy

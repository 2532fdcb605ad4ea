// recovery.h: which signs of loss a host believes, and how. Counts nothing and sends nothing: the
// connection keeps the score.
#pragma once

#include <cstdint>

#include "stack/base/time.h"

namespace tcptwin::policy {

struct RecoveryConfig {
  // When data below selectively acknowledged data counts as lost.
  enum class LossRule : uint8_t {
    kSackedAbove,  // `duplicate_acks` segments above it were sacked: RFC 6675 4, IsLost
    kDistance,     // it lies that many segments below the highest sacked one (forward
                   // acknowledgment): facts/linux.md D5
  };
  int32_t duplicate_acks = 3;    // DupThresh: RFC 5681 3.2
  bool limited_transmit = true;  // new data on the first two duplicate ACKs: RFC 3042
  LossRule loss_rule = LossRule::kSackedAbove;
  bool duplicate_sack = true;  // report duplicates: RFC 2883
  // With SACK, one segment leaves two round trips and `probe_slack` (for a lone segment: the least
  // RTO) after the last one: facts/linux.md D4.
  bool tail_loss_probe = false;
  Duration probe_slack = 2ms;
  // Signs that what was sent again had arrived; the reduction of the window is then taken back.
  bool undo_by_timestamp = false;       // an ACK echoes a time before the repetition: RFC 3522 3.2
  bool undo_by_duplicate_sack = false;  // every repetition is reported as a duplicate: RFC 3708 2
  bool sacks_survive_timeout = true;    // false: RFC 2018 8 (forgets them after a retransmission
                                        // timeout)
};

}  // namespace tcptwin::policy

// delayed_ack_view.h: what the rules of delayed acknowledgment look at and what they answer with.
// Decides nothing.
#pragma once

#include <cstdint>

#include "stack/base/seq.h"
#include "stack/base/time.h"

namespace tcptwin::policy {

// Why an ACK goes out now instead of later.
enum class AckNowReason : uint8_t {
  kQuickAck,           // immediate ACKs are left and the connection is not interactive
  kFullSegments,       // enough full-sized data waits for its ACK
  kNoDelay,            // the delay is configured as 0
  kFin,                // the peer has ended its stream
  kReadDrainedPushed,  // the reader emptied the buffer of pushed data
  kReadFreedSegment,   // the reader took more than a segment that was not acknowledged yet
  kTimerAlmostDue,     // the delay timer would fire within a quarter of the delay
  kTimer,              // the delay timer fired
  kSecondSegment,      // another segment waits for its ACK already
  kPushed,             // the segment was pushed
  kZeroWindow,         // the last window advertised was 0
  kBufferDrained,      // hardly anything is unread: the reader keeps up
  kWindowGrew,         // the window to advertise is larger than the last one
  kWindowShare,        // what waits for its ACK is too large a part of the window
  kReadWaitAll,        // a reader that wants a whole message has taken what there was
  kDuplicate,          // data behind a gap, one of the first that name it (RFC 5681 4.2)
  kCompressed,         // the pause between ACKs of data behind a gap is over
};

// What the policy may look at. Byte counts of the receiving direction.
struct AckView {
  int64_t unacked = 0;             // received in order, not acknowledged yet: rcv_nxt - rcv_wup
  bool window_can_advance = true;  // the ACK could move the right edge, or the reader is waiting
  int64_t window = 0;              // advertised now
  uint32_t mss = 0;                // largest segment the peer may send us
  bool rtt_known = false;
  Duration srtt{};
  Duration rto{};
  Duration rto_min{};  // floor of the RTO; the peer's is taken to be the same
  // The two halves of window_can_advance, for rules that tell them apart.
  bool edge_can_advance = true;   // the ACK could move the right edge
  int64_t unread = 0;             // received in order and not read, bytes
  int64_t low_water = 1;          // SO_RCVLOWAT
  int64_t next_window = 0;        // that would be advertised now
  bool space_below_half = false;  // less than half of the buffer is free
  bool sack = false;              // agreed on
  bool gap = false;               // early data is queued behind missing data
  StreamPos next{};               // RCV.NXT
  Duration receive_rtt{};         // the receiver's own estimate; 0 unknown
};

struct DataArrival {
  uint32_t length = 0;       // payload bytes, in order
  uint32_t header_size = 0;  // of its TCP header with options
  bool push = false;
  bool plain = true;          // no flag but ACK and PSH
  bool predicted = true;      // the next segment in order, with nothing else to do for it
  bool window_grew = false;   // it has raised the receive window's own limit
  bool more_follows = false;  // the next has come with it; they are judged together
};

struct ReadDone {
  int64_t copied = 0;         // bytes this call has read
  bool buffer_empty = false;  // no received byte is left unread
  bool wait_all = false;      // MSG_WAITALL, and the call still wants more
};

// What is to be done about the ACK: None, Send (why), or Held until the timer fires.
struct AckDecision {
  enum class Kind : uint8_t { kNone, kNow, kLater };
  Kind kind = Kind::kNone;
  AckNowReason why{};
};

constexpr AckDecision ack_now(AckNowReason why) { return {AckDecision::Kind::kNow, why}; }
constexpr AckDecision ack_later() { return {AckDecision::Kind::kLater, {}}; }

}  // namespace tcptwin::policy

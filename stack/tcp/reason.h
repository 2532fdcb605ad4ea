// reason.h: why a segment left, why something waits, which timer fired. Typed; the words are made
// elsewhere.
#pragma once

#include <cstdint>
#include <variant>

#include "stack/base/record.h"
#include "stack/base/seq.h"
#include "stack/base/time.h"
#include "stack/policy/delayed_ack.h"
#include "stack/policy/nagle.h"
#include "stack/wire/icmp.h"

namespace tcptwin::tcp {

// ---- why data or an ACK waits

struct HeldByNagle {
  int64_t bytes = 0;      // that wait
  StreamPos unacked_end;  // the position whose acknowledgment will free them
  policy::NagleConfig::Behaviour rule{};
};
struct HeldByWindow {
  int64_t bytes = 0;
  int64_t window = 0;  // what the peer still allows
};
struct HeldByCork {
  int64_t bytes = 0;
  bool more = false;  // the last write announced more; else the socket is corked
};
// Our own window closes and stays closed: what a read has taken that has not returned yet still
// counts (facts/linux.md C18).
struct BufferPinned {
  int64_t charged = 0;  // of `buffer`
  int64_t buffer = 0;
};
struct HeldByCongestion {
  int64_t bytes = 0;
  int64_t window_segments = 0;
  int64_t in_flight_segments = 0;
};
struct AckHeld {
  Duration wish{};           // the delay that the rule chose
  Instant due;               // when the host's grain lets the timer fire
  bool interactive = false;  // the connection was taken for a dialogue
};

// ---- why a segment left

struct HandshakeSegment {
  int32_t retransmission = 0;  // 0: the first
};
struct DataSegment {};  // as soon as it was written
struct DataReleased {
  enum class By : uint8_t { kNagle, kWindow, kCongestion, kCork } held_by{};
  Instant since;
};
struct Retransmission {
  enum class Why : uint8_t { kTimeout, kDuplicateAcks, kPartialAck, kSacked, kPathMtu, kTailProbe };
  int32_t backoff = 0;  // kTimeout: how often in a row the timer has fired
  Why why = Why::kTimeout;
};
struct FinSegment {};
struct AckNow {
  policy::AckNowReason why{};
  int32_t quick_acks_left = 0;
};
struct AckProtocol {
  enum class Why : uint8_t {
    kHandshake,     // completes the handshake
    kFin,           // of the peer's FIN
    kOutOfOrder,    // a gap: RFC 5681 4.2
    kGapFilled,     // RFC 5681 4.2
    kUnacceptable,  // outside the window or repeated: RFC 9293 3.10.7.4, first
    kOldTimestamp,  // RFC 7323 5.3 R1
    kChallenge,     // RFC 5961
    kFutureAck,     // acknowledges what was never sent
    kNoRoom,        // data was dropped: the receive buffer is full
  } why{};
};
struct WindowUpdate {
  int64_t from = 0;
  int64_t to = 0;
};
struct WindowProbe {
  int32_t backoff = 0;
};
struct Reset {
  enum class Why : uint8_t {
    kNoSuchConnection,
    kAborted,
    kUnreadData,      // closed before everything was read
    kDataAfterClose,  // there is nobody to read it: RFC 9293 3.6.1
    kBadAck,
    kSynInWindow,  // a SYN in the middle of a connection: RFC 793
    kKeepAlive,    // the peer did not answer any probe
    kAcceptQueue,  // nobody had room to accept it
  } why{};
  // It takes its number from the segment that it answers; other resets take the connection's.
  bool answers_segment() const { return why == Why::kBadAck || why == Why::kDataAfterClose; }
};
struct KeepAliveProbe {
  int32_t number = 0;  // from 1, in a row
  Duration idle{};     // without a segment of the peer
};

// ---- what a segment met
struct SynInTimeWait {
  enum class Verdict : uint8_t {
    kReplaces,  // the connection that waited is over, the listener gets the SYN
    kAnswered,  // by that connection, as any segment outside its window
    kDropped,   // without an answer
  } verdict{};
  bool older_timestamp = false;  // than the last one that this connection took
};

// ---- what is no TCP
struct Forwarded {};  // by a router
struct IcmpSent {
  wire::IcmpKind kind{};
};
struct DatagramSent {};     // UDP, by a call
struct FromOutside {};      // by a machine that is not simulated: its reasons are its own
struct DatagramDropped {};  // it had arrived, and its socket had no room for it

// ---- which timer fired

enum class TimerKind : uint8_t {
  kRetransmission,
  kDelayedAck,
  kPersist,
  kTimeWait,
  kHandshake,
  kFinWait2,
  kKeepAlive,
  kTailProbe
};

struct TimerFired {
  TimerKind which{};
  Duration wish{};  // what the rule asked for
  Instant armed_at;
  Instant due;  // what the host's grain made of it
};

using Reason = std::variant<std::monostate, HeldByNagle, HeldByWindow, HeldByCongestion, HeldByCork,
                            AckHeld, HandshakeSegment, DataSegment, DataReleased, Retransmission,
                            FinSegment, AckNow, AckProtocol, WindowUpdate, WindowProbe,
                            KeepAliveProbe, Reset, TimerFired, SynInTimeWait, Forwarded, IcmpSent,
                            DatagramSent, DatagramDropped, BufferPinned, FromOutside>;

// Something that happened inside a host and is no packet and no call: a hold began, a timer fired.
struct Note {
  RecordId id = RecordId::kNone;
  RecordId cause = RecordId::kNone;
  Instant at;
  uint32_t connection = 0;  // the host's own number of the connection
  Reason reason;
};

}  // namespace tcptwin::tcp

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
#include "stack/tcp/state.h"
#include "stack/wire/icmp.h"

namespace tcptwin::tcp {

// Above 0: a timer fires on a tick of one clock for all connections of the host, this far apart.
// With a wish no longer than that, any tick will do: facts/lwip.md A2. Small, because a connection
// keeps several reasons.
using SharedTick = std::chrono::duration<uint32_t, std::micro>;
inline SharedTick shared_tick(Duration period) {
  return std::chrono::duration_cast<SharedTick>(period);
}

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
// The stack found no memory for it and will try again.
struct HeldByMemory {
  enum class Pool : uint8_t {
    kSegments,  // what describes a segment that waits or is unacknowledged
    kBuffers,   // what holds its bytes
  };
  int64_t bytes = 0;
  Pool pool{};
};
struct AckHeld {
  Duration wish{};           // the delay that the rule chose
  Instant due;               // when the host's grain lets the timer fire
  bool interactive = false;  // the connection was taken for a dialogue
  SharedTick shared_tick{};
};

// ---- why a segment left

struct HandshakeSegment {
  int32_t retransmission = 0;  // 0: the first
};
// What let data past Nagle while something sent was unacknowledged: facts/lwip.md B1.
enum class PastNagle : uint8_t {
  kNoMatter,        // it had no say, or its own rule allowed it
  kSegmentsQueued,  // two segments or more waited
  kBufferFull,      // the send buffer took no more
  kWriteRefused,    // a write had found no memory
};
struct DataSegment {  // as soon as it was written
  PastNagle past = PastNagle::kNoMatter;
};
struct DataReleased {
  enum class By : uint8_t { kNagle, kWindow, kCongestion, kCork, kMemory } held_by{};
  Instant since;
  PastNagle past = PastNagle::kNoMatter;  // kNagle: what ended it, if no acknowledgment
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
    kReclaimed,    // as PcbReclaimed
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
    kReset,     // as a SYN within its window
  } verdict{};
  bool older_timestamp = false;  // than the last one that this connection took
  bool never_replaces = false;   // the host has no such rule: facts/lwip.md E2
};
struct SynDropped {  // without an answer; it began no connection
  enum class Why : uint8_t {
    kBacklog,        // as many as the listener takes wait for accept
    kNoConnections,  // the host's pool of connections is empty
  } why{};
};
// A connection was given up because a new one needed its place: facts/lwip.md E3.
struct PcbReclaimed {
  State state{};  // that it was in
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
  SharedTick shared_tick{};
  Duration wish{};  // what the rule asked for
  Instant armed_at;
  Instant due;  // what the host's grain made of it
};

using Reason =
    std::variant<std::monostate, HeldByNagle, HeldByWindow, HeldByCongestion, HeldByCork, AckHeld,
                 HandshakeSegment, DataSegment, DataReleased, Retransmission, FinSegment, AckNow,
                 AckProtocol, WindowUpdate, WindowProbe, KeepAliveProbe, Reset, TimerFired,
                 SynInTimeWait, Forwarded, IcmpSent, DatagramSent, DatagramDropped, BufferPinned,
                 FromOutside, HeldByMemory, SynDropped, PcbReclaimed>;

// Something that happened inside a host and is no packet and no call: a hold began, a timer fired.
struct Note {
  RecordId id = RecordId::kNone;
  RecordId cause = RecordId::kNone;
  Instant at;
  uint32_t connection = 0;  // the host's own number of the connection
  Reason reason;
  bool inferred = false;  // from outside: the stack itself does not say why
};

}  // namespace tcptwin::tcp

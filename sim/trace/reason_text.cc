#include "sim/trace/reason_text.h"

#include "models/json/units.h"
#include "stack/base/check.h"

namespace tcptwin::trace {

namespace {

using json::pretty_duration;

std::string count_text(int64_t number, const char* noun) {
  return std::to_string(number) + ' ' + noun + (number == 1 ? "" : "s");
}

const char* nagle_words(policy::NagleConfig::Behaviour rule) {
  switch (rule) {
    case policy::NagleConfig::Behaviour::kOff: return "Nagle is off";
    case policy::NagleConfig::Behaviour::kClassic:
      return "Nagle, as long as anything sent is unacknowledged";
    case policy::NagleConfig::Behaviour::kMinshall:
      return "Nagle, as long as another small segment is unacknowledged";
    case policy::NagleConfig::Behaviour::kIdleAtWrite:
      return "Nagle, as long as anything sent is unacknowledged, as it was when the write began";
    case policy::NagleConfig::Behaviour::kFullSegmentBefore:
      return "Nagle, as long as anything sent is unacknowledged and the last segment was small";
  }
  CHECK(false);
}

std::string ack_now_words(const tcp::AckNow& ack) {
  switch (ack.why) {
    case policy::AckNowReason::kQuickAck:
      return "ACK at once: quick ACK, " + std::to_string(ack.quick_acks_left) +
             " left with this one";
    case policy::AckNowReason::kFullSegments:
      return "ACK at once: enough full-sized data waited for it";
    case policy::AckNowReason::kNoDelay: return "ACK at once: no delay applies";
    case policy::AckNowReason::kFin: return "ACK of the peer's FIN";
    case policy::AckNowReason::kReadDrainedPushed:
      return "ACK at once: the program has read all of the pushed data";
    case policy::AckNowReason::kReadFreedSegment:
      return "ACK at once: the program has read more than a segment that was not acknowledged yet";
    case policy::AckNowReason::kTimerAlmostDue:
      return "ACK at once: the delayed-ACK timer was almost due";
    case policy::AckNowReason::kTimer: return "delayed ACK: its timer fired";
    case policy::AckNowReason::kSecondSegment:
      return "ACK at once: another segment was waiting for its ACK";
    case policy::AckNowReason::kPushed: return "ACK at once: the segment was pushed";
    case policy::AckNowReason::kZeroWindow: return "ACK at once: the last window was 0";
    case policy::AckNowReason::kBufferDrained:
      return "ACK at once: hardly anything is unread, the reader keeps up";
    case policy::AckNowReason::kWindowGrew:
      return "ACK at once: the window has grown since the last ACK";
    case policy::AckNowReason::kWindowShare:
      return "ACK at once: a quarter of the window was not acknowledged";
    case policy::AckNowReason::kReadWaitAll:
      return "ACK at once: a reader that waits for more took what there was";
    case policy::AckNowReason::kDuplicate:
      return "duplicate ACK: data arrived behind a gap (RFC 5681 4.2)";
    case policy::AckNowReason::kCompressed:
      return "ACK of data behind a gap, after a pause for more of it";
  }
  CHECK(false);
}

const char* protocol_words(tcp::AckProtocol::Why why) {
  switch (why) {
    case tcp::AckProtocol::Why::kHandshake: return "ACK that completes the handshake";
    case tcp::AckProtocol::Why::kFin: return "ACK of the peer's FIN";
    case tcp::AckProtocol::Why::kOutOfOrder:
      return "duplicate ACK: data arrived behind a gap (RFC 5681 4.2)";
    case tcp::AckProtocol::Why::kGapFilled:
      return "ACK at once: a gap in the data was filled (RFC 5681 4.2)";
    case tcp::AckProtocol::Why::kUnacceptable:
      return "ACK in answer to a segment that was a repeat or outside the window";
    case tcp::AckProtocol::Why::kOldTimestamp:
      return "ACK in answer to a segment with a timestamp of the past (RFC 7323 5.3)";
    case tcp::AckProtocol::Why::kChallenge: return "challenge ACK (RFC 5961)";
    case tcp::AckProtocol::Why::kNoRoom:
      return "ACK now: the receive buffer is full, the data was dropped";
    case tcp::AckProtocol::Why::kFutureAck:
      return "ACK in answer to a segment that acknowledged what was never sent";
  }
  CHECK(false);
}

const char* reset_words(tcp::Reset::Why why) {
  switch (why) {
    case tcp::Reset::Why::kNoSuchConnection: return "reset: there is no such connection here";
    case tcp::Reset::Why::kAborted: return "reset: the program aborted the connection";
    case tcp::Reset::Why::kUnreadData:
      return "reset: the program closed before it had read all data";
    case tcp::Reset::Why::kDataAfterClose:
      return "reset: data for a program that has closed its socket";
    case tcp::Reset::Why::kBadAck: return "reset: the segment acknowledged what was never sent";
    case tcp::Reset::Why::kSynInWindow: return "reset: a SYN came in the middle of the connection";
    case tcp::Reset::Why::kKeepAlive: return "reset: the peer answered no keep-alive probe";
    case tcp::Reset::Why::kAcceptQueue: return "reset: the listener's queue has no room for it";
    case tcp::Reset::Why::kReclaimed:
      return "reset: the host's pool of connections was empty, a new one takes its place";
  }
  CHECK(false);
}

// Behind the words for data: what let it go.
const char* past_nagle_words(tcp::PastNagle past) {
  switch (past) {
    case tcp::PastNagle::kNoMatter: return "";
    case tcp::PastNagle::kSegmentsQueued: return ": more than one segment was queued";
    case tcp::PastNagle::kBufferFull: return ": the send buffer was full";
    case tcp::PastNagle::kWriteRefused: return ": a write had found no memory";
  }
  CHECK(false);
}

const char* pool_words(tcp::HeldByMemory::Pool pool) {
  switch (pool) {
    case tcp::HeldByMemory::Pool::kSegments: return "segments";
    case tcp::HeldByMemory::Pool::kBuffers: return "buffers";
  }
  CHECK(false);
}

// Any tick of the shared clock ends the delay.
bool ends_with_tick(Duration wish, Duration shared_tick) {
  return shared_tick > Duration(0) && wish <= shared_tick;
}

std::string shared_tick_words(Duration tick) {
  return "the " + pretty_duration(tick) + " tick of all connections";
}

// "timer of 40 ms fired after 43.9 ms (rounded up to the 4 ms tick)", "the 250 ms tick of all
// connections came 103 ms later".
std::string timer_text(const tcp::TimerFired& timer, const ReasonContext& context,
                       const std::string& name) {
  const Instant fired = context.at.is_never() ? timer.due : context.at;
  const std::string taken = pretty_duration(fired - timer.armed_at);
  if (ends_with_tick(timer.wish, timer.shared_tick)) {
    return shared_tick_words(timer.shared_tick) + " came " + taken + " later";
  }
  const std::string rounding = rounding_text(timer, context.tick);
  const std::string text = name + " of " + pretty_duration(timer.wish) + " fired after " + taken;
  return rounding.empty() ? text : text + " (" + rounding + ')';
}

struct Words {
  const ReasonContext& context;

  // " for 43.9 ms"; nothing when the end is not known.
  std::string since(Instant start) const {
    return context.at.is_never() ? "" : " for " + pretty_duration(context.at - start);
  }
  // ": timer of 1 s fired after 1.02 s"; nothing when no timer made the packet leave.
  std::string by_timer() const {
    if (context.timer == nullptr) return "";
    ReasonContext own = context;
    own.at = context.timer_at;
    return ": " + timer_text(*context.timer, own, "timer");
  }

  std::string operator()(std::monostate) const { return "no reason recorded"; }
  std::string operator()(const tcp::HeldByNagle& held) const {
    return count_text(held.bytes, "byte") + " held: " + nagle_words(held.rule) + " (until " +
           std::to_string(held.unacked_end.value()) + " is acknowledged)";
  }
  std::string operator()(const tcp::HeldByWindow& held) const {
    const std::string room =
        held.window == 0 ? "is closed" : "has room for only " + count_text(held.window, "byte");
    return count_text(held.bytes, "byte") + " held: the peer's window " + room;
  }
  std::string operator()(const tcp::HeldByCongestion& held) const {
    return count_text(held.bytes, "byte") + " held: the congestion window of " +
           count_text(held.window_segments, "segment") + " is full (" +
           std::to_string(held.in_flight_segments) + " in flight)";
  }
  std::string operator()(const tcp::HeldByCork& held) const {
    return count_text(held.bytes, "byte") + " held: " +
           (held.more ? "the program announced more (MSG_MORE)" : "the socket is corked");
  }
  std::string operator()(const tcp::BufferPinned& pins) const {
    return "the window closes and stays closed: nothing is unread, but what a read has taken that "
           "has "
           "not returned yet fills the buffer (" +
           std::to_string(pins.charged) + " of " + count_text(pins.buffer, "byte") + ')';
  }
  std::string operator()(const tcp::HeldByMemory& held) const {
    return count_text(held.bytes, "byte") + " held: the host has run out of " +
           pool_words(held.pool);
  }
  std::string operator()(const tcp::AckHeld& held) const {
    const bool tick = ends_with_tick(held.wish, held.shared_tick);
    std::string text = tick ? "ACK held: at most until the host's next " +
                                  pretty_duration(held.shared_tick) + " tick"
                            : "ACK held: delayed by " + pretty_duration(held.wish);
    if (!context.at.is_never()) {
      text += (tick ? ", in " : ", its timer is due in ") + pretty_duration(held.due - context.at);
    }
    return text + (held.interactive ? " (the connection was taken for a dialogue)" : "");
  }
  std::string operator()(const tcp::HandshakeSegment& handshake) const {
    if (handshake.retransmission == 0) return "handshake";
    return "handshake, retransmission " + std::to_string(handshake.retransmission) + by_timer();
  }
  std::string operator()(const tcp::DataSegment& data) const {
    return std::string("data, sent without waiting") + past_nagle_words(data.past);
  }
  std::string operator()(const tcp::DataReleased& data) const {
    using By = tcp::DataReleased::By;
    switch (data.held_by) {
      case By::kNagle:
        return "data that Nagle had held" + since(data.since) + past_nagle_words(data.past);
      case By::kWindow: return "data that had waited for the peer's window" + since(data.since);
      case By::kCongestion:
        return "data that had waited for the congestion window" + since(data.since);
      case By::kCork: return "data that had been corked" + since(data.since) + by_timer();
      case By::kMemory: return "data that had waited for memory" + since(data.since);
    }
    CHECK(false);
  }
  std::string operator()(const tcp::Retransmission& again) const {
    using Why = tcp::Retransmission::Why;
    switch (again.why) {
      case Why::kTimeout: break;
      case Why::kDuplicateAcks: return "fast retransmission: duplicate ACKs told of a loss";
      case Why::kPathMtu: return "sent again in smaller pieces: a router says it was too big";
      case Why::kPartialAck: return "retransmission: the ACK stopped at a further loss";
      case Why::kSacked: return "fast retransmission: data after it was selectively acknowledged";
      case Why::kTailProbe: return "tail loss probe: the last segment again" + by_timer();
    }
    const bool repeated = again.backoff > 1;
    return "retransmission" + (repeated ? ", " + std::to_string(again.backoff) + " in a row" : "") +
           by_timer();
  }
  std::string operator()(const tcp::FinSegment&) const {
    return "FIN: the program has ended its stream";
  }
  std::string operator()(const tcp::AckNow& ack) const {
    if (ack.why != policy::AckNowReason::kTimer || context.timer == nullptr) {
      return ack_now_words(ack);
    }
    return "delayed ACK" + by_timer();
  }
  std::string operator()(const tcp::AckProtocol& ack) const { return protocol_words(ack.why); }
  std::string operator()(const tcp::WindowUpdate& update) const {
    return "window update: the program's reading made room, " + std::to_string(update.from) +
           " to " + count_text(update.to, "byte");
  }
  std::string operator()(const tcp::WindowProbe& probe) const {
    return "window probe " + std::to_string(probe.backoff + 1) + ", the peer's window is closed" +
           by_timer();
  }
  std::string operator()(const tcp::KeepAliveProbe& probe) const {
    return "keep-alive probe " + std::to_string(probe.number) + ", nothing was heard for " +
           pretty_duration(probe.idle);
  }
  std::string operator()(const tcp::Reset& reset) const { return reset_words(reset.why); }
  std::string operator()(const tcp::SynInTimeWait& met) const {
    using Verdict = tcp::SynInTimeWait::Verdict;
    const std::string where =
        "the SYN met the TIME-WAIT of an earlier connection of these ports and ";
    const char* const age = met.never_replaces    ? "this host never takes a SYN in that state"
                            : met.older_timestamp ? "its timestamp is older (PAWS)"
                                                  : "its sequence number is no newer one";
    switch (met.verdict) {
      case Verdict::kReplaces: return where + "took its place";
      case Verdict::kAnswered: return where + "got an ACK of that one: " + age;
      case Verdict::kDropped: return where + "was dropped without an answer: " + age;
      case Verdict::kReset: return where + "got a reset: " + age;
    }
    CHECK(false);
  }
  std::string operator()(const tcp::SynDropped& dropped) const {
    const std::string what = "the SYN was dropped without an answer: ";
    switch (dropped.why) {
      case tcp::SynDropped::Why::kBacklog: return what + "the listener's backlog is full";
      case tcp::SynDropped::Why::kNoConnections:
        return what + "the host's pool of connections is empty";
    }
    CHECK(false);
  }
  std::string operator()(const tcp::PcbReclaimed& gone) const {
    return std::string("given up in ") + tcp::state_name(gone.state) +
           ": the host's pool of connections was empty, a new one takes its place";
  }
  std::string operator()(const tcp::FromOutside&) const {
    return "sent by a machine that is not simulated";
  }
  std::string operator()(const tcp::Forwarded&) const { return "forwarded by the router"; }
  std::string operator()(const tcp::IcmpSent& icmp) const {
    const bool answer = icmp.kind == wire::IcmpKind::kEchoReply;
    if (answer) return "the answer to an echo request";
    if (icmp.kind == wire::IcmpKind::kEchoRequest) return "the program asked for an echo";
    return std::string("error about a packet: ") + wire::icmp_kind_text(icmp.kind);
  }
  std::string operator()(const tcp::DatagramSent&) const { return "the program sent it"; }
  std::string operator()(const tcp::DatagramDropped&) const {
    return "the datagram was dropped, its socket's buffer was full";
  }
  std::string operator()(const tcp::TimerFired& timer) const {
    const std::string name = timer_name(timer.which);
    const bool tick = ends_with_tick(timer.wish, timer.shared_tick);
    return (tick ? name + ": " : "") + timer_text(timer, context, name);
  }
};

}  // namespace

std::string to_text(const tcp::Reason& reason, const ReasonContext& context) {
  return std::visit(Words{context}, reason) + inferred_text(context.inferred);
}

std::string inferred_text(bool inferred) { return std::string(inferred ? kInferred : ""); }

bool says_inferred(std::string_view words) { return words.ends_with(kInferred); }

std::string timer_name(tcp::TimerKind kind) {
  switch (kind) {
    case tcp::TimerKind::kRetransmission: return "retransmission timer";
    case tcp::TimerKind::kDelayedAck: return "delayed-ACK timer";
    case tcp::TimerKind::kPersist: return "persist timer";
    case tcp::TimerKind::kTimeWait: return "TIME-WAIT timer";
    case tcp::TimerKind::kHandshake: return "handshake timer";
    case tcp::TimerKind::kFinWait2: return "FIN-WAIT-2 timer";
    case tcp::TimerKind::kKeepAlive: return "keep-alive timer";
    case tcp::TimerKind::kTailProbe: return "tail-loss-probe timer";
  }
  CHECK(false);
}

std::string delay_text(Duration wish, Duration shared_tick, const char* before) {
  return ends_with_tick(wish, shared_tick) ? "until " + shared_tick_words(shared_tick)
                                           : before + pretty_duration(wish);
}

// A fine slot of a timer wheel costs up to two ticks; more is a coarse slot, whose size nobody
// wrote down.
std::string rounding_text(const tcp::TimerFired& timer, Duration tick) {
  if (timer.shared_tick > Duration(0)) {
    const bool said = ends_with_tick(timer.wish, timer.shared_tick);
    return said ? "" : "on " + shared_tick_words(timer.shared_tick);
  }
  const Duration late = (timer.due - timer.armed_at) - timer.wish;
  if (late <= Duration(0)) return "";
  if (tick > Duration(1) && late <= 2 * tick) {
    return "rounded up to the " + pretty_duration(tick) + " tick";
  }
  return "rounded up by " + pretty_duration(late) + " to the host's timer grid";
}

std::string why_text(const Journal& journal, const Record& record, const Ticks& ticks) {
  ReasonContext context{.at = record.at, .tick = tick_of(ticks, record.host())};
  if (const auto* note = std::get_if<tcp::Note>(&record.event)) {
    context.inferred = note->inferred;
    return to_text(note->reason, context);
  }
  const auto* sent = std::get_if<PacketSent>(&record.event);
  if (sent == nullptr) return "";
  const Record* cause = journal.find(record.cause);
  const auto* note = cause == nullptr ? nullptr : std::get_if<tcp::Note>(&cause->event);
  if (note != nullptr) {
    context.timer = std::get_if<tcp::TimerFired>(&note->reason);
    context.timer_at = cause->at;
  }
  context.inferred = sent->inferred;
  return to_text(sent->reason, context);
}

}  // namespace tcptwin::trace

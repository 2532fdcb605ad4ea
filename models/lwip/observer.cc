#include "models/lwip/observer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "stack/base/check.h"

namespace tcptwin::lwip {

LwipAddress to_lwip(const wire::IpAddress& address) {
  LwipAddress out{};
  if (address.is_v4()) {
    const uint32_t value = address.v4().value();
    for (size_t i = 0; i < 4; ++i) out.bytes[i] = static_cast<uint8_t>(value >> (24 - 8 * i));
    return out;
  }
  const auto bytes = address.bytes();
  std::copy(bytes.begin(), bytes.end(), out.bytes);
  out.v6 = address.is_any() ? 2 : 1;  // the wildcard of IPv6 also serves IPv4 (RFC 3493 3.7)
  return out;
}

wire::IpAddress from_lwip(const LwipAddress& address) {
  if (address.v6 != 0) {
    std::array<uint8_t, 16> bytes{};
    std::copy(address.bytes, address.bytes + 16, bytes.begin());
    return wire::IpAddress::from_bytes(bytes);
  }
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 8 | address.bytes[i];
  return wire::Ipv4Address(value);
}

tcp::State state_of(LwipState state) {
  switch (state) {
    case LWIP_CLOSED:
    case LWIP_LISTEN: return tcp::State::kClosed;
    case LWIP_SYN_SENT: return tcp::State::kSynSent;
    case LWIP_SYN_RECEIVED: return tcp::State::kSynReceived;
    case LWIP_ESTABLISHED: return tcp::State::kEstablished;
    case LWIP_FIN_WAIT_1: return tcp::State::kFinWait1;
    case LWIP_FIN_WAIT_2: return tcp::State::kFinWait2;
    case LWIP_CLOSE_WAIT: return tcp::State::kCloseWait;
    case LWIP_CLOSING: return tcp::State::kClosing;
    case LWIP_LAST_ACK: return tcp::State::kLastAck;
    case LWIP_TIME_WAIT: return tcp::State::kTimeWait;
  }
  CHECK(false);
}

namespace {

tcp::Endpoints local_first(const wire::IpHeader& ip, const wire::TcpSegment& tcp, bool arrives) {
  if (arrives) {
    return {.local_address = ip.destination,
            .remote_address = ip.source,
            .local_port = tcp.destination,
            .remote_port = tcp.source};
  }
  return {.local_address = ip.source,
          .remote_address = ip.destination,
          .local_port = tcp.source,
          .remote_port = tcp.destination};
}

bool before(uint32_t a, uint32_t b) { return static_cast<int32_t>(a - b) < 0; }

// Of what waits to be sent for the first time.
int64_t waiting(const LwipView& v) {
  return static_cast<int32_t>(v.snd_lbb - v.snd_nxt) > 0 ? v.snd_lbb - v.snd_nxt : 0;
}

bool is_opening(const LwipView& v) {
  return v.state == LWIP_SYN_SENT || v.state == LWIP_SYN_RECEIVED;
}

}  // namespace

tcp::Endpoints Observer::ends_of(const LwipView& view) {
  return {.local_address = from_lwip(view.local),
          .remote_address = from_lwip(view.remote),
          .local_port = static_cast<wire::Port>(view.local_port),
          .remote_port = static_cast<wire::Port>(view.remote_port)};
}

bool Observer::look(const tcp::Endpoints& ends, LwipView& view) const {
  const LwipAddress local = to_lwip(ends.local_address);
  const LwipAddress remote = to_lwip(ends.remote_address);
  const LwipConnection* c = build_->find(&local, static_cast<uint16_t>(ends.local_port), &remote,
                                         static_cast<uint16_t>(ends.remote_port));
  if (c == nullptr) return false;
  build_->look(c, &view);
  return true;
}

Observer::Seen& Observer::touch(const tcp::Endpoints& ends) {
  if (std::find(touched_.begin(), touched_.end(), ends) == touched_.end()) touched_.push_back(ends);
  const auto [at, added] = seen_.try_emplace(ends);
  if (added) at->second.number = last_number_++;
  return at->second;
}

void Observer::note(const Seen& seen, RecordId cause, tcp::Reason reason) {
  notes_.push_back(tcp::Note{.id = ids_->next(),
                             .cause = cause,
                             .at = now_,
                             .connection = seen.number,
                             .reason = std::move(reason),
                             .inferred = true});
}

bool Observer::poll_note(tcp::Note& out) {
  if (notes_.empty()) return false;
  notes_.pop_front(out);
  return true;
}

// ---- the frame of each piece of work

void Observer::begin(Instant now, const Work& work, RecordId cause) {
  if (!enabled_) return;
  now_ = now;
  work_ = work;
  cause_ = cause;
  touched_.clear();
  departures_ = 0;
  no_connections_ = no_segments_ = false;
  if (work.packet != nullptr && work.packet->is_tcp()) {
    const tcp::Endpoints ends = local_first(work.packet->ip, work.packet->tcp, true);
    if (seen_.contains(ends)) touch(ends).last_heard = now;
  }
  if (work.connection != nullptr) {
    LwipView view;
    build_->look(work.connection, &view);
    const tcp::Endpoints ends = ends_of(view);
    if (seen_.contains(ends)) touch(ends);
  }
}

void Observer::end(Instant fast_tick) {
  if (!enabled_) return;
  if (work_.packet != nullptr && work_.packet->is_tcp() && work_.packet->tcp.flags.syn) note_syn();
  if (no_connections_) note_reclaimed();
  for (const tcp::Endpoints& ends : touched_) {
    LwipView now;
    if (!look(ends, now)) {
      seen_.erase(ends);
      continue;
    }
    Seen& seen = seen_[ends];
    if (std::exchange(seen.sends, false)) seen.last_sent = now_;
    note_held_ack(seen, now, fast_tick);
    note_held_data(seen, now);
    seen.view = now;
  }
}

// What became of a SYN that opened nothing: facts/lwip.md E2, G2.
void Observer::note_syn() {
  if (work_.packet->tcp.flags.ack) return;
  const tcp::Endpoints ends = local_first(work_.packet->ip, work_.packet->tcp, true);
  const auto known = seen_.find(ends);
  if (known != seen_.end() && known->second.view.state == LWIP_TIME_WAIT) {
    using Verdict = tcp::SynInTimeWait::Verdict;
    const wire::TcpSegment& syn = work_.packet->tcp;
    const LwipView& was = known->second.view;
    const bool in_window =
        !before(syn.seq.value(), was.rcv_nxt) && before(syn.seq.value(), was.rcv_nxt + was.rcv_wnd);
    note(known->second, cause_,
         tcp::SynInTimeWait{.verdict = in_window ? Verdict::kReset : Verdict::kAnswered,
                            .never_replaces = true});
    return;
  }
  if (departures_ > 0 || known != seen_.end()) return;
  using Why = tcp::SynDropped::Why;
  note(Seen{}, cause_, tcp::SynDropped{no_connections_ ? Why::kNoConnections : Why::kBacklog});
}

// The pool of connections was empty: who has gone has made room (facts/lwip.md E3).
void Observer::note_reclaimed() {
  for (auto at = seen_.begin(); at != seen_.end();) {
    LwipView now;
    if (look(at->first, now)) {
      ++at;
      continue;
    }
    note(at->second, cause_, tcp::PcbReclaimed{state_of(at->second.view.state)});
    at = seen_.erase(at);
  }
}

// facts/lwip.md A1, A2: until the next fast tick, which all connections share.
void Observer::note_held_ack(Seen& seen, const LwipView& now, Instant fast_tick) {
  if (!now.ack_delayed) {
    seen.ack_since = Instant::never();
    return;
  }
  if (!seen.ack_since.is_never() || fast_tick.is_never()) return;
  seen.ack_since = now_;
  seen.ack_cause = cause_;
  note(seen, cause_,
       tcp::AckHeld{.wish = fast_tick - now_,
                    .due = fast_tick,
                    .shared_tick = tcp::shared_tick(fast_interval_)});
}

// facts/lwip.md B1: which of the windows, or Nagle, stops the segment that would leave next.
void Observer::note_held_data(Seen& seen, const LwipView& now) {
  const int64_t bytes = waiting(now);
  if (now.unsent == 0 || bytes == 0 || is_opening(now) || now.rto_retransmits) {
    seen.held_by.reset();
    return;
  }
  if (no_segments_) {
    note(seen, cause_,
         tcp::HeldByMemory{.bytes = bytes, .pool = tcp::HeldByMemory::Pool::kSegments});
    return;
  }
  const int64_t in_flight = now.snd_nxt - now.lastack;
  const int64_t after = in_flight + now.first_unsent;
  tcp::Reason reason;
  By by{};
  if (after > now.snd_wnd) {
    by = By::kWindow;
    reason =
        tcp::HeldByWindow{.bytes = bytes, .window = std::max<int64_t>(now.snd_wnd - in_flight, 0)};
  } else if (after > now.cwnd) {
    by = By::kCongestion;
    const int64_t mss = std::max<int64_t>(now.mss, 1);
    reason = tcp::HeldByCongestion{.bytes = bytes,
                                   .window_segments = now.cwnd / mss,
                                   .in_flight_segments = (in_flight + mss - 1) / mss};
  } else {
    by = By::kNagle;
    reason = tcp::HeldByNagle{
        .bytes = bytes, .unacked_end = seen.sent, .rule = policy::NagleConfig::Behaviour::kClassic};
  }
  if (seen.held_by == by) return;
  seen.held_by = by;
  seen.held_since = now_;
  note(seen, cause_, std::move(reason));
}

void Observer::pool_empty(std::string_view pool) {
  no_connections_ = no_connections_ || pool == "TCP_PCB";
  no_segments_ = no_segments_ || pool == "TCP_SEG";
}

RecordId Observer::gave_up(const tcp::Endpoints& ends) {
  if (!enabled_ || work_.kind != Work::Kind::kSlowTick) return cause_;
  const auto found = seen_.find(ends);
  if (found == seen_.end()) return cause_;
  const Seen& seen = found->second;
  const tcp::TimerKind which = seen.view.keep_probes > 0       ? tcp::TimerKind::kKeepAlive
                               : seen.view.persist_backoff > 0 ? tcp::TimerKind::kPersist
                                                               : tcp::TimerKind::kRetransmission;
  return fired(seen, which, seen.last_sent, cause_);
}

void Observer::datagram_dropped() {
  if (!enabled_) return;
  notes_.push_back(tcp::Note{.id = ids_->next(),
                             .cause = cause_,
                             .at = now_,
                             .reason = tcp::DatagramDropped{},
                             .inferred = true});
}

// ---- packets that leave

Observer::Departure Observer::departs(const wire::Packet& packet) {
  if (!enabled_) return {{}, cause_};
  ++departures_;
  if (packet.is_tcp()) return of_segment(packet);
  const wire::Fragment* piece = packet.fragment();
  const bool of_udp = piece != nullptr && piece->protocol == wire::kProtocolUdp;
  if (packet.udp() != nullptr || of_udp) return {tcp::DatagramSent{}, cause_};
  if (const wire::IcmpMessage* icmp = packet.icmp()) {
    return {tcp::IcmpSent{wire::icmp_kind(packet.ip, *icmp)}, cause_};
  }
  return {{}, cause_};
}

Observer::Departure Observer::of_segment(const wire::Packet& packet) {
  const wire::TcpSegment& segment = packet.tcp;
  const tcp::Endpoints ends = local_first(packet.ip, segment, false);
  LwipView now;
  const bool there = look(ends, now);
  const auto known = seen_.find(ends);
  if (segment.flags.rst) {
    if (known != seen_.end()) touch(ends);
    return {of_reset(known == seen_.end() ? nullptr : &known->second), cause_};
  }
  if (!there) return {{}, cause_};  // it has been forgotten by what it now sends
  Seen& seen = touch(ends);
  if (segment.flags.syn && !seen.isn_known) {
    seen.isn = segment.seq;
    seen.isn_known = true;
  }
  Departure departure =
      segment.sequence_length() > 0 ? of_data(seen, segment, now) : of_ack(seen, segment, now);
  seen.sent =
      std::max(seen.sent, from_wire(segment.seq, seen.isn, seen.sent) + segment.sequence_length());
  seen.sends = true;
  // What leaves next in this work is judged by what is known now.
  seen.view.snd_nxt = now.snd_nxt;
  seen.view.ack_delayed = 0;
  if (before(seen.view.snd_nxt, segment.seq.value() + segment.sequence_length())) {
    seen.view.snd_nxt = segment.seq.value() + segment.sequence_length();
  }
  return departure;
}

RecordId Observer::fired(const Seen& seen, tcp::TimerKind which, Instant since, RecordId cause) {
  const Duration tick = work_.kind == Work::Kind::kFastTick ? fast_interval_ : slow_interval_;
  note(seen, cause,
       tcp::TimerFired{.which = which,
                       .shared_tick = tcp::shared_tick(tick),
                       .wish = now_ - since,
                       .armed_at = since,
                       .due = now_});
  return notes_.back().id;
}

tcp::Reason Observer::of_reset(const Seen* seen) const {
  using Why = tcp::Reset::Why;
  if (seen == nullptr) return tcp::Reset{Why::kNoSuchConnection};
  if (no_connections_) return tcp::Reset{Why::kReclaimed};
  switch (work_.kind) {
    case Work::Kind::kSlowTick:
      return tcp::Reset{seen->view.keep_probes > 0 ? Why::kKeepAlive : Why::kAborted};
    case Work::Kind::kPacket: {
      const wire::TcpSegment& in = work_.packet->tcp;
      if (in.flags.syn) return tcp::Reset{Why::kSynInWindow};
      if (!is_opening(seen->view) && in.payload_size() > 0) {
        return tcp::Reset{Why::kDataAfterClose};  // facts/lwip.md E7
      }
      return tcp::Reset{is_opening(seen->view) ? Why::kBadAck : Why::kNoSuchConnection};
    }
    case Work::Kind::kCall:
    case Work::Kind::kRead:
    case Work::Kind::kFastTick:
    case Work::Kind::kOtherTimer: break;
  }
  const bool unread = work_.leaves_unread || seen->view.refused != 0;
  return tcp::Reset{unread ? Why::kUnreadData : Why::kAborted};
}

Observer::Departure Observer::of_repetition(Seen& seen, const LwipView& now, bool handshake) {
  if (work_.kind == Work::Kind::kSlowTick || now.rto_retransmits) {
    const RecordId cause =
        work_.kind == Work::Kind::kSlowTick
            ? fired(seen, handshake ? tcp::TimerKind::kHandshake : tcp::TimerKind::kRetransmission,
                    seen.last_sent, cause_)
            : cause_;
    if (handshake) return {tcp::HandshakeSegment{.retransmission = now.nrtx}, cause};
    return {tcp::Retransmission{.backoff = now.nrtx}, cause};
  }
  if (handshake) return {tcp::HandshakeSegment{.retransmission = now.nrtx}, cause_};
  const bool third = now.dupacks >= 3 && now.in_recovery;
  return {tcp::Retransmission{.why = third ? tcp::Retransmission::Why::kDuplicateAcks
                                           : tcp::Retransmission::Why::kPartialAck},
          cause_};
}

// Which exception of facts/lwip.md B1 lets a small segment go although data is unacknowledged.
tcp::PastNagle Observer::past_nagle(const wire::TcpSegment& segment, const LwipView& now) const {
  using Past = tcp::PastNagle;
  const bool small = segment.payload_size() < now.mss;
  if (!small || now.no_delay || now.in_recovery || now.snd_nxt == now.lastack) {
    return Past::kNoMatter;
  }
  if (now.unsent_segments > 1) return Past::kSegmentsQueued;
  if (now.fin_queued) return Past::kNoMatter;
  return now.snd_buf == 0 ? Past::kBufferFull : Past::kWriteRefused;
}

Observer::Departure Observer::of_data(Seen& seen, const wire::TcpSegment& segment,
                                      const LwipView& now) {
  const bool again =
      seen.isn_known && seen.sent.value() > 0 &&
      from_wire(segment.seq, seen.isn, seen.sent) + segment.sequence_length() <= seen.sent;
  if (work_.kind == Work::Kind::kSlowTick && now.persist_backoff > 0 && !segment.flags.syn) {
    const RecordId cause = fired(seen, tcp::TimerKind::kPersist, seen.last_sent, cause_);
    return {tcp::WindowProbe{.backoff = now.persist_backoff - 1}, cause};
  }
  if (again) return of_repetition(seen, now, segment.flags.syn);
  if (segment.flags.syn) return {tcp::HandshakeSegment{}, cause_};
  if (segment.payload.empty()) return {tcp::FinSegment{}, cause_};
  const tcp::PastNagle past = past_nagle(segment, now);
  if (seen.held_by) {
    // A part of what did not fit in the window: facts/lwip.md C5.
    const bool persists = work_.kind == Work::Kind::kSlowTick && seen.view.persist_backoff > 0;
    return {tcp::DataReleased{.held_by = *seen.held_by, .since = seen.held_since, .past = past},
            persists ? fired(seen, tcp::TimerKind::kPersist, seen.last_sent, cause_) : cause_};
  }
  return {tcp::DataSegment{past}, cause_};
}

Observer::Departure Observer::of_ack(Seen& seen, const wire::TcpSegment& segment,
                                     const LwipView& now) {
  const bool stale = before(segment.seq.value(), seen.view.snd_nxt);
  switch (work_.kind) {
    case Work::Kind::kSlowTick:
      if (stale) {
        return {tcp::KeepAliveProbe{.number = seen.view.keep_probes + 1,
                                    .idle = now_ - seen.last_heard},
                fired(seen, tcp::TimerKind::kKeepAlive, seen.last_sent, cause_)};
      }
      return {{}, cause_};
    case Work::Kind::kFastTick: {
      if (seen.ack_since.is_never()) return {{}, cause_};
      const RecordId cause =
          fired(seen, tcp::TimerKind::kDelayedAck, seen.ack_since, seen.ack_cause);
      return {tcp::AckNow{.why = policy::AckNowReason::kTimer}, cause};
    }
    case Work::Kind::kRead:
      return {tcp::WindowUpdate{.from = seen.view.rcv_ann_wnd, .to = now.rcv_ann_wnd}, cause_};
    case Work::Kind::kPacket: return {answer(seen, now), cause_};
    case Work::Kind::kCall:
    case Work::Kind::kOtherTimer: return {{}, cause_};
  }
  return {{}, cause_};
}

// Why the segment that has just arrived is answered with an ACK at once: facts/lwip.md A1, A4, E6.
tcp::Reason Observer::answer(const Seen& seen, const LwipView& now) const {
  using Why = tcp::AckProtocol::Why;
  const wire::TcpSegment& in = work_.packet->tcp;
  const LwipView& was = seen.view;
  if (was.state == LWIP_SYN_SENT) return tcp::AckProtocol{Why::kHandshake};
  if (in.flags.syn || in.flags.rst) return tcp::AckProtocol{Why::kChallenge};
  const uint32_t end = in.seq.value() + in.sequence_length();
  if (before(was.rcv_nxt, in.seq.value())) {
    const bool beyond = before(was.rcv_nxt + was.rcv_ann_wnd, in.seq.value());
    return tcp::AckProtocol{beyond ? Why::kUnacceptable : Why::kOutOfOrder};
  }
  if (in.sequence_length() == 0 || !before(was.rcv_nxt, end)) {
    return tcp::AckProtocol{Why::kUnacceptable};
  }
  if (was.has_gaps) return tcp::AckProtocol{Why::kGapFilled};
  if (in.flags.fin) return tcp::AckProtocol{Why::kFin};
  if (now.rcv_nxt == was.rcv_nxt) return tcp::AckProtocol{Why::kNoRoom};
  return tcp::AckNow{.why = policy::AckNowReason::kSecondSegment};
}

}  // namespace tcptwin::lwip

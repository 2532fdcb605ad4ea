#include "models/lwip/observer.h"

#include <algorithm>
#include <array>
#include <utility>

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
                             .reason = std::move(reason)});
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
  if (work.packet != nullptr && work.packet->is_tcp()) {
    const tcp::Endpoints ends = local_first(work.packet->ip, work.packet->tcp, true);
    if (seen_.contains(ends)) touch(ends);
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
  for (const tcp::Endpoints& ends : touched_) {
    LwipView now;
    if (!look(ends, now)) {
      seen_.erase(ends);
      continue;
    }
    Seen& seen = seen_.at(ends);
    note_held_ack(seen, now, fast_tick);
    note_held_data(seen, now);
    seen.view = now;
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
  seen.ack_due = fast_tick;
  seen.ack_cause = cause_;
  note(seen, cause_, tcp::AckHeld{.wish = fast_tick - now_, .due = fast_tick});
}

// facts/lwip.md B1: which of the windows, or Nagle, stops the segment that would leave next.
void Observer::note_held_data(Seen& seen, const LwipView& now) {
  const int64_t bytes = waiting(now);
  if (now.unsent == 0 || bytes == 0 || is_opening(now) || now.rto_retransmits) {
    seen.held_by.reset();
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

// Told when there are words for it.
void Observer::pool_empty(const char*) {}

void Observer::datagram_dropped() {
  if (!enabled_) return;
  notes_.push_back(
      tcp::Note{.id = ids_->next(), .cause = cause_, .at = now_, .reason = tcp::DatagramDropped{}});
}

// ---- packets that leave

Observer::Departure Observer::departs(const wire::Packet& packet) {
  if (!enabled_) return {{}, cause_};
  if (packet.is_tcp()) return of_segment(packet);
  if (packet.udp() != nullptr) return {tcp::DatagramSent{}, cause_};
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
  seen.last_sent = now_;
  // What leaves next in this work is judged by what is known now.
  seen.view.snd_nxt = now.snd_nxt;
  seen.view.ack_delayed = 0;
  if (before(seen.view.snd_nxt, segment.seq.value() + segment.sequence_length())) {
    seen.view.snd_nxt = segment.seq.value() + segment.sequence_length();
  }
  return departure;
}

RecordId Observer::fired(const Seen& seen, tcp::TimerKind which, Instant since, RecordId cause) {
  note(seen, cause,
       tcp::TimerFired{.which = which, .wish = now_ - since, .armed_at = since, .due = now_});
  return notes_.back().id;
}

tcp::Reason Observer::of_reset(const Seen* seen) const {
  using Why = tcp::Reset::Why;
  if (seen == nullptr) return tcp::Reset{Why::kNoSuchConnection};
  switch (work_.kind) {
    case Work::Kind::kSlowTick:
      return tcp::Reset{seen->view.keep_probes > 0 ? Why::kKeepAlive : Why::kAborted};
    case Work::Kind::kPacket: {
      const wire::TcpSegment& in = work_.packet->tcp;
      if (in.flags.syn) return tcp::Reset{Why::kSynInWindow};
      return tcp::Reset{is_opening(seen->view) ? Why::kBadAck : Why::kNoSuchConnection};
    }
    case Work::Kind::kCall:
    case Work::Kind::kRead:
    case Work::Kind::kFastTick:
    case Work::Kind::kOtherTimer: break;
  }
  const bool read_all = seen->view.rcv_wnd >= seen->view.rcv_ann_wnd && !seen->view.refused;
  return tcp::Reset{read_all ? Why::kAborted : Why::kUnreadData};
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

Observer::Departure Observer::of_data(Seen& seen, const wire::TcpSegment& segment,
                                      const LwipView& now) {
  const bool again =
      seen.isn_known && seen.sent.value() > 0 &&
      from_wire(segment.seq, seen.isn, seen.sent) + segment.sequence_length() <= seen.sent;
  if (work_.kind == Work::Kind::kSlowTick && now.persist_backoff > 0 && !segment.flags.syn) {
    const RecordId cause = fired(seen, tcp::TimerKind::kPersist, seen.last_sent, cause_);
    return {tcp::WindowProbe{.backoff = now.persist_probe}, cause};
  }
  if (again) return of_repetition(seen, now, segment.flags.syn);
  if (segment.flags.syn) return {tcp::HandshakeSegment{}, cause_};
  if (segment.payload.empty()) return {tcp::FinSegment{}, cause_};
  if (seen.held_by) {
    return {tcp::DataReleased{.held_by = *seen.held_by, .since = seen.held_since}, cause_};
  }
  return {tcp::DataSegment{}, cause_};
}

Observer::Departure Observer::of_ack(Seen& seen, const wire::TcpSegment& segment,
                                     const LwipView& now) {
  const bool stale = before(segment.seq.value(), seen.view.snd_nxt);
  switch (work_.kind) {
    case Work::Kind::kSlowTick:
      if (stale) {
        return {tcp::KeepAliveProbe{.number = seen.view.keep_probes + 1},
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

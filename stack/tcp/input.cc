// input.cc: a segment arrives, RFC 9293 3.10.7 in its order; the third step (security) is not
// modelled.
#include <algorithm>
#include <utility>

#include "stack/base/check.h"
#include "stack/tcp/connection.h"

namespace tcptwin::tcp {

void Connection::on_segment(Instant now, wire::TcpSegment&& segment, bool congested, RecordId cause,
                            const OwnPacket& own) {
  cause_ = cause;
  heard_at_ = now;
  if (rare_) rare_->keep_alive_probes = 0;
  Arrival in;
  in.segment = &segment;
  in.options = wire::parse_options(segment.options);
  in.seq = from_wire(segment.seq, rcv_.irs, rcv_.nxt);
  in.ack = from_wire(segment.ack, snd_.iss, snd_.una);
  in.header_size = segment.header_size();
  in.congested = congested;
  in.own = own;
  in.length = segment.sequence_length();
  in.window = segment.flags.syn ? segment.window : int64_t{segment.window} << agreed_.peer_shift;
  in.predicted = is_predicted(in);
  switch (state_) {
    case State::kClosed: return;  // the host answers for connections that do not exist
    case State::kSynSent: return arrives_in_syn_sent(now, in);
    case State::kTimeWait: return arrives_in_time_wait(now, in);
    case State::kSynReceived:
    case State::kEstablished:
    case State::kFinWait1:
    case State::kFinWait2:
    case State::kCloseWait:
    case State::kClosing:
    case State::kLastAck: return arrives_synchronized(now, in);
  }
}

// RFC 9293 3.10.7.3.
void Connection::arrives_in_syn_sent(Instant now, const Arrival& in) {
  const wire::TcpFlags flags = in.segment->flags;
  const bool acceptable = flags.ack && in.ack > snd_.una && in.ack <= snd_.nxt;
  if (flags.ack && !acceptable) {  // first; the host resets what no connection wants
    if (!flags.rst) {
      control_ = Plan::Control::kReset;
      control_reason_ = Reset{Reset::Why::kBadAck};
      control_seq_ = in.segment->ack;
    }
    return;
  }
  if (flags.rst) {  // second
    if (acceptable && !retry_refused(now)) fail(Errno::kECONNREFUSED);
    return;
  }
  if (!flags.syn) return;  // fourth
  rcv_.irs = in.segment->seq;
  rcv_.nxt = StreamPos(1);
  rcv_.acked = StreamPos(0);
  rcv_.right_edge = rcv_.nxt + rcv_.wnd;
  agree_on_options(now, in.options);
  snd_.wnd = snd_.wnd_max = in.window;
  snd_.wl1 = StreamPos(0);
  ecn_.agreed = acceptable && ecn_requested() && flags.ece && !flags.cwr;
  if (!acceptable) {  // simultaneous open
    enter(State::kSynReceived);
    control_ = Plan::Control::kSynAck;
    control_reason_ = HandshakeSegment{};
    return;
  }
  snd_.una = snd_.wl2 = in.ack;
  establish(now);
  const policy::AckDecision ack = delayed_ack_.on_handshake(now, data_follows_, ack_view(), cause_);
  if (ack.kind == policy::AckDecision::Kind::kNow) {
    want_ack(AckProtocol{AckProtocol::Why::kHandshake});
  }
  take_urgent(in);  // data with a SYN-ACK: RFC 9293 3.10.7.3, fourth
  take_text(now, in);
  take_fin(now, in);
}

// Whether the SYN is sent again although it was refused: facts/windows.md D3.
bool Connection::retry_refused(Instant now) {
  const policy::SynConfig& rules = host_->profile->syn;
  if (rules.refused_retries == 0) return false;
  Rare& r = rare();
  if (r.refusals >= rules.refused_retries) return false;
  ++r.refusals;
  r.repeats_refused_syn = true;
  arm(now, retransmission_timer_, rules.refused_wait, policy::TimerClass::kRetransmission);
  return true;
}

bool Connection::completes_handshake(const wire::TcpSegment& segment) const {
  if (state_ != State::kSynReceived) return false;
  const wire::TcpFlags flags = segment.flags;
  return flags.ack && !flags.rst && !flags.syn && segment.ack == to_wire(snd_.nxt, snd_.iss);
}

// TCP_DEFER_ACCEPT: the ACK of our SYN-ACK does not count without data (facts/linux.md G4).
bool Connection::defers_handshake(const Arrival& in) {
  if (!rare_ || !passive_ || retransmissions_ >= rare_->defer_accept || in.length > 0) return false;
  rare_->bare_ack_came = true;
  return true;
}

void Connection::arrives_synchronized(Instant now, const Arrival& in) {
  const bool frees_more = frees_announced(in);
  held_till_event_ = false;
  if (check_timestamp(now, in) == Step::kDrop) return;
  if (check_sequence(now, in) == Step::kDrop) return;  // first
  if (check_rst(now, in) == Step::kDrop) return;       // second
  if (check_syn(now, in) == Step::kDrop) return;       // fourth
  take_congestion(now, in);
  if (check_ack(now, in) == Step::kDrop) return;  // fifth
  ack_came_ = true;
  if (frees_more) more_coming_ = false;
  take_urgent(in);     // sixth
  take_text(now, in);  // seventh
  take_fin(now, in);   // eighth
}

// Before the first: protection against wrapped sequence numbers, RFC 7323 5.3 R1 and 5.5.
Connection::Step Connection::check_timestamp(Instant now, const Arrival& in) {
  const policy::ValidationConfig& rules = host_->profile->validation;
  if (!agreed_.timestamps || in.segment->flags.rst) return Step::kContinue;
  if (!in.options.timestamps) {
    return rules.tolerate_missing_timestamp ? Step::kContinue : Step::kDrop;
  }
  const auto newer = static_cast<int32_t>(in.options.timestamps->value - timestamp_.recent);
  if (newer >= 0 || now - timestamp_.recent_at > rules.paws_idle_limit) return Step::kContinue;
  answer_misfit(now, in, AckProtocol::Why::kOldTimestamp);
  return Step::kDrop;
}

// First: RFC 9293 table 6.
Connection::Step Connection::check_sequence(Instant now, const Arrival& in) {
  const wire::TcpFlags flags = in.segment->flags;
  const StreamPos last = in.seq + std::max<int64_t>(in.length - 1, 0);
  const int64_t window = std::max<int64_t>(rcv_.right_edge - rcv_.nxt, 0);
  const auto inside = [&](StreamPos pos) { return pos >= rcv_.nxt && pos < rcv_.nxt + window; };
  bool acceptable = inside(in.seq) || (in.length > 0 && inside(last));
  if (in.length == 0 && window == 0) acceptable = in.seq == rcv_.nxt;
  acceptable = acceptable || repeats_unacknowledged(in);
  if (acceptable) {
    const bool spans_last_ack = in.seq <= rcv_.acked;  // R3
    if (agreed_.timestamps && in.options.timestamps && spans_last_ack && !flags.rst) {
      timestamp_.recent = in.options.timestamps->value;
      timestamp_.recent_at = now;
    }
    return Step::kContinue;
  }
  if (flags.rst) return resets_at_fin(in) ? Step::kContinue : Step::kDrop;
  if (state_ == State::kSynReceived && flags.syn && in.segment->seq == rcv_.irs) {
    if (flags.ack) return Step::kContinue;  // it answers our SYN of a simultaneous open
    control_ = Plan::Control::kSynAck;      // our SYN-ACK was lost
    control_reason_ = HandshakeSegment{retransmissions_};
    return Step::kDrop;
  }
  if (in.length > 0) {
    delayed_ack_.on_out_of_order(ack_view());
    report_duplicate(in.seq, std::min(in.seq + in.segment->payload_size(), rcv_.nxt));
  }
  answer_misfit(now, in, AckProtocol::Why::kUnacceptable);
  // A window of zero still takes acknowledgments (RFC 9293 MUST-66).
  if (window == 0 && in.seq == rcv_.nxt && flags.ack) return Step::kContinue;
  return Step::kDrop;
}

// facts/linux.md A10: for some the window begins where the last ACK ended.
bool Connection::repeats_unacknowledged(const Arrival& in) const {
  const bool receiving =
      state_ == State::kEstablished || state_ == State::kFinWait1 || state_ == State::kFinWait2;
  const wire::TcpFlags flags = in.segment->flags;
  return host_->profile->validation.takes_repeated_text && receiving && !flags.rst && !flags.syn &&
         !flags.fin && in.length > 0 && in.seq < rcv_.nxt && in.seq + in.length >= rcv_.acked;
}

void Connection::answer_misfit(Instant now, const Arrival& in, AckProtocol::Why why) {
  if (answers_stray(now, in)) want_ack(AckProtocol{why});
}

void Connection::report_duplicate(StreamPos begin, StreamPos end) {
  if (!agreed_.sack || !host_->profile->recovery.duplicate_sack || end <= begin) return;
  sack_report().add_duplicate(begin, end);
}

// Second, with RFC 5961 3.2.
Connection::Step Connection::check_rst(Instant now, const Arrival& in) {
  if (!in.segment->flags.rst) return Step::kContinue;
  if (!reset_is_believed(in)) {
    challenge(now);
    return Step::kDrop;
  }
  if (state_ == State::kSynReceived) {
    // A listener goes on as if nothing had been; the two who opened at once hear of it.
    if (!passive_) error_ = Errno::kECONNREFUSED;
    enter(State::kClosed);
    return Step::kDrop;
  }
  const bool ended =
      state_ == State::kCloseWait && host_->profile->sockets.reset_after_fin_is_broken_pipe;
  fail(ended ? Errno::kEPIPE : Errno::kECONNRESET);
  return Step::kDrop;
}

// A RST with the number of the peer's own FIN: facts/linux.md E6.
bool Connection::resets_at_fin(const Arrival& in) const {
  return host_->profile->validation.reset == policy::ValidationConfig::Reset::kExactOrEdge &&
         fin_.received && in.seq == rcv_.nxt - 1;
}

bool Connection::reset_is_believed(const Arrival& in) const {
  switch (host_->profile->validation.reset) {
    case policy::ValidationConfig::Reset::kInWindow: return true;  // the first step said so
    case policy::ValidationConfig::Reset::kExact: return in.seq == rcv_.nxt;
    case policy::ValidationConfig::Reset::kExactOrEdge: {
      const bool at_sack_edge = sack_report_ && in.seq == sack_report_->highest_end();
      return in.seq == rcv_.nxt || resets_at_fin(in) || at_sack_edge;
    }
  }
  CHECK(false);
}

// Fourth, with RFC 5961 4.2.
Connection::Step Connection::check_syn(Instant now, const Arrival& in) {
  if (!in.segment->flags.syn) return Step::kContinue;
  if (state_ == State::kSynReceived && in.seq == StreamPos(0)) return Step::kContinue;
  if (host_->profile->validation.syn == policy::ValidationConfig::Syn::kReset) {
    control_ = Plan::Control::kReset;
    control_reason_ = Reset{Reset::Why::kSynInWindow};
    error_ = Errno::kECONNRESET;
    return Step::kDrop;
  }
  challenge(now);
  return Step::kDrop;
}

// RFC 3168 6.1.2, 6.1.3: what the network told the peer, and what the peer tells us.
void Connection::take_congestion(Instant now, const Arrival& in) {
  if (!ecn_.agreed) return;
  if (in.segment->flags.cwr) ecn_.echo = false;
  if (in.congested && in.segment->payload_size() > 0) {
    ecn_.echo = true;
    delayed_ack_.on_out_of_order(ack_view());
  }
  if (!in.segment->flags.ece || !in.segment->flags.ack || snd_.una < ecn_.reduced_upto) return;
  if (snd_.una == snd_.nxt) return;
  congestion_.on_ecn_echo(now, flight());
  ecn_.reduced_upto = snd_.nxt;
  ecn_.reduced = true;
}

// Fifth.
Connection::Step Connection::check_ack(Instant now, const Arrival& in) {
  if (!in.segment->flags.ack) return Step::kDrop;
  if (state_ == State::kSynReceived) {
    if (in.ack <= snd_.una || in.ack > snd_.nxt) {
      control_ = Plan::Control::kReset;
      control_reason_ = Reset{Reset::Why::kBadAck};
      control_seq_ = in.segment->ack;
      return Step::kDrop;
    }
    if (defers_handshake(in)) return Step::kDrop;
    snd_.una = in.ack;
    establish(now);
  }
  if (in.ack < snd_.una - snd_.wnd_max && host_->profile->validation.check_old_acks) {
    challenge(now);  // RFC 5961 5.2
    return Step::kDrop;
  }
  if (probe_byte_out_ && in.ack == snd_.nxt + 1) {  // the byte of a probe was taken
    send_queue_.mark_sent(now, 1, agreed_.mss);
    snd_.nxt += 1;
  }
  probe_byte_out_ = probe_byte_out_ && in.ack <= snd_.una && snd_.una == snd_.nxt;
  if (in.ack > snd_.nxt) {
    answer_future_ack(now);
    return Step::kDrop;
  }
  const bool idle = snd_.una == snd_.nxt;
  const int64_t sacked = take_sack(in);
  const bool repeated = in.ack == snd_.una && in.length == 0 && in.window == snd_.wnd;
  if (in.ack > snd_.una) {
    acknowledge_upto(now, in);
  } else if (is_duplicate_ack(in, sacked)) {
    judge_duplicate_ack(now);
  }
  judge_tail_probe(now, in, repeated && sacked == 0);
  if (in.ack >= snd_.una) update_send_window(now, in, idle);
  if (fin_.sent && snd_.una == snd_.nxt && snd_.una > fin_position()) {
    after_our_fin_was_acknowledged(now);
  }
  return state_ == State::kClosed || state_ == State::kTimeWait ? Step::kDrop : Step::kContinue;
}

void Connection::answer_future_ack(Instant now) {
  if (host_->profile->validation.answer_future_acks) {
    want_ack(AckProtocol{AckProtocol::Why::kFutureAck});
  } else if (state_ != State::kEstablished) {
    challenge(now);
  }
}

void Connection::acknowledge_upto(Instant now, const Arrival& in) {
  const policy::Flight before = flight();
  const StreamPos data_end = std::min(in.ack, send_queue_.end());
  const SendQueue::Acked acked = send_queue_.acknowledge(data_end, agreed_.mss);
  snd_.una = in.ack;
  if (acked.sampled_at) {
    rto_.on_sample(now - *acked.sampled_at, snd_.una, snd_.nxt);
    bursts_.on_sample(now, now - *acked.sampled_at);
  } else if (const auto rtt = timestamp_sample(now, in); rtt && acked.bytes > 0) {
    rto_.on_sample(*rtt, snd_.una, snd_.nxt);
  }
  // Only a valid measurement ends the backoff (RFC 6298 5); a timestamp always gives one (RFC
  // 7323 4.1).
  if (acked.sampled_at || agreed_.timestamps) rto_.reset_backoff();
  retransmissions_ = 0;
  tail_probe_.waits_for_ack = false;
  if (rare_) rare_->soft_error.reset();
  retransmission_timer_.disarm();  // started afresh if something is still in flight: RFC 6298 5.3
  if (recovery_.phase == Recovery::Phase::kFastRecovery) {
    congestion_.on_recovery_progress(now, {.segments = acked.segments, .bytes = acked.bytes});
  } else {
    congestion_.on_ack(now, {.segments = acked.segments,
                             .bytes = acked.bytes,
                             .before = before,
                             .limited = usage_.limited(),
                             .largest_flight = usage_.largest_flight(),
                             .peer_window = snd_.wnd,
                             .rtt = acked.newest_at ? now - *acked.newest_at : Duration{},
                             .una = snd_.una,
                             .nxt = snd_.nxt,
                             .burst_time = bursts_.time_of(4, burst_view())});
  }
  if (repetition_was_needless(in)) take_reduction_back();
  judge_progress(now, acked.segments);
}

// RFC 7323 4.1: what the echoed timestamp says, in the unit of our clock.
std::optional<Duration> Connection::timestamp_sample(Instant now, const Arrival& in) const {
  if (!agreed_.timestamps || !in.options.timestamps) return std::nullopt;
  const uint32_t clock = host_->clocks->timestamp(host_->grain->uptime(now), timestamp_.offset);
  const auto ticks = static_cast<int32_t>(clock - in.options.timestamps->echo);
  if (ticks < 0) return std::nullopt;
  return std::max<int64_t>(ticks, 1) * host_->profile->timestamps.tick;
}

// SND.WL1 and SND.WL2 keep an old segment from shrinking the window (RFC 9293 3.10.7.4, fifth).
// `idle`: nothing was in flight as it came.
void Connection::update_send_window(Instant now, const Arrival& in, bool idle) {
  if (in.seq < snd_.wl1 || (in.seq == snd_.wl1 && in.ack < snd_.wl2)) return;
  const bool restarts = idle && in.window != snd_.wnd && send_queue_.next_unsent() != nullptr &&
                        host_->profile->congestion.window_update_restarts;
  const bool only_data = in.length > 0 && in.ack == snd_.wl2 && in.window == snd_.wnd;
  snd_.wnd = in.window;
  if (snd_.wnd > snd_.wnd_max) {
    snd_.wnd_max = snd_.wnd;
    bound_mss();
  }
  snd_.wl1 = in.seq;
  snd_.wl2 = in.ack;
  // An answer, whatever it says; also when the window was taken back: RFC 9293 3.8.6, SHLD-17.
  if (persist_timer_.armed() || snd_.wnd == 0) retransmissions_ = 0;
  // The probing is over; mere data does not touch the timer of held data: facts/linux.md B12.
  if (snd_.wnd > 0 && persist_timer_.armed() && !only_data) {
    persist_timer_.disarm();
    rto_.reset_backoff();
  }
  if (restarts) note_idle_time(now);
}

void Connection::after_our_fin_was_acknowledged(Instant now) {
  switch (state_) {
    case State::kFinWait1: {
      enter(State::kFinWait2);
      if (!orphan_) return;
      if (rare_ && rare_->orphan_limit.count() < 0) return enter(State::kClosed);
      arm_orphan_limit(now);
      return;
    }
    case State::kClosing: return enter_time_wait(now);
    case State::kLastAck: remember_path(now); return enter(State::kClosed);
    case State::kClosed:
    case State::kSynSent:
    case State::kSynReceived:
    case State::kEstablished:
    case State::kFinWait2:
    case State::kCloseWait:
    case State::kTimeWait: return;
  }
}

// Sixth: RFC 9293 3.8.5, as all hosts read it (RFC 6093 2): the pointer leads past the last urgent
// byte, and that byte leaves the stream unless the program wants it there.
void Connection::take_urgent(const Arrival& in) {
  if (!in.segment->flags.urg || in.segment->urgent == 0) return;
  if (fin_.received || state_ == State::kCloseWait || state_ == State::kClosing ||
      state_ == State::kLastAck) {
    return;
  }
  const StreamPos end = in.seq + (in.segment->flags.syn ? 1 : 0) + int64_t{in.segment->urgent};
  if (end - 1 < read_position()) return;  // read already
  Rare& r = rare();
  if (end <= r.receive_urgent) return;
  r.receive_urgent = end;
  r.urgent_byte = Payload();
  r.urgent_byte_waits = false;
}

// Seventh. Data before RCV.NXT was delivered before; data beyond the right edge was never allowed.
void Connection::take_text(Instant now, const Arrival& in) {
  const bool receiving =
      state_ == State::kEstablished || state_ == State::kFinWait1 || state_ == State::kFinWait2;
  Payload& data = in.segment->payload;
  if (!receiving || data.empty()) return;
  if (orphan_ && in.seq + static_cast<int64_t>(data.size()) > rcv_.nxt) {
    control_ = Plan::Control::kReset;
    control_reason_ = Reset{Reset::Why::kDataAfterClose};
    control_seq_ = in.segment->ack;
    return;
  }
  StreamPos begin = in.seq + (in.segment->flags.syn ? 1 : 0);
  if (begin < rcv_.nxt) {
    const int64_t known = std::min<int64_t>(rcv_.nxt - begin, static_cast<int64_t>(data.size()));
    report_duplicate(begin, begin + known);
    data.take_front(static_cast<size_t>(known));
    begin = begin + known;
    if (data.empty()) return apply(delayed_ack_.on_repeated(now, ack_view(), cause_));
  }
  const int64_t allowed = std::max<int64_t>(rcv_.right_edge - begin, 0);
  if (static_cast<int64_t>(data.size()) > allowed) data = data.sub(0, static_cast<size_t>(allowed));
  if (data.empty()) return;
  if (reader_sleeps_) delayed_ack_.on_prequeued(now, cause_);

  if (begin > rcv_.nxt) return take_early(now, begin, std::move(data));
  take_in_order(now, in, std::move(data));
}

// facts/linux.md C10: what came early makes way for what is in order; when that does not help, the
// segment is dropped and the ACK says that nothing can be taken.
bool Connection::make_room() {
  const auto fits = [&] { return receive_window_.take_in(receive_queue_.charged(), own_mss()); };
  if (fits()) return true;
  receive_queue_.drop_early();
  sack_report_.reset();
  if (fits() || receive_queue_.unread() == 0) return true;
  refuses_ = true;
  want_ack(AckProtocol{AckProtocol::Why::kNoRoom});
  return false;
}

void Connection::take_early(Instant now, StreamPos begin, Payload data) {
  const auto length = static_cast<uint32_t>(data.size());
  const StreamPos end = begin + int64_t{length};
  if (!receive_window_.take_in(receive_queue_.charged(), own_mss())) {
    return want_ack(AckProtocol{AckProtocol::Why::kNoRoom});
  }
  if (sack_report_ && sack_report_->holds(begin, end))
    report_duplicate(begin, end);  // RFC 2883 4.1.3
  receive_queue_.keep_early(begin, std::move(data), receive_window_.charge(length));
  if (agreed_.sack) {
    sack_report().add(begin, end);
    const int64_t opened = receive_window_.opened();
    receive_window_.on_reported_gap(length, window_view());
    if (receive_window_.opened() > opened) delayed_ack_.on_window_grown();
  }
  if (!orphan_) receive_window_.on_gap(receive_queue_.early_end() - rcv_.nxt);
  apply_to_gap(delayed_ack_.on_gap(now, ack_view(), cause_));
}

policy::WindowArrival Connection::window_arrival(Instant now, const Arrival& in, uint32_t length,
                                                 bool drained) {
  policy::WindowArrival arrival{
      .length = length,
      .segment = segment_length(in, length),
      .held = in.own.held > 0 ? receive_window_.charge(static_cast<uint32_t>(in.own.held)) : 0,
      .next = rcv_.nxt,
      .drained = drained,
      .own_rtt = rto_.srtt()};
  if (!agreed_.timestamps || !in.options.timestamps) return arrival;
  const uint32_t echo = in.options.timestamps->echo;
  arrival.echoes = true;
  arrival.echoed_clock = echo;
  arrival.clock = host_->clocks->timestamp(host_->grain->uptime(now), timestamp_.offset);
  if (echo == timestamp_.last_echo) return arrival;
  timestamp_.last_echo = echo;
  arrival.answers_ours = true;
  const auto ticks = static_cast<int32_t>(arrival.clock - echo);
  arrival.echo = std::max(ticks, 0) * host_->profile->timestamps.tick;
  return arrival;
}

void Connection::take_in_order(Instant now, const Arrival& in, Payload data) {
  const auto length = static_cast<uint32_t>(data.size());
  const bool direct = goes_to_reader(in, length);
  if (!direct && !make_room()) return;
  const bool had_gap = receive_queue_.has_gap();
  const bool drained = receive_queue_.unread() == 0;
  if (direct) {
    read_directly(now, in, std::move(data));
  } else {
    queue_in_order(std::move(data));
  }
  rcv_.nxt = receive_queue_.join(rcv_.nxt + int64_t{length});
  if (sack_report_) sack_report_->advance(rcv_.nxt);
  if (rare_ && rare_->receive_urgent > read_position() && rare_->receive_urgent <= rcv_.nxt) {
    rare_->urgent_byte_waits = !rare_->urgent_inline;
  }
  const int64_t opened = receive_window_.opened();
  receive_window_.on_data(now, window_arrival(now, in, length, drained), window_view());
  const policy::DataArrival arrival{.length = segment_length(in, length),
                                    .header_size = in.header_size,
                                    .push = in.segment->flags.psh,
                                    .predicted = !had_gap,
                                    .window_grew = receive_window_.opened() > opened,
                                    .more_follows = in.own.more_follows};
  const policy::AckDecision decision = delayed_ack_.on_data(now, arrival, ack_view(), cause_);
  // A FIN that comes with the data ends the quick ACKs before the first of them is sent:
  // facts/linux.md A9, A13.
  const bool fin_follows = in.segment->flags.fin && in.seq + (in.length - 1) == rcv_.nxt;
  if (!fin_follows || decision.why != policy::AckNowReason::kQuickAck) apply(decision);
  if (had_gap) want_ack(AckProtocol{AckProtocol::Why::kGapFilled});  // RFC 5681 4.2
  if (direct) after_read(now, length);
}

// Eighth.
void Connection::take_fin(Instant now, const Arrival& in) {
  if (in.segment->flags.fin) {
    fin_.peer_position = in.seq + (in.length - 1);
    if (*fin_.peer_position > rcv_.nxt) want_ack(AckProtocol{AckProtocol::Why::kOutOfOrder});
  }
  if (fin_.received || fin_.peer_position != rcv_.nxt) return;
  fin_.received = true;
  rcv_.nxt += 1;
  switch (state_) {
    case State::kSynReceived:
    case State::kEstablished:
      enter(State::kCloseWait);
      apply(delayed_ack_.on_fin(now, ack_view(), cause_));
      return;
    case State::kFinWait1:
      enter(State::kClosing);
      want_ack(AckProtocol{AckProtocol::Why::kFin});
      return;
    case State::kFinWait2:
      want_ack(AckProtocol{AckProtocol::Why::kFin});
      enter_time_wait(now);
      return;
    case State::kClosed:
    case State::kSynSent:
    case State::kCloseWait:
    case State::kClosing:
    case State::kLastAck:
    case State::kTimeWait: return;
  }
}

}  // namespace tcptwin::tcp

// output.cc: what leaves next (plan) and its execution. The plan decides; nothing here decides
// again.
#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "stack/base/check.h"
#include "stack/tcp/connection.h"

namespace tcptwin::tcp {

Plan Connection::plan(Instant now) const {
  Plan plan;
  plan.control = control_;
  plan.data = plan_data(now);
  plan.ack = plan_ack();
  const bool nothing_in_flight = snd_.una == snd_.nxt;
  plan.timers.retransmission = state_ != State::kClosed && !nothing_in_flight;
  const bool held_long = std::holds_alternative<HeldByWindow>(plan.data.held_because) ||
                         std::holds_alternative<HeldByCork>(plan.data.held_because);
  plan.timers.persist = nothing_in_flight && held_long;
  return plan;
}

Plan::Data Connection::plan_data(Instant now) const {
  if (!is_synchronized(state_) || state_ == State::kSynReceived) return {};
  if (const Chunk* lost = send_queue_.next_lost()) {
    const auto mss = int64_t{agreed_.mss};
    int64_t allowance = congestion_.allowance(flight());
    if (recovery_.repair_due || tail_probe_.leaves) allowance = std::max(allowance, mss);
    if (allowance < std::min(lost->size(), mss)) return {};
    Plan::Data data;
    data.kind = Plan::Data::Kind::kSend;
    data.retransmission = true;
    data.begin = lost->begin;
    data.bytes = std::min(lost->size(), std::max(allowance - allowance % mss, mss));
    return data;
  }
  if (send_queue_.next_unsent() == nullptr) return plan_fin();
  if (!held_till_event_) return plan_fresh_data(now);
  Plan::Data data;
  data.kind = Plan::Data::Kind::kHeld;
  data.held_because = held_data_;
  return data;
}

policy::BurstView Connection::burst_view() const {
  return {.mss = agreed_.mss,
          .window_segments = congestion_.window_segments(agreed_.mss),
          .threshold_segments = congestion_.threshold_segments(agreed_.mss),
          .srtt = rto_.srtt()};
}

Connection::SendLimits Connection::send_limits() const {
  return {.window = std::max<int64_t>(snd_.una + snd_.wnd - snd_.nxt, 0),
          .congestion = congestion_.allowance(flight()),
          .burst = bursts_.quota_segments(burst_view()) * agreed_.mss};
}

// A segment of `length` bytes that leaves after `before` bytes of the same burst.
policy::NagleView Connection::nagle_view(StreamPos begin, int64_t before, int64_t length) const {
  const bool opening = recovery_.phase == Recovery::Phase::kOpen;
  return {.snd_una = snd_.una,
          .snd_nxt = begin + before,
          .length = static_cast<uint32_t>(length),
          .no_delay = no_delay_,
          .mss = agreed_.mss,
          .corked = corked_,
          .more = more_coming_,
          .push_once = push_once_ || flushing_ || fill_small_window_ || tail_probe_.leaves,
          .urgent = urgent_ahead(snd_.una),
          .limited_transmit = opening && recovery_.duplicate_acks > 0,
          .wnd_max = snd_.wnd_max,
          .idle_at_write = sending_ ? idle_at_start_ : snd_.una == snd_.nxt,
          .full_before = before > 0};
}

Reason Connection::held_by_limits(const SendLimits& limits) const {
  const int64_t waiting = send_queue_.unsent_bytes();
  if (limits.congestion >= limits.window) return HeldByWindow{waiting, limits.window};
  return HeldByCongestion{waiting, congestion_.window_segments(agreed_.mss), in_flight()};
}

// facts/linux.md B5: whether the next buffer, of more than one segment, waits to leave as a larger
// burst. `last`: no other is queued behind it.
bool Connection::burst_waits(Instant now, const SendLimits& limits, bool last) const {
  policy::BurstView view = burst_view();
  view.length = send_queue_.next_unsent()->size();
  view.last_buffer = last;
  view.send_window = limits.window;
  view.congestion_free = limits.congestion;
  view.peer_window = snd_.wnd;
  view.fin = last && fin_.queued;
  view.recovering = recovery_.phase != Recovery::Phase::kOpen;
  view.since_last_sent = now - sent_at_;
  if (const auto head = send_queue_.head_sent_at()) view.since_head_sent = now - *head;
  return bursts_.waits(view);
}

// Whether the rest of the peer's window, less than a segment, is filled after `whole` bytes of full
// segments.
bool Connection::window_tail_leaves(const SendLimits& limits, int64_t whole) const {
  const int64_t tail = limits.window - whole;
  if (whole == 0 || tail == 0 || limits.window >= std::min(limits.congestion, limits.burst)) {
    return false;
  }
  return nagle_.window_tail_leaves(nagle_view(send_queue_.next_unsent()->begin, whole, tail));
}

// RFC 9293 3.8.6: the peer's window, the congestion window, the sender's silly-window rules, then
// those for small segments.
Plan::Data Connection::plan_fresh_data(Instant now) const {
  const Chunk& chunk = *send_queue_.next_unsent();
  const auto mss = int64_t{agreed_.mss};
  SendLimits limits = send_limits();
  if (tail_probe_.leaves) limits.congestion = std::max(limits.congestion, mss);
  Plan::Data data;
  data.kind = Plan::Data::Kind::kHeld;
  data.begin = chunk.begin;
  const int64_t limit = limits.least();
  int64_t bytes = send_queue_.growable_to(limits.burst);
  const bool one_segment = fill_small_window_ || tail_probe_.leaves || urgent_ahead(snd_.una);
  if (one_segment) bytes = std::min(bytes, mss);
  if (bytes > limit) {
    bytes = limit - limit % mss;
    const bool cut = bytes == 0 && (fill_small_window_ ||  // 3.8.6.2.1 (3), (4)
                                    nagle_.window_cut_leaves(nagle_view(chunk.begin, 0, limit)));
    if (cut || window_tail_leaves(limits, bytes)) bytes = limit;
  }
  const bool last = data.begin + bytes == send_queue_.end();
  if (bytes == 0 || (bytes > mss && !flushing_ && burst_waits(now, limits, last))) {
    data.held_because = held_by_limits(limits);
    return data;
  }
  data.fin = last && fin_.queued;
  const int64_t tail = bytes % mss;
  if (last && tail > 0 && !data.fin) {
    const policy::NagleView view = nagle_view(chunk.begin, bytes - tail, tail);
    const policy::Nagle::Verdict verdict = nagle_.small_segment(view);
    if (verdict != policy::Nagle::Verdict::kSend) bytes -= tail;
    if (bytes == 0) {
      const int64_t waiting = send_queue_.unsent_bytes();
      data.held_because = HeldByNagle{waiting, nagle_.waits_for(view), nagle_.behaviour()};
      if (verdict == policy::Nagle::Verdict::kHeldByCork) {
        data.held_because = HeldByCork{waiting, !corked_};
      }
      return data;
    }
  }
  data.kind = Plan::Data::Kind::kSend;
  data.bytes = bytes;
  return data;
}

Plan::Data Connection::plan_fin() const {
  if (!fin_.queued || (fin_.sent && !fin_.lost)) return {};
  Plan::Data data;
  data.kind = Plan::Data::Kind::kSend;
  data.retransmission = fin_.sent;
  data.fin = true;
  data.begin = fin_position();
  return data;
}

Plan::Ack Connection::plan_ack() const {
  if (state_ == State::kClosed) return {};
  if (!std::holds_alternative<std::monostate>(ack_wanted_)) {
    return {Plan::Ack::Kind::kSend, ack_wanted_};
  }
  const Timer& timer = delayed_ack_.timer();
  if (!timer.armed()) return {};
  return {Plan::Ack::Kind::kHeld,
          AckHeld{timer.wish(), timer.deadline(), delayed_ack_.interactive(),
                  shared_tick(delayed_ack_.shared_tick())}};
}

bool Connection::poll_burst(Instant now, Burst& out) {
  if (!sending_) begin_sending();
  const Plan next = plan(now);
  out = Burst();
  out.cause = cause_;
  if (next.control != Plan::Control::kNone) {
    send_control(now, next.control, out);
  } else if (next.data.kind == Plan::Data::Kind::kSend) {
    send_data(now, next.data, out);
  } else if (next.ack.kind == Plan::Ack::Kind::kSend) {
    out.reason = next.ack.why;
    out.head = header(now, true);
  } else {
    settle(now, next);
    report_holds(now, next);
    return false;
  }
  sent_at_ = now;
  return true;
}

// After an input or a command.
void Connection::begin_sending() {
  sending_ = true;
  idle_at_start_ = snd_.una == snd_.nxt;
  send_buffer_.on_output(
      {.queued = send_queue_.end() - send_queue_.begin(),
       .unsent = send_queue_.unsent_bytes(),
       .peer_window = snd_.wnd,
       .congestion_window = congestion_.window_segments(agreed_.mss) * agreed_.mss});
}

uint16_t Connection::advertise() {
  rcv_.wnd = std::exchange(refuses_, false) ? 0 : receive_window_.select(window_view());
  rcv_.right_edge = rcv_.nxt + rcv_.wnd;
  rcv_.acked = rcv_.nxt;
  return static_cast<uint16_t>(std::min<int64_t>(rcv_.wnd >> agreed_.own_shift, UINT16_MAX));
}

// A segment at SND.NXT that acknowledges all there is; it takes along whatever ACK was due.
wire::TcpSegment Connection::header(Instant now, bool alone) {
  wire::TcpSegment segment;
  segment.source = ends_.local_port;
  segment.destination = ends_.remote_port;
  segment.seq = to_wire(snd_.nxt, snd_.iss);
  segment.flags.ack = true;
  segment.ack = to_wire(rcv_.nxt, rcv_.irs);
  segment.window = advertise();
  segment.flags.ece = ecn_.echo;
  if (agreed_.timestamps && !no_options_) {
    segment.options.add_nop();
    segment.options.add_nop();
    segment.options.add_timestamps(
        {host_->clocks->timestamp(host_->grain->uptime(now), timestamp_.offset),
         timestamp_.recent});
  }
  if (agreed_.timestamps) receive_window_.on_sent(now);
  if (sack_report_ && !sack_report_->empty() && !no_options_) add_sack(segment);
  delayed_ack_.on_ack_sent(alone);
  ack_wanted_ = {};
  return segment;
}

SackReport& Connection::sack_report() {
  if (!sack_report_) sack_report_ = std::make_unique<SackReport>();
  return *sack_report_;
}

// RFC 2018 3: as many blocks as the header has room for, after two NOPs.
void Connection::add_sack(wire::TcpSegment& segment) {
  constexpr size_t kBlockBytes = 8;
  constexpr size_t kFixedBytes = 4;
  const size_t room = (wire::kMaxOptionBytes - segment.options.size() - kFixedBytes) / kBlockBytes;
  std::array<wire::SackBlock, 4> blocks;
  const size_t count = sack_report_->take(rcv_.irs, room, blocks);
  segment.options.add_nop();
  segment.options.add_nop();
  segment.options.add_sack(std::span(blocks.data(), count));
}

void Connection::add_syn_options(Instant now, wire::TcpSegment& segment, bool answer) const {
  const policy::Profile& profile = *host_->profile;
  wire::TcpOptions& options = segment.options;
  if (no_options_) return;  // facts/darwin.md 1.2
  const bool plain = !answer && policy::syn_is_plain(profile.syn, retransmissions_);
  const bool scale = answer ? agreed_.scaling : profile.receive_window.scaling && !plain;
  const bool stamps = answer ? agreed_.timestamps : profile.timestamps.offered && !plain;
  const auto& without = profile.syn.options_without_timestamps;
  const auto& order = stamps || without.empty() ? profile.syn.options : without;
  // An answer offers only what the peer's SYN offered (RFC 7323 1.3, RFC 2018 2); NOPs go with the
  // option that follows them. Where one is left out, NOPs keep the timestamps aligned (RFC 7323 A):
  // traces/kernel-6.18/k_window/nosack_10MB_r1.
  int nops = 0;
  bool left_out = false;
  const auto begin_option = [&](bool stands) {
    for (; nops > 0; --nops) {
      if (stands) options.add_nop();
    }
    left_out = left_out || !stands;
    return stands;
  };
  for (const policy::SynOption option : order) {
    switch (option) {
      case policy::SynOption::kMss:
        begin_option(true);
        options.add_mss(static_cast<uint16_t>(std::min<uint32_t>(agreed_.mss_offered, UINT16_MAX)));
        break;
      case policy::SynOption::kSackPermitted:
        if (begin_option(!answer || agreed_.sack)) options.add_sack_permitted();
        break;
      case policy::SynOption::kTimestamps:
        if (begin_option(stamps)) {
          while (left_out && options.size() % 4 != 2) options.add_nop();
          options.add_timestamps(
              {host_->clocks->timestamp(host_->grain->uptime(now), timestamp_.offset),
               timestamp_.recent});
        }
        break;
      case policy::SynOption::kNop: ++nops; break;
      case policy::SynOption::kWindowScale:
        if (begin_option(scale)) options.add_window_scale(receive_window_.scale_to_offer());
        break;
      case policy::SynOption::kEnd:
        if (!left_out || options.size() % 4 != 0) options.add_end();
        break;
    }
  }
  options.pad();
}

// Until the SYN or SYN-ACK is sent again.
Duration Connection::handshake_wait(bool answer) const {
  const policy::RtoConfig& rto = host_->profile->rto;
  const policy::SynConfig& syn = host_->profile->syn;
  const Duration usual = rto_.handshake_rto(retransmissions_, !answer);
  if (answer) return usual;
  return policy::syn_wait(syn, rto_.initial(), rto.max, retransmissions_).value_or(usual);
}

void Connection::send_control(Instant now, Plan::Control control, Burst& out) {
  control_ = Plan::Control::kNone;
  out.reason = control_reason_;
  wire::TcpSegment& segment = out.head;
  segment.source = ends_.local_port;
  segment.destination = ends_.remote_port;
  switch (control) {
    case Plan::Control::kSyn:
    case Plan::Control::kSynAck: {
      const bool answer = control == Plan::Control::kSynAck;
      const policy::Profile& profile = *host_->profile;
      segment.seq = snd_.iss;
      segment.flags.syn = true;
      segment.flags.ack = answer;
      if (answer) segment.ack = to_wire(rcv_.nxt, rcv_.irs);
      segment.flags.ece = answer ? ecn_.agreed : ecn_requested();
      segment.flags.cwr = !answer && segment.flags.ece;
      add_syn_options(now, segment, answer);
      rcv_.wnd = receive_window_.initial_window(own_mss());  // RFC 7323 2.2: never scaled in a SYN
      if (const int32_t fixed = answer ? profile.syn.answer_window : profile.syn.window;
          fixed > 0) {
        rcv_.wnd = fixed;
      }
      rcv_.right_edge = rcv_.nxt + rcv_.wnd;
      rcv_.acked = rcv_.nxt;
      segment.window = static_cast<uint16_t>(std::min<int64_t>(rcv_.wnd, UINT16_MAX));
      handshake_repeated_ = !handshake_sent_at_.is_never();
      handshake_sent_at_ = now;
      arm(now, retransmission_timer_, handshake_wait(answer), policy::TimerClass::kRetransmission);
      return;
    }
    case Plan::Control::kReset:
      if (const auto* why = std::get_if<Reset>(&out.reason);
          why != nullptr && why->answers_segment()) {
        segment.seq = control_seq_;  // RFC 9293 3.5.2, group 1
        segment.flags.rst = true;
        if (why->why == Reset::Why::kDataAfterClose) enter(State::kClosed);
        return;
      }
      segment = header(now);
      segment.flags.rst = true;
      enter(State::kClosed);
      return;
    case Plan::Control::kWindowProbe:
      segment = header(now);
      if (host_->profile->persist.probe == policy::PersistConfig::Probe::kNextByte) {
        segment.payload = send_queue_.next_unsent()->data.sub(0, 1);
        out.segment_size = agreed_.mss;
        probe_byte_out_ = true;
        return;
      }
      segment.seq = segment.seq - 1;  // an old number: the peer must answer it (facts/linux.md C11)
      return;
    case Plan::Control::kKeepAliveProbe:
      segment = header(now);
      segment.seq = segment.seq - 1;  // RFC 9293 3.8.4
      return;
    case Plan::Control::kNone: break;
  }
  CHECK(false);
}

// `alone`: whether it would be if it were cut into segments.
bool Connection::burst_is_pushed(const Plan::Data& data, const Chunk& chunk, bool alone) const {
  const bool write_ends = data.begin + data.bytes == chunk.end() && chunk.push;
  const bool empties = data.begin + data.bytes == send_queue_.end() && !more_coming_;
  const int64_t segments = alone ? 1 : (data.bytes + agreed_.mss - 1) / agreed_.mss;
  const bool forced = fill_small_window_ && !data.retransmission;
  return bursts_.pushed({write_ends, empties, forced, segments});
}

void Connection::note_departure(Instant now, const Plan::Data& data, bool push) {
  if (data.retransmission) {
    send_queue_.mark_resent(now, data.bytes, agreed_.mss, push);
    const int64_t segments = (data.bytes + agreed_.mss - 1) / agreed_.mss;
    // A probe repairs no loss that could turn out to be none.
    tail_probe_.leaves ? void(resent_segments_ += segments) : note_repetition(now, segments);
    recovery_.repair_due = false;
  } else {
    send_queue_.mark_sent(now, data.bytes, agreed_.mss, push);
    fill_small_window_ = false;
    const auto tail = static_cast<uint32_t>(data.bytes % agreed_.mss);
    nagle_.on_sent(data.begin + data.bytes, tail, agreed_.mss);
  }
  delayed_ack_.on_data_sent(now);
  data_sent_at_ = now;
  data_left_ = data_left_ || !data.retransmission;
}

void Connection::send_data(Instant now, const Plan::Data& data, Burst& out) {
  if (!data.retransmission && data.bytes > 0) send_queue_.grow_next(data.bytes);
  const Chunk* chunk = data.retransmission ? send_queue_.next_lost() : send_queue_.next_unsent();
  out.head = header(now);
  out.may_be_cut = may_be_cut_;
  // What SACK blocks take, the payload gives: RFC 9293 3.7.1.
  const uint32_t usual = agreed_.timestamps && !no_options_ ? kTimestampBytes : 0;
  out.segment_size = agreed_.mss - std::min(out.head.options.size() - usual, agreed_.mss - 1);
  out.head.seq = to_wire(data.begin, snd_.iss);
  out.head.flags.fin = data.fin;
  if (urgent_ahead(data.begin)) {
    out.head.flags.urg = true;
    out.head.urgent =
        static_cast<uint16_t>(std::min<int64_t>(rare_->send_urgent - data.begin, UINT16_MAX));
  }
  if (ecn_.agreed && data.bytes > 0 && !data.retransmission) {
    out.ecn_capable = true;  // RFC 3168 6.1.5: a retransmission is not
    out.head.flags.cwr = std::exchange(ecn_.reduced, false);
  }
  if (data.bytes > 0) {
    out.head.flags.psh = burst_is_pushed(data, *chunk, /*alone=*/false);
    const bool push = burst_is_pushed(data, *chunk, /*alone=*/true);
    out.head.payload = chunk->data.sub(0, static_cast<size_t>(data.bytes));
    note_departure(now, data, push);
    out.mss = out.segment_size;
    const bool whole = leaves_whole(out.head, data.bytes);
    if (whole) out.segment_size = std::max(out.segment_size, static_cast<uint32_t>(data.bytes));
    const bool cut = data.bytes > int64_t{out.segment_size};
    if (cut && !data.retransmission) send_queue_.mark_last_copied();
  }
  if (data.fin) {
    fin_.sent = true;
    fin_.lost = false;
  }
  snd_.nxt = std::max(snd_.nxt, data.begin + (data.bytes + (data.fin ? 1 : 0)));
  if (!data.retransmission && !tail_probe_.leaves) tail_probe_.data_left = true;

  if (data.retransmission) {
    out.reason = why_again();
  } else if (data.bytes == 0) {
    out.reason = FinSegment{};
  } else if (std::holds_alternative<HeldByNagle>(held_data_)) {
    out.reason = DataReleased{DataReleased::By::kNagle, held_since_};
  } else if (std::holds_alternative<HeldByWindow>(held_data_)) {
    out.reason = DataReleased{DataReleased::By::kWindow, held_since_};
  } else if (std::holds_alternative<HeldByCork>(held_data_)) {
    out.reason = DataReleased{DataReleased::By::kCork, held_since_};
  } else if (std::holds_alternative<HeldByCongestion>(held_data_)) {
    out.reason = DataReleased{DataReleased::By::kCongestion, held_since_};
  } else {
    out.reason = DataSegment{};
  }
  note_tail_probe();
}

Retransmission Connection::why_again() const {
  using Why = Retransmission::Why;
  if (recovery_.shrunk) return {0, Why::kPathMtu};
  if (tail_probe_.leaves) return {0, Why::kTailProbe};
  if (recovery_.phase != Recovery::Phase::kFastRecovery) return {retransmissions_, Why::kTimeout};
  if (agreed_.sack) return {0, Why::kSacked};
  return {0, recovery_.duplicate_acks > 0 ? Why::kDuplicateAcks : Why::kPartialAck};
}

// A writer found no room, an ACK has come, and what could leave has left: facts/linux.md C13.
void Connection::look_for_room() {
  const int64_t window = congestion_.window_segments(agreed_.mss);
  if (flight().segments < window) send_buffer_.on_window_open(window);
  no_room_ = !writable();
}

void Connection::fill_waiting() {
  const bool in_call = std::exchange(in_call_, false);
  if (in_call || !bursts_.fills_waiting() || send_queue_.next_unsent() == nullptr) return;
  const auto mss = int64_t{agreed_.mss};
  const SendLimits limits = send_limits();
  const int64_t quota = std::min(limits.congestion, limits.burst) / mss * mss;
  send_queue_.grow_next(send_queue_.growable_to(quota));
}

// Arms what the plan asks for; nothing else starts these timers.
void Connection::settle(Instant now, const Plan& plan) {
  sending_ = flushing_ = fill_small_window_ = tail_probe_.leaves = false;
  note_window_use(now, plan);
  fill_waiting();
  if (std::exchange(ack_came_, false) && no_room_) look_for_room();
  if (time_wait_skipped_ && state_ == State::kTimeWait) enter(State::kClosed);
  if (plan.timers.retransmission) {
    arm_retransmission(now);
  } else {
    retransmission_timer_.disarm();
  }
  const bool corked = std::holds_alternative<HeldByCork>(plan.data.held_because);
  const Duration wait =
      corked ? nagle_.cork_wait(rto_.rto()) : host_->profile->persist.interval(rto_.rto());
  if (!plan.timers.persist || wait.count() == 0) {
    persist_timer_.disarm();
  } else if (!persist_timer_.armed()) {
    arm(now, persist_timer_, wait, policy::TimerClass::kPersist);
  }
}

void Connection::report_holds(Instant now, const Plan& plan) {
  const Reason& held = plan.data.held_because;
  if (held.index() != held_data_.index()) {
    held_since_ = now;
    if (plan.data.kind == Plan::Data::Kind::kHeld) note(now, cause_, held);
  }
  held_data_ = held;
  const Instant due = delayed_ack_.timer().deadline();
  if (due != reported_ack_due_ && plan.ack.kind == Plan::Ack::Kind::kHeld) {
    note(now, cause_, plan.ack.why);
  }
  reported_ack_due_ = due;
}

}  // namespace tcptwin::tcp

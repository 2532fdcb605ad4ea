// output.cc: what leaves next (plan) and its execution. The plan decides; nothing here decides
// again.
#include <algorithm>
#include <utility>

#include "stack/base/check.h"
#include "stack/tcp/connection.h"

namespace tcptwin::tcp {

Plan Connection::plan() const {
  Plan plan;
  plan.control = control_;
  plan.data = plan_data();
  plan.ack = plan_ack();
  const bool nothing_in_flight = snd_.una == snd_.nxt;
  plan.timers.retransmission = state_ != State::kClosed && !nothing_in_flight;
  plan.timers.persist =
      nothing_in_flight && std::holds_alternative<HeldByWindow>(plan.data.held_because);
  return plan;
}

Plan::Data Connection::plan_data() const {
  if (!is_synchronized(state_) || state_ == State::kSynReceived) return {};
  if (const Chunk* lost = send_queue_.next_lost()) {
    const int64_t allowance = congestion_.allowance(send_queue_.in_flight());
    if (allowance == 0) return {};
    Plan::Data data;
    data.kind = Plan::Data::Kind::kSend;
    data.retransmission = true;
    data.begin = lost->begin;
    data.bytes = std::min(lost->size(), allowance * int64_t{agreed_.mss});
    return data;
  }
  if (send_queue_.next_unsent() != nullptr) return plan_fresh_data();
  return plan_fin();
}

// RFC 9293 3.8.6: the peer's window, the congestion window, then the sender's silly-window rules.
Plan::Data Connection::plan_fresh_data() const {
  const Chunk& chunk = *send_queue_.next_unsent();
  const auto mss = int64_t{agreed_.mss};
  const int64_t waiting = send_queue_.unsent_bytes();
  const int64_t window = std::max<int64_t>(snd_.una + snd_.wnd - snd_.nxt, 0);
  const int64_t allowance = congestion_.allowance(send_queue_.in_flight());

  Plan::Data data;
  data.kind = Plan::Data::Kind::kHeld;
  data.begin = chunk.begin;
  if (allowance == 0) {
    data.held_because = HeldByCongestion{waiting, congestion_.window(), send_queue_.in_flight()};
    return data;
  }
  const int64_t limit = std::min(window, allowance * mss);
  int64_t bytes = chunk.size();
  if (bytes > limit) {
    bytes = limit - limit % mss;
    const bool worth_it = limit >= snd_.wnd_max / 2 || fill_small_window_;  // 3.8.6.2.1 (3), (4)
    if (bytes == 0 && limit > 0 && worth_it) bytes = limit;
    if (bytes == 0) {
      data.held_because = HeldByWindow{waiting, window};
      return data;
    }
  }
  const bool whole = bytes == chunk.size();
  const bool last = whole && send_queue_.is_last(chunk);
  data.fin = last && fin_.queued;
  const int64_t tail = bytes % mss;
  if (last && tail > 0) {
    const policy::NagleView view{.snd_una = snd_.una,
                                 .snd_nxt = snd_.nxt + (bytes - tail),
                                 .length = static_cast<uint32_t>(tail),
                                 .fin = data.fin,
                                 .no_delay = no_delay_};
    if (nagle_.small_segment(view) == policy::Nagle::Verdict::kHold) bytes -= tail;
    if (bytes == 0) {
      data.held_because = HeldByNagle{waiting, nagle_.waits_for(view), nagle_.behaviour()};
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
          AckHeld{timer.wish(), timer.deadline(), delayed_ack_.interactive()}};
}

bool Connection::poll_burst(Instant now, Burst& out) {
  const Plan next = plan();
  out = Burst();
  out.cause = cause_;
  if (next.control != Plan::Control::kNone) {
    send_control(now, next.control, out);
    return true;
  }
  if (next.data.kind == Plan::Data::Kind::kSend) {
    send_data(now, next.data, out);
    return true;
  }
  if (next.ack.kind == Plan::Ack::Kind::kSend) {
    out.reason = next.ack.why;
    out.head = header(now);
    return true;
  }
  settle(now, next);
  report_holds(now, next);
  return false;
}

uint16_t Connection::advertise() {
  rcv_.wnd = receive_window_.select(window_view());
  rcv_.right_edge = rcv_.nxt + rcv_.wnd;
  rcv_.acked = rcv_.nxt;
  return static_cast<uint16_t>(rcv_.wnd >> agreed_.own_shift);
}

// A segment at SND.NXT that acknowledges all there is; it takes along whatever ACK was due.
wire::TcpSegment Connection::header(Instant now) {
  wire::TcpSegment segment;
  segment.source = ends_.local_port;
  segment.destination = ends_.remote_port;
  segment.seq = to_wire(snd_.nxt, snd_.iss);
  segment.flags.ack = true;
  segment.ack = to_wire(rcv_.nxt, rcv_.irs);
  segment.window = advertise();
  if (agreed_.timestamps) {
    segment.options.add_nop();
    segment.options.add_nop();
    segment.options.add_timestamps(
        {host_->clocks->timestamp(host_->grain->uptime(now), timestamp_.offset),
         timestamp_.recent});
  }
  delayed_ack_.on_ack_sent();
  ack_wanted_ = {};
  return segment;
}

void Connection::add_syn_options(Instant now, wire::TcpSegment& segment, bool answer) const {
  const policy::Profile& profile = *host_->profile;
  wire::TcpOptions& options = segment.options;
  // An answer offers only what the peer's SYN offered (RFC 7323 1.3, RFC 2018 2); NOPs stand before
  // the window scale and go with it.
  for (const policy::SynOption option : profile.syn.options) {
    switch (option) {
      case policy::SynOption::kMss:
        options.add_mss(static_cast<uint16_t>(std::min<uint32_t>(agreed_.mss_offered, UINT16_MAX)));
        break;
      case policy::SynOption::kSackPermitted:
        if (!answer || agreed_.sack) options.add_sack_permitted();
        break;
      case policy::SynOption::kTimestamps:
        if (answer ? agreed_.timestamps : profile.timestamps.offered) {
          options.add_timestamps(
              {host_->clocks->timestamp(host_->grain->uptime(now), timestamp_.offset),
               timestamp_.recent});
        }
        break;
      case policy::SynOption::kNop:
        if (answer ? agreed_.scaling : profile.receive_window.scaling) options.add_nop();
        break;
      case policy::SynOption::kWindowScale:
        if (answer ? agreed_.scaling : profile.receive_window.scaling) {
          options.add_window_scale(receive_window_.scale_to_offer());
        }
        break;
    }
  }
  options.pad();
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
      segment.seq = snd_.iss;
      segment.flags.syn = true;
      segment.flags.ack = answer;
      if (answer) segment.ack = to_wire(rcv_.nxt, rcv_.irs);
      add_syn_options(now, segment, answer);
      rcv_.wnd = receive_window_.initial_window(own_mss());  // RFC 7323 2.2: never scaled in a SYN
      rcv_.right_edge = rcv_.nxt + rcv_.wnd;
      rcv_.acked = rcv_.nxt;
      segment.window = static_cast<uint16_t>(rcv_.wnd);
      handshake_repeated_ = !handshake_sent_at_.is_never();
      handshake_sent_at_ = now;
      arm(now, retransmission_timer_, rto_.handshake_rto(retransmissions_, !answer));
      return;
    }
    case Plan::Control::kReset:
      if (const auto* why = std::get_if<Reset>(&out.reason);
          why != nullptr && why->why == Reset::Why::kBadAck) {
        segment.seq = control_seq_;  // RFC 9293 3.5.2, group 1: the connection stays as it is
        segment.flags.rst = true;
        return;
      }
      segment = header(now);
      segment.flags.rst = true;
      enter(State::kClosed);
      return;
    case Plan::Control::kWindowProbe:
      segment = header(now);
      segment.seq = segment.seq - 1;  // an old number: the peer must answer it (facts/linux.md C11)
      return;
    case Plan::Control::kNone: break;
  }
  CHECK(false);
}

void Connection::send_data(Instant now, const Plan::Data& data, Burst& out) {
  const Chunk* chunk = data.retransmission ? send_queue_.next_lost() : send_queue_.next_unsent();
  out.segment_size = agreed_.mss;
  out.head = header(now);
  out.head.seq = to_wire(data.begin, snd_.iss);
  out.head.flags.fin = data.fin;
  if (data.bytes > 0) {
    const bool whole = data.bytes == chunk->size();
    out.head.flags.psh = whole && chunk->push;
    out.head.payload = chunk->data.sub(0, static_cast<size_t>(data.bytes));
    if (data.retransmission) {
      send_queue_.mark_resent(now, data.bytes, agreed_.mss);
    } else {
      send_queue_.mark_sent(now, data.bytes, agreed_.mss);
      const auto tail = static_cast<uint32_t>(data.bytes % agreed_.mss);
      nagle_.on_sent(data.begin + data.bytes, tail, agreed_.mss);
    }
    delayed_ack_.on_data_sent(now);
  }
  if (data.fin) {
    fin_.sent = true;
    fin_.lost = false;
  }
  snd_.nxt = std::max(snd_.nxt, data.begin + (data.bytes + (data.fin ? 1 : 0)));

  if (data.retransmission) {
    out.reason = Retransmission{retransmissions_};
  } else if (data.bytes == 0) {
    out.reason = FinSegment{};
  } else if (std::holds_alternative<HeldByNagle>(held_data_)) {
    out.reason = DataReleased{DataReleased::By::kNagle, held_since_};
  } else if (std::holds_alternative<HeldByWindow>(held_data_)) {
    out.reason = DataReleased{DataReleased::By::kWindow, held_since_};
  } else if (std::holds_alternative<HeldByCongestion>(held_data_)) {
    out.reason = DataReleased{DataReleased::By::kCongestion, held_since_};
  } else {
    out.reason = DataSegment{};
  }
}

// Arms what the plan asks for; nothing else starts these timers.
void Connection::settle(Instant now, const Plan& plan) {
  fill_small_window_ = false;
  if (!plan.timers.retransmission) {
    retransmission_timer_.disarm();
  } else if (!retransmission_timer_.armed()) {
    arm(now, retransmission_timer_, rto_.rto());
  }
  if (!plan.timers.persist) {
    persist_timer_.disarm();
  } else if (!persist_timer_.armed()) {
    arm(now, persist_timer_, std::max(rto_.rto(), host_->profile->rto.min));
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

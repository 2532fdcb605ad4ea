// input.cc: a segment arrives, RFC 9293 3.10.7 in its order; the third step (security) is not
// modelled.
#include <algorithm>
#include <utility>

#include "stack/base/check.h"
#include "stack/tcp/connection.h"

namespace tcptwin::tcp {

void Connection::on_segment(Instant now, wire::TcpSegment&& segment, RecordId cause) {
  cause_ = cause;
  Arrival in;
  in.segment = &segment;
  in.options = wire::parse_options(segment.options);
  in.seq = from_wire(segment.seq, rcv_.irs, rcv_.nxt);
  in.ack = from_wire(segment.ack, snd_.iss, snd_.una);
  in.header_size = segment.header_size();
  in.length = segment.sequence_length();
  in.window = segment.flags.syn ? segment.window : int64_t{segment.window} << agreed_.peer_shift;
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
    if (acceptable) fail(Errno::kECONNREFUSED);
    return;
  }
  if (!flags.syn) return;  // fourth
  rcv_.irs = in.segment->seq;
  rcv_.nxt = StreamPos(1);
  rcv_.acked = StreamPos(0);
  rcv_.right_edge = rcv_.nxt + rcv_.wnd;
  agree_on_options(in.options);
  snd_.wnd = snd_.wnd_max = in.window;
  snd_.wl1 = StreamPos(0);
  if (!acceptable) {  // simultaneous open
    enter(State::kSynReceived);
    control_ = Plan::Control::kSynAck;
    control_reason_ = HandshakeSegment{};
    return;
  }
  snd_.una = snd_.wl2 = in.ack;
  establish(now);
  want_ack(AckProtocol{AckProtocol::Why::kHandshake});
}

void Connection::arrives_synchronized(Instant now, const Arrival& in) {
  if (check_sequence(in) == Step::kDrop) return;  // first
  if (check_rst(in) == Step::kDrop) return;       // second
  if (check_syn(in) == Step::kDrop) return;       // fourth
  if (check_ack(now, in) == Step::kDrop) return;  // fifth
  take_text(now, in);  // seventh (the sixth, urgent, carries no rule yet)
  take_fin(now, in);   // eighth
}

// First: RFC 9293 table 6, and RFC 7323 5.3 before it.
Connection::Step Connection::check_sequence(const Arrival& in) {
  const wire::TcpFlags flags = in.segment->flags;
  if (agreed_.timestamps && in.options.timestamps && !flags.rst) {
    const auto newer = static_cast<int32_t>(in.options.timestamps->value - timestamp_.recent);
    if (newer < 0) {
      want_ack(AckProtocol{AckProtocol::Why::kOldTimestamp});
      return Step::kDrop;
    }
  }
  const StreamPos last = in.seq + std::max<int64_t>(in.length - 1, 0);
  const int64_t window = std::max<int64_t>(rcv_.right_edge - rcv_.nxt, 0);
  const auto inside = [&](StreamPos pos) { return pos >= rcv_.nxt && pos < rcv_.nxt + window; };
  bool acceptable = inside(in.seq) || (in.length > 0 && inside(last));
  if (in.length == 0 && window == 0) acceptable = in.seq == rcv_.nxt;
  if (acceptable) {
    const bool spans_last_ack = in.seq <= rcv_.acked;  // R3
    if (agreed_.timestamps && in.options.timestamps && spans_last_ack && !flags.rst) {
      timestamp_.recent = in.options.timestamps->value;
    }
    return Step::kContinue;
  }
  if (flags.rst) return Step::kDrop;
  if (state_ == State::kSynReceived && flags.syn && in.segment->seq == rcv_.irs) {
    if (flags.ack) return Step::kContinue;  // it answers our SYN of a simultaneous open
    control_ = Plan::Control::kSynAck;      // our SYN-ACK was lost
    control_reason_ = HandshakeSegment{retransmissions_};
    return Step::kDrop;
  }
  if (in.length > 0) delayed_ack_.on_out_of_order(ack_view());
  want_ack(AckProtocol{AckProtocol::Why::kUnacceptable});
  // A window of zero still takes acknowledgments (RFC 9293 MUST-66).
  if (window == 0 && in.seq == rcv_.nxt && flags.ack) return Step::kContinue;
  return Step::kDrop;
}

// Second, with RFC 5961 3.2: only a reset at exactly RCV.NXT is believed.
Connection::Step Connection::check_rst(const Arrival& in) {
  if (!in.segment->flags.rst) return Step::kContinue;
  if (in.seq != rcv_.nxt) {
    want_ack(AckProtocol{AckProtocol::Why::kChallenge});
    return Step::kDrop;
  }
  fail(state_ == State::kCloseWait ? Errno::kEPIPE : Errno::kECONNRESET);
  return Step::kDrop;
}

// Fourth, with RFC 5961 4.2.
Connection::Step Connection::check_syn(const Arrival& in) {
  if (!in.segment->flags.syn) return Step::kContinue;
  if (state_ == State::kSynReceived && in.seq == StreamPos(0)) return Step::kContinue;
  want_ack(AckProtocol{AckProtocol::Why::kChallenge});
  return Step::kDrop;
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
    snd_.una = in.ack;
    establish(now);
  }
  if (in.ack > snd_.nxt) {
    want_ack(AckProtocol{AckProtocol::Why::kFutureAck});
    return Step::kDrop;
  }
  if (in.ack > snd_.una) acknowledge_upto(now, in.ack);
  if (in.ack >= snd_.una) update_send_window(in);
  if (fin_.sent && snd_.una == snd_.nxt && snd_.una > fin_position()) {
    after_our_fin_was_acknowledged(now);
  }
  return state_ == State::kClosed || state_ == State::kTimeWait ? Step::kDrop : Step::kContinue;
}

void Connection::acknowledge_upto(Instant now, StreamPos ack) {
  const bool window_was_full = congestion_.allowance(send_queue_.in_flight()) == 0;
  const StreamPos data_end = std::min(ack, send_queue_.end());
  const SendQueue::Acked acked = send_queue_.acknowledge(data_end, agreed_.mss);
  snd_.una = ack;
  if (acked.sampled_at) rto_.on_sample(now - *acked.sampled_at, snd_.una, snd_.nxt);
  // Only a valid measurement ends the backoff (RFC 6298 5); a timestamp always gives one (RFC
  // 7323 4.1).
  if (acked.sampled_at || agreed_.timestamps) rto_.reset_backoff();
  retransmissions_ = 0;
  retransmission_timer_.disarm();  // started afresh if something is still in flight: RFC 6298 5.3
  congestion_.on_ack(acked.segments, window_was_full);
}

// SND.WL1 and SND.WL2 keep an old segment from shrinking the window (RFC 9293 3.10.7.4, fifth).
void Connection::update_send_window(const Arrival& in) {
  if (in.seq < snd_.wl1 || (in.seq == snd_.wl1 && in.ack < snd_.wl2)) return;
  snd_.wnd = in.window;
  snd_.wnd_max = std::max(snd_.wnd_max, snd_.wnd);
  snd_.wl1 = in.seq;
  snd_.wl2 = in.ack;
  if (snd_.wnd > 0 && persist_timer_.armed()) {  // the probing is over, and so is its backoff
    persist_timer_.disarm();
    rto_.reset_backoff();
  }
}

void Connection::after_our_fin_was_acknowledged(Instant now) {
  switch (state_) {
    case State::kFinWait1: {
      enter(State::kFinWait2);
      const Duration limit = host_->profile->close.orphan_fin_wait_2;
      if (orphan_ && limit.count() > 0) arm(now, life_timer_, limit);
      return;
    }
    case State::kClosing: return enter_time_wait(now);
    case State::kLastAck: return enter(State::kClosed);
    case State::kClosed:
    case State::kSynSent:
    case State::kSynReceived:
    case State::kEstablished:
    case State::kFinWait2:
    case State::kCloseWait:
    case State::kTimeWait: return;
  }
}

// Seventh. Data before RCV.NXT was delivered before; data beyond the right edge was never allowed.
void Connection::take_text(Instant now, const Arrival& in) {
  const bool receiving =
      state_ == State::kEstablished || state_ == State::kFinWait1 || state_ == State::kFinWait2;
  Payload& data = in.segment->payload;
  if (!receiving || data.empty()) return;
  if (orphan_ && in.seq + static_cast<int64_t>(data.size()) > rcv_.nxt) {
    control_ = Plan::Control::kReset;  // nobody will read it: RFC 9293 3.6.1
    control_reason_ = Reset{Reset::Why::kUnreadData};
    return;
  }
  StreamPos begin = in.seq;
  if (begin < rcv_.nxt) {
    const int64_t known = std::min<int64_t>(rcv_.nxt - begin, static_cast<int64_t>(data.size()));
    data.take_front(static_cast<size_t>(known));
    begin = begin + known;
  }
  const int64_t allowed = std::max<int64_t>(rcv_.right_edge - begin, 0);
  if (static_cast<int64_t>(data.size()) > allowed) data = data.sub(0, static_cast<size_t>(allowed));
  if (data.empty()) return;

  const auto length = static_cast<uint32_t>(data.size());
  const int64_t charge = receive_window_.charge(length);
  if (begin > rcv_.nxt) {
    receive_queue_.keep_early(begin, std::move(data), charge);
    delayed_ack_.on_out_of_order(ack_view());
    want_ack(AckProtocol{AckProtocol::Why::kOutOfOrder});  // RFC 5681 4.2
    return;
  }
  const bool had_gap = receive_queue_.has_gap();
  receive_queue_.push(std::move(data), charge);
  rcv_.nxt = receive_queue_.join(rcv_.nxt + int64_t{length});
  receive_window_.on_data(length, window_view());
  const policy::DataArrival arrival{length, in.header_size, in.segment->flags.psh};
  apply(delayed_ack_.on_data(now, arrival, ack_view(), cause_));
  if (had_gap) want_ack(AckProtocol{AckProtocol::Why::kGapFilled});  // RFC 5681 4.2
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

void Connection::enter_time_wait(Instant now) {
  enter(State::kTimeWait);
  retransmission_timer_.disarm();
  persist_timer_.disarm();
  arm(now, life_timer_, 2 * host_->profile->close.msl);
}

// RFC 9293 3.10.7.4, TIME-WAIT: only a repeated FIN restarts the wait.
void Connection::arrives_in_time_wait(Instant now, const Arrival& in) {
  const wire::TcpFlags flags = in.segment->flags;
  if (flags.rst) {
    if (in.seq == rcv_.nxt) enter(State::kClosed);
    return;
  }
  if (in.segment->sequence_length() == 0 && in.seq == rcv_.nxt) return;
  want_ack(AckProtocol{flags.fin ? AckProtocol::Why::kFin : AckProtocol::Why::kUnacceptable});
  if (flags.fin) arm(now, life_timer_, 2 * host_->profile->close.msl);
}

}  // namespace tcptwin::tcp

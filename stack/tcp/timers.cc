// timers.cc: deadlines of a connection: which is next, and what happens when one is due.
#include <algorithm>

#include "stack/tcp/connection.h"

namespace tcptwin::tcp {

void Connection::arm(Instant now, Timer& timer, Duration wish) {
  timer.arm(now, wish, host_->grain->fires_after(now, wish), cause_);
}

Instant Connection::next_deadline() const {
  return std::min({retransmission_timer_.deadline(), persist_timer_.deadline(),
                   life_timer_.deadline(), delayed_ack_.timer().deadline()});
}

// Records that a timer fired; what follows is caused by it.
RecordId Connection::fired(Instant now, Timer& timer, TimerKind kind) {
  cause_ = note(now, timer.armed_by(),
                TimerFired{kind, timer.wish(), timer.armed_at(), timer.deadline()});
  timer.disarm();
  return cause_;
}

// The order is fixed: what ends the connection comes last.
void Connection::on_deadline(Instant now) {
  if (delayed_ack_.timer().due(now)) {
    Timer copy = delayed_ack_.timer();  // the policy disarms its own
    fired(now, copy, TimerKind::kDelayedAck);
    apply(delayed_ack_.on_timer(now, ack_view()));
  }
  if (persist_timer_.due(now)) fire_persist(now);
  if (retransmission_timer_.due(now)) fire_retransmission(now);
  if (life_timer_.due(now)) {
    fired(now, life_timer_,
          state_ == State::kTimeWait ? TimerKind::kTimeWait : TimerKind::kFinWait2);
    enter(State::kClosed);
  }
}

bool Connection::give_up() const {
  const policy::RtoConfig& limits = host_->profile->rto;
  switch (state_) {
    case State::kSynSent:
      return retransmissions_ >= limits.syn_retries + limits.syn_linear_timeouts;
    case State::kSynReceived: return retransmissions_ >= limits.synack_retries;
    case State::kClosed:
    case State::kEstablished:
    case State::kFinWait1:
    case State::kFinWait2:
    case State::kCloseWait:
    case State::kClosing:
    case State::kLastAck:
    case State::kTimeWait: return retransmissions_ >= limits.data_retries;
  }
  return false;
}

// RFC 6298 5.4 to 5.6; for the handshake RFC 9293 3.8.3.
void Connection::fire_retransmission(Instant now) {
  const bool handshake = state_ == State::kSynSent || state_ == State::kSynReceived;
  fired(now, retransmission_timer_, handshake ? TimerKind::kHandshake : TimerKind::kRetransmission);
  if (give_up()) return fail(Errno::kETIMEDOUT);
  ++retransmissions_;
  if (handshake) {
    control_ = state_ == State::kSynSent ? Plan::Control::kSyn : Plan::Control::kSynAck;
    control_reason_ = HandshakeSegment{retransmissions_};
    return;
  }
  congestion_.on_timeout(send_queue_.in_flight(), retransmissions_ > 1);
  rto_.back_off();
  send_queue_.mark_all_lost();
  fin_.lost = fin_.sent;
}

// RFC 9293 3.8.6.1: probes go on as long as they are answered.
void Connection::fire_persist(Instant now) {
  fired(now, persist_timer_, TimerKind::kPersist);
  if (snd_.una + snd_.wnd > snd_.nxt) {
    fill_small_window_ = true;
    return;
  }
  control_ = Plan::Control::kWindowProbe;
  control_reason_ = WindowProbe{rto_.backoff()};
  rto_.back_off();
}

}  // namespace tcptwin::tcp

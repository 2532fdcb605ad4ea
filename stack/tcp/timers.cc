// timers.cc: deadlines of a connection: which is next, and what happens when one is due.
#include <algorithm>
#include <utility>

#include "stack/tcp/connection.h"

namespace tcptwin::tcp {

void Connection::arm(Instant now, Timer& timer, Duration wish, policy::TimerClass kind) {
  timer.arm(now, wish, host_->grain->fires_after(now, wish, kind), cause_);
}

Instant Connection::pause_deadline() const {
  const Timer* pause = delayed_ack_.pause_timer();
  return pause == nullptr ? Instant::never() : pause->deadline();
}

Instant Connection::next_deadline() const {
  const Instant usual =
      std::min({retransmission_timer_.deadline(), persist_timer_.deadline(), life_timer_.deadline(),
                delayed_ack_.timer().deadline(), pause_deadline()});
  return rare_ ? std::min(usual, rare_->keep_alive_timer.deadline()) : usual;
}

// Records that a timer fired; what follows is caused by it.
RecordId Connection::fired(Instant now, Timer& timer, TimerKind kind) {
  const Duration tick = kind == TimerKind::kDelayedAck ? delayed_ack_.shared_tick() : Duration{};
  cause_ = note(now, timer.armed_by(),
                TimerFired{.which = kind,
                           .shared_tick = shared_tick(tick),
                           .wish = timer.wish(),
                           .armed_at = timer.armed_at(),
                           .due = timer.deadline()});
  timer.disarm();
  return cause_;
}

// The order is fixed: what ends the connection comes last.
void Connection::on_deadline(Instant now) {
  held_till_event_ = false;
  if (delayed_ack_.timer().due(now)) {
    Timer copy = delayed_ack_.timer();  // the policy disarms its own
    fired(now, copy, TimerKind::kDelayedAck);
    apply(delayed_ack_.on_timer(now, ack_view()));
  }
  if (pause_deadline() <= now) {
    Timer copy = *delayed_ack_.pause_timer();
    fired(now, copy, TimerKind::kDelayedAck);
    apply(delayed_ack_.on_pause_over(now, ack_view()));
  }
  if (persist_timer_.due(now)) fire_persist(now);
  if (retransmission_timer_.due(now)) fire_retransmission(now);
  if (rare_ && rare_->keep_alive_timer.due(now)) fire_keep_alive(now);
  if (life_timer_.due(now)) {
    const bool opening = state_ == State::kSynSent || state_ == State::kSynReceived;
    const TimerKind ending =
        state_ == State::kTimeWait ? TimerKind::kTimeWait : TimerKind::kFinWait2;
    fired(now, life_timer_, opening ? TimerKind::kHandshake : ending);
    opening ? fail(timeout_error()) : enter(State::kClosed);
  }
}

bool Connection::give_up(Instant now) const {
  const policy::RtoConfig& limits = host_->profile->rto;
  const Duration user = rare_ ? rare_->user_timeout : Duration{};  // RFC 5482 3
  const Duration since = now - unanswered_since_;
  switch (state_) {
    case State::kSynSent: {
      if (user.count() > 0 && retransmissions_ > 0 && since >= user) return true;
      const int32_t own = rare_ ? rare_->syn_retries : 0;
      return retransmissions_ >= (own > 0 ? own : limits.syn_retries) + limits.syn_linear_timeouts;
    }
    case State::kSynReceived: {
      const bool waits_for_data =
          rare_ && rare_->bare_ack_came && retransmissions_ < rare_->defer_accept;
      return retransmissions_ >= limits.synack_retries && !waits_for_data;
    }
    case State::kClosed:
    case State::kEstablished:
    case State::kFinWait1:
    case State::kFinWait2:
    case State::kCloseWait:
    case State::kClosing:
    case State::kLastAck:
    case State::kTimeWait:
      return retransmissions_ > 0 && rto_.gives_up(retransmissions_, since, orphan_, user);
  }
  return false;
}

// A user timeout is met to the tick: the last wait is cut.
Duration Connection::retransmission_wait(Instant now) const {
  const Duration usual = rto_.rto();
  if (!rare_ || rare_->user_timeout.count() == 0 || retransmissions_ == 0) return usual;
  const Duration left = rare_->user_timeout - (now - unanswered_since_);
  return std::clamp(left, Duration(1), usual);
}

// How long FIN-WAIT-2 outlives its socket: facts/linux.md E1.
void Connection::arm_orphan_limit(Instant now) {
  const policy::CloseConfig& rules = host_->profile->close;
  const Duration own = rare_ ? rare_->orphan_limit : Duration{};
  const Duration limit = own.count() > 0 ? own : rules.orphan_fin_wait_2;
  if (limit.count() == 0) return;
  const Duration least = rto_.rto() * rules.orphan_half_rtos / 2;
  arm(now, life_timer_, std::max(limit, least), policy::TimerClass::kFinWait2);
}

// RFC 6298 5.4 to 5.6; for the handshake RFC 9293 3.8.3.
void Connection::fire_retransmission(Instant now) {
  const bool handshake = state_ == State::kSynSent || state_ == State::kSynReceived;
  if (std::exchange(tail_probe_.armed, false) && !handshake) return fire_tail_probe(now);
  fired(now, retransmission_timer_, handshake ? TimerKind::kHandshake : TimerKind::kRetransmission);
  if (handshake) return fire_handshake(now);
  if (give_up(now)) return fail(timeout_error());
  if (retransmissions_ == 0) {
    // facts/linux.md D3: that time begins with the first retransmission.
    unanswered_since_ = host_->profile->rto.retries_are_time ? now : now - rto_.rto();
  }
  ++retransmissions_;
  suspect_black_hole();
  const policy::Flight out{send_queue_.in_flight(), send_queue_.in_flight_bytes(), agreed_.mss};
  congestion_.on_timeout(now, out, retransmissions_ > 1, snd_.nxt);
  rto_.back_off();
  // A receiver that drops what it has reported would wait for ever: RFC 2018 8.
  const bool reneged = send_queue_.head_is_sacked();
  send_queue_.mark_all_lost(reneged || !host_->profile->recovery.sacks_survive_timeout);
  recovery_ = {.point = snd_.nxt, .phase = Recovery::Phase::kLoss};
  fin_.lost = fin_.sent;
}

// RFC 9293 3.8.3. A bare ACK that TCP_DEFER_ACCEPT has put off is answered by the last SYN-ACK only
// (facts/linux.md G4).
void Connection::fire_handshake(Instant now) {
  const Plan::Control segment =
      state_ == State::kSynSent ? Plan::Control::kSyn : Plan::Control::kSynAck;
  if (rare_ && std::exchange(rare_->repeats_refused_syn, false)) {
    control_ = segment;
    control_reason_ = HandshakeSegment{rare_->refusals};
    return;
  }
  if (give_up(now)) return fail(timeout_error());
  if (retransmissions_ == 0) unanswered_since_ = now;
  const bool put_off = rare_ && rare_->bare_ack_came && retransmissions_ < rare_->defer_accept - 1;
  ++retransmissions_;
  if (!put_off) {
    control_ = segment;
    control_reason_ = HandshakeSegment{retransmissions_};
    return;
  }
  arm(now, retransmission_timer_, handshake_wait(true), policy::TimerClass::kRetransmission);
}

// RFC 9293 3.8.6.1: probes go on as long as they are answered.
void Connection::fire_persist(Instant now) {
  fired(now, persist_timer_, TimerKind::kPersist);
  if (snd_.una + snd_.wnd > snd_.nxt) {
    fill_small_window_ = true;
    send_queue_.mark_push_next();
    return;
  }
  const int32_t limit = host_->profile->persist.unanswered;
  if (limit > 0 && retransmissions_ >= limit) return fail(timeout_error());
  ++retransmissions_;
  control_ = Plan::Control::kWindowProbe;
  control_reason_ = WindowProbe{rto_.backoff()};
  rto_.back_off();
}

void Connection::rearm_keep_alive(Instant now) {
  const policy::KeepAliveConfig& usual = host_->profile->keep_alive;
  Rare& r = rare();
  if (r.keep_alive.idle.count() == 0) {
    r.keep_alive = {.on = r.keep_alive.on || usual.always,
                    .idle = usual.idle,
                    .interval = usual.interval,
                    .probes = usual.probes};
  }
  if (!r.keep_alive.on) return r.keep_alive_timer.disarm();
  const Duration since = now - heard_at_;
  arm(now, r.keep_alive_timer, std::max(r.keep_alive.idle - since, Duration(1)),
      policy::TimerClass::kKeepAlive);
}

// RFC 9293 3.8.4. The timer is armed lazily: it looks back at the last segment when it fires.
void Connection::fire_keep_alive(Instant now) {
  Rare& r = *rare_;
  const Duration idle = now - heard_at_;
  const bool busy = snd_.una != snd_.nxt || send_queue_.next_unsent() != nullptr;
  if (busy || (r.keep_alive_probes == 0 && idle < r.keep_alive.idle)) {
    r.keep_alive_timer.disarm();
    return busy ? arm(now, r.keep_alive_timer, r.keep_alive.idle, policy::TimerClass::kKeepAlive)
                : rearm_keep_alive(now);
  }
  fired(now, r.keep_alive_timer, TimerKind::kKeepAlive);
  if (r.keep_alive_probes >= r.keep_alive.probes) {
    error_ = Errno::kETIMEDOUT;
    control_ = Plan::Control::kReset;
    control_reason_ = Reset{Reset::Why::kKeepAlive};
    return;
  }
  ++r.keep_alive_probes;
  control_ = Plan::Control::kKeepAliveProbe;
  control_reason_ = KeepAliveProbe{r.keep_alive_probes, idle};
  arm(now, r.keep_alive_timer, r.keep_alive.interval, policy::TimerClass::kKeepAlive);
}

}  // namespace tcptwin::tcp

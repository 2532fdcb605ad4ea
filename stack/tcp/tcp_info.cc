// tcp_info.cc: what a connection tells of itself to programs and to those who watch.
#include "stack/tcp/tcp_info.h"

#include "stack/tcp/connection.h"

namespace tcptwin::tcp {

TcpInfo Connection::info() const {
  TcpInfo info;
  info.state = state_;
  info.mss = agreed_.mss;
  info.peer_mss = delayed_ack_.segment_estimate();
  info.rto = rto_.rto();
  info.srtt = rto_.srtt();
  info.rtt_variation = rto_.variation();
  info.backoff = rto_.backoff();
  info.window_segments = congestion_.window_segments(agreed_.mss);
  info.slow_start_threshold = congestion_.slow_start_threshold();
  info.in_flight = send_queue_.in_flight();
  info.unacked_bytes = send_queue_.end() - send_queue_.begin() - send_queue_.unsent_bytes();
  info.unsent_bytes = send_queue_.unsent_bytes();
  info.bytes_acked = std::max<int64_t>(snd_.una - StreamPos(passive_ ? 1 : 0), 0);
  info.bytes_received = std::max<int64_t>(rcv_.nxt - StreamPos(1), 0);
  info.send_window = snd_.wnd;
  info.receive_window = rcv_.wnd;
  info.receive_pace = receive_window_.pace();
  info.receive_opened = receive_window_.opened();
  info.retransmissions = retransmissions_;
  info.retransmitted_segments = resent_segments_;
  info.timestamps = agreed_.timestamps;
  info.sack = agreed_.sack;
  info.own_shift = agreed_.own_shift;
  info.peer_shift = agreed_.peer_shift;
  info.own_mss = agreed_.mss_offered - (agreed_.timestamps ? kTimestampBytes : 0);
  info.path_mtu = mtu_;
  tell_timer(info);
  return info;
}

// One is told, in this order, although keep-alive may wait beside another.
void Connection::tell_timer(TcpInfo& info) const {
  const auto tell = [&info](const Timer& timer, TimerKind kind) {
    if (info.timer || timer.deadline().is_never()) return;
    info.timer = kind;
    info.timer_due = timer.deadline();
  };
  tell(retransmission_timer_,
       tail_probe_.armed ? TimerKind::kTailProbe : TimerKind::kRetransmission);
  tell(persist_timer_, TimerKind::kPersist);
  tell(life_timer_, state_ == State::kTimeWait ? TimerKind::kTimeWait : TimerKind::kFinWait2);
  if (rare_) tell(rare_->keep_alive_timer, TimerKind::kKeepAlive);
}

}  // namespace tcptwin::tcp

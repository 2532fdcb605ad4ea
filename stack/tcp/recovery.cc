// recovery.cc: what ACKs tell of losses: RFC 5681 3.2, RFC 6582 (NewReno), RFC 6675 (SACK), RFC
// 3042. Which window that leaves is the congestion policy's; what is sent again, the plan's.
#include <algorithm>
#include <utility>

#include "stack/tcp/connection.h"

namespace tcptwin::tcp {

int64_t Connection::in_flight() const {
  const int64_t out = send_queue_.in_flight();
  const bool open = recovery_.phase == Recovery::Phase::kOpen;
  if (open && !host_->profile->recovery.limited_transmit) {
    return out + send_queue_.sacked_segments();
  }
  return std::max<int64_t>(out - recovery_.departed, 0);
}

// FlightSize (RFC 5681 2): what is not acknowledged, sacked or not, less what limited transmit
// added (3.2, step 2).
policy::Flight Connection::flight_size() const {
  const auto mss = int64_t{agreed_.mss};
  const StreamPos sent = recovery_.duplicate_acks > 0 ? recovery_.sent_before : snd_.nxt;
  const int64_t bytes = std::min(sent, send_queue_.end()) - send_queue_.begin();
  return {.segments = (bytes + mss - 1) / mss, .bytes = bytes, .mss = agreed_.mss};
}

// The blocks of the ACK; how many segments they are news of.
int64_t Connection::take_sack(const Arrival& in) {
  if (!agreed_.sack) return 0;
  note_duplicates(in);
  int64_t news = 0;
  for (uint8_t i = 0; i < in.options.sack_count; ++i) {
    const wire::SackBlock& block = in.options.sack[i];
    const StreamPos begin = from_wire(block.begin, snd_.iss, snd_.una);
    const StreamPos end = from_wire(block.end, snd_.iss, snd_.una);
    if (end <= begin || end > snd_.nxt) continue;
    if (end <= std::max(in.ack, snd_.una)) continue;  // a duplicate (RFC 2883 4), or an old ACK
    news += send_queue_.mark_sacked(begin, end, agreed_.mss);
  }
  return news;
}

// RFC 5681 2: nothing new, while something is out. With SACK only what it is news of counts (RFC
// 6675 2).
bool Connection::is_duplicate_ack(const Arrival& in, int64_t sacked) const {
  if (snd_.una == snd_.nxt || in.ack != snd_.una) return false;
  if (agreed_.sack) return sacked > 0;
  return in.length == 0 && in.window == snd_.wnd;
}

void Connection::judge_duplicate_ack(Instant now) {
  if (++recovery_.duplicate_acks == 1) recovery_.sent_before = snd_.nxt;
  if (recovery_.phase == Recovery::Phase::kFastRecovery) {
    congestion_.on_recovery_progress(now, {.duplicate = true});
  }
  if (!agreed_.sack && recovery_.phase != Recovery::Phase::kLoss) {  // RFC 6582 3.2, step 4
    recovery_.departed = std::min(recovery_.departed + 1, send_queue_.in_flight());
  }
  look_for_losses(now);
}

// `acked`: segments that the ACK took off the queue.
void Connection::judge_progress(Instant now, int64_t acked) {
  recovery_.duplicate_acks = 0;
  recovery_.departed = agreed_.sack ? 0 : std::max<int64_t>(recovery_.departed - (acked - 1), 0);
  if (recovery_.phase == Recovery::Phase::kOpen) {
    recovery_.departed = 0;
  } else if (snd_.una >= recovery_.point) {
    if (recovery_.phase == Recovery::Phase::kFastRecovery)
      congestion_.on_recovery_end(now, flight());
    recovery_.phase = Recovery::Phase::kOpen;
    recovery_.shrunk = false;
    recovery_.departed = 0;
    send_queue_.forget_repairs();
  } else if (recovery_.phase == Recovery::Phase::kFastRecovery && !agreed_.sack) {
    // A partial ACK: the next hole begins where it ends (RFC 6582 3.2, step 3).
    recovery_.repair_due = send_queue_.mark_head_lost(agreed_.mss);
  }
  look_for_losses(now);
}

void Connection::look_for_losses(Instant now) {
  const policy::RecoveryConfig& rules = host_->profile->recovery;
  if (recovery_.phase == Recovery::Phase::kLoss) return;
  const bool distance = rules.loss_rule == policy::RecoveryConfig::LossRule::kDistance;
  const auto lost_below =
      agreed_.sack ? send_queue_.below_sacked(rules.duplicate_acks, distance) : std::nullopt;
  if (recovery_.phase == Recovery::Phase::kFastRecovery) {
    if (lost_below) send_queue_.mark_lost_below(*lost_below, agreed_.mss);
    return;
  }
  // Without SACK only ACKs beyond the last recovery tell of a new loss (RFC 6582 3.2, step 2).
  const bool enough =
      agreed_.sack ? lost_below.has_value()
                   : recovery_.duplicate_acks >= rules.duplicate_acks && snd_.una > recovery_.point;
  if (!enough) return;
  const policy::Flight before = flight_size();
  const bool marked = lost_below && send_queue_.mark_lost_below(*lost_below, agreed_.mss);
  if (!marked && !send_queue_.mark_head_lost(agreed_.mss)) return;
  recovery_.phase = Recovery::Phase::kFastRecovery;
  recovery_.point = snd_.nxt;
  recovery_.repair_due = true;
  recovery_.resent = recovery_.needless = 0;
  congestion_.on_loss(now, before);
}

void Connection::note_repetition(Instant now, int64_t segments) {
  resent_segments_ += segments;
  if (recovery_.resent == 0) {
    recovery_.first_resent = host_->clocks->timestamp(host_->grain->uptime(now), timestamp_.offset);
  }
  recovery_.resent += segments;
}

// RFC 2883 4: the first block may name data that had arrived before.
void Connection::note_duplicates(const Arrival& in) {
  if (in.options.sack_count == 0 || recovery_.resent == 0 || recovery_.shrunk) return;
  const auto position = [&](SeqNum seq) { return from_wire(seq, snd_.iss, snd_.una); };
  const StreamPos begin = position(in.options.sack[0].begin);
  const StreamPos end = position(in.options.sack[0].end);
  const bool acknowledged = end <= in.ack;
  const bool inside_second = in.options.sack_count > 1 &&
                             begin >= position(in.options.sack[1].begin) &&
                             end <= position(in.options.sack[1].end);
  if (end <= begin || !(acknowledged || inside_second)) return;
  recovery_.needless += (end - begin + agreed_.mss - 1) / agreed_.mss;
  const bool all = recovery_.needless >= recovery_.resent;
  if (all && host_->profile->recovery.undo_by_duplicate_sack) take_reduction_back();
}

bool Connection::repetition_was_needless(const Arrival& in) const {
  if (recovery_.phase == Recovery::Phase::kOpen || recovery_.resent == 0) return false;
  if (recovery_.shrunk) return false;  // nothing was reduced
  if (!host_->profile->recovery.undo_by_timestamp) return false;
  if (!agreed_.timestamps || !in.options.timestamps) return false;
  return static_cast<int32_t>(in.options.timestamps->echo - recovery_.first_resent) < 0;
}

// Nothing was lost: the window is what it was, and nothing more is sent again.
void Connection::take_reduction_back() {
  congestion_.undo();
  send_queue_.mark_none_lost();
  fin_.lost = false;
  recovery_.phase = Recovery::Phase::kOpen;
  recovery_.repair_due = false;
  recovery_.departed = 0;
  recovery_.resent = recovery_.needless = 0;
}

// Data is about to be queued. What was learned before a pause may no longer hold: RFC 5681 4.1.
void Connection::note_idle_time(Instant now) {
  if (snd_.una != snd_.nxt || data_sent_at_.is_never()) return;
  const Duration idle = now - data_sent_at_;
  congestion_.on_idle(now, idle, rto_.rto());
  if (idle >= rto_.rto()) delayed_ack_.on_idle_restart();
}

// Everything that could leave has left.
void Connection::note_window_use(Instant now, const Plan& plan) {
  if (!is_synchronized(state_)) return;
  const policy::Flight out = flight();
  const bool limited = std::holds_alternative<HeldByCongestion>(plan.data.held_because) ||
                       congestion_.allowance(out) < int64_t{agreed_.mss};
  if (!std::exchange(data_left_, false) && !limited) return;
  usage_.on_sent(out, limited, snd_.una, snd_.nxt);
  congestion_.on_sent(now, out, usage_.limited(), rto_.rto(), usage_.largest_flight());
}

}  // namespace tcptwin::tcp

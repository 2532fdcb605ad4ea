// recovery.cc: what ACKs tell of losses: RFC 5681 3.2, RFC 6582 (NewReno), RFC 6675 (SACK), RFC
// 3042. Which window that leaves is the congestion policy's; what is sent again, the plan's.
#include <algorithm>

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
  congestion_.on_loss(now, before);
}

}  // namespace tcptwin::tcp

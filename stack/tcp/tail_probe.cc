// tail_probe.cc: the tail loss probe (facts/linux.md D4, RFC 8985 7): when ACKs fail to come for
// two round trips, one segment leaves before the retransmission timer fires, so that the peer's
// answer tells what was lost.
#include <algorithm>
#include <utility>

#include "stack/tcp/connection.h"

namespace tcptwin::tcp {

// Not while anything hints at a loss, nor twice without an ACK in between.
bool Connection::may_probe_tail() const {
  const bool synchronized = is_synchronized(state_) && state_ != State::kSynReceived;
  return host_->profile->recovery.tail_loss_probe && agreed_.sack && synchronized &&
         recovery_.phase == Recovery::Phase::kOpen && send_queue_.sacked_segments() == 0 &&
         !tail_probe_.waits_for_ack;
}

// From now on. `fresh`: data has just left, and the timeout counts from the oldest in flight.
Duration Connection::tail_probe_wait(Instant now, bool fresh) const {
  const policy::Profile& profile = *host_->profile;
  if (!rto_.rtt_known()) return rto_.rto();
  const int64_t out = send_queue_.in_flight() + (snd_.nxt > fin_position() ? 1 : 0);
  const Duration slack = out == 1 ? profile.rto.min : profile.recovery.probe_slack;
  Duration limit = rto_.rto();
  const auto head = send_queue_.head_sent_at();
  if (fresh && head) limit = std::max(*head + limit - now, Duration(1));
  return std::min(2 * rto_.srtt() + slack, limit);
}

// One timer stands for both: the probe, which each departure puts off, and the retransmission.
void Connection::arm_retransmission(Instant now) {
  const bool fresh = std::exchange(tail_probe_.data_left, false);
  const bool probes = may_probe_tail();
  const bool stands = tail_probe_.armed == probes && !(probes && fresh);
  if (retransmission_timer_.armed() && stands) return;
  const Duration wait = probes ? tail_probe_wait(now, fresh) : retransmission_wait(now);
  arm(now, retransmission_timer_, wait, policy::TimerClass::kRetransmission);
  tail_probe_.armed = probes;
}

// New data is the better probe; else the last segment leaves again.
void Connection::fire_tail_probe(Instant now) {
  fired(now, retransmission_timer_, TimerKind::kTailProbe);
  tail_probe_.waits_for_ack = true;
  if (tail_probe_.upto > snd_.una) return;  // one is out
  const Chunk* next = send_queue_.next_unsent();
  const bool fresh = next != nullptr &&
                     snd_.nxt + std::min<int64_t>(next->size(), agreed_.mss) <= snd_.una + snd_.wnd;
  if (!fresh && snd_.nxt > fin_position()) {
    fin_.lost = true;
  } else if (!fresh && !send_queue_.mark_tail_lost(agreed_.mss)) {
    return;
  }
  tail_probe_.leaves = true;
  tail_probe_.again = !fresh;
}

// Called when all that could leave has left.
void Connection::note_tail_probe() {
  if (std::exchange(tail_probe_.leaves, false)) tail_probe_.upto = snd_.nxt;
}

// RFC 8985 7.4.2: whether the probe repaired a loss, which the window has to answer for.
void Connection::judge_tail_probe(Instant now, const Arrival& in, bool plain_duplicate) {
  if (tail_probe_.upto == StreamPos(0) || in.ack < tail_probe_.upto) return;
  const bool reported = in.options.sack_count > 0 &&
                        from_wire(in.options.sack[0].end, snd_.iss, snd_.una) == tail_probe_.upto;
  if (tail_probe_.again && !reported && !plain_duplicate) {
    if (in.ack == tail_probe_.upto) return;
    congestion_.on_ecn_echo(now, flight());
  }
  tail_probe_.upto = StreamPos(0);
}

}  // namespace tcptwin::tcp

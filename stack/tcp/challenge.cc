// challenge.cc: ACKs that no data asks for: when one may leave, so that two ends at odds do not
// answer each other without end. What deserves one is decided in input.cc.
#include "stack/tcp/connection.h"

namespace tcptwin::tcp {

// RFC 5961 7: an ACK that asks the peer for proof, as often as the host allows.
void Connection::challenge(Instant now) {
  if (!keeps_distance(now)) return;
  const int32_t most = host_->profile->validation.challenges_per_second;
  if (most > 0) {
    Rare& r = rare();
    if (r.challenges_from.is_never() || now - r.challenges_from >= 1s) {
      r.challenges_from = now;
      r.challenges = 0;
    }
    if (r.challenges >= most) return;
    ++r.challenges;
  }
  want_ack(AckProtocol{AckProtocol::Why::kChallenge});
}

// Whether an ACK that no data asks for may leave so soon after the last of its kind.
bool Connection::keeps_distance(Instant now) {
  const Duration least = host_->profile->validation.challenge_interval;
  if (least.count() == 0) return true;
  Rare& r = rare();
  if (!r.proof_sent_at.is_never() && now - r.proof_sent_at < least) return false;
  r.proof_sent_at = now;
  return true;
}

// facts/linux.md C12: what carries data is always answered; two ends at odds would answer each
// other's ACKs without end.
bool Connection::answers_stray(Instant now, const Arrival& in) {
  return (in.length > 0 && !in.segment->flags.syn) || keeps_distance(now);
}

}  // namespace tcptwin::tcp

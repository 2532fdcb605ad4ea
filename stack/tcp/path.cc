// path.cc: what a connection makes of the errors of routers about its segments: RFC 9293 3.9.2.2,
// RFC 1191 6.4, RFC 5927.
#include <algorithm>

#include "stack/tcp/connection.h"

namespace tcptwin::tcp {

namespace {

constexpr uint32_t kPlainHeader = 20;  // of TCP, without options

}  // namespace

// RFC 5927 4.1: an error about what is not on its way was made up.
bool Connection::is_on_its_way(SeqNum quoted) const {
  const StreamPos position = from_wire(quoted, snd_.iss, snd_.una);
  return position >= snd_.una && position < std::max(snd_.nxt, snd_.una + 1);
}

void Connection::on_unreachable(SeqNum quoted, Errno error, bool hard, RecordId cause) {
  using Rule = policy::IcmpConfig::Unreachable;
  if (state_ == State::kClosed || !is_on_its_way(quoted)) return;
  cause_ = cause;
  const policy::IcmpConfig& rules = host_->profile->icmp;
  const bool second = rare_ && rare_->soft_error.has_value();
  rare().soft_error = error;
  if (state_ != State::kSynSent) return;
  const bool late = second && retransmissions_ > rules.patience;
  const bool ends = hard || rules.unreachable == Rule::kFails ||
                    (rules.unreachable == Rule::kFailsInTheEnd && late);
  if (ends) fail(error);
}

// Why a connection that was given up did not get through, as far as anybody said.
Errno Connection::timeout_error() const {
  return rare_ ? rare_->soft_error.value_or(Errno::kETIMEDOUT) : Errno::kETIMEDOUT;
}

void Connection::on_path_mtu(SeqNum quoted, uint32_t mtu, RecordId cause) {
  if (state_ == State::kClosed || !is_on_its_way(quoted)) return;
  cause_ = cause;
  const uint32_t header =
      ends_.local_address.is_v4() ? wire::kIpv4HeaderSize : wire::kIpv6HeaderSize;
  const uint32_t headers = header + kPlainHeader + (agreed_.timestamps ? kTimestampBytes : 0);
  if (mtu > headers) shrink_segments(mtu - headers);
}

// What is out and larger is sent again at once, in smaller pieces; nothing was lost to congestion.
void Connection::shrink_segments(uint32_t mss) {
  if (mss >= agreed_.mss) return;
  agreed_.mss = agreed_.mss_limit = mss;
  if (!send_queue_.mark_larger_lost(mss)) return;
  if (recovery_.phase == Recovery::Phase::kOpen) {
    recovery_ = {.point = snd_.nxt, .phase = Recovery::Phase::kLoss};
  }
  recovery_.repair_due = true;
  recovery_.shrunk = true;
}

// Segments vanish and no router says why: they may be too big (facts/darwin.md 3.4).
void Connection::suspect_black_hole() {
  const policy::IcmpConfig& rules = host_->profile->icmp;
  const bool now_due = rules.black_hole_timeouts > 0 && is_synchronized(state_) &&
                       retransmissions_ == rules.black_hole_timeouts;
  if (!now_due || agreed_.mss <= rules.black_hole_mss) return;
  agreed_.mss = agreed_.mss_limit = rules.black_hole_mss;
  may_be_cut_ = true;
}

}  // namespace tcptwin::tcp

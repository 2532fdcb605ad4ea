// time_wait.cc: TIME-WAIT: how long it lasts, what a segment meets there, what the next connection
// of the same ends takes over.
#include "stack/base/check.h"
#include "stack/tcp/connection.h"

namespace tcptwin::tcp {

void Connection::enter_time_wait(Instant now) {
  remember_path(now);
  enter(State::kTimeWait);
  retransmission_timer_.disarm();
  persist_timer_.disarm();
  if (rare_) rare_->keep_alive_timer.disarm();
  const bool own =
      ends_.local_address == ends_.remote_address || ends_.remote_address.is_loopback();
  if (own && !host_->profile->time_wait.towards_own_host) {
    time_wait_skipped_ = true;  // it ends as soon as the last ACK has left
    return;
  }
  start_time_wait(now);
}

void Connection::start_time_wait(Instant now) {
  if (time_wait_skipped_) return;
  arm(now, life_timer_, 2 * host_->profile->close.msl, policy::TimerClass::kTimeWait);
}

// RFC 9293 3.10.7.4, TIME-WAIT; the order is that of facts/linux.md E2.
void Connection::arrives_in_time_wait(Instant now, const Arrival& in) {
  const policy::TimeWaitConfig& rules = host_->profile->time_wait;
  const wire::TcpFlags flags = in.segment->flags;
  const bool any_ack = rules.restart == policy::TimeWaitConfig::Restart::kAnyAck;
  if (flags.rst) {
    if (rules.reset_ends_it && in.seq == rcv_.nxt) enter(State::kClosed);
    return;
  }
  if (flags.fin || (flags.ack && any_ack)) start_time_wait(now);
  const bool old_timestamp =
      agreed_.timestamps && in.options.timestamps &&
      static_cast<int32_t>(in.options.timestamps->value - timestamp_.recent) < 0;
  if (in.length == 0 && in.seq == rcv_.nxt && !old_timestamp) {
    if (in.options.timestamps) timestamp_.recent = in.options.timestamps->value;
    return;
  }
  if (!answers_stray(now, in)) return;
  want_ack(AckProtocol{flags.fin ? AckProtocol::Why::kFin : AckProtocol::Why::kUnacceptable});
}

// Of the segment's timestamp over the last one taken; 0 where one of them is missing.
int32_t Connection::timestamp_advance(const wire::TcpSegment& segment) const {
  const wire::ParsedTcpOptions options = wire::parse_options(segment.options);
  if (!agreed_.timestamps || !options.timestamps) return 0;
  return static_cast<int32_t>(options.timestamps->value - timestamp_.recent);
}

void Connection::note_syn_in_time_wait(Instant now, const wire::TcpSegment& syn, SynVerdict verdict,
                                       RecordId record) {
  using Met = SynInTimeWait::Verdict;
  const Met met = verdict == SynVerdict::kReplace ? Met::kReplaces
                  : verdict == SynVerdict::kPass  ? Met::kAnswered
                                                  : Met::kDropped;
  note(now, record, SynInTimeWait{met, timestamp_advance(syn) < 0});
}

Connection::SynVerdict Connection::judge_syn_in_time_wait(const wire::TcpSegment& syn) const {
  const policy::TimeWaitConfig& rules = host_->profile->time_wait;
  const StreamPos seq = from_wire(syn.seq, rcv_.irs, rcv_.nxt);
  const int32_t newer = timestamp_advance(syn);
  switch (rules.syn) {
    case policy::TimeWaitConfig::Syn::kNever: return SynVerdict::kPass;
    case policy::TimeWaitConfig::Syn::kNewer:
      if (newer < 0) return SynVerdict::kPass;
      return seq > rcv_.nxt || newer > 0 ? SynVerdict::kReplace : SynVerdict::kPass;
    case policy::TimeWaitConfig::Syn::kHigher:
      return seq > rcv_.nxt ? SynVerdict::kReplace : SynVerdict::kPass;
    case policy::TimeWaitConfig::Syn::kBeyondWindow:
      if (newer < 0) return SynVerdict::kDrop;
      return seq > rcv_.nxt + rcv_.wnd ? SynVerdict::kReplace : SynVerdict::kPass;
  }
  CHECK(false);
}

Connection::Heritage Connection::heritage() const {
  Heritage heritage;
  // Well beyond anything the old connection may have sent: facts/linux.md E2, E3.
  if (host_->profile->time_wait.continues_numbers) {
    heritage.iss = to_wire(snd_.nxt, snd_.iss) + 65537;
  }
  if (agreed_.timestamps) heritage.recent_timestamp = timestamp_.recent;
  return heritage;
}

}  // namespace tcptwin::tcp

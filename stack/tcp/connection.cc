#include "stack/tcp/connection.h"

#include <algorithm>
#include <utility>

#include "stack/base/check.h"

namespace tcptwin::tcp {

namespace {

constexpr uint32_t kTcpHeaderSize = 20;
constexpr uint32_t kTimestampBytes = 12;  // NOP NOP TS: RFC 7323 appendix A

}  // namespace

Connection::Connection(const HostContext& host, const Endpoints& ends, uint32_t mtu,
                       uint32_t number)
    : host_(&host),
      ends_(ends),
      number_(number),
      mtu_(mtu),
      nagle_(host.profile->nagle),
      delayed_ack_(host.profile->delayed_ack, *host.grain,
                   static_cast<uint32_t>(host.profile->syn.default_mss)),
      receive_window_(host.profile->receive_window),
      send_buffer_(host.profile->send_buffer),
      rto_(host.profile->rto),
      congestion_(host.profile->congestion) {
  const uint32_t largest_packet =
      std::min(mtu_, wire::kIpv4MaxPacketSize);  // its length has 16 bits
  agreed_.mss_offered = largest_packet - wire::kIpv4HeaderSize - kTcpHeaderSize;
  agreed_.mss = agreed_.mss_offered;
  timestamp_.offset = host_->clocks->timestamp_offset(key());
}

policy::ConnectionKey Connection::key() const {
  return {ends_.local_address.value(), ends_.remote_address.value(),
          static_cast<uint16_t>(ends_.local_port), static_cast<uint16_t>(ends_.remote_port)};
}

void Connection::enter(State next) {
  CHECK(may_follow(state_, next));
  state_ = next;
  if (next != State::kClosed) return;
  retransmission_timer_.disarm();
  persist_timer_.disarm();
  life_timer_.disarm();
  delayed_ack_.on_ack_sent();
  ack_wanted_ = {};
}

void Connection::fail(Errno error) {
  error_ = error;
  enter(State::kClosed);
}

void Connection::open(Instant now, RecordId cause) {
  cause_ = cause;
  snd_.iss = host_->clocks->initial_sequence(host_->grain->uptime(now), key());
  snd_.nxt = StreamPos(1);
  control_ = Plan::Control::kSyn;
  control_reason_ = HandshakeSegment{};
  enter(State::kSynSent);
}

// RFC 9293 3.10.7.2, third: a SYN arrives for a listener.
void Connection::open_passively(Instant now, const wire::TcpSegment& syn, RecordId cause) {
  cause_ = cause;
  snd_.iss = host_->clocks->initial_sequence(host_->grain->uptime(now), key());
  snd_.nxt = StreamPos(1);
  snd_.wnd = snd_.wnd_max = syn.window;
  rcv_.irs = syn.seq;
  rcv_.nxt = rcv_.acked = StreamPos(1);
  agree_on_options(wire::parse_options(syn.options));
  control_ = Plan::Control::kSynAck;
  control_reason_ = HandshakeSegment{};
  enter(State::kSynReceived);
}

// RFC 7323 2.2, 3.2; RFC 2018 2; RFC 9293 3.7.1.
void Connection::agree_on_options(const wire::ParsedTcpOptions& peer) {
  const policy::SynConfig& syn = host_->profile->syn;
  const auto offers = [&](policy::SynOption option) {
    return std::find(syn.options.begin(), syn.options.end(), option) != syn.options.end();
  };
  agreed_.timestamps = peer.timestamps.has_value() && host_->profile->timestamps.offered &&
                       offers(policy::SynOption::kTimestamps);
  if (agreed_.timestamps) timestamp_.recent = peer.timestamps->value;
  agreed_.sack = peer.sack_permitted && offers(policy::SynOption::kSackPermitted);
  agreed_.scaling = peer.window_scale.has_value() && host_->profile->receive_window.scaling &&
                    offers(policy::SynOption::kWindowScale);
  if (agreed_.scaling) {
    agreed_.peer_shift = std::min<uint8_t>(*peer.window_scale, 14);  // RFC 7323 2.3
    agreed_.own_shift = receive_window_.scale_to_offer();
  }
  const uint32_t peer_mss = peer.mss.value_or(static_cast<uint16_t>(syn.default_mss));
  agreed_.mss = std::clamp(peer_mss, 1u, agreed_.mss_offered);
  if (agreed_.timestamps) agreed_.mss -= std::min(kTimestampBytes, agreed_.mss - 1);
}

void Connection::establish(Instant now) {
  enter(State::kEstablished);
  retransmission_timer_.disarm();
  if (retransmissions_ > 0) {
    rto_.on_handshake_without_sample();
  } else if (!handshake_repeated_) {
    rto_.on_sample(now - handshake_sent_at_, snd_.una, snd_.nxt);
  }
  retransmissions_ = 0;
  receive_window_.on_established(own_mss());
  send_buffer_.on_established(agreed_.mss, congestion_.window());
  delayed_ack_ = policy::DelayedAck(host_->profile->delayed_ack, *host_->grain, agreed_.mss);
}

int64_t Connection::chunk_goal() const {
  return send_buffer_.chunk_goal(agreed_.mss, snd_.wnd_max);
}

// facts/linux.md C14: the last chunk is filled first; only a new one asks for room.
int64_t Connection::send_room() const {
  if (state_ != State::kEstablished && state_ != State::kCloseWait) return 0;
  const int64_t charged = (send_queue_.end() - send_queue_.begin()) +
                          send_queue_.chunk_count() * send_buffer_.chunk_overhead();
  const int64_t tail = send_queue_.tail_room(chunk_goal());
  return tail > 0 ? send_buffer_.room_in_chunk(charged, tail)
                  : send_buffer_.room(charged, chunk_goal());
}

int64_t Connection::write(Instant, Payload& data, RecordId cause) {
  cause_ = cause;
  const auto wanted = static_cast<int64_t>(data.size());
  if (wanted == 0) return 0;
  const int64_t taken = std::min(send_room(), wanted);
  if (taken > 0) {
    Payload front = data.take_front(static_cast<size_t>(taken));
    if (send_queue_.tail_room(chunk_goal()) > 0) {
      send_queue_.append_to_tail(std::move(front));
    } else {
      send_queue_.append_chunk(std::move(front));
    }
  }
  // RFC 9293 3.9.1.2: the end of a write pushes, and so does a full buffer.
  if (data.empty() || taken == 0) send_queue_.mark_push();
  return taken;
}

Payload Connection::read(Instant now, int64_t count, RecordId cause) {
  cause_ = cause;
  Payload data = receive_queue_.read(count);
  const policy::ReadDone done{.copied = static_cast<int64_t>(data.size()),
                              .buffer_empty = receive_queue_.charged() == 0};
  const policy::AckDecision decision = delayed_ack_.on_read(now, done, ack_view());
  if (decision.kind == policy::AckDecision::Kind::kNow) {
    apply(decision);
  } else if (done.copied > 0 && !fin_.received && receive_window_.update_is_due(window_view())) {
    want_ack(WindowUpdate{window_view().remaining, receive_window_.select(window_view())});
  }
  return data;
}

void Connection::shutdown_write(Instant, RecordId cause) {
  if (fin_.queued) return;
  cause_ = cause;
  switch (state_) {
    case State::kSynReceived:
    case State::kEstablished:
      fin_.queued = true;
      enter(State::kFinWait1);
      return;
    case State::kCloseWait:
      fin_.queued = true;
      enter(State::kLastAck);
      return;
    case State::kSynSent: enter(State::kClosed); return;
    case State::kClosed:
    case State::kFinWait1:
    case State::kFinWait2:
    case State::kClosing:
    case State::kLastAck:
    case State::kTimeWait: return;
  }
}

void Connection::close(Instant now, RecordId cause) {
  cause_ = cause;
  orphan_ = true;
  const bool can_reset = is_synchronized(state_) && state_ != State::kTimeWait;
  if (can_reset && host_->profile->close.reset_on_unread_data && receive_queue_.unread() > 0) {
    control_ = Plan::Control::kReset;
    control_reason_ = Reset{Reset::Why::kUnreadData};
    return;  // RFC 9293 3.6.1: the reset leaves first, then the state is gone
  }
  shutdown_write(now, cause);
  if (state_ == State::kFinWait2) {
    const Duration limit = host_->profile->close.orphan_fin_wait_2;
    if (limit.count() > 0) arm(now, life_timer_, limit);
  }
}

void Connection::set_no_delay(bool on, RecordId cause) {
  cause_ = cause;
  no_delay_ = on;
}

void Connection::set_quick_ack(Instant now, int value, RecordId cause) {
  cause_ = cause;
  apply(delayed_ack_.set_quickack(now, value, ack_view()));
}

uint32_t Connection::own_mss() const {
  return agreed_.mss_offered - (agreed_.timestamps ? kTimestampBytes : 0);
}

policy::WindowView Connection::window_view() const {
  return {.remaining = std::max<int64_t>(rcv_.right_edge - rcv_.nxt, 0),
          .charged = receive_queue_.charged(),
          .mss = own_mss(),
          .segment_estimate = delayed_ack_.segment_estimate(),
          .shift = agreed_.own_shift};
}

policy::AckView Connection::ack_view() const {
  const int64_t next_window = receive_window_.select(window_view());
  return {.unacked = rcv_.nxt - rcv_.acked,
          .window_can_advance = receive_queue_.unread() < 1 || next_window >= rcv_.wnd,
          .window = rcv_.wnd,
          .mss = own_mss(),
          .rtt_known = rto_.rtt_known(),
          .srtt = rto_.srtt(),
          .rto = rto_.rto(),
          .rto_min = host_->profile->rto.min};
}

void Connection::apply(const policy::AckDecision& decision) {
  if (decision.kind != policy::AckDecision::Kind::kNow) return;
  want_ack(AckNow{decision.why, delayed_ack_.quick_acks_left()});
}

RecordId Connection::note(Instant at, RecordId cause, const Reason& reason) {
  const RecordId id = host_->ids->next();
  if (host_->notes != nullptr) host_->notes->push_back({id, cause, at, number_, reason});
  return id;
}

}  // namespace tcptwin::tcp

#include "stack/tcp/connection.h"

#include <algorithm>
#include <utility>

#include "stack/base/check.h"

namespace tcptwin::tcp {

namespace {

constexpr uint32_t kTcpHeaderSize = 20;

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
      congestion_(host.profile->congestion, *host.grain) {
  const bool v4 = ends.remote_address.is_v4();
  const uint32_t largest_packet =  // its length has 16 bits
      std::min(mtu_, v4 ? wire::kIpv4MaxPacketSize : wire::kIpv6MaxPacketSize);
  const uint32_t ip_header = v4 ? wire::kIpv4HeaderSize : wire::kIpv6HeaderSize;
  agreed_.mss_offered = largest_packet - ip_header - kTcpHeaderSize;
  agreed_.mss = agreed_.mss_offered;
  timestamp_.offset = host_->clocks->timestamp_offset(key());
}

policy::ConnectionKey Connection::key() const {
  return {address_key(ends_.local_address), address_key(ends_.remote_address),
          static_cast<uint16_t>(ends_.local_port), static_cast<uint16_t>(ends_.remote_port)};
}

void Connection::enter(State next) {
  CHECK(may_follow(state_, next));
  state_ = next;
  if (next != State::kClosed) return;
  retransmission_timer_.disarm();
  persist_timer_.disarm();
  life_timer_.disarm();
  if (rare_) rare_->keep_alive_timer.disarm();
  delayed_ack_.on_ack_sent();
  ack_wanted_ = {};
}

void Connection::fail(Errno error) {
  error_ = error;
  enter(State::kClosed);
}

void Connection::open(Instant now, const Heritage& heritage, RecordId cause) {
  cause_ = cause;
  snd_.iss =
      heritage.iss.value_or(host_->clocks->initial_sequence(host_->grain->uptime(now), key()));
  timestamp_.recent = heritage.recent_timestamp;
  snd_.nxt = StreamPos(1);
  control_ = Plan::Control::kSyn;
  control_reason_ = HandshakeSegment{};
  enter(State::kSynSent);
}

// RFC 9293 3.10.7.2, third: a SYN arrives for a listener.
void Connection::open_passively(Instant now, const wire::TcpSegment& syn, const Heritage& heritage,
                                RecordId cause) {
  cause_ = cause;
  passive_ = true;
  heard_at_ = now;
  snd_.iss =
      heritage.iss.value_or(host_->clocks->initial_sequence(host_->grain->uptime(now), key()));
  snd_.nxt = StreamPos(1);
  snd_.wnd = snd_.wnd_max = syn.window;
  rcv_.irs = syn.seq;
  rcv_.nxt = rcv_.acked = StreamPos(1);
  agree_on_options(now, wire::parse_options(syn.options));
  ecn_.agreed = host_->profile->ecn.accept && syn.flags.ece && syn.flags.cwr;
  control_ = Plan::Control::kSynAck;
  control_reason_ = HandshakeSegment{};
  enter(State::kSynReceived);
}

bool Connection::ecn_requested() const {
  const policy::EcnConfig& ecn = host_->profile->ecn;
  const bool own = ends_.local_address == ends_.remote_address;
  return ecn.request && (ecn.on_loopback || !own) &&
         (ecn.request_on_retries || retransmissions_ == 0);
}

// RFC 7323 2.2, 3.2; RFC 2018 2; RFC 9293 3.7.1.
void Connection::agree_on_options(Instant now, const wire::ParsedTcpOptions& peer) {
  const policy::SynConfig& syn = host_->profile->syn;
  const auto offers = [&](policy::SynOption option) {
    return std::find(syn.options.begin(), syn.options.end(), option) != syn.options.end();
  };
  agreed_.timestamps = peer.timestamps.has_value() && host_->profile->timestamps.offered &&
                       offers(policy::SynOption::kTimestamps);
  if (agreed_.timestamps) {
    timestamp_.recent = peer.timestamps->value;
    timestamp_.recent_at = now;
  }
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
  congestion_.on_established(agreed_.mss, retransmissions_);
  retransmissions_ = 0;
  if (host_->profile->keep_alive.always || (rare_ && rare_->keep_alive.on)) rearm_keep_alive(now);
  receive_window_.on_established(own_mss());
  send_buffer_.on_established(agreed_.mss, congestion_.window_segments(agreed_.mss));
  delayed_ack_.on_established(agreed_.mss);
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

bool Connection::writable() const { return send_room() > 0; }

bool Connection::readable(int64_t low_water) const {
  // An urgent byte that comes next is not part of what can be read.
  const bool urgent_next = at_urgent_mark() && !rare_->urgent_inline;
  return receive_queue_.unread() - (urgent_next ? 1 : 0) >= low_water || fin_.received ||
         state_ == State::kClosed;
}

TcpInfo Connection::info() const {
  TcpInfo info;
  info.state = state_;
  info.mss = agreed_.mss;
  info.peer_mss = delayed_ack_.segment_estimate();
  info.rto = rto_.rto();
  info.srtt = rto_.srtt();
  info.window_segments = congestion_.window_segments(agreed_.mss);
  info.slow_start_threshold = congestion_.slow_start_threshold();
  info.in_flight = send_queue_.in_flight();
  info.unacked_bytes = send_queue_.end() - send_queue_.begin() - send_queue_.unsent_bytes();
  info.unsent_bytes = send_queue_.unsent_bytes();
  info.send_window = snd_.wnd;
  info.receive_window = rcv_.wnd;
  info.retransmissions = retransmissions_;
  info.timestamps = agreed_.timestamps;
  info.sack = agreed_.sack;
  info.own_shift = agreed_.own_shift;
  info.peer_shift = agreed_.peer_shift;
  return info;
}

int64_t Connection::write(Instant, Payload& data, WriteFlags flags, RecordId cause) {
  cause_ = cause;
  const auto wanted = static_cast<int64_t>(data.size());
  if (wanted == 0) return 0;
  more_coming_ = flags.more;
  // All of the call is urgent from its first byte on, as far as it finds room.
  if (flags.urgent) rare().send_urgent = send_queue_.end() + (send_room() > 0 ? wanted : 0);
  const int64_t taken = std::min(send_room(), wanted);
  if (taken > 0) {
    Payload front = data.take_front(static_cast<size_t>(taken));
    if (send_queue_.tail_room(chunk_goal()) > 0) {
      send_queue_.append_to_tail(std::move(front));
    } else {
      send_queue_.append_chunk(std::move(front));
      push_once_ = false;
    }
  }
  // RFC 9293 3.9.1.2: the end of a write pushes, and so does a full buffer.
  if (!flags.more && (data.empty() || taken == 0)) send_queue_.mark_push();
  return taken;
}

Payload Connection::peek(int64_t count) const { return receive_queue_.peek(count); }

StreamPos Connection::read_position() const {
  return rcv_.nxt - (fin_.received ? 1 : 0) - receive_queue_.unread();
}

Connection::Rare& Connection::rare() {
  if (!rare_) rare_ = std::make_unique<Rare>();
  return *rare_;
}

// RFC 6093 3.1: a read ends before the urgent byte; the next one begins after it.
int64_t Connection::readable_before_mark(int64_t count) {
  if (!rare_ || rare_->receive_urgent <= read_position()) return count;
  const StreamPos mark = rare_->receive_urgent - 1;
  if (mark > read_position()) return std::min(count, mark - read_position());
  if (rare_->urgent_inline || receive_queue_.unread() == 0) return count;
  rare_->urgent_byte = receive_queue_.read(1);
  return count;
}

Payload Connection::read_urgent() {
  if (!urgent_pending()) return Payload();
  rare_->urgent_byte_waits = false;
  const int64_t before = rare_->receive_urgent - 1 - read_position();
  if (before < 0) return std::move(rare_->urgent_byte);
  Payload data = receive_queue_.peek(before + 1);
  data.take_front(static_cast<size_t>(before));
  return data;
}

bool Connection::urgent_announced() const { return rare_ && rare_->receive_urgent > rcv_.nxt; }

bool Connection::at_urgent_mark() const {
  return rare_ && rare_->receive_urgent == read_position() + 1;
}

void Connection::set_urgent_inline(bool on) { rare().urgent_inline = on; }

Payload Connection::read(Instant now, int64_t count, RecordId cause) {
  cause_ = cause;
  Payload data = receive_queue_.read(readable_before_mark(count));
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
      more_coming_ = false;
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
    if (limit.count() > 0) arm(now, life_timer_, limit, policy::TimerClass::kTimeWait);
  }
}

void Connection::abort(Instant, RecordId cause) {
  cause_ = cause;
  orphan_ = true;
  switch (state_) {  // RFC 9293 3.10.5
    case State::kSynReceived:
    case State::kEstablished:
    case State::kFinWait1:
    case State::kFinWait2:
    case State::kCloseWait:
      control_ = Plan::Control::kReset;
      control_reason_ = Reset{Reset::Why::kAborted};
      return;
    case State::kClosed:
    case State::kSynSent:
    case State::kClosing:
    case State::kLastAck:
    case State::kTimeWait: return enter(State::kClosed);
  }
}

// What flushes held data at once is the host's: facts/linux.md B10, facts/freebsd.md B4, B5.
void Connection::set_no_delay(Instant, bool on, RecordId cause) {
  cause_ = cause;
  no_delay_ = on;
  if (on && host_->profile->nagle.set_no_delay_flushes) flush_held();
}

void Connection::set_cork(Instant, bool on, RecordId cause) {
  cause_ = cause;
  corked_ = on;
  if (!on && host_->profile->nagle.end_of_cork_flushes) flush_held();
}

void Connection::flush_held() {
  more_coming_ = false;
  push_once_ = send_queue_.next_unsent() != nullptr;
}

void Connection::set_keep_alive(Instant now, const KeepAliveSettings& settings, RecordId cause) {
  cause_ = cause;
  rare().keep_alive = settings;
  rare().keep_alive_timer.disarm();
  if (is_synchronized(state_) && state_ != State::kTimeWait) rearm_keep_alive(now);
}

void Connection::set_user_timeout(Duration limit) { rare().user_timeout = limit; }

void Connection::set_send_buffer(int64_t) {}
void Connection::set_receive_buffer(int64_t) {}

void Connection::set_quick_ack(Instant now, int value, RecordId cause) {
  cause_ = cause;
  apply(delayed_ack_.set_quickack(now, value, ack_view()));
}

uint32_t Connection::own_mss() const {
  return agreed_.mss_offered - (agreed_.timestamps ? kTimestampBytes : 0);
}

policy::Flight Connection::flight() const {
  const int64_t segments = in_flight();
  const int64_t guessed = segments - send_queue_.in_flight();  // what duplicate ACKs tell
  const int64_t bytes = send_queue_.in_flight_bytes() + guessed * int64_t{agreed_.mss};
  return {.segments = segments, .bytes = std::max<int64_t>(bytes, 0), .mss = agreed_.mss};
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
          .rto_min = host_->profile->rto.min,
          .edge_can_advance = next_window >= rcv_.wnd,
          .unread = receive_queue_.unread(),
          .next_window = next_window,
          .space_below_half = receive_window_.space_below_half(window_view()),
          .sack = agreed_.sack,
          .gap = receive_queue_.has_gap(),
          .next = rcv_.nxt};
}

void Connection::apply(const policy::AckDecision& decision) {
  if (decision.kind != policy::AckDecision::Kind::kNow) return;
  want_ack(AckNow{decision.why, delayed_ack_.quick_acks_left()});
}

// The first ACKs of a gap tell the peer what is missing (RFC 5681 4.2); others have the rule's
// reason.
void Connection::apply_to_gap(const policy::AckDecision& decision) {
  if (decision.kind != policy::AckDecision::Kind::kNow) return;
  if (decision.why == policy::AckNowReason::kDuplicate) {
    return want_ack(AckProtocol{AckProtocol::Why::kOutOfOrder});
  }
  apply(decision);
}

RecordId Connection::note(Instant at, RecordId cause, const Reason& reason) {
  const RecordId id = host_->ids->next();
  if (host_->notes != nullptr) host_->notes->push_back({id, cause, at, number_, reason});
  return id;
}

}  // namespace tcptwin::tcp

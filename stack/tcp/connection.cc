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
      bursts_(host.profile->bursts),
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
  agreed_.mss = agreed_.mss_limit = agreed_.mss_offered;
  timestamp_.offset = host_->clocks->timestamp_offset(key());
  if (to_own_host()) {
    receive_window_.set_own_host();
    rto_.set_local();
  }
}

bool Connection::to_own_host() const {
  return ends_.local_address == ends_.remote_address || ends_.remote_address.is_loopback();
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
  agreed_.timestamps = heritage.recent_timestamp != 0;  // until the peer says; sizes the window
  limit_segments();
  snd_.nxt = StreamPos(1);
  control_ = Plan::Control::kSyn;
  control_reason_ = HandshakeSegment{};
  enter(State::kSynSent);
  recall_path(now, Moment::kOpening);
  arm_connect_limit(now);
}

// Of an attempt as a whole, whatever its retries: facts/darwin.md 5, facts/freebsd.md D3.
void Connection::arm_connect_limit(Instant now) {
  const Duration own = rare_ ? rare_->connect_limit : Duration{};
  const Duration limit = own.count() > 0 ? own : host_->profile->syn.connect_limit;
  if (limit.count() > 0) arm(now, life_timer_, limit, policy::TimerClass::kKeepAlive);
}

// TCP_MAXSEG, where it works before the handshake: what we offer and what we use.
void Connection::limit_segments() {
  const bool limited = rare_ && rare_->max_segment > 0 &&
                       host_->profile->syn.max_segment == policy::SynConfig::MaxSegment::kOffered;
  if (limited && rare_->max_segment < int64_t{agreed_.mss_offered}) {
    agreed_.mss_offered = static_cast<uint32_t>(rare_->max_segment);
  }
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
  limit_segments();
  agree_on_options(now, wire::parse_options(syn.options));
  sample_lost_ = heritage.without_sample;
  timestamp_.offset -= heritage.timestamp_behind;
  ecn_.agreed = host_->profile->ecn.accept && syn.flags.ece && syn.flags.cwr;
  control_ = Plan::Control::kSynAck;
  control_reason_ = HandshakeSegment{};
  enter(State::kSynReceived);
  recall_path(now, Moment::kOpening);
  if (host_->profile->syn.limits_answers) arm_connect_limit(now);
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
    return !no_options_ &&
           std::find(syn.options.begin(), syn.options.end(), option) != syn.options.end();
  };
  agreed_.timestamps = peer.timestamps.has_value() && host_->profile->timestamps.offered &&
                       offers(policy::SynOption::kTimestamps);
  if (agreed_.timestamps) {
    timestamp_.recent = peer.timestamps->value;
    timestamp_.recent_at = now;
  }
  agreed_.sack = peer.sack_permitted && offers(policy::SynOption::kSackPermitted);
  const bool scales = offers(policy::SynOption::kWindowScale) ||
                      (no_options_ && passive_ && syn.scales_without_offer);
  agreed_.scaling =
      peer.window_scale.has_value() && host_->profile->receive_window.scaling && scales;
  if (agreed_.scaling) {
    agreed_.peer_shift = std::min<uint8_t>(*peer.window_scale, 14);  // RFC 7323 2.3
    agreed_.own_shift = receive_window_.scale_to_offer();
  }
  const int32_t unnamed = ends_.remote_address.is_v4() ? syn.default_mss : syn.default_mss_v6;
  const uint32_t peer_mss = peer.mss.value_or(static_cast<uint16_t>(unnamed));
  agreed_.mss = std::clamp(peer_mss, 1u, agreed_.mss_offered);
  if (agreed_.timestamps) agreed_.mss -= std::min(kTimestampBytes, agreed_.mss - 1);
  agreed_.mss_limit = agreed_.mss;
}

void Connection::bound_mss() {
  agreed_.mss = send_buffer_.segment_limit(agreed_.mss_limit, snd_.wnd_max);
}

void Connection::establish(Instant now) {
  enter(State::kEstablished);
  retransmission_timer_.disarm();
  life_timer_.disarm();
  bound_mss();
  if (retransmissions_ > 0) {
    rto_.on_handshake_without_sample();
  }
  recall_path(now, Moment::kEstablishing);
  if (retransmissions_ == 0 && !handshake_repeated_ && !sample_lost_) {
    rto_.on_sample(now - handshake_sent_at_, snd_.una, snd_.nxt);
    bursts_.on_sample(now, now - handshake_sent_at_);
  }
  predicts_ = passive_ || !agreed_.scaling;  // facts/linux.md B12
  congestion_.on_established(agreed_.mss, retransmissions_);
  recall_path(now, Moment::kEstablished);
  retransmissions_ = 0;
  if (host_->profile->keep_alive.always || (rare_ && rare_->keep_alive.on)) rearm_keep_alive(now);
  receive_window_.on_established(now, own_mss(), rcv_.wnd, agreed_.scaling);
  send_buffer_.on_established(agreed_.mss_limit, congestion_.window_segments(agreed_.mss));
  delayed_ack_.on_established(agreed_.mss);
}

// What earlier connections have learned of the path, when the host makes use of it.
void Connection::recall_path(Instant now, Moment moment) {
  if (host_->paths == nullptr) return;
  const auto* memory = host_->paths->find(now, address_key(ends_.remote_address));
  if (memory == nullptr) return;
  using Use = policy::DestinationCacheConfig::Use;
  const Use use = host_->profile->destination_cache.use;
  const Duration srtt = memory->srtt;
  const bool seeds = (moment == Moment::kOpening && use == Use::kWithHandshake) ||
                     (moment == Moment::kEstablishing && use == Use::kEstimate);
  if (seeds && srtt.count() > 0) rto_.seed(srtt, memory->variation);
  if (moment != Moment::kEstablished) return;
  if (use == Use::kLargerEstimate) rto_.raise(srtt, memory->variation);
  if (use == Use::kFirstTimeout && srtt > rto_.srtt()) {
    rto_.set_first_timeout(srtt + std::max(2 * srtt, host_->profile->rto.min));
  }
  if (memory->threshold > 0) congestion_.seed(0, memory->threshold);
}

void Connection::remember_path(Instant now) {
  if (host_->paths == nullptr) return;
  const policy::Profile& profile = *host_->profile;
  const bool bytes = profile.congestion.unit == policy::CongestionConfig::Unit::kBytes;
  host_->paths->learn(now, address_key(ends_.remote_address),
                      {.srtt = rto_.srtt(),
                       .variation = rto_.variation(),
                       .samples = rto_.samples(),
                       .backed_off = rto_.backoff() > 0,
                       .in_recovery = recovery_.phase != Recovery::Phase::kOpen,
                       .window = congestion_.window(),
                       .threshold = congestion_.slow_start_threshold(),
                       .send_buffer = profile.send_buffer.buffer / (bytes ? 1 : agreed_.mss)});
}

int64_t Connection::chunk_goal() const {
  return send_buffer_.chunk_goal(agreed_.mss, snd_.wnd_max);
}

// facts/linux.md C14: the last chunk is filled first; only a new one asks for room.
int64_t Connection::send_room() const { return send_room(chunk_goal()); }

int64_t Connection::send_room(int64_t wanted) const {
  if (state_ != State::kEstablished && state_ != State::kCloseWait) return 0;
  const int64_t tail = send_queue_.tail_room(chunk_goal());
  return tail > 0 ? send_buffer_.room_in_chunk(send_view(), tail, wanted)
                  : send_buffer_.room(send_view(), std::min(wanted, chunk_goal()));
}

policy::SendBufferView Connection::send_view() const {
  return {.queued = send_queue_.end() - send_queue_.begin(),
          .chunks = send_queue_.chunk_count(),
          .unsent = send_queue_.unsent_bytes()};
}

bool Connection::writable() const {
  const bool open = state_ == State::kEstablished || state_ == State::kCloseWait;
  return open && send_buffer_.writable(send_view());
}

bool Connection::readable(int64_t low_water) const {
  // An urgent byte that comes next is not part of what can be read.
  const bool urgent_next = at_urgent_mark() && !rare_->urgent_inline;
  return receive_queue_.unread() - (urgent_next ? 1 : 0) >= low_water || fin_.received ||
         state_ == State::kClosed;
}

int64_t Connection::write(Instant now, Payload& data, WriteFlags flags, RecordId cause) {
  cause_ = cause;
  const auto wanted = static_cast<int64_t>(data.size());
  if (wanted == 0) return 0;  // pushes nothing either: facts/linux.md B10
  held_till_event_ = false;
  const int64_t taken = send_room(wanted);
  if (taken == 0) {
    no_room_ = true;
    if (!flags.began) return 0;
    push_written();  // RFC 9293 3.9.1.2: a full buffer pushes, whatever was announced
    more_coming_ = false;
    flushing_ = true;
    return 0;
  }
  no_room_ = false;
  // All of the call is urgent from its first byte on.
  if (flags.urgent) rare().send_urgent = send_queue_.end() + wanted;
  if (send_queue_.next_unsent() == nullptr) note_idle_time(now);
  more_coming_ = flags.more;
  Payload front = data.take_front(static_cast<size_t>(taken));
  if (send_queue_.tail_room(chunk_goal()) > 0) {
    // Where the call before ended is no end any more: the chunk may be full in the middle of this.
    if (!flags.began) send_queue_.unmark_push();
    send_queue_.append_to_tail(std::move(front));
  } else {
    send_queue_.append_chunk(std::move(front));
    push_once_ = false;
  }
  const bool call_ends = data.empty() && !flags.more;  // RFC 9293 3.9.1.2
  const bool chunk_ends = data.empty() || send_queue_.tail_room(chunk_goal()) == 0;
  const bool forced = chunk_ends && push_is_overdue();
  in_call_ = !data.empty() && !forced;
  if (call_ends || forced) push_written();
  return taken;
}

void Connection::push_written() {
  send_queue_.mark_push();
  pushed_upto_ = send_queue_.end();
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

void Connection::release_read(RecordId cause) {
  cause_ = cause;
  receive_queue_.release();
  if (rare_) rare_->told_of_pins = false;
  if (!fin_.received && receive_window_.update_is_due(window_view())) {
    want_ack(WindowUpdate{window_view().remaining, receive_window_.select(window_view())});
  }
}

Payload Connection::read(Instant now, int64_t count, RecordId cause, bool pinned) {
  cause_ = cause;
  Payload data;
  // Segment by segment: the window looks at the pace after each.
  for (int64_t left = readable_before_mark(count); left > 0 && unread() > 0;) {
    Payload part = receive_queue_.read(std::min(left, receive_queue_.front_size()), pinned);
    const auto bytes = static_cast<int64_t>(part.size());
    left -= bytes;
    data.append(std::move(part));
    receive_window_.on_read(now, bytes, unread(), own_mss());
  }
  after_read(now, static_cast<int64_t>(data.size()));
  return data;
}

// Whether what the program took is worth a segment.
void Connection::after_read(Instant now, int64_t copied) {
  if (receive_queue_.pinned() > 0) tell_of_pins(now);
  const policy::ReadDone done{.copied = copied, .buffer_empty = receive_queue_.charged() == 0};
  const policy::AckDecision decision = delayed_ack_.on_read(now, done, ack_view());
  if (decision.kind == policy::AckDecision::Kind::kNow) {
    apply(decision);
  } else if (done.copied > 0 && !fin_.received && receive_window_.update_is_due(window_view())) {
    want_ack(WindowUpdate{window_view().remaining, receive_window_.select(window_view())});
  }
}

void Connection::shutdown_write(Instant, RecordId cause) {
  if (fin_.queued) return;
  cause_ = cause;
  held_till_event_ = false;
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
    receive_queue_.read(receive_queue_.unread());
    control_ = Plan::Control::kReset;
    control_reason_ = Reset{Reset::Why::kUnreadData};
    return;  // RFC 9293 3.6.1: the reset leaves first, then the state is gone
  }
  shutdown_write(now, cause);
  if (state_ != State::kFinWait2) return;
  if (rare_ && rare_->orphan_limit.count() < 0) return abort(now, cause);
  arm_orphan_limit(now);
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
    case State::kClosed: return;
    case State::kSynSent:
    case State::kClosing:
    case State::kLastAck:
    case State::kTimeWait: return enter(State::kClosed);
  }
}

void Connection::forget(RecordId cause) {
  cause_ = cause;
  if (state_ != State::kClosed) enter(State::kClosed);
}

// What flushes held data at once is the host's: facts/linux.md B10, facts/freebsd.md B4, B5.
void Connection::set_no_delay(Instant, bool on, RecordId cause) {
  cause_ = cause;
  no_delay_ = on;
  if (!host_->profile->nagle.set_no_delay_flushes) return keep_held();
  if (on) flush_held();
}

void Connection::set_cork(Instant, bool on, RecordId cause) {
  cause_ = cause;
  corked_ = on;
  if (on) return;
  if (!host_->profile->nagle.end_of_cork_flushes) return keep_held();
  more_coming_ = false;  // what TCP_NODELAY asks for still holds, and so does Nagle's rule
  if (no_delay_) flush_held();
}

// Until the next segment, write or timer.
void Connection::keep_held() {
  if (send_queue_.next_unsent() != nullptr) held_till_event_ = true;
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
void Connection::set_syn_retries(int32_t count) { rare().syn_retries = count; }
void Connection::set_connect_limit(Duration limit) { rare().connect_limit = limit; }
void Connection::set_orphan_limit(Duration limit) { rare().orphan_limit = limit; }

void Connection::set_defer_accept(Duration time) {
  const policy::RtoConfig& rto = host_->profile->rto;
  rare().defer_accept = policy::retries_within(time, rto.initial, rto.max);
}

void Connection::set_max_segment(int64_t bytes) {
  rare().max_segment = bytes;
  const bool at_once = host_->profile->syn.max_segment == policy::SynConfig::MaxSegment::kAtOnce;
  if (at_once && bytes > 0 && bytes < int64_t{agreed_.mss} && is_synchronized(state_)) {
    agreed_.mss = static_cast<uint32_t>(bytes);
  }
}

void Connection::set_send_buffer(int64_t bytes) { send_buffer_.set_size(bytes); }
void Connection::set_send_low_water(int64_t bytes) { send_buffer_.set_low_water(bytes); }
void Connection::set_not_sent_low_water(int64_t bytes) {
  send_buffer_.set_not_sent_low_water(bytes);
}
void Connection::set_receive_buffer(int64_t bytes) { receive_window_.set_buffer(bytes); }
void Connection::set_window_clamp(int64_t bytes) { receive_window_.set_clamp(bytes); }
void Connection::set_receive_low_water(int64_t bytes) {
  low_water_ = static_cast<int32_t>(std::clamp<int64_t>(bytes, 1, INT32_MAX));
  receive_window_.set_low_water(bytes);
}

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
          .shift = agreed_.own_shift,
          .advertised = rcv_.wnd,
          .unread = receive_queue_.unread(),
          .ack_waits = delayed_ack_.timer().armed()};
}

policy::AckView Connection::ack_view() const {
  const int64_t next_window = receive_window_.select(window_view());
  return {.unacked = rcv_.nxt - rcv_.acked,
          .window_can_advance = receive_queue_.unread() < low_water_ || next_window >= rcv_.wnd,
          .window = rcv_.wnd,
          .mss = own_mss(),
          .rtt_known = rto_.rtt_known(),
          .srtt = rto_.srtt(),
          .rto = rto_.rto(),
          .rto_min = host_->profile->rto.min,
          .edge_can_advance = next_window >= rcv_.wnd,
          .unread = receive_queue_.unread(),
          .low_water = low_water_,
          .next_window = next_window,
          .space_below_half = receive_window_.space_below_half(window_view()),
          .sack = agreed_.sack,
          .gap = receive_queue_.has_gap(),
          .next = rcv_.nxt,
          .receive_rtt = receive_window_.round_trip()};
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

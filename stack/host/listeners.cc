// listeners.cc: what arrives at a listening socket: who may begin a handshake, who may end it, and
// who is answered with a cookie.
#include <algorithm>
#include <utility>

#include "stack/host/native_stack.h"

namespace tcptwin::host {

using policy::ListenConfig;
using policy::SynCookieConfig;
using socket::kNoIndex;

namespace {

policy::ConnectionKey key_of(const tcp::Endpoints& ends) {
  return {tcp::address_key(ends.local_address), tcp::address_key(ends.remote_address),
          static_cast<uint16_t>(ends.local_port), static_cast<uint16_t>(ends.remote_port)};
}

// The SYN as it would have been if it had said no more than `syn`.
wire::TcpSegment syn_with(const wire::TcpSegment& original, SeqNum number,
                          const policy::SynMemory& syn,
                          const std::optional<wire::Timestamps>& stamps) {
  wire::TcpSegment segment;
  segment.source = original.source;
  segment.destination = original.destination;
  segment.seq = number;
  segment.flags.syn = true;
  segment.window = original.window;
  segment.options.add_mss(syn.mss);
  if (syn.sack) segment.options.add_sack_permitted();
  if (syn.timestamps && stamps) segment.options.add_timestamps(*stamps);
  if (syn.window_scale) segment.options.add_window_scale(*syn.window_scale);
  return segment;
}

}  // namespace

int64_t NativeStack::backlog_of(int64_t asked) const {
  const ListenConfig& rules = profile_->listen;
  const bool usual = asked >= rules.smallest_backlog && asked <= rules.largest_backlog;
  return usual ? asked : rules.largest_backlog;
}

int64_t NativeStack::room_of(const socket::ListenState& state) const {
  const ListenConfig& rules = profile_->listen;
  return state.backlog * rules.backlog_percent / 100 + rules.backlog_extra;
}

bool NativeStack::queue_is_full(const socket::ListenState& state) const {
  const bool all = profile_->listen.handshakes_count;
  const auto held =
      static_cast<int64_t>(state.accept_queue.size()) + (all ? state.handshakes : int64_t{0});
  return held >= room_of(state);
}

bool NativeStack::too_many_handshakes(const socket::ListenState& state) const {
  const ListenConfig& rules = profile_->listen;
  const int64_t most = rules.handshakes > 0 ? int64_t{rules.handshakes} : room_of(state);
  return state.handshakes >= most;
}

std::vector<uint32_t> NativeStack::handshakes_of(uint32_t listener) const {
  std::vector<uint32_t> found;
  for (uint32_t i = 0; i < connections_.size(); ++i) {
    const ConnectionSlot& slot = connections_[i];
    if (slot.listener == listener && !slot.in_accept_queue) found.push_back(i);
  }
  return found;
}

// Whether a SYN is taken although the queue is full.
bool NativeStack::admits_beyond(Instant now, uint32_t listener, RecordId cause) {
  const ListenConfig& rules = profile_->listen;
  if (rules.full_syn == ListenConfig::FullSyn::kAnswer) return true;
  if (rules.full_syn == ListenConfig::FullSyn::kReset) return false;
  if (rules.young_when_full == 0 && !rules.evicts_handshake) return false;
  const std::vector<uint32_t> handshakes = handshakes_of(listener);
  const auto young = std::count_if(handshakes.begin(), handshakes.end(), [&](uint32_t index) {
    return !connections_[index].connection->handshake_repeated();
  });
  if (young < rules.young_when_full) return true;
  if (!rules.evicts_handshake || handshakes.empty()) return false;
  const uint32_t victim = handshakes[static_cast<size_t>(rng_.below(handshakes.size()))];
  connections_[victim].connection->forget(cause);
  settle(now, victim);
  return true;
}

// RFC 9293 3.10.7.2.
void NativeStack::arrive_for_listener(Instant now, uint32_t listener, wire::Packet& packet,
                                      const tcp::Connection::Heritage& heritage, RecordId record) {
  const wire::TcpFlags flags = packet.tcp.flags;
  if (flags.rst) return;
  if (flags.ack) {
    if (!take_cookie(now, listener, packet, record)) refuse(packet, record);
    return;
  }
  if (!flags.syn) return;
  const socket::ListenState& state = *sockets_[listener]->listening;
  const SynCookieConfig::When when = profile_->listen.cookies.when;
  const bool crowded = too_many_handshakes(state);
  const bool cookie = !heritage.iss && (when == SynCookieConfig::When::kAlways ||
                                        (when == SynCookieConfig::When::kWhenFull && crowded));
  if (crowded && !cookie && !profile_->listen.handshakes_count) return;
  if (queue_is_full(state) && !admits_beyond(now, listener, record)) {
    if (profile_->listen.full_syn == ListenConfig::FullSyn::kReset) {
      refuse(packet, record, tcp::Reset::Why::kAcceptQueue);
    }
    return;
  }
  if (cookie) return answer_with_cookie(now, listener, packet, record);
  if (const auto index = begin_passively(now, listener, packet, packet.tcp, heritage, record)) {
    settle(now, *index);
  }
}

// A connection for that SYN; nothing when no way leads back.
std::optional<uint32_t> NativeStack::begin_passively(Instant now, uint32_t listener,
                                                     const wire::Packet& packet,
                                                     const wire::TcpSegment& syn,
                                                     const tcp::Connection::Heritage& heritage,
                                                     RecordId record) {
  const auto route = route_to(packet.ip.source);
  if (!route) return std::nullopt;
  const uint32_t index = add_connection(now, ends_of(packet), *route);
  const socket::Socket& s = *sockets_[listener];
  ConnectionSlot& slot = connections_[index];
  slot.listener = listener;
  slot.reuse_address = s.known_options().reuse_address;
  ++s.listening->handshakes;
  prepare_passive(now, s, *slot.connection, record);
  mark_packets(s, slot);
  slot.connection->open_passively(now, syn, heritage, record);
  return index;
}

void NativeStack::prepare_passive(Instant now, const socket::Socket& s, tcp::Connection& c,
                                  RecordId record) const {
  if (!s.options) return;
  configure(now, *s.options, c, record);
  const Duration time =
      option_time(policy::OptionEffect::kDeferAccept, s.options->defer_accept.value_or(0), {});
  if (time.count() > 0) c.set_defer_accept(time);
}

// The ACK that would end a handshake finds no room. Whether that was dealt with here.
bool NativeStack::overflows(Instant now, uint32_t index, const wire::Packet& packet,
                            RecordId record) {
  const ConnectionSlot& slot = connections_[index];
  if (slot.listener == kNoIndex || slot.in_accept_queue || profile_->listen.handshakes_count) {
    return false;
  }
  if (!slot.connection->completes_handshake(packet.tcp)) return false;
  if (!queue_is_full(*sockets_[slot.listener]->listening)) return false;
  if (profile_->listen.full_ack == ListenConfig::FullAck::kReset) {
    slot.connection->forget(record);
    settle(now, index);
    refuse(packet, record, tcp::Reset::Why::kAcceptQueue);
  }
  return true;
}

// ---- cookies

// A SYN-ACK that nobody will remember.
void NativeStack::answer_with_cookie(Instant now, uint32_t listener, const wire::Packet& packet,
                                     RecordId record) {
  const auto route = route_to(packet.ip.source);
  if (!route) return;
  const tcp::Endpoints ends = ends_of(packet);
  const wire::ParsedTcpOptions options = wire::parse_options(packet.tcp.options);
  const Duration uptime = grain_.uptime(now);
  policy::SynMemory syn{
      .mss = options.mss.value_or(static_cast<uint16_t>(profile_->syn.default_mss)),
      .window_scale = options.window_scale,
      .sack = options.sack_permitted,
      .timestamps = options.timestamps.has_value() && profile_->timestamps.offered};
  const SeqNum cookie = cookies_.bake(uptime, key_of(ends), packet.tcp.seq, syn);
  tcp::Connection::Heritage heritage{.iss = cookie};
  const bool in_stamp = profile_->listen.cookies.options == SynCookieConfig::Options::kInTimestamp;
  if (in_stamp && syn.timestamps) {
    const uint32_t shown = clocks_.timestamp(uptime, 0);
    heritage.timestamp_behind = shown - cookies_.stamp(shown, syn);
  }
  ConnectionSlot passing;
  passing.interface = *route;
  passing.connection = std::make_unique<tcp::Connection>(
      context_, ends, interfaces_[*route].mtu, static_cast<uint32_t>(connections_.size()));
  tcp::Connection& c = *passing.connection;
  prepare_passive(now, *sockets_[listener], c, record);
  c.open_passively(now, syn_with(packet.tcp, packet.tcp.seq, syn, options.timestamps), heritage,
                   record);
  tcp::Burst burst;
  if (c.poll_burst(now, burst)) emit(passing, std::move(burst));
  sockets_[listener]->listening->cookie_sent_at = now;
}

// The ACK of such a SYN-ACK: the connection begins where a remembered one would stand. Whether it
// was one.
bool NativeStack::take_cookie(Instant now, uint32_t listener, wire::Packet& packet,
                              RecordId record) {
  const SynCookieConfig& rules = profile_->listen.cookies;
  const socket::ListenState& state = *sockets_[listener]->listening;
  if (rules.when == SynCookieConfig::When::kNever || packet.tcp.flags.syn) return false;
  if (state.cookie_sent_at.is_never() ||
      now - state.cookie_sent_at > rules.period * rules.periods) {
    return false;
  }
  const tcp::Endpoints ends = ends_of(packet);
  const SeqNum peer_isn = packet.tcp.seq - 1;
  const SeqNum cookie = packet.tcp.ack - 1;
  auto memory = cookies_.read(grain_.uptime(now), key_of(ends), peer_isn, cookie);
  if (!memory) return false;
  const auto stamps = wire::parse_options(packet.tcp.options).timestamps;
  if (stamps && rules.options == SynCookieConfig::Options::kInTimestamp) {
    cookies_.read_stamp(stamps->echo - clocks_.timestamp_offset(key_of(ends)), *memory);
  }
  memory->timestamps = stamps.has_value();
  if (queue_is_full(state)) return profile_->listen.full_ack == ListenConfig::FullAck::kIgnore;
  const auto index =
      begin_passively(now, listener, packet, syn_with(packet.tcp, peer_isn, *memory, stamps),
                      {.iss = cookie, .without_sample = true}, record);
  if (!index) return true;
  tcp::Connection& c = *connections_[*index].connection;
  tcp::Burst sent_before;
  c.poll_burst(now, sent_before);
  c.on_segment(now, std::move(packet.tcp), false, record);
  settle(now, *index);
  return true;
}

}  // namespace tcptwin::host

// socket_calls_options.cc: setsockopt and getsockopt by level and number: what is stored, what the
// connection is told, what is read back.
#include <algorithm>
#include <iterator>
#include <utility>

#include "stack/base/check.h"
#include "stack/host/native_stack.h"

namespace tcptwin::host {

using policy::OptionEffect;
using socket::Caller;
using socket::Descriptor;
using socket::OptionValue;
using socket::Outcome;
using socket::Socket;
using socket::StoredOptions;

const policy::SocketOption* NativeStack::option(int32_t level, int32_t number) const {
  const auto& options = profile_->socket_options;
  const auto found = std::find_if(options.begin(), options.end(), [&](const auto& o) {
    return o.level == level && o.number == number;
  });
  return found == options.end() ? nullptr : &*found;
}

// A time that the host's option of this effect takes as a number.
Duration NativeStack::option_time(OptionEffect effect, int64_t value, Duration otherwise) const {
  for (const policy::SocketOption& o : profile_->socket_options) {
    if (o.effect == effect) return o.unit * value;
  }
  return otherwise;
}

namespace {

// SO_RCVBUF and SO_SNDBUF as the host stores them: facts/linux.md C2.
std::optional<int64_t> buffer_size(const policy::SocketConfig& rules, int64_t value, int64_t cap,
                                   int64_t floor) {
  if (value > cap && rules.beyond_cap_fails) return std::nullopt;
  return std::max(std::clamp<int64_t>(value, 0, cap) * rules.buffer_factor, floor);
}

// Where an option that is just a switch is kept; null: it is none.
bool StoredOptions::*switch_of(OptionEffect effect) {
  switch (effect) {
    case OptionEffect::kNoDelay: return &StoredOptions::no_delay;
    case OptionEffect::kCork: return &StoredOptions::cork;
    case OptionEffect::kNoOptions: return &StoredOptions::no_options;
    case OptionEffect::kKeepAlive: return &StoredOptions::keep_alive;
    case OptionEffect::kReuseAddress: return &StoredOptions::reuse_address;
    case OptionEffect::kReusePort: return &StoredOptions::reuse_port;
    case OptionEffect::kExclusiveAddress: return &StoredOptions::exclusive_address;
    case OptionEffect::kOutOfBandInline: return &StoredOptions::out_of_band_inline;
    case OptionEffect::kNoSignal: return &StoredOptions::no_signal;
    default: return nullptr;
  }
}

// Where a number is kept that has no meaning until somebody sets it.
std::optional<int64_t> StoredOptions::*number_of(OptionEffect effect) {
  switch (effect) {
    case OptionEffect::kQuickAck: return &StoredOptions::quick_ack;
    case OptionEffect::kMaxSegment: return &StoredOptions::max_segment;
    case OptionEffect::kKeepIdle: return &StoredOptions::keep_idle;
    case OptionEffect::kKeepInterval: return &StoredOptions::keep_interval;
    case OptionEffect::kKeepCount: return &StoredOptions::keep_count;
    case OptionEffect::kSynCount: return &StoredOptions::syn_count;
    case OptionEffect::kConnectTimeout: return &StoredOptions::connect_timeout;
    case OptionEffect::kOrphanTime: return &StoredOptions::orphan_time;
    case OptionEffect::kDeferAccept: return &StoredOptions::defer_accept;
    case OptionEffect::kWindowClamp: return &StoredOptions::window_clamp;
    case OptionEffect::kUserTimeout: return &StoredOptions::user_timeout;
    case OptionEffect::kNotSentLowWater: return &StoredOptions::not_sent_low_water;
    case OptionEffect::kTypeOfService: return &StoredOptions::type_of_service;
    case OptionEffect::kTimeToLive: return &StoredOptions::time_to_live;
    case OptionEffect::kTrafficClass: return &StoredOptions::traffic_class;
    case OptionEffect::kHopLimit: return &StoredOptions::hop_limit;
    default: return nullptr;
  }
}

// An option of TCP, for a socket that has none.
bool is_foreign(const Socket& s, const policy::SocketOption& o) {
  return s.datagrams && o.level_name == "IPPROTO_TCP";
}

bool is_read_only(OptionEffect effect) {
  return effect == OptionEffect::kError || effect == OptionEffect::kType ||
         effect == OptionEffect::kAcceptsConnections || effect == OptionEffect::kInfo ||
         effect == OptionEffect::kUnread || effect == OptionEffect::kUnsent;
}

// Stores what is neither a switch nor a plain number; the error that setsockopt fails with.
std::optional<Errno> store_other(const policy::SocketConfig& rules, OptionEffect effect,
                                 const OptionValue& value, StoredOptions& options) {
  const bool time_is_bad = value.value < 0 || value.second < 0 || value.second >= 1'000'000;
  switch (effect) {
    case OptionEffect::kReceiveBuffer:
      options.receive_buffer =
          buffer_size(rules, value.value, rules.receive_cap, rules.receive_floor);
      if (!options.receive_buffer) return Errno::kENOBUFS;
      break;
    case OptionEffect::kSendBuffer:
      options.send_buffer = buffer_size(rules, value.value, rules.send_cap, rules.send_floor);
      if (!options.send_buffer) return Errno::kENOBUFS;
      break;
    case OptionEffect::kReceiveLowWater:
      options.receive_low_water = std::max<int64_t>(value.value, 1);
      break;
    case OptionEffect::kSendLowWater: options.send_low_water = value.value; break;
    case OptionEffect::kReceiveTimeout:
      if (time_is_bad) return Errno::kEDOM;
      options.receive_timeout = value;
      break;
    case OptionEffect::kSendTimeout:
      if (time_is_bad) return Errno::kEDOM;
      options.send_timeout = value;
      break;
    case OptionEffect::kLinger: options.linger = value; break;
    default: break;
  }
  return std::nullopt;
}

Outcome pair_outcome(const OptionValue& value) {
  Outcome outcome = Outcome::done(value.value);
  outcome.second = value.second;
  return outcome;
}

int64_t in_microseconds(Duration d) {
  return std::chrono::duration_cast<std::chrono::microseconds>(d).count();
}

std::vector<socket::NamedValue> info_values(const tcp::TcpInfo& info) {
  const int64_t values[] = {static_cast<int64_t>(info.state),
                            info.retransmissions,
                            info.peer_shift,
                            info.own_shift,
                            in_microseconds(info.rto),
                            in_microseconds(info.srtt),
                            info.mss,
                            info.peer_mss,
                            info.in_flight,
                            info.window_segments,
                            info.slow_start_threshold,
                            info.retransmitted_segments,
                            info.unsent_bytes,
                            info.unacked_bytes,
                            info.send_window,
                            info.receive_window,
                            info.timestamps ? 1 : 0,
                            info.sack ? 1 : 0};
  static_assert(std::size(values) == std::size(socket::kTcpInfoNames));
  std::vector<socket::NamedValue> named;
  for (size_t i = 0; i < std::size(values); ++i) {
    named.push_back({socket::kTcpInfoNames[i], values[i]});
  }
  return named;
}

}  // namespace

Outcome NativeStack::setsockopt(Instant now, const Caller& caller, Descriptor fd, int32_t level,
                                int32_t number, const OptionValue& value) {
  Socket* s = find(caller, fd);
  if (s == nullptr) return not_found(caller, fd);
  const policy::SocketOption* o = option(level, number);
  if (o == nullptr || is_read_only(o->effect) || is_foreign(*s, *o)) {
    return Outcome::failed(Errno::kENOPROTOOPT);
  }
  if (value.value < o->at_least || value.value > o->at_most) {
    return Outcome::failed(Errno::kEINVAL);
  }
  StoredOptions& options = s->own_options();
  if (o->effect == OptionEffect::kNoted) {
    options.noted[{level, number}] = value.value;
    return Outcome::done(0);
  }
  if (const auto is_on = switch_of(o->effect)) {
    options.*is_on = value.value != 0;
  } else if (const auto kept = number_of(o->effect)) {
    options.*kept = value.value;
  } else if (const auto error = store_other(profile_->sockets, o->effect, value, options)) {
    return Outcome::failed(*error);
  }
  tcp::Connection* c = connection(*s);
  if (c == nullptr) return Outcome::done(0);
  tell_connection(now, o->effect, options, *c, caller.record);
  mark_packets(*s, connections_[s->connection]);
  settle(now, s->connection);
  return Outcome::done(0);
}

// One option that has changed, while the connection is there.
void NativeStack::tell_connection(Instant now, OptionEffect effect, const StoredOptions& options,
                                  tcp::Connection& c, RecordId cause) const {
  switch (effect) {
    case OptionEffect::kNoDelay: return c.set_no_delay(now, options.no_delay, cause);
    case OptionEffect::kCork: return c.set_cork(now, options.cork, cause);
    case OptionEffect::kQuickAck:
      return c.set_quick_ack(now, static_cast<int>(*options.quick_ack), cause);
    case OptionEffect::kReceiveBuffer: return c.set_receive_buffer(*options.receive_buffer);
    case OptionEffect::kWindowClamp: return c.set_window_clamp(*options.window_clamp);
    case OptionEffect::kReceiveLowWater: return c.set_receive_low_water(options.receive_low_water);
    case OptionEffect::kSendBuffer: return c.set_send_buffer(*options.send_buffer);
    case OptionEffect::kSendLowWater: return c.set_send_low_water(options.send_low_water);
    case OptionEffect::kNotSentLowWater:
      return c.set_not_sent_low_water(*options.not_sent_low_water);
    case OptionEffect::kKeepAlive:
    case OptionEffect::kKeepIdle:
    case OptionEffect::kKeepInterval:
    case OptionEffect::kKeepCount: {
      const policy::KeepAliveConfig& usual = profile_->keep_alive;
      const auto time = [&](OptionEffect of, const std::optional<int64_t>& value, Duration other) {
        return value ? option_time(of, *value, other) : other;
      };
      const tcp::KeepAliveSettings settings{
          .on = options.keep_alive || usual.always,
          .idle = time(OptionEffect::kKeepIdle, options.keep_idle, usual.idle),
          .interval = time(OptionEffect::kKeepInterval, options.keep_interval, usual.interval),
          .probes = static_cast<int32_t>(options.keep_count.value_or(usual.probes))};
      return c.set_keep_alive(now, settings, cause);
    }
    case OptionEffect::kUserTimeout:
      return c.set_user_timeout(option_time(effect, *options.user_timeout, {}));
    case OptionEffect::kOutOfBandInline: return c.set_urgent_inline(options.out_of_band_inline);
    case OptionEffect::kNoOptions: return c.set_no_options(options.no_options);
    case OptionEffect::kMaxSegment: return c.set_max_segment(*options.max_segment);
    case OptionEffect::kSynCount:
      return c.set_syn_retries(static_cast<int32_t>(*options.syn_count));
    case OptionEffect::kConnectTimeout:
      return c.set_connect_limit(option_time(effect, *options.connect_timeout, {}));
    case OptionEffect::kOrphanTime:
      return c.set_orphan_limit(option_time(effect, *options.orphan_time, {}));
    case OptionEffect::kDeferAccept: return c.expect_data(*options.defer_accept > 0);
    default: return;
  }
}

// What the program wants in the IP header; the ECN bits are not its own (RFC 3168 6.1).
void NativeStack::mark_packets(const Socket& s, ConnectionSlot& slot) const {
  const StoredOptions& options = s.known_options();
  const bool v4 = slot.connection->ends().remote_address.is_v4();
  const auto tos = v4 ? options.type_of_service : options.traffic_class;
  const auto ttl = v4 ? options.time_to_live : options.hop_limit;
  slot.tos = static_cast<uint8_t>(tos.value_or(0) & ~int64_t{3});
  slot.ttl = static_cast<uint8_t>(ttl.value_or(profile_->ip.ttl));
}

// All options of a socket, before its connection opens.
void NativeStack::configure(Instant now, const StoredOptions& options, tcp::Connection& c,
                            RecordId cause) const {
  const std::pair<bool, OptionEffect> settings[] = {
      {options.no_delay, OptionEffect::kNoDelay},
      {options.cork, OptionEffect::kCork},
      {options.no_options, OptionEffect::kNoOptions},
      {options.keep_alive, OptionEffect::kKeepAlive},
      {options.user_timeout.has_value(), OptionEffect::kUserTimeout},
      {options.out_of_band_inline, OptionEffect::kOutOfBandInline},
      {options.receive_buffer.has_value(), OptionEffect::kReceiveBuffer},
      {options.window_clamp.has_value(), OptionEffect::kWindowClamp},
      {options.receive_low_water > 1, OptionEffect::kReceiveLowWater},
      {options.send_buffer.has_value(), OptionEffect::kSendBuffer},
      {options.not_sent_low_water.has_value(), OptionEffect::kNotSentLowWater},
      {options.send_low_water > 0, OptionEffect::kSendLowWater},
      {options.max_segment.has_value(), OptionEffect::kMaxSegment},
      {options.syn_count.has_value(), OptionEffect::kSynCount},
      {options.connect_timeout.has_value(), OptionEffect::kConnectTimeout},
      {options.orphan_time.has_value(), OptionEffect::kOrphanTime},
      {options.defer_accept.has_value(), OptionEffect::kDeferAccept}};
  for (const auto& [is_set, effect] : settings) {
    if (is_set) tell_connection(now, effect, options, c, cause);
  }
}

// ---- getsockopt

Outcome NativeStack::getsockopt(Instant, const Caller& caller, Descriptor fd, int32_t level,
                                int32_t number) {
  Socket* s = find(caller, fd);
  if (s == nullptr) return not_found(caller, fd);
  const policy::SocketOption* o = option(level, number);
  if (o == nullptr || is_foreign(*s, *o)) return Outcome::failed(Errno::kENOPROTOOPT);
  const StoredOptions& options = s->known_options();
  const tcp::Connection* c = connection(*s);
  if (const auto is_on = switch_of(o->effect)) {
    return Outcome::done(options.*is_on ? o->on_value : 0);
  }
  Outcome outcome;
  switch (o->effect) {
    case OptionEffect::kError:
      if (const auto error = take_error(*s)) outcome.fetched_error = *error;
      return outcome;
    case OptionEffect::kType: return Outcome::done(s->datagrams ? 2 : 1);  // SOCK_DGRAM, _STREAM
    case OptionEffect::kAcceptsConnections:
      return Outcome::done(s->role == Socket::Role::kListener ? o->on_value : 0);
    case OptionEffect::kReceiveBuffer:
      if (s->datagrams) return Outcome::done(datagram_buffer(*s));
      return Outcome::done(c != nullptr
                               ? c->receive_buffer()
                               : options.receive_buffer.value_or(profile_->receive_window.buffer));
    case OptionEffect::kSendBuffer:
      if (s->datagrams) {
        return Outcome::done(options.send_buffer.value_or(profile_->udp.send_buffer));
      }
      return Outcome::done(c != nullptr
                               ? c->send_buffer()
                               : options.send_buffer.value_or(profile_->send_buffer.buffer));
    case OptionEffect::kReceiveLowWater: return Outcome::done(options.receive_low_water);
    case OptionEffect::kSendLowWater:
      return Outcome::done(options.send_low_water > 0 ? options.send_low_water
                                                      : profile_->send_buffer.low_water);
    case OptionEffect::kReceiveTimeout: return pair_outcome(options.receive_timeout);
    case OptionEffect::kSendTimeout: return pair_outcome(options.send_timeout);
    case OptionEffect::kLinger: return pair_outcome(options.linger);
    case OptionEffect::kUnread:
      if (s->datagrams) return Outcome::done(s->datagrams->queue.unread(profile_->udp));
      return Outcome::done(c == nullptr ? 0 : c->unread());
    case OptionEffect::kUnsent: {
      if (c == nullptr) return outcome;
      const tcp::TcpInfo info = c->info();
      return Outcome::done(info.unacked_bytes + info.unsent_bytes);
    }
    case OptionEffect::kMaxSegment:
      return Outcome::done(c != nullptr ? static_cast<int64_t>(c->mss())
                                        : options.max_segment.value_or(profile_->syn.default_mss));
    case OptionEffect::kTimeToLive:
      return Outcome::done(options.time_to_live.value_or(profile_->ip.ttl));
    case OptionEffect::kHopLimit:
      return Outcome::done(options.hop_limit.value_or(profile_->ip.ttl));
    case OptionEffect::kNoted: {
      const auto set = options.noted.find({level, number});
      const int64_t value = set == options.noted.end() ? 0 : set->second;
      return Outcome::done(value != 0 && o->on_value != 0 ? o->on_value : value);
    }
    case OptionEffect::kInfo:
      if (c != nullptr) outcome.details = info_values(c->info());
      return outcome;
    default: break;
  }
  const auto kept = number_of(o->effect);
  return Outcome::done(kept == nullptr ? 0 : (options.*kept).value_or(0));
}

}  // namespace tcptwin::host

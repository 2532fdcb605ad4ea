// lwip_options.cc: setsockopt and getsockopt by lwIP's own numbers, which the profile lists.
#include <algorithm>
#include <optional>

#include "models/lwip/lwip_stack.h"
#include "stack/base/check.h"

namespace tcptwin::lwip {

using policy::OptionEffect;
using socket::Caller;
using socket::Descriptor;
using socket::OptionValue;
using socket::Outcome;

namespace {

// Those that lwIP itself keeps for a connection or a datagram socket.
std::optional<LwipOption> option_of(OptionEffect effect) {
  switch (effect) {
    case OptionEffect::kNoDelay: return LWIP_OPTION_NO_DELAY;
    case OptionEffect::kReuseAddress: return LWIP_OPTION_REUSE_ADDRESS;
    case OptionEffect::kKeepAlive: return LWIP_OPTION_KEEP_ALIVE;
    case OptionEffect::kKeepIdle: return LWIP_OPTION_KEEP_IDLE;
    case OptionEffect::kKeepInterval: return LWIP_OPTION_KEEP_INTERVAL;
    case OptionEffect::kKeepCount: return LWIP_OPTION_KEEP_COUNT;
    case OptionEffect::kTypeOfService: return LWIP_OPTION_TYPE_OF_SERVICE;
    case OptionEffect::kTimeToLive: return LWIP_OPTION_TIME_TO_LIVE;
    default: return std::nullopt;
  }
}

bool is_time(LwipOption option) {
  return option == LWIP_OPTION_KEEP_IDLE || option == LWIP_OPTION_KEEP_INTERVAL;
}

bool is_switch(LwipOption option) {
  return option == LWIP_OPTION_NO_DELAY || option == LWIP_OPTION_REUSE_ADDRESS ||
         option == LWIP_OPTION_KEEP_ALIVE;
}

bool is_tcp_only(LwipOption option) {
  return option != LWIP_OPTION_REUSE_ADDRESS && option != LWIP_OPTION_TYPE_OF_SERVICE &&
         option != LWIP_OPTION_TIME_TO_LIVE;
}

Duration time_of(const policy::SocketOption& o, const OptionValue& value) {
  if (o.unit < Duration(1s)) return o.unit * value.value;
  return std::chrono::seconds(value.value) + std::chrono::microseconds(value.second);
}

Outcome pair_of(Duration time) {
  Outcome outcome = Outcome::done(time / 1s);
  outcome.second = time % Duration(1s) / 1us;
  return outcome;
}

const policy::SocketOption* find_option(const policy::Profile& profile, int32_t level,
                                        int32_t number) {
  const auto found =
      std::find_if(profile.socket_options.begin(), profile.socket_options.end(),
                   [&](const auto& o) { return o.level == level && o.number == number; });
  return found == profile.socket_options.end() ? nullptr : &*found;
}

}  // namespace

Outcome LwipStack::setsockopt(Instant now, const Caller& caller, Descriptor fd, int32_t level,
                              int32_t number, const OptionValue& value) {
  LwipSocket* s = find(caller, fd);
  if (s == nullptr) return not_found(caller, fd);
  const policy::SocketOption* o = find_option(*profile_, level, number);
  if (o == nullptr) return Outcome::failed(Errno::kENOPROTOOPT);
  if (value.value < o->at_least || value.value > o->at_most) {
    return Outcome::failed(Errno::kEINVAL);
  }
  switch (o->effect) {
    case OptionEffect::kReceiveTimeout: s->receive_timeout = time_of(*o, value); break;
    case OptionEffect::kSendTimeout: s->send_timeout = time_of(*o, value); break;
    case OptionEffect::kLinger:
      s->linger = value.value != 0 ? std::optional(value.second) : std::nullopt;
      break;
    case OptionEffect::kReceiveBuffer: s->most_unread = value.value; break;
    case OptionEffect::kNoted: break;
    default: {
      const auto option = option_of(o->effect);
      if (!option || (s->datagrams != nullptr && is_tcp_only(*option))) {
        return Outcome::failed(Errno::kENOPROTOOPT);
      }
      if (s->datagrams == nullptr && s->connection == nullptr) {
        return Outcome::failed(Errno::kEINVAL);
      }
      int64_t number_set = value.value;
      if (is_time(*option)) number_set = o->unit * value.value / 1ms;
      const Turn turn(*this, now, {.connection = s->connection}, caller.record);
      const auto set = static_cast<uint32_t>(number_set);
      if (s->datagrams != nullptr) {
        lwip().udp_set(s->datagrams, *option, set);
      } else {
        lwip().tcp_set(s->connection, *option, set);
      }
    }
  }
  return Outcome::done(0);
}

Outcome LwipStack::getsockopt(Instant now, const Caller& caller, Descriptor fd, int32_t level,
                              int32_t number) {
  LwipSocket* s = find(caller, fd);
  if (s == nullptr) return not_found(caller, fd);
  const policy::SocketOption* o = find_option(*profile_, level, number);
  if (o == nullptr) return Outcome::failed(Errno::kENOPROTOOPT);
  switch (o->effect) {
    case OptionEffect::kError: {
      Outcome outcome;
      outcome.fetched_error = std::exchange(s->pending_error, std::nullopt);
      return outcome;
    }
    case OptionEffect::kType: return Outcome::done(s->datagrams != nullptr ? 2 : 1);
    case OptionEffect::kAcceptsConnections:
      return Outcome::done(s->role == LwipSocket::Role::kListener ? o->on_value : 0);
    case OptionEffect::kReceiveTimeout: return pair_of(s->receive_timeout);
    case OptionEffect::kSendTimeout: return pair_of(s->send_timeout);
    case OptionEffect::kLinger: {
      Outcome outcome = Outcome::done(s->linger ? 1 : 0);
      outcome.second = s->linger.value_or(0);
      return outcome;
    }
    case OptionEffect::kReceiveBuffer: return Outcome::done(s->most_unread.value_or(INT32_MAX));
    case OptionEffect::kNoted: return Outcome::done(0);
    default: break;
  }
  const auto option = option_of(o->effect);
  if (!option || (s->datagrams != nullptr && is_tcp_only(*option))) {
    return Outcome::failed(Errno::kENOPROTOOPT);
  }
  if (s->datagrams == nullptr && s->connection == nullptr) {
    return Outcome::failed(Errno::kEINVAL);
  }
  const Turn turn(*this, now, {}, caller.record);
  const uint32_t value = s->datagrams != nullptr ? lwip().udp_get(s->datagrams, *option)
                                                 : lwip().tcp_get(s->connection, *option);
  if (is_time(*option)) return Outcome::done(std::chrono::milliseconds(value) / o->unit);
  if (is_switch(*option)) return Outcome::done(value != 0 ? o->on_value : 0);
  return Outcome::done(value);
}

}  // namespace tcptwin::lwip

#include "tun/system_options.h"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "stack/base/check.h"
#include "stack/tcp/state.h"
#include "tun/system_errno.h"

namespace tcptwin::tun {

using policy::OptionEffect;

namespace {

// Of an option that the profile does not know: one that is a plain number.
OptionEffect effect_of(const policy::Profile& profile, const host::Call& call) {
  for (const policy::SocketOption& option : profile.socket_options) {
    if (option.level == call.level && option.number == call.number) return option.effect;
  }
  return OptionEffect::kNoted;
}

// tcpi_state counts as include/net/tcp_states.h does.
tcp::State state_of(uint8_t tcpi_state) {
  using tcp::State;
  constexpr State kStates[] = {State::kClosed,      State::kEstablished, State::kSynSent,
                               State::kSynReceived, State::kFinWait1,    State::kFinWait2,
                               State::kTimeWait,    State::kClosed,      State::kCloseWait,
                               State::kLastAck,     State::kClosed,      State::kClosing};
  return tcpi_state < std::size(kStates) ? kStates[tcpi_state] : State::kClosed;
}

template <class Value>
bool fetch(const host::Call& call, int fd, Value& value) {
  socklen_t size = sizeof value;
  return ::getsockopt(fd, call.level, call.number, &value, &size) == 0;
}
template <class Value>
bool store(const host::Call& call, int fd, const Value& value) {
  return ::setsockopt(fd, call.level, call.number, &value, sizeof value) == 0;
}

bool fetch_info(const host::Call& call, int fd, host::CallResult& result) {
  tcp_info info{};
  if (!fetch(call, fd, info)) return false;
  int unacknowledged = 0;
  ::ioctl(fd, SIOCOUTQ, &unacknowledged);
  const int64_t values[] = {static_cast<int64_t>(state_of(info.tcpi_state)),
                            info.tcpi_retransmits,
                            info.tcpi_snd_wscale,
                            info.tcpi_rcv_wscale,
                            info.tcpi_rto,
                            info.tcpi_rtt,
                            info.tcpi_snd_mss,
                            info.tcpi_rcv_mss,
                            info.tcpi_unacked,
                            info.tcpi_snd_cwnd,
                            info.tcpi_snd_ssthresh,
                            info.tcpi_total_retrans,
                            info.tcpi_notsent_bytes,
                            unacknowledged - static_cast<int64_t>(info.tcpi_notsent_bytes),
                            info.tcpi_snd_wnd,
                            0,  // the headers of this machine may be older than tcpi_rcv_wnd
                            (info.tcpi_options & TCPI_OPT_TIMESTAMPS) != 0 ? 1 : 0,
                            (info.tcpi_options & TCPI_OPT_SACK) != 0 ? 1 : 0};
  static_assert(std::size(values) == std::size(socket::kTcpInfoNames));
  for (size_t i = 0; i < std::size(values); ++i) {
    result.details.push_back({socket::kTcpInfoNames[i], values[i]});
  }
  return true;
}

}  // namespace

bool set_option(const CallSite& site, const host::Call& call, int fd) {
  const socket::OptionValue& value = call.option;
  const OptionEffect effect = effect_of(*site.profile, call);
  if (effect == OptionEffect::kLinger) {
    return store(call, fd, linger{static_cast<int>(value.value), static_cast<int>(value.second)});
  }
  if (policy::is_pair(effect)) return store(call, fd, timeval{value.value, value.second});
  return store(call, fd, static_cast<int>(value.value));
}

bool get_option(const CallSite& site, const host::Call& call, int fd, host::CallResult& result) {
  const OptionEffect effect = effect_of(*site.profile, call);
  if (effect == OptionEffect::kInfo) return fetch_info(call, fd, result);
  if (effect == OptionEffect::kLinger) {
    linger l{};
    if (!fetch(call, fd, l)) return false;
    result.value = l.l_onoff;
    result.second = l.l_linger;
    return true;
  }
  if (policy::is_pair(effect)) {
    timeval t{};
    if (!fetch(call, fd, t)) return false;
    result.value = t.tv_sec;
    result.second = t.tv_usec;
    return true;
  }
  int number = 0;
  if (!fetch(call, fd, number)) return false;
  if (effect == OptionEffect::kError && number != 0) {
    result.fetched_error = errno_of(number);
  } else {
    result.value = number;
  }
  return true;
}

}  // namespace tcptwin::tun

#include "models/catalogue/practice.h"

#include <algorithm>
#include <optional>

#include "models/json/units.h"
#include "stack/policy/congestion.h"
#include "stack/policy/receive_window.h"
#include "stack/policy/rto.h"
#include "stack/policy/syn.h"
#include "stack/policy/timer_grain.h"

namespace tcptwin::catalogue {

namespace {

using json::pretty_duration;
using policy::Profile;

constexpr uint32_t kEthernetMss = 1460;

std::string range_text(Duration from, Duration to) {
  if (from == to) return pretty_duration(from);
  return pretty_duration(from) + " to " + pretty_duration(to);
}

// ---- timers

// The earliest and the latest that a timer of this length fires, over all beginnings.
std::string timer_range(const Profile& profile, Duration wish, policy::TimerClass kind) {
  if (profile.timer_grain.behaviour == policy::TimerGrainConfig::Behaviour::kSharedList) {
    return range_text(wish, wish + profile.timer_grain.quantum_fast);
  }
  constexpr Duration kStep = 137us;  // no divisor of any tick
  constexpr int kBeginnings = 2000;
  const policy::TimerGrain grain(profile.timer_grain, std::chrono::hours(1));
  Duration least = Duration::max();
  Duration most{};
  for (int i = 0; i < kBeginnings; ++i) {
    const Instant now = Instant() + kStep * i;
    const Duration taken = grain.fires_after(now, wish, kind) - now;
    least = std::min(least, taken);
    most = std::max(most, taken);
  }
  const auto rounded = [](Duration d) { return (d + 50us) / 100us * 100us; };
  return range_text(rounded(least), rounded(most));
}

std::string lone_segment(const policy::DelayedAckConfig& config) {
  struct Words {
    static std::string waits(Duration delay) {
      return delay.count() == 0 ? "at once" : "after " + pretty_duration(delay);
    }
    std::string operator()(const policy::EverySecondSegmentConfig& c) const {
      return c.segments_per_ack <= 1 ? "at once" : waits(c.delay);
    }
    std::string operator()(const policy::AlternateSegmentConfig& c) const { return waits(c.delay); }
    std::string operator()(const policy::StretchAcksConfig& c) const {
      return waits(c.delay) + ", at once when pushed";
    }
    std::string operator()(const policy::ForcedCreditsConfig& c) const {
      return "at once " + std::to_string(c.credits) + " times and for a prompt reader, else " +
             waits(c.delay);
    }
    std::string operator()(const policy::QuickackPingpongConfig& c) const {
      return "at once " + std::to_string(c.quick_acks) + " times, in a dialogue " + waits(c.min);
    }
  };
  return std::visit(Words(), config);
}

// ---- waiting for an answer

struct Attempts {
  std::string times;  // seconds
  Duration given_up{};
};

std::string seconds_text(Duration d) {
  const int64_t tenths = (d + 50ms) / 100ms;
  std::string text = std::to_string(tenths / 10);
  if (tenths % 10 != 0) text += "." + std::to_string(tenths % 10);
  return text;
}

Attempts connect_attempts(const Profile& profile) {
  const policy::Rto rto(profile.rto);
  Attempts attempts;
  const Duration limit = profile.syn.connect_limit;
  const int32_t most = profile.rto.syn_retries + profile.rto.syn_linear_timeouts;
  Duration at{};
  for (int32_t i = 0; i <= most; ++i) {
    attempts.times += (i == 0 ? "" : ", ") + seconds_text(at);
    at += policy::syn_wait(profile.syn, profile.rto.initial, profile.rto.max, i)
              .value_or(rto.handshake_rto(i, true));
    if (limit.count() > 0 && at >= limit) break;
  }
  attempts.given_up = limit.count() > 0 ? std::min(at, limit) : at;
  return attempts;
}

policy::Rto on_a_lan(const Profile& profile) {
  policy::Rto rto(profile.rto);
  for (int64_t i = 0; i < 50; ++i) rto.on_sample(1ms, StreamPos(i + 1), StreamPos(i + 2));
  return rto;
}

Duration data_given_up(const Profile& profile) {
  policy::Rto rto = on_a_lan(profile);
  Duration at = rto.rto();
  for (int32_t i = 0; !rto.gives_up(i, at, false) && i < 1000; ++i) {
    rto.back_off();
    at += rto.rto();
  }
  return at;
}

// ---- windows, ports, options

int64_t first_flight(const Profile& profile) {
  const policy::TimerGrain grain(profile.timer_grain, std::chrono::hours(1));
  policy::Congestion congestion(profile.congestion, grain);
  congestion.on_established(kEthernetMss, 0);
  return congestion.allowance({.mss = kEthernetMss});
}

int64_t largest_window(const Profile& profile) {
  if (!profile.receive_window.scaling) return UINT16_MAX;
  return int64_t{UINT16_MAX} << policy::ReceiveWindow(profile.receive_window).scale_to_offer();
}

std::string connects_a_second(const Profile& profile) {
  const int64_t ports = profile.ports.last - profile.ports.first + 1;
  const int64_t seconds = std::max<int64_t>(2 * profile.close.msl / 1s, 1);
  return std::to_string(ports / seconds);
}

// What a program sets that passes SO_KEEPALIVE with the level of TCP.
std::string keep_alive_at_level_tcp(const Profile& profile) {
  const auto& options = profile.socket_options;
  const auto keep_alive = std::find_if(options.begin(), options.end(), [](const auto& o) {
    return o.effect == policy::OptionEffect::kKeepAlive;
  });
  if (keep_alive == options.end()) return "-";
  constexpr int32_t kLevelTcp = 6;
  for (const policy::SocketOption& option : options) {
    if (option.level == kLevelTcp && option.number == keep_alive->number) return option.name;
  }
  return "nothing: ENOPROTOOPT";
}

std::string buffer_read_back(const policy::SocketConfig& sockets) {
  constexpr int64_t kAsked = 65536;
  return std::to_string(std::max(std::min(kAsked, sockets.receive_cap) * sockets.buffer_factor,
                                 sockets.receive_floor));
}

}  // namespace

std::vector<Consequence> consequences(const Profile& profile) {
  const Attempts connect = connect_attempts(profile);
  const policy::KeepAliveConfig& alive = profile.keep_alive;
  return {
      {"timer_grain", "a delayed ACK of 40 ms leaves after",
       timer_range(profile, 40ms, policy::TimerClass::kDelayedAck)},
      {"timer_grain", "a retransmission timer of 1 s fires after",
       timer_range(profile, 1s, policy::TimerClass::kRetransmission)},
      {"syn", "unanswered SYNs leave at (s)", connect.times},
      {"syn", "connect gives up after", pretty_duration(connect.given_up)},
      {"delayed_ack", "a lone small segment is acknowledged", lone_segment(profile.delayed_ack)},
      {"receive_window", "window scale that a SYN offers",
       std::to_string(policy::ReceiveWindow(profile.receive_window).scale_to_offer())},
      {"receive_window", "largest window, bytes", std::to_string(largest_window(profile))},
      {"rto", "lost data is repeated after (LAN, round trip 1 ms)",
       pretty_duration(on_a_lan(profile).rto())},
      {"rto", "and given up after", pretty_duration(data_given_up(profile))},
      {"congestion", "first flight on Ethernet, bytes", std::to_string(first_flight(profile))},
      {"keep_alive", "a dead idle peer is noticed after",
       pretty_duration(alive.idle + alive.probes * alive.interval)},
      {"close", "TIME-WAIT lasts", pretty_duration(2 * profile.close.msl)},
      {"ports", "ephemeral ports", std::to_string(profile.ports.last - profile.ports.first + 1)},
      {"ports", "connects a second to one service until they run out", connects_a_second(profile)},
      {"sockets", "SO_RCVBUF of 65536 reads back as", buffer_read_back(profile.sockets)},
      {"socket_options", "SO_KEEPALIVE at level IPPROTO_TCP sets",
       keep_alive_at_level_tcp(profile)},
  };
}

}  // namespace tcptwin::catalogue

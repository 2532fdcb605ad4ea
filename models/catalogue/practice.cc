#include "models/catalogue/practice.h"

#include <algorithm>
#include <optional>

#include "models/json/units.h"
#include "models/lwip/builds.h"
#include "models/lwip/host_state.h"
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

// ---- the same of a host that runs lwIP: what its settings come to in lwIP's code, facts/lwip.md

// lwIP counts whole ticks, the first of which may come at once.
std::string ticks_range(Duration tick, int64_t ticks) {
  return range_text(tick * (ticks - 1), tick * ticks);
}

int64_t ticks_of(Duration time, Duration tick) { return std::max<int64_t>(time / tick, 1); }

// D2, D3: the initial timeout is 3 s, and a SYN's does not grow. The tick after the last one ends
// it.
std::vector<std::string> lwip_connect(const policy::UserStackConfig& c) {
  const Duration wait = ticks_of(3s, c.slow_interval) * c.slow_interval;
  std::string times = "0";
  for (int32_t i = 1; i <= c.syn_retries; ++i) times += ", " + seconds_text(wait * i);
  const Duration last = wait * c.syn_retries;
  return {times + "; each up to " + pretty_duration(c.slow_interval) + " earlier",
          range_text(last, last + c.slow_interval)};
}

// D2, D3: three ticks on a LAN; the timeout doubles seven times.
std::vector<std::string> lwip_repeats(const policy::UserStackConfig& c) {
  constexpr int64_t kFloor = 3;
  int64_t ticks = kFloor + 1;
  for (int32_t i = 1; i < c.data_retries; ++i) ticks += kFloor << std::min(i, 7);
  return {ticks_range(c.slow_interval, kFloor), ticks_range(c.slow_interval, ticks)};
}

// C6, and no more than the send buffer has.
int64_t lwip_first_flight(const policy::UserStackConfig& c) {
  const int64_t mss = std::min<int64_t>(
      lwip::find_slot(lwip::build_name(c.build))->build().largest_segment, kEthernetMss);
  return std::min({4 * mss, std::max<int64_t>(2 * mss, 4380), c.send_buffer});
}

// E3, E4.
std::string lwip_connects(const policy::UserStackConfig& c, int64_t ports) {
  if (c.connections > 0) return "no end: a new one ends the oldest TIME-WAIT";
  return std::to_string(ports / std::max<int64_t>(2 * c.msl / 1s, 1));
}

std::vector<std::string> lwip_answers(const Profile& profile) {
  const policy::UserStackConfig& c = *profile.user_stack;
  constexpr int64_t kPorts = 16383;
  const std::vector<std::string> connect = lwip_connect(c), repeats = lwip_repeats(c);
  const auto& options = profile.socket_options;
  const bool sets_buffer = std::any_of(options.begin(), options.end(), [](const auto& o) {
    return o.effect == policy::OptionEffect::kReceiveBuffer;
  });
  return {"-",
          ticks_range(c.slow_interval, ticks_of(1s, c.slow_interval)),
          connect[0],
          connect[1],
          "at the host's next tick of " + pretty_duration(c.fast_interval),
          std::to_string(c.window_scale),
          std::to_string(c.window),
          repeats[0],
          repeats[1],
          std::to_string(lwip_first_flight(c)),
          pretty_duration(c.keep_idle + c.keep_count * c.keep_interval),
          pretty_duration(2 * c.msl),
          std::to_string(kPorts),
          lwip_connects(c, kPorts),
          sets_buffer ? "65536" : "nothing: ENOPROTOOPT",
          keep_alive_at_level_tcp(profile)};
}

// ---- of our own stack

std::vector<std::string> native_answers(const Profile& profile) {
  const Attempts connect = connect_attempts(profile);
  const policy::KeepAliveConfig& alive = profile.keep_alive;
  return {timer_range(profile, 40ms, policy::TimerClass::kDelayedAck),
          timer_range(profile, 1s, policy::TimerClass::kRetransmission),
          connect.times,
          pretty_duration(connect.given_up),
          lone_segment(profile.delayed_ack),
          std::to_string(policy::ReceiveWindow(profile.receive_window).scale_to_offer()),
          std::to_string(largest_window(profile)),
          pretty_duration(on_a_lan(profile).rto()),
          pretty_duration(data_given_up(profile)),
          std::to_string(first_flight(profile)),
          pretty_duration(alive.idle + alive.probes * alive.interval),
          pretty_duration(2 * profile.close.msl),
          std::to_string(profile.ports.last - profile.ports.first + 1),
          connects_a_second(profile),
          buffer_read_back(profile.sockets),
          keep_alive_at_level_tcp(profile)};
}

struct Question {
  const char* axis;
  const char* about;
};
constexpr Question kQuestions[] = {
    {"timer_grain", "a delayed ACK of 40 ms leaves after"},
    {"timer_grain", "a retransmission timer of 1 s fires after"},
    {"syn", "unanswered SYNs leave at (s)"},
    {"syn", "connect gives up after"},
    {"delayed_ack", "a lone small segment is acknowledged"},
    {"receive_window", "window scale that a SYN offers"},
    {"receive_window", "largest window, bytes"},
    {"rto", "lost data is repeated after (LAN, round trip 1 ms)"},
    {"rto", "and given up after"},
    {"congestion", "first flight on Ethernet, bytes"},
    {"keep_alive", "a dead idle peer is noticed after"},
    {"close", "TIME-WAIT lasts"},
    {"ports", "ephemeral ports"},
    {"ports", "connects a second to one service until they run out"},
    {"sockets", "SO_RCVBUF of 65536 reads back as"},
    {"socket_options", "SO_KEEPALIVE at level IPPROTO_TCP sets"},
};

}  // namespace

std::vector<Consequence> consequences(const Profile& profile) {
  const std::vector<std::string> answers =
      profile.user_stack ? lwip_answers(profile) : native_answers(profile);
  std::vector<Consequence> list;
  for (size_t i = 0; i < std::size(kQuestions); ++i) {
    list.push_back({kQuestions[i].axis, kQuestions[i].about, answers.at(i)});
  }
  return list;
}

}  // namespace tcptwin::catalogue

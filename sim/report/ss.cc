// ss.cc: ss -tinoap as iproute2 has it (misc/ss.c), as far as a connection of this world knows its
// numbers.
#include <fmt/format.h>

#include <limits>

#include "sim/report/socket_views.h"

namespace tcptwin::report {

namespace {

using host::SocketRow;
using policy::CongestionConfig;

std::string ss_address(const socket::Address& address) {
  const std::string ip = address.ip.to_string();
  return (address.ip.is_v6() ? "[" + ip + "]:" : ip + ":") +
         (address.port == wire::Port{} ? "*" : std::to_string(static_cast<uint16_t>(address.port)));
}

std::string ss_state(const SocketRow& row) {
  if (row.listening) return "LISTEN";
  switch (row.state) {
    case tcp::State::kClosed: return "UNCONN";
    case tcp::State::kSynReceived: return "SYN-RECV";
    case tcp::State::kEstablished: return "ESTAB";
    default: return tcp::state_name(row.state);
  }
}

// "%g" of milliseconds: no trailing zeros, microseconds at the finest.
std::string in_ms(Duration time) {
  std::string text = fmt::format("{}.{:03}", time / 1ms, time % 1ms / 1us);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

// As print_ms_timer: the finer units only next to the coarser ones.
std::string timer_rest(Duration rest) {
  const int64_t minutes = rest / 1min;
  const int64_t seconds = minutes > 9 ? 0 : rest % 1min / 1s;
  const int64_t ms = minutes > 0 || seconds > 9 ? 0 : rest % 1s / 1ms;
  std::string text;
  if (minutes > 0) text = fmt::format("{}min", minutes);
  if (seconds > 0) text += fmt::format("{}{}", seconds, ms > 0 ? "." : "sec");
  return ms > 0 ? text + fmt::format("{:03}ms", ms) : text;
}

std::string ss_timer(const ViewInput& input, const SocketRow& row) {
  if (!row.info.timer) return "";
  const char* name = "on";
  switch (*row.info.timer) {
    case tcp::TimerKind::kPersist: name = "persist"; break;
    case tcp::TimerKind::kKeepAlive: name = "keepalive"; break;
    case tcp::TimerKind::kTimeWait:
    case tcp::TimerKind::kFinWait2: name = "timewait"; break;
    default: break;
  }
  const Duration rest = std::max(row.info.timer_due - input.snapshot.at, Duration());
  return fmt::format(" timer:({},{},{})", name, timer_rest(rest), row.info.retransmissions);
}

const char* congestion_name(const scenario::HostSpec& host) {
  switch (host.resolved.congestion.behaviour) {
    case CongestionConfig::Behaviour::kNone: return "none";
    case CongestionConfig::Behaviour::kReno: return "reno";
    case CongestionConfig::Behaviour::kCubic: return "cubic";
  }
  return "";
}

// The second line. Zeros are left out where ss leaves them out.
std::string ss_details(const ViewInput& input, const tcp::TcpInfo& info) {
  std::string line = "\t";
  const auto add = [&line](const std::string& word) { line += " " + word; };
  const auto number = [&add](const char* name, int64_t value) {
    if (value > 0) add(fmt::format("{}:{}", name, value));
  };
  if (info.timestamps) add("ts");
  if (info.sack) add("sack");
  add(congestion_name(input.host));
  if (info.own_shift > 0 || info.peer_shift > 0) {
    add(fmt::format("wscale:{},{}", info.peer_shift, info.own_shift));
  }
  add("rto:" + in_ms(info.rto));
  number("backoff", info.backoff);
  if (info.srtt.count() > 0) {
    add("rtt:" + in_ms(info.srtt) + "/" + in_ms(info.rtt_variation));
  }
  number("mss", info.mss);
  number("pmtu", info.path_mtu);
  number("rcvmss", info.peer_mss);
  number("advmss", info.own_mss);
  number("cwnd", info.window_segments);
  if (info.slow_start_threshold < std::numeric_limits<int32_t>::max()) {
    number("ssthresh", info.slow_start_threshold);
  }
  number("bytes_acked", info.bytes_acked);
  number("bytes_received", info.bytes_received);
  number("unacked", info.in_flight);
  if (info.retransmissions > 0 || info.retransmitted_segments > 0) {
    add(fmt::format("retrans:{}/{}", info.retransmissions, info.retransmitted_segments));
  }
  number("rcv_space", info.receive_pace);
  number("rcv_ssthresh", info.receive_opened);
  number("notsent", info.unsent_bytes);
  number("snd_wnd", info.send_window);
  number("rcv_wnd", info.receive_window);
  return line;
}

std::string ss_users(const scenario::SocketLine& line) {
  if (line.program.empty()) return "";
  return fmt::format(" users:((\"{}\",pid={},fd={}))", line.program, line.pid, line.row.descriptor);
}

}  // namespace

std::string ss_lines(const ViewInput& input) {
  std::string out = fmt::format("{:<10} {:<6} {:<6} {:>22} {:>22}\n", "State", "Recv-Q", "Send-Q",
                                "Local Address:Port", "Peer Address:Port");
  for (const scenario::SocketLine& line : input.snapshot.sockets) {
    const SocketRow& row = line.row;
    if (row.datagram) continue;
    const socket::Address nobody{
        row.local.ip.is_v6() ? wire::IpAddress::any_v6() : wire::IpAddress(), {}};
    out += fmt::format("{:<10} {:<6} {:<6} {:>22} {:>22}{}{}\n", ss_state(row), row.receive_queue,
                       row.send_queue, ss_address(row.local),
                       ss_address(row.listening ? nobody : row.remote), ss_users(line),
                       row.listening ? "" : ss_timer(input, row));
    if (!row.listening && row.state != tcp::State::kTimeWait) {
      out += ss_details(input, row.info) + "\n";
    }
  }
  return out;
}

}  // namespace tcptwin::report

// netstat.cc: netstat in the layout of any system.
#include <fmt/format.h>

#include "sim/report/socket_views.h"

namespace tcptwin::report {

namespace {

using catalogue::ToolLayout;
using host::SocketRow;

std::string netstat_address(const socket::Address& address, const ToolLayout& layout) {
  const bool v6 = address.ip.is_v6();
  std::string ip =
      is_any(address.ip) ? std::string(v6 ? layout.any_v6 : layout.any) : address.ip.to_string();
  if (layout.address_chars > 0) ip = ip.substr(0, layout.address_chars);
  if (v6 && layout.brackets) ip = "[" + ip + "]";
  return ip + layout.before_port + std::to_string(static_cast<uint16_t>(address.port));
}

std::string netstat_peer(const SocketRow& row, const ToolLayout& layout) {
  if (has_peer(row)) return netstat_address(row.remote, layout);
  const bool v6 = row.local.ip.is_v6();
  if (row.datagram) return std::string(v6 ? layout.datagrams_v6 : layout.datagrams);
  return std::string(v6 ? layout.listeners_v6 : layout.listeners);
}

std::string_view netstat_protocol(const SocketRow& row, const ToolLayout& layout) {
  if (row.local.ip.is_v6()) return row.datagram ? layout.udp_v6 : layout.tcp_v6;
  return row.datagram ? layout.udp : layout.tcp;
}

void add_line(std::string& out, std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  out += line + "\n";
}

std::string netstat_table_of(const ViewInput& input, bool all) {
  const ToolLayout& layout = input.layout;
  std::string out = std::string(all ? layout.title_all : layout.title) + "\n";
  out += std::string(layout.heading) + "\n";
  for (const scenario::SocketLine& line : input.snapshot.sockets) {
    const SocketRow& row = line.row;
    if (row.flow) continue;  // no socket of the kernel
    const bool is_connection = !row.listening && !row.datagram && row.state != tcp::State::kClosed;
    if (!all && !is_connection) continue;
    add_line(out, fmt::format(fmt::runtime(layout.row), netstat_protocol(row, layout),
                              row.receive_queue, row.send_queue, netstat_address(row.local, layout),
                              netstat_peer(row, layout), netstat_state(row, layout)));
  }
  return out;
}

}  // namespace

bool is_any(const wire::IpAddress& ip) {
  return ip == wire::IpAddress() || ip == wire::IpAddress::any_v6();
}
bool has_peer(const SocketRow& row) { return !row.listening && row.remote.port != wire::Port{}; }
std::string_view netstat_state(const SocketRow& row, const ToolLayout& layout) {
  if (row.datagram) return has_peer(row) ? layout.connected_datagrams : "";
  return row.listening ? layout.listening : layout.states[static_cast<size_t>(row.state)];
}

std::string netstat_lines(const ViewInput& input) { return netstat_table_of(input, false); }
std::string netstat_all_lines(const ViewInput& input) { return netstat_table_of(input, true); }

}  // namespace tcptwin::report

// netstat.cc: netstat and lsof in the layout of any system.
#include <fmt/format.h>

#include <algorithm>

#include "sim/report/socket_views.h"
#include "sim/report/text_table.h"

namespace tcptwin::report {

namespace {

using catalogue::ToolLayout;
using host::SocketRow;

bool is_any(const wire::IpAddress& ip) {
  return ip == wire::IpAddress() || ip == wire::IpAddress::any_v6();
}

bool has_peer(const SocketRow& row) { return !row.listening && row.remote.port != wire::Port{}; }

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

std::string_view netstat_state(const SocketRow& row, const ToolLayout& layout) {
  if (row.datagram) return has_peer(row) ? layout.connected_datagrams : "";
  return row.listening ? layout.listening : layout.states[static_cast<size_t>(row.state)];
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
    const bool is_connection = !row.listening && !row.datagram && row.state != tcp::State::kClosed;
    if (!all && !is_connection) continue;
    add_line(out, fmt::format(fmt::runtime(layout.row), netstat_protocol(row, layout),
                              row.receive_queue, row.send_queue, netstat_address(row.local, layout),
                              netstat_peer(row, layout), netstat_state(row, layout)));
  }
  return out;
}

std::string lsof_address(const socket::Address& address) {
  const std::string port = std::to_string(static_cast<uint16_t>(address.port));
  if (is_any(address.ip)) return "*:" + port;
  const std::string ip = address.ip.to_string();
  return (address.ip.is_v6() ? "[" + ip + "]:" : ip + ":") + port;
}

std::string lsof_device(const SocketRow& row, const ToolLayout& layout) {
  // The kernels' numbers mean nothing to others; here they tell the sockets apart.
  const uint32_t number =
      (static_cast<uint32_t>(*row.owner) << 16U) + static_cast<uint32_t>(row.descriptor);
  if (layout.device_is_address) return fmt::format("{:#018x}", 0xffffff8000000000U + number * 1024);
  return std::to_string(16384 + number);
}

}  // namespace

std::string netstat_lines(const ViewInput& input) { return netstat_table_of(input, false); }
std::string netstat_all_lines(const ViewInput& input) { return netstat_table_of(input, true); }

std::string lsof_lines(const ViewInput& input) {
  constexpr size_t kCommandChars = 9;  // lsof cuts names there
  TextTable table({"COMMAND", "PID", "USER", "FD  ", "TYPE", "DEVICE", "SIZE/OFF", "NODE", "NAME"},
                  1, " ");
  table.also_left(8);
  for (const scenario::SocketLine& line : input.snapshot.sockets) {
    const SocketRow& row = line.row;
    if (line.program.empty()) continue;
    std::string name = lsof_address(row.local);
    if (has_peer(row)) name += "->" + lsof_address(row.remote);
    const std::string state(row.datagram ? "" : netstat_state(row, input.layout));
    if (!state.empty()) name += " (" + state + ")";
    table.add({line.program.substr(0, kCommandChars), std::to_string(line.pid), "user",
               std::to_string(row.descriptor) + "u ", row.local.ip.is_v6() ? "IPv6" : "IPv4",
               lsof_device(row, input.layout), "0t0", row.datagram ? "UDP" : "TCP", name});
  }
  return table.render();
}

}  // namespace tcptwin::report

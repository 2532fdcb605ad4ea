// lsof.cc: lsof in the layout of any system, and skywalkctl of macOS.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "sim/report/socket_views.h"
#include "sim/report/text_table.h"

namespace tcptwin::report {

namespace {

using catalogue::ToolLayout;
using host::SocketRow;
using socket::FileKind;

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

TextTable lsof_table() {
  TextTable table({"COMMAND", "PID", "USER", "FD  ", "TYPE", "DEVICE", "SIZE/OFF", "NODE", "NAME"},
                  1, " ");
  table.also_left(8);
  return table;
}

using Cells = std::vector<std::string>;
// By process and descriptor.
using LsofRows = std::map<std::pair<int32_t, socket::Descriptor>, Cells>;

Cells lsof_begin(const std::string& program, int32_t pid, const std::string& fd) {
  constexpr size_t kCommandChars = 9;  // lsof cuts names there
  return {program.substr(0, kCommandChars), std::to_string(pid), "user", fd};
}

void add_sockets(const ViewInput& input, LsofRows& rows) {
  for (const scenario::SocketLine& line : input.snapshot.sockets) {
    const SocketRow& row = line.row;
    if (line.program.empty() || row.flow) continue;
    std::string name = lsof_address(row.local);
    if (has_peer(row)) name += "->" + lsof_address(row.remote);
    const std::string state(row.datagram ? "" : netstat_state(row, input.layout));
    if (!state.empty()) name += " (" + state + ")";
    Cells cells = lsof_begin(line.program, line.pid, std::to_string(row.descriptor) + "u ");
    for (const std::string& cell :
         {std::string(row.local.ip.is_v6() ? "IPv6" : "IPv4"), lsof_device(row, input.layout),
          std::string("0t0"), std::string(row.datagram ? "UDP" : "TCP"), name}) {
      cells.push_back(cell);
    }
    rows[{line.pid, row.descriptor}] = std::move(cells);
  }
}

// TYPE, DEVICE, SIZE/OFF, NODE and NAME. The number of the flow switch means nothing to others;
// here it tells processes apart.
Cells lsof_file(const scenario::FileLine& line, const ToolLayout& layout) {
  const bool darwin = layout.device_is_address;
  if (!line.row.kind) {
    return darwin ? Cells{"KQUEUE", "", "", "", "count=0, state=0xa"}
                  : Cells{"a_inode", "0,14", "0", "1050", "[eventpoll]"};
  }
  switch (*line.row.kind) {
    case FileKind::kStream:
      return darwin ? Cells{"CHR", "16,1", "0t0", "3215", "/dev/ttys001"}
                    : Cells{"CHR", "136,0", "0t0", "3", "/dev/pts/0"};
    case FileKind::kFile: return {"REG", "1,15", "0", "", "file"};
    case FileKind::kFlowClient: return {"NPOLICY", "", "", "", ""};
    case FileKind::kFlowChannel:
      return {"CHAN", "flowsw", "", "", fmt::format("E2F7D96B-046F-4A1C-9D52-{:012X}", line.pid)};
    case FileKind::kUnixSocket: return {"unix", "", "0t0", "", "->(none)"};
  }
  return {};
}

std::string lsof_text(const LsofRows& rows) {
  TextTable table = lsof_table();
  for (const auto& [key, cells] : rows) table.add(cells);
  return table.render();
}

// ---- skywalkctl

std::string flow_address(const socket::Address& address) {
  return address.ip.to_string() + "." + std::to_string(static_cast<uint16_t>(address.port));
}

std::string flow_row(const scenario::SocketLine& line, const ToolLayout& layout) {
  const SocketRow& row = line.row;
  const socket::FlowCounts& flow = *row.flow;
  const bool v6 = row.local.ip.is_v6();
  const std::string protocol = std::string(row.datagram ? "udp" : "tcp") + (v6 ? "6" : "4");
  const std::string state(row.datagram ? "-" : netstat_state(row, layout));
  const auto packets = [](int64_t count) { return fmt::format("{0}/{0}", count); };
  const std::string round_trip =
      flow.round_trip.count() == 0
          ? "-"
          : fmt::format("{}.{:03}ms", flow.round_trip / 1ms, flow.round_trip % 1ms / 1us);
  return fmt::format(
      " {:>4} {:<22} {:<22} {:>9} {:>9} {:>14} {:>16} {:>3} {:>5} {:>4} {:>3} {:>5} {:<12} {:<12} "
      "{:>9} {:>10} {}\n",
      protocol, flow_address(row.local), flow_address(row.remote), flow.bytes_in, flow.bytes_out,
      packets(flow.packets_in), packets(flow.packets_out), "BE", "en0", "-", flow.place, "-", state,
      "-", "-", round_trip, line.program + "." + std::to_string(line.pid));
}

}  // namespace

std::string lsof_lines(const ViewInput& input) {
  LsofRows rows;
  add_sockets(input, rows);
  return lsof_text(rows);
}

std::string lsof_all_lines(const ViewInput& input) {
  LsofRows rows;
  add_sockets(input, rows);
  for (const scenario::FileLine& line : input.snapshot.files) {
    // NPOLICY and CHAN have no mode: facts/darwin.md 6.4.
    const bool plain =
        line.row.kind == FileKind::kFlowClient || line.row.kind == FileKind::kFlowChannel;
    Cells cells = lsof_begin(line.program, line.pid,
                             std::to_string(line.row.descriptor) + (plain ? "  " : "u "));
    for (std::string& cell : lsof_file(line, input.layout)) cells.push_back(std::move(cell));
    rows[{line.pid, line.row.descriptor}] = std::move(cells);
  }
  return lsof_text(rows);
}

// facts/darwin.md 6.4. The tool is closed: what its port, flags and the peer's side show is not
// known, and super packets are counted as packets.
std::string skywalkctl_lines(const ViewInput& input) {
  std::string out = fmt::format(
      "{:<5} {:<22} {:<22} {:>9} {:>9} {:>14} {:>16} {:>3} {:>5} {:>4} {:>3} {:>5} {:<12} {:<12} "
      "{:>9} {:>10} {}\n",
      "Proto", "Local Address", "Remote Address", "InBytes", "OutBytes", "InPkts/InSPkts",
      "OutPkts/OutSPkts", "SvC", "NetIf", "Port", "Adv", "Flags", "Local State", "Remote State",
      "Local RTT", "Remote RTT", "Process.PID");
  for (const scenario::SocketLine& line : input.snapshot.sockets) {
    if (line.row.flow) out += flow_row(line, input.layout);
  }
  return out;
}

}  // namespace tcptwin::report

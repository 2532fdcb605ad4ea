#include "models/catalogue/tools.h"

#include "models/catalogue/catalogue.h"

namespace tcptwin::catalogue {

namespace {

// net-tools 2.10, netstat.c and lib/inet.c: "%-4s  %6ld %6ld %-*s %-*s %-11s" with 23 columns for
// an address.
constexpr ToolLayout kLinuxTools{
    .name = "linux",
    .family = "linux",
    .netstat = "netstat -tn",
    .netstat_all = "netstat -tuan",
    .title = "Active Internet connections (w/o servers)",
    .title_all = "Active Internet connections (servers and established)",
    .heading = "Proto Recv-Q Send-Q Local Address           Foreign Address         State",
    .row = "{:<4}  {:>6} {:>6} {:<23} {:<23} {:<11}",
    .tcp = "tcp",
    .tcp_v6 = "tcp6",
    .udp = "udp",
    .udp_v6 = "udp6",
    .states = {"CLOSE", "SYN_SENT", "SYN_RECV", "ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2",
               "CLOSE_WAIT", "CLOSING", "LAST_ACK", "TIME_WAIT"},
    .listening = "LISTEN",
    .any = "0.0.0.0",
    .any_v6 = "::",
    .listeners = "0.0.0.0:*",
    .listeners_v6 = ":::*",
    .datagrams = "0.0.0.0:*",
    .datagrams_v6 = ":::*",
    .connected_datagrams = "ESTABLISHED",
    .setting_is = " = ",
};

// network_cmds, netstat.tproj/inet.c: facts/darwin.md 6.4.
constexpr ToolLayout kDarwinTools{
    .name = "macos",
    .family = "darwin",
    .netstat = "netstat -p tcp -n",
    .netstat_all = "netstat -f inet -an",
    .title = "Active Internet connections",
    .title_all = "Active Internet connections (including servers)",
    .heading = "Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)",
    .row = "{:<5} {:>6} {:>6}  {:<22.22} {:<22.22} {}",
    .tcp = "tcp4",
    .tcp_v6 = "tcp6",
    .udp = "udp4",
    .udp_v6 = "udp6",
    .states = {"CLOSED", "SYN_SENT", "SYN_RCVD", "ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2",
               "CLOSE_WAIT", "CLOSING", "LAST_ACK", "TIME_WAIT"},
    .listening = "LISTEN",
    .before_port = '.',
    .address_chars = 16,
    .any = "*",
    .any_v6 = "*",
    .listeners = "*.*",
    .listeners_v6 = "*.*",
    .datagrams = "*.*",
    .datagrams_v6 = "*.*",
    .device_is_address = true,
    .setting_is = ": ",
};

// usr.bin/netstat/inet.c of FreeBSD 14: the same with one blank before the addresses.
constexpr ToolLayout freebsd_tools() {
  ToolLayout layout = kDarwinTools;
  layout.name = layout.family = "freebsd";
  layout.heading = "Proto Recv-Q Send-Q Local Address          Foreign Address        (state)";
  layout.row = "{:<5} {:>6} {:>6} {:<22.22} {:<22.22} {}";
  return layout;
}
constexpr ToolLayout kFreebsdTools = freebsd_tools();

// netstat.exe: no queues.
constexpr ToolLayout kWindowsTools{
    .name = "windows",
    .family = "windows",
    .netstat = "netstat -n -p TCP",
    .netstat_all = "netstat -an",
    .title = "\nActive Connections\n",
    .title_all = "\nActive Connections\n",
    .heading = "  Proto  Local Address          Foreign Address        State",
    .row = "  {0:<6} {3:<22} {4:<22} {5}",
    .tcp = "TCP",
    .tcp_v6 = "TCP",
    .udp = "UDP",
    .udp_v6 = "UDP",
    .states = {"CLOSED", "SYN_SENT", "SYN_RECEIVED", "ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2",
               "CLOSE_WAIT", "CLOSING", "LAST_ACK", "TIME_WAIT"},
    .listening = "LISTENING",
    .brackets = true,
    .any = "0.0.0.0",
    .any_v6 = "::",
    .listeners = "0.0.0.0:0",
    .listeners_v6 = "[::]:0",
    .datagrams = "*:*",
    .datagrams_v6 = "*:*",
    .device_is_address = true,
    .setting_is = " : ",
};

constexpr ToolLayout kToolLayouts[] = {kLinuxTools, kDarwinTools, kFreebsdTools, kWindowsTools};

}  // namespace

std::span<const ToolLayout> tool_layouts() { return kToolLayouts; }

const ToolLayout& tools_of(std::string_view profile) {
  const auto document = profile_document(std::string(profile));
  const json::Node* family = document ? document->find("settings") : nullptr;
  for (const ToolLayout& layout : kToolLayouts) {
    if (family != nullptr && family->as_string() == layout.family) return layout;
  }
  return kLinuxTools;
}

}  // namespace tcptwin::catalogue

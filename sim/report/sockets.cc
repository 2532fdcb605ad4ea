#include "sim/report/sockets.h"

#include <algorithm>

#include "models/json/units.h"
#include "sim/report/text_table.h"
#include "stack/tcp/state.h"

namespace tcptwin::report {

namespace {

using json::Node;
using scenario::Snapshot;
using scenario::SocketLine;

// "10.0.0.1:80", "[::1]:80"; the port of nobody is "*".
std::string address_text(const socket::Address& address) {
  const std::string ip = address.ip.to_string();
  const auto port = static_cast<uint16_t>(address.port);
  return (address.ip.is_v6() ? "[" + ip + "]" : ip) + ":" +
         (port == 0 ? "*" : std::to_string(port));
}

std::string remote_text(const host::SocketRow& row) {
  const bool alone = row.listening || (row.datagram && row.remote.port == wire::Port{});
  if (!alone) return address_text(row.remote);
  return row.local.ip.is_v6() ? "[::]:*" : "0.0.0.0:*";
}

// netstat writes FIN_WAIT2 and LISTEN; RFC 9293 FIN-WAIT-2.
std::string state_text(const host::SocketRow& row) {
  if (row.datagram) return "";
  if (row.listening) return "LISTEN";
  std::string text = tcp::state_name(row.state);
  std::replace(text.begin(), text.end(), '-', '_');
  for (const char* wait : {"FIN_WAIT_1", "FIN_WAIT_2"}) {
    if (text == wait) text.erase(8, 1);
  }
  return text == "SYN_RECEIVED" ? "SYN_RECV" : text;
}

const char* protocol_text(const host::SocketRow& row) {
  if (row.flow) return row.datagram ? "udp flow" : "tcp flow";
  if (row.datagram) return row.local.ip.is_v6() ? "udp6" : "udp";
  return row.local.ip.is_v6() ? "tcp6" : "tcp";
}

std::string timer_text(const Snapshot& snapshot, const host::SocketRow& row) {
  if (row.next_timer == Instant::never()) return "-";
  return json::pretty_duration(std::max(row.next_timer - snapshot.at, Duration()));
}

}  // namespace

std::string socket_table(const Snapshot& snapshot) {
  TextTable table({"Proto", "Recv-Q", "Send-Q", "Local Address", "Foreign Address", "State",
                   "Timer", "Program"},
                  8);
  for (const SocketLine& line : snapshot.sockets) {
    const host::SocketRow& row = line.row;
    table.add({protocol_text(row), std::to_string(row.receive_queue),
               std::to_string(row.send_queue), address_text(row.local), remote_text(row),
               state_text(row), timer_text(snapshot, row),
               line.program.empty() ? "-" : line.program});
  }
  return table.render();
}

std::string sockets_text(const Snapshot& snapshot) {
  std::string head = "sockets of " + snapshot.host;
  if (!snapshot.name.empty()) head += ", \"" + snapshot.name + "\" of " + snapshot.process;
  head += " at " + json::pretty_duration(snapshot.at - Instant()) + ":\n";
  return head + socket_table(snapshot);
}

Node sockets_json(const Snapshot& snapshot) {
  Node sockets = Node::array();
  for (const SocketLine& line : snapshot.sockets) {
    const host::SocketRow& row = line.row;
    Node node = Node::object();
    node.set("protocol", Node::string(protocol_text(row)))
        .set("state", Node::string(state_text(row)))
        .set("local", Node::string(address_text(row.local)))
        .set("remote", Node::string(remote_text(row)))
        .set("receive_queue", Node::integer(row.receive_queue))
        .set("send_queue", Node::integer(row.send_queue));
    if (row.next_timer != Instant::never()) {
      node.set("timer_ns",
               Node::integer(std::max(row.next_timer - snapshot.at, Duration()).count()));
    }
    if (!line.program.empty()) node.set("program", Node::string(line.program));
    if (row.descriptor >= 0) node.set("descriptor", Node::integer(row.descriptor));
    sockets.push(std::move(node));
  }
  Node node = Node::object();
  node.set("name", Node::string(snapshot.name))
      .set("process", Node::string(snapshot.process))
      .set("host", Node::string(snapshot.host))
      .set("at_ns", Node::integer((snapshot.at - Instant()).count()))
      .set("sockets", std::move(sockets));
  return node;
}

}  // namespace tcptwin::report

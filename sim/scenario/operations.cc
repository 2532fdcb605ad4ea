#include "sim/scenario/operations.h"

#include <algorithm>
#include <utility>

#include "sim/scenario/operation_tables.h"

namespace tcptwin::scenario {

namespace {

using json::Context;
using json::Node;
using Kind = app::Instruction::Kind;
using Table = json::Fields<Arguments>;

constexpr json::Limits<int64_t> kPeerPort{.required = true, .at_least = 1, .at_most = 65535};
constexpr json::Limits<int64_t> kBytes{.at_least = 0, .at_most = int64_t{1} << 40};

// ---- arguments of more than one operation

json::Codec<Errno> errno_codec() {
  json::Codec<Errno> codec;
  codec.type = json::text_of({.non_empty = true, .pattern = "^E[A-Z]+$"}).type;
  codec.decode = [](const Node& node, Errno& out, Context& context) {
    if (!node.is_string()) return context.expected(node, "the name of an error, \"ECONNREFUSED\"");
    if (const auto error = errno_named(node.as_string())) {
      out = *error;
      return;
    }
    std::vector<std::string> known;
    for (int e = 0; e <= static_cast<int>(kLastErrno); ++e) {
      known.emplace_back(errno_name(static_cast<Errno>(e)));
    }
    context.unknown(node.origin(), "error", node.as_string(), known);
  };
  codec.encode = [](const Errno& error) { return Node::string(errno_name(error)); };
  return codec;
}

}  // namespace

Table& with_result(Table& table) {
  return table
      .text("record", &Arguments::record, "adds what the call returns to PROCESS.RECORD",
            {.non_empty = true})
      .boolean("may_fail", &Arguments::may_fail, "the program goes on after an error")
      .field("expect_error", &Arguments::expect_error,
             "it must fail with this error, and the program goes on", errno_codec());
}

Table& with_socket(Table& table) {
  return table.text("socket", &Arguments::socket, "the socket, by its name; \"socket\"",
                    {.non_empty = true});
}

namespace {

Table& with_family(Table& table, const char* meaning) {
  return table.enumeration("family", &Arguments::family, meaning,
                           {{"ipv4", socket::Family::kIpv4}, {"ipv6", socket::Family::kIpv6}});
}

Table made(Table& table) { return std::move(table); }

// ---- the operations

const Table& socket_fields() {
  static const Table t = [] {
    Table f("socket", "makes a socket, which the others then use: to set options before");
    f.text("as", &Arguments::as, "name of the socket; \"socket\"", {.non_empty = true});
    return made(
        with_result(with_socket_type(with_family(f, "of the addresses used; of TCP either"))));
  }();
  return t;
}
const Table& bind_fields() {
  static const Table t = [] {
    Table f("bind", "names a socket, which it makes unless `socket` has");
    f.integer("port", &Arguments::port, "local port; 0: the host chooses",
              {.required = true, .at_least = 0, .at_most = 65535})
        .boolean("reuse_address", &Arguments::reuse_address, "SO_REUSEADDR before it")
        .text("as", &Arguments::as, "name of the socket; \"socket\"", {.non_empty = true});
    return made(with_result(with_socket_type(with_family(f, "of the address"))));
  }();
  return t;
}
const Table& listen_fields() {
  static const Table t = [] {
    Table f("listen", "socket and bind unless done already, and listen");
    f.integer("port", &Arguments::port,
              "local port; 0: the host chooses; absent: it is bound already",
              {.at_least = 0, .at_most = 65535})
        .integer("backlog", &Arguments::backlog, "of listen()", {.at_least = 0, .at_most = 1 << 20})
        .boolean("reuse_address", &Arguments::reuse_address, "SO_REUSEADDR before it is bound")
        .text("as", &Arguments::as, "name of the socket; \"listener\"", {.non_empty = true});
    return made(with_result(with_family(f, "of the socket; ipv6 takes IPv4 connections too")));
  }();
  return t;
}
const Table& accept_fields() {
  static const Table t = [] {
    Table f("accept", "waits for a connection");
    f.text("from", &Arguments::from, "the listening socket", {.non_empty = true})
        .text("as", &Arguments::as, "name of the new socket; \"socket\"", {.non_empty = true});
    return made(with_result(f));
  }();
  return t;
}
const Table& connect_fields() {
  static const Table t = [] {
    Table f("connect", "socket and bind unless done already, and connect");
    f.text("to", &Arguments::to, "name of the host", {.required = true, .non_empty = true})
        .integer("port", &Arguments::port, "remote port", kPeerPort)
        .integer("from_port", &Arguments::from_port,
                 "local port, bound before; 0: bound, but the host chooses",
                 {.at_least = 0, .at_most = 65535})
        .boolean("reuse_address", &Arguments::reuse_address, "SO_REUSEADDR before it is bound")
        .text("as", &Arguments::as, "name of the socket; \"socket\"", {.non_empty = true});
    return made(with_result(with_socket_type(with_family(f, "of the addresses used"))));
  }();
  return t;
}

Table& with_flags(Table& table) {
  return table.list("flags", &Arguments::flags, "MSG_DONTWAIT and the like, as the host names them",
                    json::text_of());
}
Table sending(const char* name, const char* doc) {
  Table t(name, doc);
  t.size("bytes", &Arguments::bytes, "so many generated bytes", kBytes)
      .text("text", &Arguments::text, "these bytes instead", {.non_empty = true});
  return made(with_result(with_socket(with_flags(t))));
}
Table receiving(const char* name, const char* doc) {
  Table t(name, doc);
  t.size("bytes", &Arguments::bytes, "how many", kBytes);
  return made(with_result(with_socket(with_flags(t))));
}
const Table& write_fields() {
  static const Table t = sending("write", "send until everything is taken");
  return t;
}
const Table& send_fields() {
  static const Table t = sending("send", "one send");
  return t;
}
const Table& fill_fields() {
  static const Table t = [] {
    Table f("fill", "sends that do not sleep until one fails with EAGAIN");
    f.size("bytes", &Arguments::bytes, "of each send", kBytes);
    return made(with_result(with_socket(with_flags(f))));
  }();
  return t;
}
const Table& read_fields() {
  static const Table t = receiving("read", "recv until so many bytes are there");
  return t;
}
const Table& recv_fields() {
  static const Table t =
      receiving("recv", "one recv: up to so many bytes, at least one unless the stream has ended");
  return t;
}
const Table& shutdown_fields() {
  static const Table t = [] {
    Table f("shutdown", "ends one or both directions");
    f.enumeration("how", &Arguments::how, "which",
                  {{"write", socket::Shutdown::kWrite},
                   {"read", socket::Shutdown::kRead},
                   {"both", socket::Shutdown::kBoth}});
    return made(with_result(with_socket(f)));
  }();
  return t;
}
const Table& close_fields() {
  static const Table t = [] {
    Table f("close", "gives the socket back");
    return made(with_result(with_socket(f)));
  }();
  return t;
}
const Table& sleep_fields() {
  static const Table t =
      Table("sleep", "waits")
          .duration("for", &Arguments::span, "at least so long", {.required = true});
  return t;
}

constexpr Operation kOperations[] = {
    {"socket", Kind::kSocket, socket_fields, "as"},
    {"bind", Kind::kBind, bind_fields, "port"},
    {"listen", Kind::kListen, listen_fields, "port"},
    {"accept", Kind::kAccept, accept_fields, "from"},
    {"connect", Kind::kConnect, connect_fields, "to"},
    {"write", Kind::kWrite, write_fields, "bytes"},
    {"send", Kind::kSend, send_fields, "bytes"},
    {"fill", Kind::kFill, fill_fields, "bytes"},
    {"read", Kind::kRead, read_fields, "bytes"},
    {"recv", Kind::kRecv, recv_fields, "bytes"},
    {"sendto", Kind::kSendTo, sendto_fields, "bytes"},
    {"recvfrom", Kind::kRecvFrom, recvfrom_fields, "bytes"},
    {"ping", Kind::kPing, ping_fields, "to"},
    {"poll", Kind::kPoll, poll_fields, "for"},
    {"select", Kind::kSelect, select_fields, "read"},
    {"epoll_create", Kind::kEpollCreate, epoll_create_fields, "as"},
    {"epoll_ctl", Kind::kEpollCtl, epoll_ctl_fields, "add"},
    {"epoll_wait", Kind::kEpollWait, epoll_wait_fields, "queue"},
    {"kqueue", Kind::kKqueue, kqueue_fields, "as"},
    {"kevent", Kind::kKeventWait, kevent_fields, "add"},
    {"setsockopt", Kind::kSetsockopt, setsockopt_fields, "option"},
    {"getsockopt", Kind::kGetsockopt, getsockopt_fields, "option"},
    {"tcp_info", Kind::kTcpInfo, tcp_info_fields, "field"},
    {"ioctl", Kind::kIoctl, ioctl_fields, "request"},
    {"nonblocking", Kind::kNonBlocking, nonblocking_fields, "on"},
    {"shutdown", Kind::kShutdown, shutdown_fields, "how"},
    {"close", Kind::kClose, close_fields, "socket"},
    {"sleep", Kind::kSleep, sleep_fields, "for"},
    {"serve", Kind::kServe, serve_fields, "with"},
    {"join", Kind::kJoin, join_fields, "thread"},
    {"lock", Kind::kLock, lock_fields, "mutex"},
    {"unlock", Kind::kUnlock, unlock_fields, "mutex"},
    {"snapshot", Kind::kSnapshot, snapshot_fields, "as"},
    {"setrlimit", Kind::kSetrlimit, setrlimit_fields, "descriptors"},
    {"exit_process", Kind::kExit, exit_process_fields, nullptr},
};

}  // namespace

std::span<const Operation> operations() { return kOperations; }

}  // namespace tcptwin::scenario

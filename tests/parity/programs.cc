#include "tests/parity/programs.h"

#include <algorithm>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "stack/base/check.h"

namespace tcptwin::parity {

using support::Capture;
using support::LoggedCall;

namespace {

// What the machine adds to every sleep, and what lies between waking and the next call.
constexpr int64_t kSleepSlackUs = 115;
// Sleeps of a millisecond lasted less beyond it than the longer ones that the profile goes by: a
// read with such a sleep took 1.03 to 1.06 ms (READ lines of f_nbw/lo_*, ACKs of f_nbw/tun20_*).
constexpr int64_t kShortSleepGainUs = 87;

// A list of operations that grows.
class Code {
 public:
  Code& op(const std::string& key, const std::string& value) {
    return raw("{\"" + key + "\": " + value + "}");
  }
  Code& op(const std::string& key, int64_t value) { return op(key, std::to_string(value)); }
  Code& raw(const std::string& operation) {
    text_ += (text_.empty() ? "" : ", ") + operation;
    return *this;
  }
  Code& send(int64_t bytes) { return op("send", bytes); }
  Code& send_more(int64_t bytes) {
    return op("send", R"({"bytes": )" + std::to_string(bytes) + R"(, "flags": ["MSG_MORE"]})");
  }
  Code& recv(int64_t bytes) { return op("recv", bytes); }
  // `while (recv(bytes) > 0) {}`
  Code& recv_all(int64_t bytes) { return op("loop", Code().recv(bytes).list()); }
  Code& sleep_ms(int64_t ms) {
    return ms == 0 ? *this : op("sleep", '"' + std::to_string(ms) + "ms\"");
  }
  Code& sleep_us(int64_t us) {
    return us <= 0 ? *this : op("sleep", '"' + std::to_string(us) + "us\"");
  }
  Code& tcp_option(const std::string& name, int64_t value = 1) {
    return op("setsockopt",
              R"({"option": ")" + name + R"(", "value": )" + std::to_string(value) + "}");
  }
  Code& socket_option(const std::string& name, int64_t value,
                      const std::string& socket = "socket") {
    return op("setsockopt", R"({"level": "SOL_SOCKET", "option": ")" + name + R"(", "value": )" +
                                std::to_string(value) + R"(, "socket": ")" + socket + "\"}");
  }
  Code& linger(int64_t seconds) {
    return op("setsockopt", R"({"level": "SOL_SOCKET", "option": "SO_LINGER", "value": )" +
                                std::to_string(seconds) + "}");
  }
  Code& shutdown() { return op("shutdown", R"("write")"); }
  Code& close() { return op("close", "{}"); }
  std::string list() const { return '[' + text_ + ']'; }

 private:
  std::string text_;
};

class Scen {
 public:
  explicit Scen(const Capture& capture)
      : capture_(capture), peer_(capture.environment == "lo" ? "a" : "b") {}

  Programs programs() const {
    const std::string& name = capture_.program;
    if (name == "wwr") return {wwr_client().list(), wwr_server().list()};
    if (name == "close") return {close_client().list(), close_server()};
    if (name == "more") return {more_client().list(), more_server().list()};
    if (name == "bulk") return {bulk_client().list(), bulk_server().list()};
    if (name == "nbw") return {nbw_client().list(), nbw_server().list()};
    CHECK(false);
  }

 private:
  int64_t number(const std::string& key, int64_t otherwise) const {
    const auto found = capture_.arguments.find(key);
    return found == capture_.arguments.end() ? otherwise : std::stoll(found->second);
  }
  std::string text(const std::string& key, const std::string& otherwise) const {
    const auto found = capture_.arguments.find(key);
    return found == capture_.arguments.end() ? otherwise : found->second;
  }
  std::vector<int64_t> list(const std::string& key, const std::string& otherwise) const {
    std::vector<int64_t> parts;
    std::istringstream words(text(key, otherwise));
    for (std::string part; std::getline(words, part, ',');) parts.push_back(std::stoll(part));
    return parts;
  }

  // How long a program waited for a word of the other one before its call number `call`.
  int64_t pause_us(char side, size_t call) const {
    std::vector<LoggedCall> calls;
    for (const LoggedCall& c : capture_.log) {
      if (c.side == side && !c.result.empty()) calls.push_back(c);
    }
    CHECK(call > 0 && call < calls.size());
    const LoggedCall& before = calls[call - 1];
    return std::max<int64_t>(calls[call].at_us - before.at_us - before.took_us - kSleepSlackUs, 0);
  }

  Code connected() const {
    Code code;
    const int64_t buffer = number("csndbuf", 0);
    if (buffer > 0) code.op("socket", "{}").socket_option("SO_SNDBUF", buffer);
    return code.op("connect", R"({"to": ")" + peer_ + R"(", "port": 5001})");
  }
  Code listening() const {
    Code code;
    const int64_t buffer = number("srcvbuf", 0);
    if (buffer > 0) {
      code.op("socket", R"({"as": "listener"})").socket_option("SO_RCVBUF", buffer, "listener");
    }
    return code.op("listen", R"({"port": 5001})");
  }
  Code accepted() const { return listening().op("accept", "{}").op("close", R"("listener")"); }

  Code wwr_client() const {
    int64_t reply = 0;
    for (const int64_t bytes : list("sw", "20")) reply += bytes;
    Code round;
    for (const int64_t bytes : list("cw", "10,10")) round.op("write", bytes);
    round.op("read", reply);
    Code code = connected();
    if (number("cnodelay", 0) != 0) code.tcp_option("TCP_NODELAY");
    code.sleep_ms(number("start_ms", 0));
    Code rounds;
    rounds.raw(R"({"measure": "round", "do": )" + round.list() + "}");
    rounds.sleep_ms(number("think_ms", 0));
    code.raw(R"({"repeat": )" + text("rounds", "50") + R"(, "do": )" + rounds.list() + "}");
    return code.shutdown().recv(100).close();
  }
  Code wwr_server() const {
    const int64_t quickack = number("squick", 0);
    Code code = accepted();
    if (quickack == 1) code.tcp_option("TCP_QUICKACK");
    if (number("snodelay", 0) != 0) code.tcp_option("TCP_NODELAY");
    Code round;
    for (const int64_t bytes : list("sr", "10,10")) {
      if (quickack == 2) round.tcp_option("TCP_QUICKACK");
      round.op("read", bytes);
    }
    round.sleep_ms(number("sthink_ms", 0));
    for (const int64_t bytes : list("sw", "20")) round.op("write", bytes);
    return code.op("loop", round.list()).close();
  }

  // `connect_from`: a socket bound to a port, with or without SO_REUSEADDR.
  Code& connect_from(Code& code, int64_t port, bool reuse) const {
    return code.op("connect", R"({"to": ")" + peer_ + R"(", "port": 5001, "from_port": )" +
                                  std::to_string(port) + R"(, "reuse_address": )" +
                                  (reuse ? "true" : "false") + "}");
  }

  Code close_client() const {
    const std::string v = text("v", "active");
    Code c = v == "tw_client" ? Code() : connected();
    if (v == "refused" || v == "blackhole") return c.close();
    if (v == "active" || v == "close_then_data") return c.send(100).sleep_ms(100).close();
    if (v == "orphan_fw2") return c.send(100).sleep_ms(100).close();
    if (v == "simul") return c.send(100).sleep_ms(100).close();
    if (v == "half") return c.send(100).shutdown().recv_all(4000).close();
    if (v == "unread") {
      c.send(5000).sleep_us(pause_us('C', 2)).send(100).sleep_ms(60).send(100);
      return c.recv(4000).recv(4000).close();
    }
    if (v == "unread_reply") {
      return c.send(5000).sleep_us(pause_us('C', 2)).recv(4000).recv(4000).close();
    }
    if (v == "linger0") return c.send(100).sleep_ms(100).linger(0).close();
    if (v == "linger0_pending") return c.linger(0).send(100000).close();
    if (v == "linger5") return c.linger(5).send(20000).close();
    if (v == "shut_then_reset") return c.send(100).shutdown().sleep_ms(300).recv(10).close();
    if (v == "tw_server") {
      c.recv(10).close().sleep_ms(number("gap_ms", 300));
      return connect_from(c, std::stoll(second_port(capture_).value()), true).recv(10).close();
    }
    CHECK(v == "tw_client");
    connect_from(c, 47123, true).send(100).close().sleep_ms(300);
    connect_from(c, 47123, false);
    connect_from(c, 47123, true).send(50).sleep_ms(100).close().sleep_ms(1500);
    return connect_from(c, 47123, true).send(50).sleep_ms(100).close();
  }

  std::string close_server() const {
    const std::string v = text("v", "active");
    if (v == "refused" || v == "blackhole") return "";
    if (v == "tw_server" || v == "tw_client") {
      Code code = listening();
      const Code once = v == "tw_server" ? Code().op("accept", "{}").close()
                                         : Code().op("accept", "{}").recv_all(4000).close();
      const std::string rounds = v == "tw_server" ? "2" : "3";
      return code.raw(R"({"repeat": )" + rounds + R"(, "do": )" + once.list() + "}").list();
    }
    Code s = accepted();
    if (v == "active") return s.recv_all(4000).sleep_ms(number("sdelay_ms", 0)).close().list();
    if (v == "simul") return s.recv(4000).sleep_us(pause_us('S', 3)).close().list();
    if (v == "half") {
      s.recv(4000).recv(4000);
      for (int i = 0; i < 3; ++i) s.sleep_ms(50).send(1000);
      return s.sleep_ms(50).close().list();
    }
    if (v == "unread") return s.recv(1000).sleep_ms(100).close().list();
    if (v == "unread_reply") return s.recv(1000).sleep_ms(100).send(500).close().list();
    if (v == "linger0") return s.recv(4000).recv(4000).close().list();
    if (v == "linger0_pending" || v == "linger5") return s.recv_all(4000).close().list();
    if (v == "orphan_fw2") {
      s.recv(4000).recv(4000).sleep_us(pause_us('S', 4)).send(100).sleep_ms(60).send(100);
      return s.recv(10).close().list();
    }
    if (v == "close_then_data") {
      s.recv(4000).sleep_us(pause_us('S', 3)).send(100).sleep_ms(60).send(100);
      return s.recv(10).close().list();
    }
    CHECK(v == "shut_then_reset");
    return s.recv(4000).recv(10).linger(0).sleep_ms(50).close().list();
  }

  Code more_client() const {
    const std::string v = text("v", "nothing");
    const bool cork = v.starts_with("cork");
    Code c = connected().sleep_ms(50);
    if (cork) c.tcp_option("TCP_CORK");
    if (number("first", 0) > 0) c.send(number("first", 0));
    for (int64_t i = 0; i < number("n", 5); ++i) {
      cork ? c.send(number("each", 100)) : c.send_more(number("each", 100));
    }
    c.sleep_ms(number("wait_ms", 50));
    if (v == "zero") c.send(0);
    if (v == "nodelay" || v == "cork_nodelay") c.tcp_option("TCP_NODELAY");
    if (v == "uncork" || v == "cork_uncork") c.tcp_option("TCP_CORK", 0);
    if (v == "final") c.send(4);
    if (v == "shutdown") c.shutdown();
    return c.sleep_ms(900).shutdown().recv(10).close();
  }
  Code more_server() const { return accepted().recv_all(65536).close(); }

  Code bulk_client() const {
    Code c = connected();
    const int64_t size = number("size", 1000000);
    const int64_t chunk = number("wchunk", size);
    for (int64_t phase = 0; phase < number("phases", 1); ++phase) {
      if (phase > 0) c.sleep_ms(number("idle_ms", 3000));
      c.raw(R"({"repeat": )" + std::to_string(size / chunk) + R"(, "do": )" +
            Code().send(chunk).list() + "}");
      if (size % chunk > 0) c.send(size % chunk);
      c.recv(1);
    }
    return c.shutdown().recv(100).close();
  }
  Code bulk_server() const {
    // The captured one reads 64 KiB at a time; it is prompt, so that seldom makes a difference.
    Code s = accepted().sleep_ms(number("hold_ms", 0));
    const int64_t size = number("size", 1000000);
    for (int64_t phase = 0; phase < number("phases", 1); ++phase) {
      s.op("read", size);
      s.send(1);
    }
    return s.recv(100).close();
  }

  // Fills the buffer, waits until it is writable; after a quiet time the server begins to read.
  Code nbw_client() const {
    Code c = connected();
    const std::string fill = R"({"fill": )" + text("chunk", "4096") + "}";
    int64_t patience_ms = number("quiet_ms", 1500);
    for (const LoggedCall& call : capture_.log) {
      if (call.text.starts_with("FILL")) c.raw(fill);
      if (!call.text.starts_with("EPOLLOUT")) continue;
      c.raw(R"({"poll": {"for": "POLLOUT", "timeout": ")" + std::to_string(patience_ms) +
            R"(ms"}})");
      if (call.text.starts_with("EPOLLOUT n=0")) patience_ms = 3000;
    }
    return c.linger(0).close();
  }
  // Reads when the client has waited in vain, as it wrote down, or the client did; to the end of
  // the stream where its own reads are not known.
  Code nbw_server() const {
    Code s = accepted();
    int64_t begins = 0, reads = capture_.reads;
    for (const LoggedCall& call : capture_.log) {
      if (call.text.starts_with("tcp_info[full]") && begins == 0) begins = call.at_us;
      if (call.text.starts_with("FIONREAD")) begins = call.at_us;
      if (call.text.starts_with("READ ")) ++reads;
    }
    // The last segment of the handshake arrives half a round trip after it left.
    const std::vector<support::Segment>& seen = capture_.segments;
    s.sleep_us(begins - seen[2].at_us - seen[1].at_us / 2 - kSleepSlackUs);
    const std::string once =
        Code()
            .op("recv", R"({"bytes": )" + text("step", "4096") + R"(, "flags": ["MSG_DONTWAIT"]})")
            .sleep_us(number("step_ms", 5) * 1000 - kShortSleepGainUs)
            .list();
    if (reads == 0) return s.op("loop", once).close();
    return s.raw(R"({"repeat": )" + std::to_string(reads) + R"(, "do": )" + once + "}").close();
  }

  const Capture& capture_;
  std::string peer_;
};

}  // namespace

std::optional<std::string> second_port(const Capture& capture) {
  const auto found = capture.arguments.find("v");
  if (capture.program != "close" || found == capture.arguments.end()) return std::nullopt;
  if (found->second != "tw_server") return std::nullopt;
  for (const LoggedCall& call : capture.log) {
    if (call.text.starts_with("bind(")) return call.text.substr(5, call.text.size() - 6);
  }
  return "50000";  // seen from the other end
}

Programs programs_of(const Capture& capture) { return Scen(capture).programs(); }

}  // namespace tcptwin::parity

// The text form of our captures (trace/text_view.h, traces/kernel-6.18/README.md). Its numbers are
// relative: of each end the first sequence number is 0 here, and addresses are made up.
#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "sim/capture/reader.h"
#include "stack/wire/text.h"

namespace tcptwin::capture {

namespace {

std::string_view take_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(word.size());
  return word;
}

template <class Number>
bool parse_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

// "-0.000090", with up to nine decimals; nothing when it is no such number.
std::optional<int64_t> parse_seconds(std::string_view text) {
  constexpr uint64_t kMostSeconds = UINT32_MAX;
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const size_t point = text.find('.');
  if (point == std::string_view::npos || point == 0) return std::nullopt;
  std::string decimals(text.substr(point + 1));
  if (decimals.empty() || decimals.size() > 9) return std::nullopt;
  decimals.resize(9, '0');
  uint64_t seconds = 0;
  uint64_t ns = 0;
  if (!parse_number(text.substr(0, point), seconds) || !parse_number<uint64_t>(decimals, ns)) {
    return std::nullopt;
  }
  if (seconds > kMostSeconds) return std::nullopt;
  const int64_t whole = static_cast<int64_t>(seconds) * kNsPerSecond + static_cast<int64_t>(ns);
  return negative ? -whole : whole;
}

// An echo of an earlier connection's clock stands as "raw3784166398": as the difference that it is
// to a clock that begins at 0.
std::string without_raw(std::string text) {
  constexpr std::string_view kMark = "/raw";
  const size_t mark = text.find(kMark);
  if (mark == std::string::npos) return text;
  const size_t begin = mark + 1;
  const size_t end =
      std::min(text.find_first_not_of("0123456789", mark + kMark.size()), text.size());
  uint32_t value = 0;
  if (!parse_number(std::string_view(text).substr(mark + kMark.size(), end - mark - kMark.size()),
                    value)) {
    return text;
  }
  return text.replace(begin, end - begin, std::to_string(static_cast<int32_t>(value)));
}

// Of a text that begins after the handshake the scale of the windows is unknown: then one that can
// express it.
std::optional<wire::TcpSegment> parse_segment(const std::string& text, uint8_t shift) {
  auto segment = wire::parse_text(text, {.window_shift = shift});
  constexpr uint8_t kMostShift = 14;
  while (!segment && shift < kMostShift) {
    segment = wire::parse_text(text, {.window_shift = ++shift});
  }
  return segment;
}

class TextReader {
 public:
  explicit TextReader(Capture& capture) : capture_(&capture) {}

  // Empty when the line is understood, or none of those that are read.
  std::string take_line(std::string_view line, uint32_t number) {
    if (line.starts_with('#')) {
      take_header(line);
      return "";
    }
    std::string_view rest = line;
    const auto at = parse_seconds(take_word(rest));
    if (at && *at < 0) return "";  // a call before the first packet
    if (!at) return take_word(rest).empty() && line.empty() ? "" : "expected a time in seconds";
    const std::string_view arrow = take_word(rest);
    if (arrow.empty() || std::string_view("<>-").find(arrow[0]) == std::string_view::npos) {
      return "";  // a call of a program
    }
    Packet packet{.at = Instant::from_ns(*at), .number = number};
    rest.remove_prefix(std::min<size_t>(1, rest.size()));
    if (rest.starts_with('#')) return "";  // for people: an event that is no packet
    const size_t why = rest.find("  # ");
    if (why != std::string_view::npos) {
      packet.comment = rest.substr(why + 4);
      rest = rest.substr(0, why);
    }
    if (arrow == "-") {
      packet.other = rest;
      if (rest.empty()) return "expected a packet after the -";
    } else if (!take_segment(arrow, std::string(rest), packet)) {
      return "expected a segment such as \"P. 1:11(10) ack 1 win 65536 <TS 5/3>\"";
    }
    capture_->packets.push_back(std::move(packet));
    return "";
  }

 private:
  // A connection of the text: an end of its own for each.
  struct Connection {
    uint32_t number = 0;
    bool is_open = false;                                   // past its SYNs
    std::array<std::optional<uint8_t>, 2> offered_shift{};  // [0] the client's
    uint8_t shift(size_t direction) const {
      const bool scaled = offered_shift[0] && offered_shift[1];
      return scaled ? *offered_shift[direction] : uint8_t{0};
    }
  };

  // "# seen at host A (client)", "... = 3.845 ms after a 4 ms jiffy boundary (HZ=250)"
  void take_header(std::string_view line) {
    constexpr std::string_view kSeen = "# seen at host ";
    constexpr std::string_view kJiffy = " ms jiffy boundary";
    if (line.starts_with(kSeen)) capture_->interfaces[0].name = line.substr(kSeen.size());
    const size_t jiffy = line.find(kJiffy);
    if (jiffy == std::string_view::npos) return;
    const size_t begin = line.rfind(' ', jiffy - 1) + 1;
    int64_t ms = 0;
    if (!parse_number(line.substr(begin, jiffy - begin), ms) || ms < 0) return;
    if (ms <= kLongestTick / 1ms) capture_->tick = std::chrono::milliseconds(ms);
  }

  bool take_segment(std::string_view arrow, const std::string& text, Packet& packet) {
    uint16_t port = 1;
    if (arrow.size() > 1 && !parse_number(arrow.substr(1), port)) return false;
    const bool from_client = arrow[0] == '>';
    Connection& connection = connection_of(port, from_client && text.starts_with("S 0:0(0)"));
    const size_t direction = from_client ? 0 : 1;
    auto segment = parse_segment(without_raw(text), connection.shift(direction));
    if (!segment) return false;
    segment->payload = Payload::synthetic(0, 0, segment->payload.size());
    if (segment->flags.syn) {
      const auto scale = wire::parse_options(segment->options).window_scale;
      if (scale) connection.offered_shift[direction] = std::min<uint8_t>(*scale, 14);
    } else {
      connection.is_open = true;
    }
    // A pair for each connection.
    const auto address = [&](uint32_t net) {
      return wire::IpAddress(wire::Ipv4Address(net << 24 | (connection.number & 0xffffff)));
    };
    const wire::Port client_port{port}, server_port{80};
    packet.ip.source = address(from_client ? kTextClients : kTextServers);
    packet.ip.destination = address(from_client ? kTextServers : kTextClients);
    segment->source = from_client ? client_port : server_port;
    segment->destination = from_client ? server_port : client_port;
    packet.tcp = std::move(*segment);
    return true;
  }

  // A first SYN after the connection was open begins another one with the same port.
  Connection& connection_of(uint16_t port, bool first_syn) {
    Connection& connection = latest_[port];
    if (connection.number == 0 || (connection.is_open && first_syn)) {
      connection = {.number = ++count_};
    }
    return connection;
  }

  Capture* capture_;
  uint32_t count_ = 0;
  std::map<uint16_t, Connection> latest_;  // by the client's port
};

}  // namespace

std::optional<Capture> read_text(std::string_view text, std::string& problem) {
  Capture capture{.format = Format::kText, .interfaces = {Interface{}}};
  TextReader reader(capture);
  uint32_t number = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::string wrong = reader.take_line(line, ++number);
    if (!wrong.empty()) {
      problem = "line " + std::to_string(number) + ": " + wrong;
      if (capture.packets.empty()) problem += "; the file is neither pcap, pcapng nor our text";
      return std::nullopt;
    }
    if (capture.packets.size() < kMostPackets) continue;
    capture.remarks.push_back("only the first " + std::to_string(kMostPackets) +
                              " packets were read");
    break;
  }
  // A host that saw nothing is a capture when it says that it is one.
  if (!capture.packets.empty() || !capture.interfaces[0].name.empty()) return capture;
  problem = "no line of it is a packet";
  return std::nullopt;
}

}  // namespace tcptwin::capture

#include "stack/wire/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <span>
#include <vector>

#include "stack/wire/icmp_error.h"

namespace tcptwin::wire {

namespace {
struct FlagLetter {
  bool TcpFlags::*flag;
  char letter;
};
constexpr std::array kFlagLetters{
    FlagLetter{&TcpFlags::syn, 'S'}, FlagLetter{&TcpFlags::fin, 'F'},
    FlagLetter{&TcpFlags::rst, 'R'}, FlagLetter{&TcpFlags::psh, 'P'},
    FlagLetter{&TcpFlags::urg, 'U'}, FlagLetter{&TcpFlags::ece, 'E'},
    FlagLetter{&TcpFlags::cwr, 'W'}, FlagLetter{&TcpFlags::ack, '.'},
};
constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr int64_t kFarthest = int64_t{1} << 62;  // leaves room for sums

int shift_of(const TcpFlags& flags, const TextView& view) {
  return flags.syn ? 0 : std::min<int>(view.window_shift, 14);  // RFC 7323 2.3: more counts as 14
}

// TS clocks wrap: the nearer side of the base is meant.
std::string ticks_text(uint32_t value, uint32_t base) {
  return std::to_string(static_cast<int32_t>(value - base));
}

std::string peer_position_text(SeqNum seq, const TextView& view) {
  return std::to_string(from_wire(seq, view.peer_isn, view.peer_near).value());
}

std::string sack_text(std::span<const uint8_t> value, const TextView& view) {
  std::array<SackBlock, 4> blocks;
  const uint8_t count = read_sack(value, blocks);
  std::string text = "sack";
  for (const SackBlock& block : std::span(blocks).first(count)) {
    text += ' ' + peer_position_text(block.begin, view);
    text += ':' + peer_position_text(block.end, view);
  }
  return text;
}

std::string timestamps_text(std::span<const uint8_t> value, const TcpFlags& flags,
                            const TextView& view) {
  ByteReader in(value);
  std::string text = "TS " + ticks_text(in.u32(), view.ts_base) + '/';
  const uint32_t echo = in.u32();
  if (echo == 0 && !flags.ack) return text + '-';
  return text + ticks_text(echo, view.peer_ts_base);
}

std::string unknown_text(const TcpOption& option) {
  std::string text = 'o' + std::to_string(static_cast<unsigned>(option.kind)) + '=';
  for (const uint8_t b : option.value) {
    text += kHexDigits[b >> 4];
    text += kHexDigits[b & 0xf];
  }
  return text;
}

// Empty for what is not shown.
std::string option_text(const TcpOption& option, const TcpFlags& flags, const TextView& view) {
  if (!has_legal_size(option)) return unknown_text(option);
  ByteReader in(option.value);
  switch (option.kind) {
    case TcpOptionKind::kEnd: return flags.syn ? "eol" : "";
    case TcpOptionKind::kNop: return flags.syn ? "nop" : "";
    case TcpOptionKind::kMss: return "mss " + std::to_string(in.u16());
    case TcpOptionKind::kWindowScale: return "wscale " + std::to_string(in.u8());
    case TcpOptionKind::kSackPermitted: return "sackOK";
    case TcpOptionKind::kSack: return sack_text(option.value, view);
    case TcpOptionKind::kTimestamps: return timestamps_text(option.value, flags, view);
    case TcpOptionKind::kMd5Signature:
    case TcpOptionKind::kUserTimeout:
    case TcpOptionKind::kAuthentication:
    case TcpOptionKind::kMultipath:
    case TcpOptionKind::kFastOpenCookie: return unknown_text(option);
  }
  return unknown_text(option);
}

std::string options_text(const TcpSegment& segment, const TextView& view) {
  std::string text;
  TcpOptionWalk walk(segment.options);
  while (const auto option = walk.next()) {
    const std::string one = option_text(*option, segment.flags, view);
    if (!text.empty() && !one.empty()) text += ',';
    text += one;
  }
  return text;
}

// Takes a line apart from the left. Every take is false when something else stands there.
class Scanner {
 public:
  explicit Scanner(std::string_view line) : rest_(line) {}

  bool take(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }
  template <class Int>
  bool take_number(Int& value) {
    const auto [end, problem] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (problem != std::errc()) return false;
    rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
    return true;
  }
  bool take_position(int64_t& value) {
    return take_number(value) && value >= -kFarthest && value <= kFarthest;
  }
  bool take_hex_byte(uint8_t& value) {
    if (rest_.size() < 2) return false;
    const size_t high = kHexDigits.find(rest_[0]);
    const size_t low = kHexDigits.find(rest_[1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return false;
    value = static_cast<uint8_t>(high << 4 | low);
    rest_.remove_prefix(2);
    return true;
  }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

bool parse_flags(Scanner& in, TcpFlags& flags) {
  if (in.take("none")) return true;
  bool any = false;
  for (const auto& [flag, letter] : kFlagLetters) {
    flags.*flag = in.take({&letter, 1});
    any = any || flags.*flag;
  }
  return any;
}

bool parse_sequence(Scanner& in, const TextView& view, TcpSegment& segment) {
  int64_t begin = 0;
  int64_t end = 0;
  uint16_t size = 0;
  if (!in.take_position(begin) || !in.take(":") || !in.take_position(end)) return false;
  if (!in.take("(") || !in.take_number(size) || !in.take(")")) return false;
  if (end - begin != size) return false;
  segment.seq = to_wire(StreamPos(begin), view.isn);
  segment.payload = Payload::synthetic(0, static_cast<uint64_t>(begin), size);
  return true;
}

bool parse_peer_position(Scanner& in, const TextView& view, SeqNum& seq) {
  int64_t position = 0;
  if (!in.take_position(position)) return false;
  seq = to_wire(StreamPos(position), view.peer_isn);
  return true;
}

bool parse_window(Scanner& in, const TextView& view, TcpSegment& segment) {
  const int shift = shift_of(segment.flags, view);
  uint32_t window = 65535u >> shift << shift;
  if (in.take(" win ") && !in.take_number(window)) return false;
  segment.window = static_cast<uint16_t>(window >> shift);
  return uint64_t{segment.window} << shift == window;
}

bool parse_sack(Scanner& in, const TextView& view, TcpOptions& options) {
  std::vector<SackBlock> blocks;
  do {
    SackBlock block;
    if (!parse_peer_position(in, view, block.begin) || !in.take(":")) return false;
    if (!parse_peer_position(in, view, block.end)) return false;
    blocks.push_back(block);
  } while (in.take(" "));
  return options.add_sack(blocks);
}

bool parse_timestamps(Scanner& in, const TextView& view, TcpOptions& options) {
  int32_t value = 0;
  int32_t echo = 0;
  if (!in.take_number(value) || !in.take("/")) return false;
  Timestamps timestamps{.value = view.ts_base + static_cast<uint32_t>(value), .echo = 0};
  if (in.take_number(echo)) {  // before the lone '-', which a negative number begins with
    timestamps.echo = view.peer_ts_base + static_cast<uint32_t>(echo);
  } else if (!in.take("-")) {
    return false;
  }
  return options.add_timestamps(timestamps);
}

bool parse_unknown(Scanner& in, TcpOptions& options) {
  uint8_t kind = 0;
  if (!in.take_number(kind) || kind < 2 || !in.take("=")) return false;  // 0 and 1 have no length
  std::vector<uint8_t> value;
  for (uint8_t byte = 0; in.take_hex_byte(byte);) value.push_back(byte);
  return options.add_raw(TcpOptionKind{kind}, value);
}

bool parse_option(Scanner& in, const TextView& view, TcpOptions& options) {
  uint16_t mss = 0;
  uint8_t shift = 0;
  if (in.take("nop")) return options.add_nop();
  if (in.take("mss ")) return in.take_number(mss) && options.add_mss(mss);
  if (in.take("wscale ")) return in.take_number(shift) && options.add_window_scale(shift);
  if (in.take("sackOK")) return options.add_sack_permitted();
  if (in.take("sack ")) return parse_sack(in, view, options);
  if (in.take("TS ")) return parse_timestamps(in, view, options);
  return in.take("o") && parse_unknown(in, options);
}

bool parse_options_text(Scanner& in, const TextView& view, TcpOptions& options) {
  if (!in.take(" <")) return true;
  do {
    if (in.take("eol")) {  // nothing can be read behind it
      if (!options.add_end()) return false;
      break;
    }
    if (!parse_option(in, view, options)) return false;
  } while (in.take(","));
  options.pad();
  return in.take(">");
}

}  // namespace

std::string flags_text(const TcpFlags& flags) {
  std::string text;
  for (const auto& [flag, letter] : kFlagLetters) {
    if (flags.*flag) text += letter;
  }
  return text.empty() ? "none" : text;
}

std::string to_text(const TcpSegment& segment, const TextView& view) {
  const int64_t begin = from_wire(segment.seq, view.isn, view.near).value();
  const uint32_t size = segment.payload_size();
  std::string text = flags_text(segment.flags);
  text += ' ' + std::to_string(begin) + ':' + std::to_string(begin + size);
  text += '(' + std::to_string(size) + ')';
  if (segment.flags.ack) text += " ack " + peer_position_text(segment.ack, view);
  text += " win " + std::to_string(uint32_t{segment.window} << shift_of(segment.flags, view));
  const std::string options = options_text(segment, view);
  if (!options.empty()) text += " <" + options + '>';
  return text;
}

namespace {

std::string ends_text(const IpHeader& ip, Port source, Port destination) {
  const auto end = [](const IpAddress& address, Port port) {
    return address.to_string() + '.' + std::to_string(static_cast<uint16_t>(port));
  };
  return end(ip.source, source) + " > " + end(ip.destination, destination);
}

std::string quoted_text(const QuotedPacket& quoted) {
  switch (quoted.protocol) {
    case kProtocolTcp:
      return "TCP " + ends_text(quoted.ip, quoted.source, quoted.destination) + " seq " +
             std::to_string(quoted.seq.value());
    case kProtocolUdp: return "UDP " + ends_text(quoted.ip, quoted.source, quoted.destination);
    default: return "protocol " + std::to_string(int{quoted.protocol});
  }
}

std::string hosts_text(const IpHeader& ip) {
  return ip.source.to_string() + " > " + ip.destination.to_string();
}

std::string message_text(const IpHeader& ip, const IcmpMessage& icmp) {
  const IcmpKind kind = icmp_kind(ip, icmp);
  std::string text = "ICMP " + hosts_text(ip) + ' ' + icmp_kind_text(kind);
  if (kind == IcmpKind::kPacketTooBig) text += " mtu " + std::to_string(next_hop_mtu(ip, icmp));
  if (!is_icmp_error(kind)) return text + " (" + std::to_string(icmp.body.size()) + ')';
  const auto quoted = quoted_packet(ip, icmp);
  return quoted ? text + ": " + quoted_text(*quoted) : text;
}

std::string protocol_text(uint8_t protocol) {
  switch (protocol) {
    case kProtocolTcp: return "TCP ";
    case kProtocolUdp: return "UDP ";
    case kProtocolIcmp:
    case kProtocolIcmpV6: return "ICMP ";
    default: return "IP proto " + std::to_string(int{protocol}) + ' ';
  }
}

std::string piece_text(const IpHeader& ip, const Fragment& piece) {
  const uint32_t id = ip.is_v4() ? ip.id : piece.id;
  return protocol_text(piece.protocol) + hosts_text(ip) + " fragment " + std::to_string(id) +
         ", bytes " + std::to_string(piece.offset) + ':' +
         std::to_string(piece.offset + piece.bytes.size()) + (piece.more ? ", more" : "");
}

std::string unread_text(const Packet& packet) {
  const Opaque& unread = *packet.opaque();
  const std::string size = " (" + std::to_string(packet.size() - packet.ip.size()) + ')';
  const std::string text =
      "IP proto " + std::to_string(int{unread.protocol}) + ' ' + hosts_text(packet.ip) + size;
  if (unread.why == ParseError::kUnknownProtocol) return text;
  return text + ' ' + parse_error_text(unread.why);
}

}  // namespace

std::string to_text(const Packet& packet) {
  if (const UdpDatagram* udp = packet.udp()) {
    return "UDP " + ends_text(packet.ip, udp->source, udp->destination) + " (" +
           std::to_string(udp->payload.size()) + ')';
  }
  if (const IcmpMessage* icmp = packet.icmp()) return message_text(packet.ip, *icmp);
  if (const Fragment* piece = packet.fragment()) return piece_text(packet.ip, *piece);
  if (packet.opaque() != nullptr) return unread_text(packet);
  return "TCP " + ends_text(packet.ip, packet.tcp.source, packet.tcp.destination) + ' ' +
         to_text(packet.tcp, {});
}

std::optional<TcpSegment> parse_text(std::string_view line, const TextView& view) {
  Scanner in(line);
  TcpSegment segment;
  if (!parse_flags(in, segment.flags) || !in.take(" ")) return std::nullopt;
  if (!parse_sequence(in, view, segment)) return std::nullopt;
  if (segment.flags.ack && !in.take(" ack ")) return std::nullopt;
  if (segment.flags.ack && !parse_peer_position(in, view, segment.ack)) return std::nullopt;
  if (!parse_window(in, view, segment)) return std::nullopt;
  if (!parse_options_text(in, view, segment.options) || !in.at_end()) return std::nullopt;
  constexpr uint32_t kLargest = kIpv6MaxPacketSize - kIpv6HeaderSize;
  if (segment.header_size() + segment.payload_size() > kLargest) return std::nullopt;
  return segment;
}

}  // namespace tcptwin::wire

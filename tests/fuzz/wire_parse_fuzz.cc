// Any bytes as a packet: nothing is read outside, what can be read survives emit and parse, and
// what is only carried leaves as it came.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "stack/base/check.h"
#include "stack/wire/any_packet.h"
#include "stack/wire/icmp_error.h"
#include "stack/wire/packet.h"
#include "stack/wire/text.h"

namespace tcptwin::wire {
namespace {

// A block of exactly that size, so that asan sees a read behind it.
std::optional<Packet> parse_copy(std::span<const uint8_t> bytes, Checksums checksums) {
  const std::vector<uint8_t> copy(bytes.begin(), bytes.end());
  return parse(copy, checksums);
}

void check_equal(const Packet& a, const Packet& b) {
  CHECK(a.ip == b.ip && a.protocol() == b.protocol());
  if (a.udp() != nullptr) {
    CHECK(a.udp()->source == b.udp()->source && a.udp()->destination == b.udp()->destination);
    CHECK(a.udp()->checksum == b.udp()->checksum);
    return CHECK(a.udp()->payload.bytes() == b.udp()->payload.bytes());
  }
  if (a.icmp() != nullptr) {
    CHECK(a.icmp()->type == b.icmp()->type && a.icmp()->code == b.icmp()->code);
    CHECK(a.icmp()->rest == b.icmp()->rest);
    return CHECK(a.icmp()->body.bytes() == b.icmp()->body.bytes());
  }
  if (a.fragment() != nullptr) {
    CHECK(a.fragment()->id == b.fragment()->id && a.fragment()->offset == b.fragment()->offset);
    CHECK(a.fragment()->more == b.fragment()->more);
    return CHECK(a.fragment()->bytes.bytes() == b.fragment()->bytes.bytes());
  }
  CHECK(a.tcp.source == b.tcp.source && a.tcp.destination == b.tcp.destination);
  CHECK(a.tcp.seq == b.tcp.seq && a.tcp.ack == b.tcp.ack && a.tcp.flags == b.tcp.flags);
  CHECK(a.tcp.window == b.tcp.window && a.tcp.urgent == b.tcp.urgent);
  CHECK(a.tcp.options == b.tcp.options);
  CHECK(a.tcp.payload.bytes() == b.tcp.payload.bytes());
}

// Checksums that hold, so that the fuzzer gets behind them.
void check_packet(const Packet& packet) {
  std::vector<uint8_t> bytes;
  emit(packet, bytes);
  CHECK(bytes.size() == packet.size());
  const auto again = parse_copy(bytes, Checksums::kVerify);
  CHECK(again);
  check_equal(packet, *again);
  check_equal(packet, packet.clone());
  if (packet.udp() != nullptr) return;  // its own length may be below that of the packet
  for (const Packet& piece : cut(packet, 1280)) check_equal(piece, piece.clone());
  for (size_t cut = 0; cut < 60 && cut < bytes.size(); ++cut) {
    CHECK(!parse_copy(std::span(bytes).first(cut), Checksums::kVerify));
  }
}

// Whatever is taken for a packet leaves as it came, whole or in pieces.
void check_carried(std::span<const uint8_t> bytes) {
  const std::vector<uint8_t> copy(bytes.begin(), bytes.end());
  auto packet = parse_any(copy);
  CHECK(packet || !parse_copy(bytes, Checksums::kVerify));
  if (!packet) return;
  std::vector<uint8_t> again;
  emit(*packet, again);
  CHECK(again.size() == packet->size() && again.size() <= bytes.size());
  CHECK(std::ranges::equal(again, bytes.first(again.size())));
  to_text(*packet);
  make_icmp_error(*packet, IcmpKind::kProtocolUnreachable, packet->ip.destination);
  for (const Packet& piece : cut(*packet, 68)) CHECK(piece.size() <= 68);
  packet->ip.tos ^= 3;
  --packet->ip.ttl;
  std::vector<uint8_t> later;
  emit(packet->clone(), later);
  const auto arrived = parse_any(later);
  CHECK(arrived && arrived->ip == packet->ip);
  CHECK((arrived->opaque() == nullptr) == (packet->opaque() == nullptr));
}

void check_options(const TcpOptions& options) {
  const ParsedTcpOptions parsed = parse_options(options);
  CHECK(parsed.sack_count <= parsed.sack.size());
  size_t walked = 0;
  TcpOptionWalk walk(options);
  while (const auto option = walk.next()) {
    walked += static_cast<uint8_t>(option->kind) > 1 ? 2 + option->value.size() : 1;
  }
  CHECK(walked <= options.size() && walk.malformed() == parsed.malformed);
}

void check_text(const TcpSegment& segment) {
  const TextView view{.isn = SeqNum(segment.ack.value()),
                      .window_shift = static_cast<uint8_t>(segment.urgent),
                      .ts_base = segment.seq.value(),
                      .near = StreamPos(int64_t{segment.window} << 40)};
  const std::string line = to_text(segment, view);
  const auto read = parse_text(line, view);
  CHECK(read && read->seq == segment.seq && read->flags == segment.flags);
  CHECK(read->window == segment.window && read->payload.size() == segment.payload.size());
}

void check_bytes(std::span<const uint8_t> bytes) {
  const auto intact = parse_copy(bytes, Checksums::kVerify);
  const auto packet = parse_copy(bytes, Checksums::kIgnore);
  CHECK(packet || !intact);
  if (!packet) return;
  if (intact) check_equal(*intact, *packet);
  check_packet(*packet);
  to_text(*packet);
  if (const IcmpMessage* icmp = packet->icmp()) quoted_packet(packet->ip, *icmp);
  for (const IcmpKind kind : {IcmpKind::kPortUnreachable, IcmpKind::kPacketTooBig}) {
    const auto error = make_icmp_error(*packet, kind, packet->ip.destination, 1280);
    if (error) check_packet(*error);
  }
  if (!packet->is_tcp()) return;
  check_options(packet->tcp.options);
  check_text(packet->tcp);
}

constexpr uint8_t kFragmentOfUdp = 255;  // whatever stands in the fields of fragments

// The same bytes with the first hurdles taken: IPv4, whole, no fragment, this protocol.
std::vector<uint8_t> dressed(std::span<const uint8_t> data, uint8_t protocol) {
  std::vector<uint8_t> bytes(data.begin(), data.end());
  if (bytes.size() < kIpv4HeaderSize || bytes.size() > kIpv4MaxPacketSize) return bytes;
  bytes[0] = 0x45;
  bytes[2] = static_cast<uint8_t>(bytes.size() >> 8);
  bytes[3] = static_cast<uint8_t>(bytes.size());
  if (protocol != kFragmentOfUdp) bytes[6] = bytes[7] = 0;
  bytes[9] = protocol == kFragmentOfUdp ? kProtocolUdp : protocol;
  return bytes;
}

std::vector<uint8_t> dressed_v6(std::span<const uint8_t> data, uint8_t protocol) {
  std::vector<uint8_t> bytes(data.begin(), data.end());
  if (bytes.size() < kIpv6HeaderSize || bytes.size() > kIpv6MaxPacketSize) return bytes;
  const size_t payload = bytes.size() - kIpv6HeaderSize;
  bytes[0] = static_cast<uint8_t>(0x60 | (bytes[0] & 0xf));
  bytes[4] = static_cast<uint8_t>(payload >> 8);
  bytes[5] = static_cast<uint8_t>(payload);
  bytes[6] = protocol;
  return bytes;
}

}  // namespace
}  // namespace tcptwin::wire

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tcptwin::wire;
  const std::span<const uint8_t> bytes(data, size);
  check_options(TcpOptions::from_bytes(bytes));
  check_bytes(bytes);
  check_carried(bytes);
  for (const uint8_t protocol : {kProtocolTcp, kProtocolUdp, kProtocolIcmp, kFragmentOfUdp}) {
    check_bytes(dressed(bytes, protocol));
    check_carried(dressed(bytes, protocol));
  }
  for (const int protocol : {0, 43, 44, 60, 6, 17, 58, 132}) {
    check_bytes(dressed_v6(bytes, static_cast<uint8_t>(protocol)));
    check_carried(dressed_v6(bytes, static_cast<uint8_t>(protocol)));
  }
  return 0;
}

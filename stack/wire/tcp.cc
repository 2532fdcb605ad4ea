#include "stack/wire/tcp.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "stack/base/bytes.h"
#include "stack/base/check.h"
#include "stack/wire/checksum.h"

namespace tcptwin::wire {

namespace {
constexpr uint32_t kTcpHeaderSize = 20;
constexpr size_t kChecksumOffset = 16;

uint8_t flag_bits(const TcpFlags& f) {
  return static_cast<uint8_t>((f.fin ? 0x01 : 0) | (f.syn ? 0x02 : 0) | (f.rst ? 0x04 : 0) |
                              (f.psh ? 0x08 : 0) | (f.ack ? 0x10 : 0) | (f.urg ? 0x20 : 0) |
                              (f.ece ? 0x40 : 0) | (f.cwr ? 0x80 : 0));
}

TcpFlags flags_of(uint8_t bits) {
  return {.fin = (bits & 0x01) != 0,
          .syn = (bits & 0x02) != 0,
          .rst = (bits & 0x04) != 0,
          .psh = (bits & 0x08) != 0,
          .ack = (bits & 0x10) != 0,
          .urg = (bits & 0x20) != 0,
          .ece = (bits & 0x40) != 0,
          .cwr = (bits & 0x80) != 0};
}

// The header with its checksum still 0.
void emit_header(const TcpSegment& tcp, std::vector<uint8_t>& out) {
  ByteWriter writer(out);
  writer.u16(static_cast<uint16_t>(tcp.source));
  writer.u16(static_cast<uint16_t>(tcp.destination));
  writer.u32(tcp.seq.value());
  writer.u32(tcp.ack.value());
  writer.u8(static_cast<uint8_t>(tcp.header_size() / 4 << 4));
  writer.u8(flag_bits(tcp.flags));
  writer.u16(tcp.window);
  writer.u16(0);
  writer.u16(tcp.urgent);
  writer.bytes(tcp.options.bytes());
}

// The fields of the fixed header; the data offset, in bytes, apart.
TcpSegment read_fields(std::span<const uint8_t> bytes, size_t& data_offset) {
  ByteReader in(bytes);
  TcpSegment tcp;
  tcp.source = Port{in.u16()};
  tcp.destination = Port{in.u16()};
  tcp.seq = SeqNum(in.u32());
  tcp.ack = SeqNum(in.u32());
  data_offset = 4u * (in.u8() >> 4);
  tcp.flags = flags_of(in.u8());
  tcp.window = in.u16();
  in.u16();  // checksum
  tcp.urgent = in.u16();
  return tcp;
}

bool checksum_holds(const Ipv4Payload& ip) {
  InternetSum sum =
      pseudo_header_sum(ip.header.source, ip.header.destination, kProtocolTcp, ip.size);
  sum.add(ip.bytes);
  return sum.checksum() == 0;
}

Payload read_payload(std::span<const uint8_t> present, size_t size) {
  Payload payload;
  if (!present.empty()) payload = Payload::real(present);
  payload.append(Payload::synthetic(0, present.size(), size - present.size()));
  return payload;
}

std::optional<TcpSegment> parse_tcp(const Ipv4Payload& ip, Checksums checksums, ParseError& error) {
  if (ip.size < kTcpHeaderSize) return fail(error, ParseError::kBadTcpHeader);
  if (ip.bytes.size() < kTcpHeaderSize) return fail(error, ParseError::kTruncated);
  size_t data_offset = 0;
  TcpSegment tcp = read_fields(ip.bytes, data_offset);
  if (data_offset < kTcpHeaderSize || data_offset > ip.size) {
    return fail(error, ParseError::kBadTcpHeader);
  }
  if (data_offset > ip.bytes.size()) return fail(error, ParseError::kTruncated);
  if (checksums == Checksums::kVerify && !checksum_holds(ip)) {
    return fail(error, ParseError::kBadTcpChecksum);
  }
  tcp.options = TcpOptions::from_bytes(ip.bytes.first(data_offset).subspan(kTcpHeaderSize));
  tcp.payload = read_payload(ip.bytes.subspan(data_offset), ip.size - data_offset);
  return tcp;
}

// One allocation for the packet; twice the capacity at least, so that many packets in one buffer
// stay linear.
void reserve_more(std::vector<uint8_t>& out, size_t count) {
  if (out.capacity() - out.size() >= count) return;
  out.reserve(std::max(out.size() + count, out.capacity() * 2));
}
}  // namespace

Packet Packet::clone() const {
  return {.ip = ip,
          .tcp = {.source = tcp.source,
                  .destination = tcp.destination,
                  .seq = tcp.seq,
                  .ack = tcp.ack,
                  .flags = tcp.flags,
                  .window = tcp.window,
                  .urgent = tcp.urgent,
                  .options = tcp.options,
                  .payload = tcp.payload.sub(0, tcp.payload.size())}};
}

void emit(const Packet& packet, std::vector<uint8_t>& out) {
  const TcpSegment& tcp = packet.tcp;
  CHECK(tcp.options.size() % 4 == 0);
  CHECK(tcp.payload.size() <= kIpv4MaxPacketSize && packet.size() <= kIpv4MaxPacketSize);
  reserve_more(out, packet.size());
  const uint32_t length = tcp.header_size() + tcp.payload_size();
  emit_ipv4(packet.ip, length, out);
  const size_t start = out.size();
  emit_header(tcp, out);
  tcp.payload.materialize(out);
  InternetSum sum = pseudo_header_sum(packet.ip.source, packet.ip.destination, kProtocolTcp,
                                      static_cast<uint16_t>(length));
  sum.add(std::span(out).subspan(start));
  out[start + kChecksumOffset] = static_cast<uint8_t>(sum.checksum() >> 8);
  out[start + kChecksumOffset + 1] = static_cast<uint8_t>(sum.checksum());
}

std::optional<Packet> parse(std::span<const uint8_t> bytes, Checksums checksums,
                            ParseError* error) {
  ParseError ignored{};
  ParseError& why = error != nullptr ? *error : ignored;
  const auto ip = parse_ipv4(bytes, checksums, why);
  if (!ip) return std::nullopt;
  if (ip->header.more_fragments || ip->header.fragment_offset != 0) {
    return fail(why, ParseError::kFragment);
  }
  if (ip->header.protocol != kProtocolTcp) return fail(why, ParseError::kNotTcp);
  auto tcp = parse_tcp(*ip, checksums, why);
  if (!tcp) return std::nullopt;
  return Packet{.ip = ip->header, .tcp = std::move(*tcp)};
}

}  // namespace tcptwin::wire

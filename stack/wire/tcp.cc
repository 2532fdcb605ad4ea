#include "stack/wire/tcp.h"

#include <cstddef>

#include "stack/base/bytes.h"
#include "stack/base/check.h"
#include "stack/wire/transport.h"

namespace tcptwin::wire {

namespace {
constexpr uint32_t kTcpHeaderSize = 20;
constexpr size_t kTcpChecksumOffset = 16;

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

}  // namespace

TcpSegment TcpSegment::clone() const {
  return {.source = source,
          .destination = destination,
          .seq = seq,
          .ack = ack,
          .flags = flags,
          .window = window,
          .urgent = urgent,
          .options = options,
          .payload = payload.sub(0, payload.size())};
}

void emit_tcp(const IpHeader& ip, const TcpSegment& tcp, std::vector<uint8_t>& out) {
  CHECK(tcp.options.size() % 4 == 0);
  const size_t start = out.size();
  emit_header(tcp, out);
  tcp.payload.materialize(out);
  const auto segment = std::span(out).subspan(start);
  const uint16_t checksum = transport_checksum(ip, kProtocolTcp, segment);
  segment[kTcpChecksumOffset] = static_cast<uint8_t>(checksum >> 8);
  segment[kTcpChecksumOffset + 1] = static_cast<uint8_t>(checksum);
}

std::optional<TcpSegment> parse_tcp(const IpPayload& ip, Checksums checksums, ParseError& error) {
  if (ip.size < kTcpHeaderSize) return fail(error, ParseError::kBadTcpHeader);
  if (ip.bytes.size() < kTcpHeaderSize) return fail(error, ParseError::kTruncated);
  size_t data_offset = 0;
  TcpSegment tcp = read_fields(ip.bytes, data_offset);
  if (data_offset < kTcpHeaderSize || data_offset > ip.size) {
    return fail(error, ParseError::kBadTcpHeader);
  }
  if (data_offset > ip.bytes.size()) return fail(error, ParseError::kTruncated);
  if (checksums == Checksums::kVerify &&
      transport_checksum(ip.header, kProtocolTcp, ip.bytes) != 0) {
    return fail(error, ParseError::kBadTcpChecksum);
  }
  tcp.options = TcpOptions::from_bytes(ip.bytes.first(data_offset).subspan(kTcpHeaderSize));
  tcp.payload = payload_of(ip.bytes.subspan(data_offset), ip.size - data_offset);
  return tcp;
}

}  // namespace tcptwin::wire

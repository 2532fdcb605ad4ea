#include "stack/wire/udp.h"

#include <algorithm>

#include "stack/base/bytes.h"
#include "stack/base/check.h"
#include "stack/wire/transport.h"

namespace tcptwin::wire {

namespace {
constexpr size_t kUdpChecksumOffset = 6;
constexpr uint32_t kLargest = 65535;  // the length field has 16 bits
}  // namespace

UdpDatagram UdpDatagram::clone() const {
  return {.source = source,
          .destination = destination,
          .checksum = checksum,
          .payload = payload.sub(0, payload.size())};
}

void emit_udp(const IpHeader& ip, const UdpDatagram& udp, std::vector<uint8_t>& out) {
  CHECK(udp.payload.size() <= kLargest - kUdpHeaderSize);
  const size_t start = out.size();
  ByteWriter writer(out);
  writer.u16(static_cast<uint16_t>(udp.source));
  writer.u16(static_cast<uint16_t>(udp.destination));
  writer.u16(static_cast<uint16_t>(udp.size()));
  writer.u16(0);
  udp.payload.materialize(out);
  if (!udp.checksum && ip.is_v4()) return;
  const auto datagram = std::span(out).subspan(start);
  uint16_t checksum = transport_checksum(ip, kProtocolUdp, datagram);
  if (checksum == 0) checksum = 0xffff;
  datagram[kUdpChecksumOffset] = static_cast<uint8_t>(checksum >> 8);
  datagram[kUdpChecksumOffset + 1] = static_cast<uint8_t>(checksum);
}

std::optional<UdpDatagram> parse_udp(const IpPayload& ip, Checksums checksums, ParseError& error) {
  if (ip.size < kUdpHeaderSize) return fail(error, ParseError::kBadUdpHeader);
  if (ip.bytes.size() < kUdpHeaderSize) return fail(error, ParseError::kTruncated);
  ByteReader in(ip.bytes);
  UdpDatagram udp;
  udp.source = Port{in.u16()};
  udp.destination = Port{in.u16()};
  const uint16_t length = in.u16();
  udp.checksum = in.u16() != 0;
  if (length < kUdpHeaderSize || length > ip.size) return fail(error, ParseError::kBadUdpHeader);
  const auto datagram = ip.bytes.first(std::min<size_t>(length, ip.bytes.size()));
  if (!udp.checksum && !ip.header.is_v4()) return fail(error, ParseError::kBadUdpChecksum);
  if (udp.checksum && checksums == Checksums::kVerify &&
      transport_checksum(ip.header, kProtocolUdp, datagram) != 0) {
    return fail(error, ParseError::kBadUdpChecksum);
  }
  udp.payload = payload_of(datagram.subspan(kUdpHeaderSize), length - kUdpHeaderSize);
  return udp;
}

}  // namespace tcptwin::wire

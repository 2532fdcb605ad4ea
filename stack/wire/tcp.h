// tcp.h: a TCP segment and an IPv4 packet around it, as values.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "stack/base/payload.h"
#include "stack/base/seq.h"
#include "stack/wire/ipv4.h"
#include "stack/wire/parse_error.h"
#include "stack/wire/tcp_options.h"

namespace tcptwin::wire {

enum class Port : uint16_t {};

// The control bits of the header (RFC 9293 3.1, RFC 3168), one bit each.
struct TcpFlags {
  bool fin = false;
  bool syn = false;
  bool rst = false;
  bool psh = false;
  bool ack = false;
  bool urg = false;
  bool ece = false;
  bool cwr = false;
  bool operator==(const TcpFlags&) const = default;
};

struct TcpSegment {
  Port source{};
  Port destination{};
  SeqNum seq{};
  SeqNum ack{};
  TcpFlags flags{};
  uint16_t window = 0;  // as in the header, not scaled
  uint16_t urgent = 0;
  TcpOptions options{};
  Payload payload{};

  uint32_t payload_size() const { return static_cast<uint32_t>(payload.size()); }
  uint32_t header_size() const { return 20u + options.size(); }
  // The sequence numbers it takes: SEG.LEN of RFC 9293 3.4.
  uint32_t sequence_length() const {
    return payload_size() + (flags.syn ? 1u : 0u) + (flags.fin ? 1u : 0u);
  }
};

struct Packet {
  Ipv4Header ip{};
  TcpSegment tcp{};

  uint32_t size() const { return kIpv4HeaderSize + tcp.header_size() + tcp.payload_size(); }
  Packet clone() const;  // explicit, because payloads are move-only
};

// Appends the packet as it stands on the wire, both checksums computed. It must fit in 65535 bytes
// and its options be padded.
void emit(const Packet& packet, std::vector<uint8_t>& out);

// The packet in `bytes`; never reads outside. Bytes after the IP total length are ignored (Ethernet
// padding). Under kIgnore the headers must be whole, but the payload may be cut short: what is
// missing of it reads as pattern 0, so that its size is right. On failure `error`, if given, says
// why.
std::optional<Packet> parse(std::span<const uint8_t> bytes,
                            Checksums checksums = Checksums::kVerify, ParseError* error = nullptr);

}  // namespace tcptwin::wire

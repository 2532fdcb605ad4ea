// tcp.h: a TCP segment as a value, read and written; the packet around it is packet.h.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "stack/base/payload.h"
#include "stack/base/seq.h"
#include "stack/wire/ip.h"
#include "stack/wire/parse_error.h"
#include "stack/wire/port.h"
#include "stack/wire/tcp_options.h"

namespace tcptwin::wire {

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
  uint32_t size() const { return header_size() + payload_size(); }
  // The sequence numbers it takes: SEG.LEN of RFC 9293 3.4.
  uint32_t sequence_length() const {
    return payload_size() + (flags.syn ? 1u : 0u) + (flags.fin ? 1u : 0u);
  }
  TcpSegment clone() const;  // explicit, because payloads are move-only
};

// Appends the segment, its checksum computed. Its options must be padded.
void emit_tcp(const IpHeader& ip, const TcpSegment& tcp, std::vector<uint8_t>& out);

// The segment behind an IP header; see parse() in packet.h.
std::optional<TcpSegment> parse_tcp(const IpPayload& ip, Checksums checksums, ParseError& error);

}  // namespace tcptwin::wire

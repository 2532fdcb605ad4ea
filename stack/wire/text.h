// text.h: a segment as one line of text and back: "P. 1:11(10) ack 1 win 65536 <TS 5/3>"; other
// packets only as text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "stack/base/seq.h"
#include "stack/wire/packet.h"

namespace tcptwin::wire {

// What the numbers of the line are relative to; "peer" is the end that the segment goes to. A
// position is printed as the one nearest to `near` (seq) or `peer_near` (ack and sack), so streams
// beyond 2 GiB need these.
struct TextView {
  SeqNum isn{};
  SeqNum peer_isn{};
  uint8_t window_shift = 0;  // of the sender; not applied to a SYN (RFC 7323 2.2)
  uint32_t ts_base = 0;      // the TSval, of each side's own clock, that prints as 0
  uint32_t peer_ts_base = 0;
  StreamPos near{};
  StreamPos peer_near{};
};

// FLAGS SEQ:END(LEN) [ack N] win N [<OPTION,...>]
//   FLAGS    of "SFRPUEW.", in this order, or "none"; '.' is ACK, and only with it stands "ack N"
//   win      in bytes, scaled
//   OPTION   mss N | wscale N | sackOK | sack A:B A:B... | TS VALUE/ECHO | nop | eol | oKIND=HEX
//            (any other kind or size); nop and eol are shown only on a SYN; ECHO is '-' when it is
//            0 and there is no ACK
// Ports, the urgent pointer and options behind an illegal length are not shown.
std::string to_text(const TcpSegment& segment, const TextView& view);

// The FLAGS of such a line.
std::string flags_text(const TcpFlags& flags);

// A UDP or ICMP packet: "UDP 10.77.0.1.5000 > 10.77.0.2.53 (12)", "ICMP 10.77.0.2 > 10.77.0.1 port
// unreachable: UDP 10.77.0.1.5000 > 10.77.0.2.53"; a too big packet with "mtu N". A TCP
// packet: "TCP", its ends, and its segment with absolute numbers. What is only carried: "IP proto
// 132 10.77.0.1 > 10.77.0.2 (60)", the bytes behind the fixed header, and what is wrong with it, if
// anything.
std::string to_text(const Packet& packet);

// The segment that such a line describes; nothing if the line is malformed or its segment would not
// fit in an IPv6 packet. "win N" (default 65535 >> shift) and options may be missing; a window that
// the shift cannot express is malformed. Options are padded at the end; the payload is pattern 0
// from the position of SEQ on.
std::optional<TcpSegment> parse_text(std::string_view line, const TextView& view);

}  // namespace tcptwin::wire

// icmp.h: an ICMP message of either version (RFC 792, RFC 4443) as a value, read and written; what
// its types mean, in words common to both. Who sends one when is decided elsewhere.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "stack/base/payload.h"
#include "stack/wire/ip.h"
#include "stack/wire/parse_error.h"

namespace tcptwin::wire {

inline constexpr uint32_t kIcmpHeaderSize = 8;

struct IcmpMessage {
  uint8_t type = 0;
  uint8_t code = 0;
  uint32_t rest = 0;  // the second word: identifier and sequence number, or an MTU, by type
  Payload body{};     // of an error: the packet that caused it, as much as was quoted

  uint32_t size() const { return kIcmpHeaderSize + static_cast<uint32_t>(body.size()); }
  IcmpMessage clone() const;
};

// What a message says. Not all exist in both versions; see icmp_numbers.
enum class IcmpKind : uint8_t {
  kEchoRequest,
  kEchoReply,
  // Errors; the packet that caused them is quoted.
  kNetworkUnreachable,   // IPv6: no route
  kHostUnreachable,      // IPv6: address unreachable
  kProtocolUnreachable,  // IPv6: next header not recognised
  kPortUnreachable,
  kPacketTooBig,  // IPv4: fragmentation needed and DF set
  kProhibited,    // by a filter
  kTimeExceeded,  // in transit
  kReassemblyTimeExceeded,
  kParameterProblem,
  kSourceQuench,  // IPv4; to be ignored: RFC 6633
  kOtherError,
  kOther,
};

IcmpKind icmp_kind(bool v4, uint8_t type, uint8_t code);
inline IcmpKind icmp_kind(const IpHeader& ip, const IcmpMessage& icmp) {
  return icmp_kind(ip.is_v4(), icmp.type, icmp.code);
}
bool is_icmp_error(IcmpKind kind);
// Type and code; nothing for a kind that the version lacks and for kOther and kOtherError.
std::optional<std::pair<uint8_t, uint8_t>> icmp_numbers(bool v4, IcmpKind kind);
const char* icmp_kind_text(IcmpKind kind);  // "port unreachable"

// The next hop's MTU in a kPacketTooBig: RFC 1191 4 (0 from a router that does not know of it), RFC
// 4443 3.2.
uint32_t next_hop_mtu(const IpHeader& ip, const IcmpMessage& icmp);

void emit_icmp(const IpHeader& ip, const IcmpMessage& icmp, std::vector<uint8_t>& out);
std::optional<IcmpMessage> parse_icmp(const IpPayload& ip, Checksums checksums, ParseError& error);

}  // namespace tcptwin::wire

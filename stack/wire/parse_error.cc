#include "stack/wire/parse_error.h"

#include "stack/base/check.h"

namespace tcptwin::wire {

const char* parse_error_text(ParseError e) {
  switch (e) {
    case ParseError::kTruncated: return "truncated";
    case ParseError::kNotIp: return "not IP";
    case ParseError::kNotIpv4: return "not IPv4";
    case ParseError::kNotIpv6: return "not IPv6";
    case ParseError::kBadIpChecksum: return "bad IP checksum";
    case ParseError::kMappedAddress: return "IPv4-mapped address on the wire";
    case ParseError::kBadExtensionHeader: return "IPv6 extension header not understood";
    case ParseError::kFragment: return "bad fragment";
    case ParseError::kUnknownProtocol: return "unknown protocol";
    case ParseError::kBadTcpHeader: return "bad TCP header";
    case ParseError::kBadTcpChecksum: return "bad TCP checksum";
    case ParseError::kBadUdpHeader: return "bad UDP header";
    case ParseError::kBadUdpChecksum: return "bad UDP checksum";
    case ParseError::kBadIcmpHeader: return "bad ICMP header";
    case ParseError::kBadIcmpChecksum: return "bad ICMP checksum";
  }
  CHECK(false);
}

}  // namespace tcptwin::wire

#include "stack/wire/parse_error.h"

#include "stack/base/check.h"

namespace tcptwin::wire {

const char* parse_error_text(ParseError e) {
  switch (e) {
    case ParseError::kTruncated: return "truncated";
    case ParseError::kNotIpv4: return "not IPv4";
    case ParseError::kBadIpChecksum: return "bad IP checksum";
    case ParseError::kFragment: return "fragment";
    case ParseError::kNotTcp: return "not TCP";
    case ParseError::kBadTcpHeader: return "bad TCP header";
    case ParseError::kBadTcpChecksum: return "bad TCP checksum";
  }
  CHECK(false);
}

}  // namespace tcptwin::wire

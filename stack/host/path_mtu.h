// path_mtu.h: what routers have said of the paths from a host: RFC 1191 6.3, RFC 8201 5.3. Decides
// whom it believes; what a connection does about it is not decided here.
#pragma once

#include <cstdint>
#include <map>

#include "stack/base/time.h"
#include "stack/policy/icmp.h"
#include "stack/wire/icmp_error.h"

namespace tcptwin::host {

class PathMtuCache {
 public:
  explicit PathMtuCache(const policy::IcmpConfig& rules) : rules_(&rules) {}

  // A packet was too big for a router; what the path takes from now on.
  uint32_t learn(Instant now, const wire::QuotedPacket& quoted, uint32_t mtu);
  // What the path to `destination` takes, whose first link takes `link_mtu`.
  uint32_t of(Instant now, const wire::IpAddress& destination, uint32_t link_mtu) const;

 private:
  struct Entry {
    uint32_t mtu = 0;
    Instant learned;
  };
  const policy::IcmpConfig* rules_;
  std::map<wire::IpAddress, Entry> entries_;
};

}  // namespace tcptwin::host

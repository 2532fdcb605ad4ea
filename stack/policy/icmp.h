// icmp.h: what a host makes of ICMP errors about its packets, and how many it sends itself. Numbers
// and choices only; stack/tcp and stack/host carry them out.
#pragma once

#include <cstdint>

#include "stack/base/time.h"

namespace tcptwin::policy {

struct IcmpConfig {
  // A router cannot reach the peer of a connection whose SYN is out (RFC 9293 3.9.2.2, RFC 5461).
  enum class Unreachable : uint8_t {
    kRemembered,     // it is the error in place of ETIMEDOUT at the end: RFC 1122 4.2.3.9
    kFails,          // connect fails at once
    kFailsInTheEnd,  // the second one fails it, once the SYN was repeated more than `patience`
                     // times
  };
  Unreachable unreachable = Unreachable::kRemembered;
  int32_t patience = 3;

  // A network that cannot be reached is told as a host, a protocol that nobody speaks as a refusal.
  bool merges_errors = false;

  // ---- path MTU: RFC 1191, RFC 8201
  uint32_t least_path_mtu = 552;                          // IPv4: no router is believed below it
  Duration path_mtu_lifetime = std::chrono::minutes(10);  // then the link's MTU is tried again
  // After so many timeouts in a row large segments are taken for lost to a router that says
  // nothing: DF is no longer set and segments carry `black_hole_mss` at most; 0: never.
  int32_t black_hole_timeouts = 0;
  uint32_t black_hole_mss = 1200;

  // ---- own errors: RFC 1812 4.3.2.8, RFC 4443 2.4 f
  int32_t errors_per_second = 1000;
  int32_t error_burst = 50;
};

}  // namespace tcptwin::policy

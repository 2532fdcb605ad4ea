// ecn.h: whether a host offers and accepts explicit congestion notification (RFC 3168 6.1.1).
#pragma once

#include <cstdint>

namespace tcptwin::policy {

struct EcnConfig {
  bool request = false;             // SYNs carry ECE and CWR
  bool accept = false;              // a SYN that asks is answered with ECE
  bool request_on_retries = false;  // so do SYNs sent again (RFC 3168 6.1.1.1 lets them fall back)
  bool on_loopback = true;
};

}  // namespace tcptwin::policy

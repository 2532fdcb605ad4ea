// fragments.h: how a host puts the pieces of IP packets together. Numbers and choices only;
// stack/host carries them out.
#pragma once

#include <cstdint>

#include "stack/base/time.h"

namespace tcptwin::policy {

struct FragmentConfig {
  Duration time = std::chrono::seconds(60);     // IPv4: from the first piece on; RFC 1122 3.3.2
  Duration time_v6 = std::chrono::seconds(60);  // RFC 8200 4.5
  int64_t memory = 4 << 20;                     // of all pieces that wait
  bool evicts_oldest = false;                   // for a new piece; else that one is dropped
  int32_t most_pieces = 0;                      // of an IPv4 packet; 0: no limit
  int32_t most_pieces_v6 = 0;
  bool reports_timeout = true;  // IPv4: ICMP time exceeded, code 1; over IPv6 it always is
};

}  // namespace tcptwin::policy

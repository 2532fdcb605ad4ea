// system_ping.h: an ICMP echo over a socket of SOCK_DGRAM (icmp(7)), which needs no right but that
// net.ipv4.ping_group_range gives.
#pragma once

#include "sim/host/thread.h"

namespace tcptwin::tun {

// False: it failed, errno says why; ETIMEDOUT: no answer came.
bool ping(const host::Call& call, host::CallResult& result);

}  // namespace tcptwin::tun

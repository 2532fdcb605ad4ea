// system_events.h: the calls that wait for several sockets: poll, select, epoll.
#pragma once

#include "tun/system_calls.h"

namespace tcptwin::tun {

// False: the call failed, errno says why. Of kinds that this kernel has not it fails with ENOSYS.
bool wait_for_events(const CallSite& site, const host::Call& call, host::CallResult& result);

}  // namespace tcptwin::tun

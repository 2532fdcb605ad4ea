// system_options.h: socket options, in the C types that the kernel has them in.
#pragma once

#include "tun/system_calls.h"

namespace tcptwin::tun {

// False: the call failed, errno says why.
bool set_option(const CallSite& site, const host::Call& call, int fd);
bool get_option(const CallSite& site, const host::Call& call, int fd, host::CallResult& result);

}  // namespace tcptwin::tun

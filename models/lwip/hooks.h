// hooks.h: how lwIP's questions and news reach the stack of the host that is present. Decides
// nothing.
#pragma once

#include "models/lwip/glue/glue.h"
#include "stack/base/errno.h"

namespace tcptwin::lwip {

// The table that every host hands to lwIP.
const LwipHooks& hooks();

// What the sockets layer makes of an err_t (api/err.c); EIO, which has no name here, is EINVAL.
Errno errno_of(int error);
inline constexpr int kErrMem = -1;
inline constexpr int kErrRoute = -4;
inline constexpr int kErrReset = -14;

}  // namespace tcptwin::lwip

// errors.h: lwIP's error numbers (err_t) and what programs see of them.
#pragma once

#include "stack/base/errno.h"

namespace tcptwin::lwip {

inline constexpr int kErrMem = -1;
inline constexpr int kErrRoute = -4;
inline constexpr int kErrReset = -14;

// What the sockets layer makes of an err_t (api/err.c); EIO, which has no name here, is EINVAL.
Errno errno_of(int error);

}  // namespace tcptwin::lwip

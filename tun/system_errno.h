// system_errno.h: the kernel's error numbers and ours.
#pragma once

#include <optional>

#include "stack/base/errno.h"

namespace tcptwin::tun {

// Nothing: the simulation has no such error.
std::optional<Errno> errno_of(int system_errno);

}  // namespace tcptwin::tun

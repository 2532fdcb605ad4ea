// port.h: the port numbers of TCP and UDP.
#pragma once

#include <cstdint>

namespace tcptwin::wire {

enum class Port : uint16_t {};

}  // namespace tcptwin::wire

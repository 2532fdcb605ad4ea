// own_packet.h: what a host knows, beyond the packet, of one that it sends to itself.
#pragma once

#include <cstdint>

namespace tcptwin::tcp {

struct OwnPacket {
  uint32_t segment_size = 0;  // of the segments that it carries as one; 0: it is one
  // Payload that has waited for the end of a call, this packet's included: it takes memory until
  // all of it has been handed over.
  int64_t held = 0;
  bool more_follows = false;  // the next has come with it, and one decision is made for both
};

}  // namespace tcptwin::tcp

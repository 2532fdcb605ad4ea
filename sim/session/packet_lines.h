// packet_lines.h: packets at a border as lines of text, their numbers relative to their connection.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "sim/session/session.h"
#include "sim/trace/flow_tracker.h"

namespace tcptwin::session {

// Knows what crossed the border of one real host up to and including the `known`-th packet of the
// session.
class PacketLines {
 public:
  PacketLines(const Session& session, uint32_t seat, size_t known);
  // "> P. 1:11(10) ack 1 win 65536 <TS 0/0>" for the packet that comes next.
  std::string line(std::span<const uint8_t> packet) const;

 private:
  trace::FlowTracker flows_;
};

}  // namespace tcptwin::session

// flow_tracker.h: follows connections packet by packet: which one a packet belongs to, and what its
// numbers are relative to. Knows no journal; decides nothing about TCP.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "stack/wire/address.h"
#include "stack/wire/tcp.h"
#include "stack/wire/text.h"

namespace tcptwin::trace {

struct FlowEnd {
  wire::IpAddress address;
  wire::Port port{};
  auto operator<=>(const FlowEnd&) const = default;
};

// One sight of a packet within its flow.
struct FlowView {
  uint32_t flow = 0;        // numbered from 0 in the order in which they were first seen
  bool from_client = true;  // the client is the end that sent the first SYN
  wire::TextView numbers;   // as known when the packet was seen
};

// A 4-tuple that is used again is a new flow from its answered SYN on: one that nobody answered
// does not begin a new connection, it may have met the old one's TIME-WAIT. So whoever lists
// packets calls expect() with all of them first, then follow() with each in turn.
class FlowTracker {
 public:
  void expect(const wire::IpHeader& ip, const wire::TcpSegment& segment);
  FlowView follow(const wire::IpHeader& ip, const wire::TcpSegment& segment);

  size_t count() const { return flows_.size(); }
  const FlowEnd& client(uint32_t flow) const { return flows_[flow].client; }
  const FlowEnd& server(uint32_t flow) const { return flows_[flow].server; }

 private:
  struct Direction {
    std::optional<SeqNum> isn;
    std::optional<uint8_t> shift;  // offered in its SYN
    std::optional<uint32_t> first_timestamp;
    StreamPos near;  // the furthest position seen
  };
  struct Flow {
    FlowEnd client;
    FlowEnd server;
    std::array<Direction, 2> directions;  // [0] what the client sends
  };

  Flow& flow_of(const FlowEnd& from, const FlowEnd& to, const wire::TcpSegment& segment);
  void learn(Flow& flow, size_t direction, const wire::TcpSegment& segment);
  wire::TextView numbers(const Flow& flow, size_t direction) const;

  std::set<std::tuple<FlowEnd, FlowEnd, uint32_t>> answered_;  // SYNs: sender, receiver, number
  std::vector<Flow> flows_;
  std::map<std::pair<FlowEnd, FlowEnd>, uint32_t> latest_;  // by 4-tuple, the smaller end first
};

}  // namespace tcptwin::trace

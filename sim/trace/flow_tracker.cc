#include "sim/trace/flow_tracker.h"

#include <algorithm>

#include "stack/wire/tcp_options.h"

namespace tcptwin::trace {

void FlowTracker::expect(const wire::IpHeader& ip, const wire::TcpSegment& segment) {
  if (!segment.flags.syn || !segment.flags.ack) return;
  answered_.emplace(FlowEnd{ip.destination, segment.destination},
                    FlowEnd{ip.source, segment.source}, (segment.ack - 1).value());
}

FlowView FlowTracker::follow(const wire::IpHeader& ip, const wire::TcpSegment& segment) {
  const FlowEnd from{ip.source, segment.source};
  Flow& flow = flow_of(from, {ip.destination, segment.destination}, segment);
  const size_t direction = from == flow.client ? 0 : 1;
  learn(flow, direction, segment);
  return {static_cast<uint32_t>(&flow - flows_.data()), direction == 0, numbers(flow, direction)};
}

FlowTracker::Flow& FlowTracker::flow_of(const FlowEnd& from, const FlowEnd& to,
                                        const wire::TcpSegment& segment) {
  const auto key = std::minmax(from, to);
  const auto found = latest_.find(key);
  if (found != latest_.end()) {
    Flow& known = flows_[found->second];
    const Direction& own = known.directions[from == known.client ? 0 : 1];
    const bool opens = segment.flags.syn && !segment.flags.ack;
    const bool again = opens && own.isn && *own.isn != segment.seq &&
                       answered_.contains({from, to, segment.seq.value()});
    if (!again) return known;
  }
  latest_[key] = static_cast<uint32_t>(flows_.size());
  flows_.push_back({.client = from, .server = to, .directions = {}});
  return flows_.back();
}

// A side whose SYN was not seen begins one before its first number, or before what its peer
// acknowledges.
void FlowTracker::learn(Flow& flow, size_t direction, const wire::TcpSegment& segment) {
  Direction& own = flow.directions[direction];
  Direction& peer = flow.directions[1 - direction];
  const wire::TcpFlags flags = segment.flags;
  const wire::ParsedTcpOptions options = wire::parse_options(segment.options);
  const bool first_answer = flags.syn && flags.ack && direction == 1 && !own.shift;
  if (flags.syn && (!own.isn || first_answer)) {
    own.isn = segment.seq;
    own.shift = options.window_scale;
    own.near = StreamPos(0);
  }
  if (!own.isn) own.isn = segment.seq - (flags.syn ? 0 : 1);
  if (flags.ack && !peer.isn && segment.ack != SeqNum(0)) peer.isn = segment.ack - 1;
  if (options.timestamps && !own.first_timestamp) own.first_timestamp = options.timestamps->value;
  const StreamPos begin = from_wire(segment.seq, *own.isn, own.near);
  own.near = std::max(own.near, begin + segment.sequence_length());
}

wire::TextView FlowTracker::numbers(const Flow& flow, size_t direction) const {
  const Direction& own = flow.directions[direction];
  const Direction& peer = flow.directions[1 - direction];
  const bool scaled = own.shift && peer.shift;
  return {.isn = *own.isn,
          .peer_isn = peer.isn.value_or(SeqNum()),
          .window_shift = scaled ? *own.shift : uint8_t{0},
          .ts_base = own.first_timestamp.value_or(0),
          .peer_ts_base = peer.first_timestamp.value_or(0),
          .near = own.near,
          .peer_near = peer.near};
}

}  // namespace tcptwin::trace

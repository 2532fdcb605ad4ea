#include "sim/compare/segments.h"

#include <algorithm>
#include <array>
#include <map>

namespace tcptwin::compare {

namespace {

// What is known of one direction so far.
struct Direction {
  std::optional<Instant> first_reading;  // when its clock was first read
  std::map<int64_t, uint32_t> ends;      // by where a segment ends: the latest that does
  std::optional<int64_t> acknowledged;   // the furthest
};

// How long after the first reading of that clock, less what the clock counted meanwhile.
Duration age(Instant at, Instant first_reading, uint32_t ticks, Duration tick) {
  constexpr Duration kMost = std::chrono::nanoseconds(int64_t{1} << 61);
  const Duration counted = tick * int64_t{static_cast<int32_t>(ticks)};
  return std::clamp(at - first_reading - counted, -kMost, kMost);
}

void take_timestamps(Segment& segment, const std::array<Direction, 2>& directions, size_t own,
                     Duration tick) {
  const auto timestamps = wire::parse_options(segment.tcp().options).timestamps;
  if (!timestamps) return;
  const wire::TextView& numbers = segment.sight->numbers;
  segment.age =
      age(segment.at(), *directions[own].first_reading, timestamps->value - numbers.ts_base, tick);
  const auto& peer = directions[1 - own].first_reading;
  if (!segment.tcp().flags.ack || !peer) return;
  segment.echo_age = age(segment.at(), *peer, timestamps->echo - numbers.peer_ts_base, tick);
}

// The latest segment of the peer that ends where this one is the first to acknowledge.
void find_answered(Segment& segment, Direction& own, const Direction& peer) {
  if (!segment.ack || (own.acknowledged && *segment.ack <= *own.acknowledged)) return;
  own.acknowledged = segment.ack;
  const auto found = peer.ends.find(*segment.ack);
  if (found != peer.ends.end()) segment.answers = found->second;
}

}  // namespace

std::vector<Segment> segments_of(const capture::View& view, const capture::Connection& connection,
                                 Duration timestamp_tick) {
  std::vector<Segment> segments;
  std::array<Direction, 2> directions;
  const bool saw_scale = connection.saw_client_syn || connection.saw_server_syn;
  const bool has_windows = saw_scale || view.capture->format != capture::Format::kText;
  for (const uint32_t position : connection.segments) {
    const capture::Sight& sight = view.sights[position];
    const wire::TcpSegment& tcp = sight.packet->tcp;
    const wire::TextView& numbers = sight.numbers;
    Segment segment{.sight = &sight, .position = position};
    segment.begin = from_wire(tcp.seq, numbers.isn, numbers.near).value();
    segment.end = segment.begin + tcp.sequence_length();
    if (tcp.flags.ack)
      segment.ack = from_wire(tcp.ack, numbers.peer_isn, numbers.peer_near).value();
    if (has_windows) segment.window = tcp.window;
    const size_t own = sight.from_client ? 0 : 1;
    Direction& direction = directions[own];
    if (!direction.first_reading && wire::parse_options(tcp.options).timestamps) {
      direction.first_reading = segment.at();
    }
    take_timestamps(segment, directions, own, timestamp_tick);
    find_answered(segment, direction, directions[1 - own]);
    if (segment.end != segment.begin) {
      direction.ends[segment.end] = static_cast<uint32_t>(segments.size());
    }
    segments.push_back(segment);
  }
  return segments;
}

SegmentKey key_of(const Segment& segment) {
  const wire::TcpFlags flags = segment.tcp().flags;
  const auto kind =
      static_cast<uint8_t>((flags.syn ? 1 : 0) | (flags.fin ? 2 : 0) | (flags.rst ? 4 : 0));
  return {segment.sight->from_client, kind, segment.begin, segment.end,
          segment.is_pure_ack() ? segment.ack.value_or(0) : 0};
}

}  // namespace tcptwin::compare

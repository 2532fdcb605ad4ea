// segments.h: the segments of one connection as the comparison wants them: relative numbers, and
// how old their timestamps are.
#pragma once

#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

#include "sim/capture/view.h"

namespace tcptwin::compare {

struct Segment {
  const capture::Sight* sight = nullptr;
  uint32_t position = 0;  // in the view
  int64_t begin = 0;      // relative: the SYN is 0
  int64_t end = 0;        // SYN and FIN count
  std::optional<int64_t> ack{};
  std::optional<uint16_t> window{};    // none: a text without the SYN that says its scale
  std::optional<Duration> age{};       // of its timestamp
  std::optional<Duration> echo_age{};  // of an echo that means something: with an ACK
  std::optional<uint32_t> answers{};   // of those before it: the one it is first to acknowledge

  const wire::TcpSegment& tcp() const { return sight->packet->tcp; }
  Instant at() const { return sight->packet->at; }
  uint32_t length() const { return tcp().payload_size(); }
  bool is_pure_ack() const { return end == begin && !tcp().flags.rst; }
};

// `timestamp_tick`: of the clocks behind TSval, at most a second.
std::vector<Segment> segments_of(const capture::View& view, const capture::Connection& connection,
                                 Duration timestamp_tick);

// What makes two segments the same one: direction, SYN/FIN/RST, where it stands in the stream, and
// of a pure ACK what it acknowledges.
using SegmentKey = std::tuple<bool, uint8_t, int64_t, int64_t, int64_t>;
SegmentKey key_of(const Segment& segment);

}  // namespace tcptwin::compare

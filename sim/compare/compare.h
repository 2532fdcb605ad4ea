// compare.h: two captures, connection by connection and segment by segment: what differs, the
// earliest first. Judges no cause: the reasons are those that the captures themselves give.
//
// Connections are matched by their ports where one side has all those of the other, else by the
// order in which they begin. Segments are aligned by direction, SYN/FIN/RST, sequence number and
// length (of a pure ACK by what it acknowledges), the k-th sight of such a segment with the k-th: a
// retransmission, a reordering or a file that was cut off leaves the rest in step. What is left
// over between two aligned segments is paired by its kind, so that a segment of another length is
// one difference and not two.
//
// Compared of aligned segments: flags, relative sequence number, length, relative acknowledgment,
// window as it stands in the header, kinds, order and values of the options, and time. Clock
// readings are random: of a timestamp its age is compared, which is the time of the segment less
// the ticks since that clock's first reading; of an echo, too.
//
// Time is the gap to the causing segment as that host saw it: of a segment that acknowledges
// something new, the latest segment of the other direction that ends there; of any other, the
// segment before it in its connection; of the first one of a connection, the packet before it. What
// the other capture has no partner for causes nothing: then the segment before that counts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/json/node.h"
#include "sim/capture/view.h"

namespace tcptwin::compare {

struct Options {
  std::string host_a{};  // see capture::view_of
  std::string host_b{};
  // How much two gaps may differ: a tick of the timers, unless said otherwise default_tick(), and
  // how late the events of a live run were.
  std::optional<Duration> tick{};
  Duration lateness{};
  Duration timestamp_tick = std::chrono::milliseconds(1);  // of the clocks behind TSval
  // One segment where the other side has several back to back with the same bytes, acknowledgment,
  // window and options: a host or a network card has joined them. Counted, no difference.
  bool joins_segments = true;
  // Segments of opposite directions that are in another order, but no further apart than gaps may
  // differ, have crossed on their way. Counted, no difference.
  bool forgives_crossings = false;
  size_t most_shown = 20;  // differences that are kept; all are counted
};

enum class Field : uint8_t {
  kFlags,
  kSeq,
  kLength,
  kAck,
  kWindow,
  kOptions,
  kTimestamp,
  kEcho,
  kGap,
};
const char* field_text(Field field);

struct FieldDifference {
  Field field{};
  std::string a{};
  std::string b{};
  Duration by{};  // of kTimestamp, kEcho and kGap: how far apart they are
};

// One end of a difference.
struct Side {
  uint32_t number = 0;    // of the packet in its file; of a text the line
  uint32_t position = 0;  // in the view, from 0
  Duration at{};          // since the first packet of the file; of a text as it stands there
  std::string line{};     // as capture::line_of
  std::string why{};      // as capture::why_of
};

struct Difference {
  enum class Kind : uint8_t { kDiffers, kElsewhere, kOnlyA, kOnlyB };
  Kind kind = Kind::kDiffers;
  std::optional<uint32_t> connection{};  // into Comparison::connections; none: no TCP
  std::optional<Side> a{};
  std::optional<Side> b{};
  std::vector<FieldDifference> fields{};  // of kDiffers
};

struct Tally {
  uint64_t equal = 0;
  uint64_t differing = 0;
  uint64_t elsewhere = 0;  // the same segment, but not in the same order
  uint64_t only_a = 0;
  uint64_t only_b = 0;
  uint64_t joined = 0;   // places where one side had several segments in place of one
  uint64_t crossed = 0;  // among the equal or differing ones

  Tally& operator+=(const Tally& other);
  uint64_t total() const { return equal + differing + elsewhere + only_a + only_b; }
  bool same() const { return equal == total(); }
  // Parts of a thousand that are equal, rounded down; 1000 of nothing.
  uint64_t score() const { return total() == 0 ? 1000 : equal * 1000 / total(); }
};

struct ConnectionTally {
  std::string name_a{};  // "10.0.0.1.40001 > 10.0.0.2.80"; empty: the other side has it alone
  std::string name_b{};
  Tally tally{};
  uint64_t behind_end_of_b = 0;  // of those only in A: B has no more of the connection
  uint64_t behind_end_of_a = 0;
};

struct Input {
  std::string name{};    // what it is called in texts: "a.pcapng"; the caller's to set
  std::string host{};    // whose view it is
  std::string picked{};  // why that one
  bool is_text = false;  // numbers are lines
  size_t packets = 0;    // of that view
  std::vector<std::string> remarks{};
};

struct Comparison {
  std::string problem{};  // not empty: there is no such host; nothing else is set
  Input a{.name = "A"};
  Input b{.name = "B"};
  Duration tick{};
  Duration lateness{};
  std::vector<Difference> differences{};  // the earliest first, at most Options::most_shown
  std::vector<ConnectionTally> connections{};
  Tally others{};  // what is no TCP
  Tally all{};

  bool same() const { return problem.empty() && all.same(); }
};

// By how much gaps may differ when nobody says: 100 us between two simulated captures, whose times
// are exact, so that a call more or less of a program is no difference; else the longer tick that
// either file names.
Duration default_tick(const capture::Capture& a, const capture::Capture& b);

// Needs both captures only during the call.
Comparison compare(const capture::Capture& a, const capture::Capture& b, const Options& options);
Comparison compare(capture::View a, capture::View b, const Options& options);

// For people, with the first difference first; for programs ("tcptwin/diff/1", docs/diff.md).
std::string text(const Comparison& comparison);
// One of its differences: where and what in the first line, then both sides, then the fields.
std::string text(const Comparison& comparison, const Difference& difference);
json::Node json(const Comparison& comparison);

}  // namespace tcptwin::compare

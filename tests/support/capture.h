// capture.h: the text form of a capture (traces/kernel-6.18), read back for comparison.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tcptwin::support {

// One packet line: what two runs must agree on, and when it was seen.
struct Segment {
  int64_t at_us = 0;  // since the first packet
  std::string
      sequence;  // "> P. 1:11(10) ack 1 win 65536": direction, flags, seq, length, ack, window
  bool operator==(const Segment&) const = default;
};

struct Capture {
  std::string environment;                       // "lo", "tun20"
  std::map<std::string, std::string> arguments;  // of the program: rounds=50, cw=20, ...
  int64_t monotonic_ns = 0;                      // the host's clock at the first packet
  std::vector<Segment> segments;
};

// The segments among the lines of a text view; socket calls and options are left out.
std::vector<Segment> segments_of(std::string_view text);
// A whole file with its header. CHECKs that the header is there.
Capture parse_capture(std::string_view text);
std::string read_trace(const std::string& path_below_traces);

}  // namespace tcptwin::support

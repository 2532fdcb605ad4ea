// capture.h: a capture of traces/kernel-6.18 with all that stands in its file besides the packets:
// how it was made, and the calls of its programs.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/capture/capture.h"

namespace tcptwin::support {

// One packet line and when it was seen.
struct Segment {
  int64_t at_us = 0;  // since the first packet
  std::string
      sequence;  // "> P. 1:11(10) ack 1 win 65536": direction, flags, seq, length, ack, window
  std::string options;  // "TS 20/0,sack 1:11"; empty: none
};

// A line that a program of the capture wrote down: a socket call, or what it measured itself.
struct LoggedCall {
  int64_t at_us = 0;
  char side = 'C';     // C client, S server
  std::string text;    // "send(100,MSG_MORE)"; of other lines everything after the letter
  std::string result;  // "100", "-1 EPIPE"; empty: no call
  int64_t took_us = 0;
};

struct Capture {
  std::string environment;                       // "lo", "tun20"; empty: a crafted peer
  std::string link;                              // "tunlink --delay-us=10000 --rate=100e6"
  std::string program;                           // "wwr", "close"
  std::map<std::string, std::string> arguments;  // of the program: rounds=50, cw=20, ...
  std::map<std::string, std::string> sysctls;    // beyond those of all runs
  int64_t monotonic_ns = 0;                      // the host's clock at the first packet
  int64_t reads = 0;  // lines "READ n total=m" that were cut out of the log
  capture::Capture packets;
  std::vector<Segment> segments;  // the same as text
  std::vector<LoggedCall> log;
};

// The packets among the lines of a text view.
capture::Capture packets_of(std::string_view text);
std::vector<Segment> segments_of(const capture::Capture& packets);
inline std::vector<Segment> segments_of(std::string_view text) {
  return segments_of(packets_of(text));
}
// A whole file with its header.
Capture parse_capture(std::string_view text);
std::string read_trace(const std::string& path_below_traces);
// "a_wwr/tun1_base_r1.A" below traces/kernel-6.18, with the calls of the other end if it has a
// file.
Capture read_capture(const std::string& name);
bool has_trace(const std::string& path_below_traces);

}  // namespace tcptwin::support

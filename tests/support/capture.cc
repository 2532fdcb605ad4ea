#include "tests/support/capture.h"

#include <fstream>
#include <iterator>
#include <sstream>

#include "stack/base/check.h"

namespace tcptwin::support {

namespace {

// "0.043526" -> 43526
int64_t microseconds(const std::string& seconds) {
  const size_t point = seconds.find('.');
  const int64_t whole = std::stoll(seconds.substr(0, point));
  const int64_t part = std::stoll(seconds.substr(point + 1));
  return seconds[0] == '-' ? whole * 1'000'000 - part : whole * 1'000'000 + part;
}

std::string after(const std::string& line, std::string_view mark) {
  const size_t at = line.find(mark);
  CHECK(at != std::string::npos);
  return line.substr(at + mark.size());
}

}  // namespace

std::vector<Segment> segments_of(std::string_view text) {
  std::vector<Segment> segments;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string time, direction;
    words >> time >> direction;
    if (direction != ">" && direction != "<") continue;
    std::string sequence = line.substr(line.find(direction));
    const size_t options = sequence.find(" <", 1);
    if (options != std::string::npos) sequence.resize(options);
    segments.push_back({microseconds(time), sequence});
  }
  return segments;
}

Capture parse_capture(std::string_view text) {
  Capture capture;
  std::istringstream lines{std::string(text)};
  std::string first, second, third;
  std::getline(lines, first);
  std::getline(lines, second);
  std::getline(lines, third);
  std::istringstream(after(first, " env ")) >> capture.environment;
  std::istringstream arguments(after(second, "# scen wwr "));
  for (std::string word; arguments >> word;) {
    const size_t equals = word.find('=');
    capture.arguments[word.substr(0, equals)] = word.substr(equals + 1);
  }
  const std::string clock = after(third, "CLOCK_MONOTONIC ");
  const size_t point = clock.find('.');
  capture.monotonic_ns =
      std::stoll(clock.substr(0, point)) * 1'000'000'000 + std::stoll(clock.substr(point + 1, 9));
  capture.segments = segments_of(text);
  return capture;
}

std::string read_trace(const std::string& path_below_traces) {
  std::ifstream file(std::string(TCPTWIN_SOURCE_DIR) + "/traces/" + path_below_traces);
  CHECK(file.good());
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace tcptwin::support

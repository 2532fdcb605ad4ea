#include "tests/support/capture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <utility>

#include "sim/capture/view.h"
#include "stack/base/check.h"
#include "tests/support/paths.h"

namespace tcptwin::support {

namespace {

// "0.043526" -> 43526
int64_t microseconds(const std::string& seconds) {
  const size_t point = seconds.find('.');
  const int64_t whole = std::stoll(seconds.substr(0, point));
  const int64_t part = std::stoll(seconds.substr(point + 1));
  return seconds[0] == '-' ? whole * 1'000'000 - part : whole * 1'000'000 + part;
}

// What follows `mark` in the line, if it is there.
std::optional<std::string> after(const std::string& line, std::string_view mark) {
  const size_t at = line.find(mark);
  if (at == std::string::npos) return std::nullopt;
  return line.substr(at + mark.size());
}

std::map<std::string, std::string> pairs(const std::string& text) {
  std::map<std::string, std::string> result;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const size_t equals = word.find('=');
    if (equals != std::string::npos) result[word.substr(0, equals)] = word.substr(equals + 1);
  }
  return result;
}

// "# scen close v=active", "# sysctl net.ipv4.tcp_rmem=4096 131072 33554432"
void take_header(const std::string& line, Capture& capture) {
  if (const auto rest = after(line, " env ")) {
    std::istringstream(*rest) >> capture.environment;
    if (const auto link = after(line, " link: ")) capture.link = *link;
  } else if (const auto scen = after(line, "# scen ")) {
    std::istringstream(*scen) >> capture.program;
    capture.arguments = pairs(*scen);
  } else if (const auto sysctl = after(line, "# sysctl ")) {
    const size_t equals = sysctl->find('=');
    capture.sysctls[sysctl->substr(0, equals)] = sysctl->substr(equals + 1);
  } else if (const auto reads = after(line, "# READ lines: ")) {
    capture.reads = std::stoll(*reads);
  } else if (const auto clock = after(line, "CLOCK_MONOTONIC ")) {
    const size_t point = clock->find('.');
    capture.monotonic_ns = std::stoll(clock->substr(0, point)) * 1'000'000'000 +
                           std::stoll(clock->substr(point + 1, 9));
  }
}

LoggedCall logged_call(int64_t at_us, char side, const std::string& rest) {
  LoggedCall call{at_us, side, rest, "", 0};
  const size_t equals = rest.find(" = ");
  const size_t bracket = rest.rfind(" [");
  if (equals == std::string::npos || bracket == std::string::npos || bracket < equals) return call;
  call.text = rest.substr(0, equals);
  call.result = rest.substr(equals + 3, bracket - equals - 3);
  call.took_us = std::stoll(rest.substr(bracket + 2));
  return call;
}

}  // namespace

capture::Capture packets_of(std::string_view text) {
  if (text.empty()) return {.format = capture::Format::kText};  // a host that saw nothing
  std::string problem;
  auto packets = capture::read(text, problem);
  EXPECT_EQ(problem, "");
  return packets ? std::move(*packets) : capture::Capture();
}

std::vector<Segment> segments_of(const capture::Capture& packets) {
  std::string problem;
  const auto view = capture::view_of(packets, "", problem);
  std::vector<Segment> segments;
  for (const capture::Sight& sight : view->sights) {
    const std::string line = capture::line_of(sight);
    const size_t options = std::min(line.find(" <", 1), line.size());
    segments.push_back({sight.packet->at.ns() / 1000, line.substr(0, options), ""});
    if (options < line.size()) {
      segments.back().options = line.substr(options + 2, line.size() - options - 3);
    }
  }
  return segments;
}

Capture parse_capture(std::string_view text) {
  Capture capture;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) {
      take_header(line, capture);
      continue;
    }
    std::istringstream words(line);
    std::string time, who;
    words >> time >> who;
    if (who != "C" && who != "S") continue;
    const size_t rest = time.size() + 1 + who.size() + 1;
    capture.log.push_back(logged_call(microseconds(time), who[0], line.substr(rest)));
  }
  capture.packets = packets_of(text);
  capture.segments = segments_of(capture.packets);
  return capture;
}

std::string read_trace(const std::string& path_below_traces) {
  std::ifstream file(source_path("traces/" + path_below_traces));
  CHECK(file.good());
  return std::string(std::istreambuf_iterator<char>(file), {});
}

Capture read_capture(const std::string& name) {
  const std::string path = "kernel-6.18/" + name + ".txt";
  Capture capture = parse_capture(read_trace(path));
  if (!name.ends_with(".A") && !name.ends_with(".B")) return capture;
  std::string other = path;
  other[other.size() - 5] = name.ends_with(".A") ? 'B' : 'A';
  if (!has_trace(other)) return capture;
  for (LoggedCall& call : parse_capture(read_trace(other)).log) {
    capture.log.push_back(std::move(call));
  }
  return capture;
}

bool has_trace(const std::string& path_below_traces) {
  return std::filesystem::exists(source_path("traces/" + path_below_traces));
}

}  // namespace tcptwin::support

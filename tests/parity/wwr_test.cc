// The write-write-read captures of a real kernel (traces/kernel-6.18/a_wwr), replayed: the same
// programs on the same link, on hosts with the capture's uptime. Every segment must be the same;
// every gap within one jiffy.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/capture.h"
#include "tests/support/simulation.h"

namespace tcptwin::parity {

using support::Capture;
using support::Segment;
namespace {

constexpr int64_t kJiffyUs = 4000;
// Jiffies of the captured boot: floor(CLOCK_MONOTONIC / 4 ms) + 211, modulo 512
// (traces/kernel-6.18/README.md).
constexpr int64_t kTicksAtBoot = 211;

std::vector<std::string> captures() {
  std::vector<std::string> names;
  const std::string folder = std::string(TCPTWIN_SOURCE_DIR) + "/traces/kernel-6.18/a_wwr";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// The program `scen wwr` of the captures, as operations.
class Programs {
 public:
  explicit Programs(const Capture& capture) : arguments_(capture.arguments) {}

  std::string client(const std::string& server) const {
    int64_t reply = 0;
    for (const std::string& bytes : list("sw", "20")) reply += std::stoll(bytes);
    std::string round;
    for (const std::string& bytes : list("cw", "10,10")) round += R"({"write": )" + bytes + "}, ";
    round += R"({"read": )" + std::to_string(reply) + "}";
    std::string text = R"([{"connect": {"to": ")" + server + R"(", "port": 5001}},)";
    if (has("cnodelay")) text += R"({"setsockopt": "TCP_NODELAY"},)";
    text += sleep("start_ms");
    text += R"({"repeat": )" + get("rounds", "50") + R"(, "do": [{"measure": "round", "do": [)" +
            round + "]}";
    if (has("think_ms")) text += R"(, {"sleep": ")" + get("think_ms", "0") + R"(ms"})";
    return text + R"(]}, {"shutdown": "write"}, {"recv": 100}, {"close": {}}])";
  }

  std::string server() const {
    const std::string quickack = get("squick", "0");
    std::string text = R"([{"listen": {"port": 5001}}, {"accept": {}}, {"close": "listener"},)";
    if (quickack == "1") text += R"({"setsockopt": "TCP_QUICKACK"},)";
    if (has("snodelay")) text += R"({"setsockopt": "TCP_NODELAY"},)";
    text += R"({"loop": [)";
    for (const std::string& bytes : list("sr", "10,10")) {
      if (quickack == "2") text += R"({"setsockopt": "TCP_QUICKACK"},)";
      text += R"({"read": )" + bytes + "},";
    }
    text += sleep("sthink_ms");
    for (const std::string& bytes : list("sw", "20")) text += R"({"write": )" + bytes + "},";
    text.back() = ']';
    return text + R"(}, {"close": {}}])";
  }

 private:
  bool has(const std::string& key) const { return arguments_.find(key) != arguments_.end(); }
  std::string get(const std::string& key, const std::string& otherwise) const {
    const auto found = arguments_.find(key);
    return found == arguments_.end() ? otherwise : found->second;
  }
  std::string sleep(const std::string& key) const {
    return has(key) ? R"({"sleep": ")" + get(key, "0") + R"(ms"},)" : "";
  }
  std::vector<std::string> list(const std::string& key, const std::string& otherwise) const {
    std::vector<std::string> parts = {""};
    for (const char c : get(key, otherwise)) {
      if (c == ',') {
        parts.emplace_back();
      } else {
        parts.back() += c;
      }
    }
    return parts;
  }
  std::map<std::string, std::string> arguments_;
};

std::string scenario_for(const Capture& capture, int64_t uptime_ns) {
  const Programs programs(capture);
  const bool loopback = capture.environment == "lo";
  const std::string host = R"({"profile": "linux-6.18", "uptime": ")" + std::to_string(uptime_ns) +
                           R"(ns", "set": {"timer_grain": {"ticks_at_boot": )" +
                           std::to_string(kTicksAtBoot) + "}}}";
  std::string text = R"({"schema": "tcptwin/scenario/1", "name": "wwr", "hosts": {"a": )" + host;
  if (!loopback) {
    const int64_t delay_us = std::stoll(capture.environment.substr(3)) * 500;
    text += R"(, "b": )" + host + R"(}, "links": [{"between": ["a", "b"], "delay": ")" +
            std::to_string(delay_us) + R"(us"}])";
  } else {
    text += "}";
  }
  const std::string server_host = loopback ? "a" : "b";
  return text + R"(, "processes": [{"name": "client", "host": "a", "start": "1ms", "program": )" +
         programs.client(server_host) + R"(}, {"name": "server", "host": ")" + server_host +
         R"(", "program": )" + programs.server() + "}]}";
}

struct Replayed {
  std::vector<Segment> segments;
  int64_t first_packet_ns = 0;
};

Replayed replay(const Capture& capture, int64_t uptime_ns, uint16_t host) {
  const support::Simulation run = support::simulate(scenario_for(capture, uptime_ns), 1);
  return {support::segments_of(run.view(host)), run.first_packet().ns()};
}

// Given the capture's uptime: the same jiffy begins at the same distance from the first packet.
Replayed replay(const Capture& capture, uint16_t host) {
  const int64_t first = replay(capture, 0, host).first_packet_ns;
  return replay(capture, capture.monotonic_ns - first, host);
}

// Gaps that this kernel itself stretched: a timer that fired more than one jiffy after the tick
// that its rule names. That depends on which processor was idle, and differs between repetitions of
// the same run; every other gap of every capture is held to one jiffy.
struct LateFiring {
  std::string capture;
  size_t segment;
  int64_t jiffies_late;
};
const LateFiring kLateFirings[] = {
    // A delayed ACK 51.75 ms after the data, 13 ticks instead of the rule's 11 (106 of the 1114
    // delayed ACKs of all
    // captures took 12). Its own TSval is 4 ms older than its capture time: the machine stood still
    // meanwhile.
    // Repetitions 2 and 3 of the run have 43.7 ms here.
    {"lo_quick_once_r1", 160, 2},
};

int64_t allowed_us(const std::string& capture, size_t segment) {
  for (const LateFiring& late : kLateFirings) {
    if (late.capture == capture && late.segment == segment) return late.jiffies_late * kJiffyUs;
  }
  return kJiffyUs;
}

class WriteWriteRead : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    capture_ =
        support::parse_capture(support::read_trace("kernel-6.18/a_wwr/" + GetParam() + ".txt"));
    const bool at_server = GetParam().ends_with(".B");
    replayed_ = replay(capture_, at_server ? 1 : 0);
  }
  Capture capture_;
  Replayed replayed_;
};

TEST_P(WriteWriteRead, SendsTheSegmentsOfTheCapture) {
  const std::vector<Segment>& real = capture_.segments;
  const std::vector<Segment>& ours = replayed_.segments;
  for (size_t i = 0; i < std::min(real.size(), ours.size()); ++i) {
    ASSERT_EQ(ours[i].sequence, real[i].sequence)
        << "segment " << i << ", seen at " << real[i].at_us << " us; ours at " << ours[i].at_us
        << " us";
  }
  EXPECT_EQ(ours.size(), real.size());
}

TEST_P(WriteWriteRead, KeepsEveryGapWithinOneJiffy) {
  const std::vector<Segment>& real = capture_.segments;
  const std::vector<Segment>& ours = replayed_.segments;
  ASSERT_EQ(ours.size(), real.size());
  for (size_t i = 1; i < real.size(); ++i) {
    const int64_t gap = real[i].at_us - real[i - 1].at_us;
    const int64_t our_gap = ours[i].at_us - ours[i - 1].at_us;
    EXPECT_LE(std::abs(gap - our_gap), allowed_us(GetParam(), i))
        << "before segment " << i << " (" << real[i].sequence << "), seen at " << real[i].at_us
        << " us: the capture waited " << gap << " us, we " << our_gap;
  }
}

INSTANTIATE_TEST_SUITE_P(Kernel618, WriteWriteRead, testing::ValuesIn(captures()),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

}  // namespace
}  // namespace tcptwin::parity

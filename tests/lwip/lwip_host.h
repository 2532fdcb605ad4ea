// lwip_host.h: for tests of hosts that run lwIP: two hosts "a" and "b" with a program each, and
// what went over the wire, with times. Where the program has no lwIP the tests are skipped.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/capture.h"
#include "tests/support/simulation.h"

namespace tcptwin::lwip_test {

// Skipped, and says why, without lwIP; with TCPTWIN_NO_SKIP in the environment it fails.
class LwipTest : public testing::Test {
 protected:
  void SetUp() override;
};

// JSON of a host. `set`: the keys to change, without the outer braces; of lwip_host(): those of
// "lwip".
std::string host(const std::string& profile, const std::string& set = "");
std::string lwip_host(const std::string& keys = "");

// Their programs: of a client its operations after connect to port 80 of b, of a server those after
// accept, each without the outer brackets.
struct World {
  std::string a = lwip_host();
  std::string b = lwip_host();
  std::string client{};
  std::string server{};
  std::string link{};  // further keys: R"("loss": [...])"
};
constexpr const char* kUntilTheEnd = R"({"loop": [{"read": 1}]}, {"close": {}})";

support::Simulation run(const World& world);
// Whole programs instead, without the outer brackets.
support::Simulation run_programs(const World& world);

// What crossed the link as `host` saw it: host 0 is a.
std::vector<support::Segment> segments(const support::Simulation& run, uint16_t host = 0);
// When those whose text begins so were seen, since the first packet: whole milliseconds, rounded.
std::vector<int64_t> times_ms(const std::vector<support::Segment>& all, const std::string& begin);
// Their texts.
std::vector<std::string> texts(const std::vector<support::Segment>& all, const std::string& begin);
// Of a measure; none and -1: it was never taken.
std::vector<int64_t> values(const support::Simulation& run, const std::string& measure);
int64_t first_value(const support::Simulation& run, const std::string& measure);
// Every packet, call, timer and hold as each host saw it.
std::string story(const support::Simulation& run);
// Why a program failed or where it sleeps; empty: it ended well.
std::string trouble(const support::Simulation& run);

}  // namespace tcptwin::lwip_test

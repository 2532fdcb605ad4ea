// live_report.h: what a live run says of itself: how late it was, what crossed the border.
#pragma once

#include <string>
#include <vector>

#include "sim/report/report.h"
#include "tun/live.h"

namespace tcptwin::tun {

struct LiveResult {
  struct Border {
    std::string host;
    Traffic traffic;
  };
  // One direction of a link.
  struct Way {
    std::string link, from;
    net::Link::Count count;
  };
  Duration took{};
  uint64_t events = 0;
  Duration p50{}, p99{}, max{};  // lateness
  Duration limit{};              // that marks a run as late
  std::vector<Border> borders{};
  std::vector<Way> ways{};  // in the order of the scenario

  bool late() const { return max > limit; }
};

// `hosts`: names of the seats, in their order.
LiveResult result_of(const Live& live, const scenario::World& world,
                     const scenario::Scenario& scenario, const std::vector<std::string>& hosts,
                     Duration limit);

// Which names and addresses there are, a line each; `ours`: the device is of our making.
std::string what_stands_where(const scenario::Scenario& scenario, const std::string& host,
                              bool ours);
// A line for a terminal, which it replaces.
std::string status_line(const Live& live);
// Lines for people.
std::string text(const LiveResult& result);
// The measures of the simulated programs; empty: they measured nothing and went well.
std::string programs_text(const report::ScenarioReport& report);
// "tcptwin/result/1" with a member "live".
std::string json_text(const report::ScenarioReport& report, const LiveResult& result);

}  // namespace tcptwin::tun

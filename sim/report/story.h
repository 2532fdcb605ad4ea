// story.h: a run told host by host: every packet, call, timer and hold with its reason. Writes to
// strings; opens nothing.
#pragma once

#include <cstdint>
#include <string>

#include "sim/scenario/run.h"
#include "sim/scenario/scenario.h"
#include "sim/trace/text_view.h"

namespace tcptwin::report {

// How finely the timers of each host fire.
trace::Ticks ticks_of(const scenario::Scenario& scenario);

// How to write down what one host saw; its processes get C, S or the letters of the alphabet.
// `human`: with the reasons.
trace::HostViewOptions view_options(const scenario::Scenario& scenario,
                                    const scenario::RunResult& result, uint16_t host, bool human);

// Every packet, call, timer and hold as each host saw it, with the reasons. The run must have kept
// its records.
std::string story(const scenario::Scenario& scenario, const scenario::RunResult& result);

}  // namespace tcptwin::report

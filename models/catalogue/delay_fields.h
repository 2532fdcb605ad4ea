// delay_fields.h: the profile keys of what makes a host wait: timers, delayed ACKs, small segments.
#pragma once

#include <vector>

#include "models/json/fields.h"
#include "stack/policy/profile.h"

namespace tcptwin::catalogue {

const json::Fields<policy::TimerGrainConfig>& timer_grain_fields();
std::vector<json::Alternative<policy::DelayedAckConfig>> delayed_ack_alternatives();
const json::Fields<policy::NagleConfig>& nagle_fields();
const json::Fields<policy::BurstConfig>& burst_fields();

}  // namespace tcptwin::catalogue

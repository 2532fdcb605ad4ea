// load_summary.h: what a load generator such as oha(1) prints at its end.
#pragma once

#include <string>

#include "sim/app/metrics.h"
#include "sim/programs/http_load.h"
#include "stack/base/time.h"

namespace tcptwin::report {

// `process`: names its measures. `took`: from its start to its end. The histogram has eleven rows
// of the same width up to three times the average; the last has everything above, too.
std::string load_summary(const std::string& process, const programs::HttpLoadPlan& plan,
                         const app::Metrics& metrics, Duration took);

}  // namespace tcptwin::report

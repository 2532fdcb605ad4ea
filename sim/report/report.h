// report.h: what a run says to people (a table) and to programs (JSON). Writes to strings; opens
// nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/json/node.h"
#include "sim/expect/evaluate.h"
#include "sim/report/views.h"
#include "sim/scenario/load.h"
#include "sim/scenario/run.h"

namespace tcptwin::report {

// One scenario with the variants that were run, in their order. The results' journals may be gone
// already.
struct ScenarioReport {
  std::string file{};
  uint64_t seed = 0;
  std::vector<scenario::Override> overrides{};
  std::vector<const scenario::Variant*> variants{};
  std::vector<const scenario::Variant*> left_out{};  // refused: they were not run
  std::vector<scenario::RunResult> results{};        // one for each
  std::vector<expect::Judged> judged{};
  std::vector<ViewChoice> views{};

  // The run of the variant had not ended before the time of the view.
  bool was_seen(const ViewChoice& view, size_t index) const;
  // Every expectation held, and no program failed that may not.
  bool held() const;
};

// "tcptwin/result/1": see docs/result.md.
json::Node result_json(const ScenarioReport& report);

// The sockets that programs took with the operation `snapshot`, then the views.
std::string views_text(const ScenarioReport& report);

// The table of measures, the scenario's own tables and the views, then processes that did not end
// well, then the expectations that failed (all of them with `verbose`), and for a failure the line
// that replays it.
std::string text(const ScenarioReport& report, bool verbose);

// Options that programs of a variant set at the wrong level and what that means there, each once.
std::vector<std::string> option_warnings(const scenario::Variant& variant);

// "0.1.0".
const char* version();

}  // namespace tcptwin::report
